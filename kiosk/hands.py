"""The kiosk's hands: what a step of the flow asks the outside to do is done here, one ``case`` for each effect.

Knows no Kivy and no state. One effect is not here, because it concerns what is shown: the end of a session, of
which only the devices' and the voice's part is ``next_session``.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.effects import (
    Acknowledge,
    AskFacts,
    Buzz,
    Effect,
    Inspect,
    Leave,
    LogLevel,
    NewPaper,
    OpenRecord,
    PanelLights,
    Print,
    PrintRecord,
    Repeat,
    Report,
    Send,
    ShowRecord,
    Speak,
    TryCode,
    TypeKey,
    WantCodes,
)
from kiosk.link import Link
from kiosk.narrator import Narrator
from kiosk.workbench import Workbench
from kiosk.workers import Workers


class Hands:
    """Nothing waits here: link, workers and voice take what they are given and return at once."""

    def __init__(
        self,
        link: Link,
        workers: Workers,
        narrator: Narrator,
        workbench: Workbench,
        leave: Callable[[str], None],
    ) -> None:
        """``leave(how)`` ends the program: ``restart`` or ``service``."""
        self.narrator = narrator
        self._workbench = workbench
        self._leave = leave
        self._link = link
        self._workers = workers

    def do(self, effect: Effect, session: str) -> None:
        """Carry out ``effect``; ``session`` is the one in which it was asked for."""
        match effect:
            case Send(hall=hall, request=request):
                self._link.send(hall, request, session)
            case Print(job=job, slip=slip):
                self._workers.print(job, slip)
            case TypeKey(key=key):
                self._workers.type_key(key)
            case OpenRecord(box=box):
                self._workers.open_record(box)
            case ShowRecord():
                self._workers.show_record()
            case PrintRecord():
                words = {"title_zh": effect.title_zh, "title_en": effect.title_en}
                self._workers.print_record(effect.job, lang=effect.lang, place=effect.place, at=effect.at, **words)
            case PanelLights(calling=calling, speaking=speaking):
                self._workers.light(calling=calling, speaking=speaking)
            case Buzz():
                self._workers.buzz()
            case WantCodes(wanted=wanted):
                self._workers.want_codes(wanted=wanted)
            case Speak(text=text, lang=lang):
                self.narrator.announce(text, lang)
            case Repeat(whole=whole):
                self.narrator.repeat(whole=whole)
            case Acknowledge(order=order):
                self._link.site.acknowledge(order)
            case Leave(how=how):
                self._leave(how)
            case TryCode() | Inspect() | NewPaper() | AskFacts() | LogLevel() | Report():
                self._workbench.do(effect)

    def next_session(self, session: str) -> None:
        """The citizen has left: what was read of them is gone when this returns, and nothing more is said to them."""
        self._workers.next_session(session)
        self.narrator.forget()
