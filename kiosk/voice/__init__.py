"""The kiosk's voice: says a sentence at once, and stops at once.

``Speech`` is the interface. ``EspeakSpeech`` runs espeak-ng, one process a sentence, so that stopping is killing it (EN
301 549 5.1.3.5: speech is interrupted by any touch). ``RecordedPack`` plays a speaker's recordings and leaves what it
lacks to another. ``Silence`` says nothing for as long as it would have taken: what is said is also shown, and is read
at the same pace where there is no loudspeaker or no voice for the language. ``Speaker`` is what the kiosk holds: the
best of them at any moment, as loudspeakers come and go.
"""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path
from typing import Protocol

from firmware_cfg.profile import SpeechSection
from kiosk.flow.state import CALM_VOLUME
from kiosk.voice.espeak import EspeakSpeech, has_voice
from kiosk.voice.pack import BadPack, RecordedPack

__all__ = ["BadPack", "EspeakSpeech", "RecordedPack", "Silence", "Speaker", "Speech", "can_speak"]

SOUND_DEVICES = Path("/dev/snd")
SINK_FILE = "file:"
SECONDS_A_SIGN = 0.22
"""A Chinese syllable as it is read aloud; a Latin letter takes a third of it."""

log = logging.getLogger("kiosk.voice")


class Speech(Protocol):
    volume: int
    """A step of ``kiosk.flow.state.VOLUMES``; counts from the next sentence on."""

    def say(self, text: str, lang: str) -> None:
        """Say ``text``; what is being said now is interrupted."""

    def hush(self) -> None:
        """Stop at once."""

    @property
    def speaking(self) -> bool:
        """The last sentence is still being said."""


class Silence:
    """No voice, but its time: captions stand as long as they would be said."""

    def __init__(self) -> None:
        self.volume = CALM_VOLUME
        self._until_s = 0.0

    def say(self, text: str, lang: str) -> None:
        del lang
        signs = sum(1.0 if sign >= "\u2e80" else 0.33 for sign in text)
        self._until_s = time.monotonic() + 0.6 + signs * SECONDS_A_SIGN

    def hush(self) -> None:
        self._until_s = 0.0

    @property
    def speaking(self) -> bool:
        return time.monotonic() < self._until_s


class Speaker:
    """The terminal's voice. ``probe`` looks whether there is a loudspeaker now; captions go on without one."""

    def __init__(self, profile: SpeechSection, sound_devices: Path = SOUND_DEVICES) -> None:
        self._profile = profile
        self._sound_devices = sound_devices
        self._silence = Silence()
        self._voice = _best_voice(profile)
        self._now: Speech = self._silence
        self._works = False
        self.volume = CALM_VOLUME
        self.probe()

    def probe(self) -> bool:
        """Whether it can be heard now; cheap enough to be asked every few seconds."""
        to_file = self._profile.sink.startswith(SINK_FILE)
        self._works = self._profile.enabled and can_speak(None if to_file else self._sound_devices)
        return self._works

    def say(self, text: str, lang: str) -> None:
        self.hush()
        self._now = self._voice if self._works and has_voice(lang) else self._silence
        self._now.volume = self.volume
        self._now.say(text, lang)

    def hush(self) -> None:
        self._now.hush()

    @property
    def speaking(self) -> bool:
        return self._now.speaking


def _best_voice(profile: SpeechSection) -> Speech:
    """Recordings where the profile names some that can be used, else espeak-ng."""
    sink = Path(profile.sink.removeprefix(SINK_FILE)) if profile.sink else None
    espeak = EspeakSpeech(sink=sink, level=profile.level)
    if not profile.pack:
        return espeak
    try:
        return RecordedPack(Path(profile.pack), espeak, sink=sink)
    except BadPack as error:
        log.error("recorded voices are not used: %s", error)  # noqa: TRY400  (the sentence says it all)
        return espeak


def can_speak(sound_devices: Path | None = SOUND_DEVICES) -> bool:
    """espeak-ng is installed and there is a playback device; None: none is needed."""
    if shutil.which("espeak-ng") is None:
        return False
    return sound_devices is None or any(sound_devices.glob("pcm*p"))
