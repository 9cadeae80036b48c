"""Who reads the page aloud: keeps what is still to be said, one piece after the other, and shows what is said now.

``follow`` is asked many times a second. It says what is new (``kiosk.views.telling``), goes on to the next piece when
the last one has been said, and returns the caption. Words become speech (``kiosk.aloud``) only here, so that what is
shown is what is drawn elsewhere on the page.
"""

from __future__ import annotations

from collections import deque

from kiosk.aloud import aloud
from kiosk.views.captions import TALL_EMS, pieces
from kiosk.views.reading import Reading
from kiosk.views.telling import Told, tell
from kiosk.voice import Speech


class Narrator:
    """One voice. Nothing of a session is left in it after ``forget``."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._told = Told()
        self._to_say: deque[str] = deque()
        self._last: tuple[str, ...] = ()
        self._now = ""
        self._lang = ""

    @property
    def listened_to(self) -> bool:
        """Something is being said, or somebody wants to hear more."""
        before = self._told.before
        return bool(self._now or self._to_say) or (before is not None and before.voice)

    def follow(self, reading: Reading) -> str:
        """Say what is new of ``reading`` and go on; what is being said now, as it is to be shown."""
        telling = tell(self._told, reading)
        self._told = telling.told
        self._speech.volume = reading.volume
        if telling.phrases:
            if telling.at_once:
                self.hush()
                self._last = telling.phrases
            else:
                self._last = (*self._last, *telling.phrases)
            self._queue(telling.phrases, reading.lang, reading.widest)
        if not reading.voice:
            self._last = ()
        return self._go_on()

    def repeat(self, *, whole: bool = False) -> None:
        """Say once more what was said last, or the page as a whole."""
        before = self._told.before
        if before is not None and before.voice:
            self.hush()
            self._last = before.phrases if whole else self._last
            self._queue(self._last, before.lang, before.widest)

    def announce(self, text: str, lang: str) -> None:
        """Say ``text`` to whoever stands there, in place of what is being said."""
        self.hush()
        self._queue(tuple(line for line in text.split("\n") if line), lang, TALL_EMS)

    def hush(self) -> None:
        """Silent at once: any touch, any key."""
        self._speech.hush()
        self._to_say.clear()
        self._now = ""

    def forget(self) -> None:
        """The session is over."""
        self.hush()
        self._told, self._last = Told(), ()

    def _queue(self, phrases: tuple[str, ...], lang: str, widest: float) -> None:
        self._lang = lang
        for phrase in phrases:
            self._to_say.extend(pieces(phrase, widest))

    def _go_on(self) -> str:
        if not self._speech.speaking:
            self._now = self._to_say.popleft() if self._to_say else ""
            if self._now:
                self._speech.say(aloud(self._now, self._lang), self._lang)
        return self._now
