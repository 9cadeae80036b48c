"""帮办: somebody at a terminal asks for a person, and the promise is that one answers within a minute.

A call bears its command's id, so a terminal that asks again after a lost answer calls once. A terminal has one
call at a time: whoever presses again while nobody has answered means the same call. It ends when the helper
says so, when somebody at the terminal says that help has come, or by itself after ``help_kept_s``.
"""

from __future__ import annotations

from datetime import datetime

from queue_server.domain.errors import Code, Refused
from queue_server.domain.events import Event
from queue_server.domain.state import Hall
from queue_server.domain.watch import HelpCall
from queue_server.domain.watch_commands import AnswerHelp, CallHelp, EndHelp
from queue_server.domain.watch_events import HelpAmber, HelpAnswered, HelpCalled, HelpEnded


def open_call(hall: Hall, kiosk: str) -> HelpCall | None:
    """The call of this terminal that has not ended."""
    return next((call for call in hall.watch.help.values() if call.kiosk == kiosk), None)


def call_help(hall: Hall, command: CallHelp, now: datetime) -> list[Event]:
    """Never refused. Who presses the key while somebody is said to be on the way was forgotten, and calls anew.

    The second ring of a call that nobody has answered makes it amber at once, if it is not yet.
    """
    events: list[Event] = []
    standing = open_call(hall, command.kiosk)
    if standing is not None:
        if standing.answered_at is None:
            rung = command.again and not standing.amber
            return [HelpAmber(at=now, by=command.by, help_id=standing.id)] if rung else []
        events.append(HelpEnded(at=now, by=command.by, help_id=standing.id, because="called-again"))
    call = HelpCall(id=command.id, kiosk=command.kiosk, called_at=now, screen=command.screen[:32], lang=command.lang)
    return [*events, HelpCalled(at=now, by=command.by, call=call)]


def answer_help(hall: Hall, command: AnswerHelp, now: datetime) -> list[Event]:
    """Refused: unknown-help, help-taken (a colleague was quicker)."""
    call = hall.watch.help.get(command.help_id)
    if call is None:
        raise Refused(Code.UNKNOWN_HELP)
    if call.answered_by is not None:
        if call.answered_by == command.by:
            return []
        raise Refused(Code.HELP_TAKEN, kiosk=call.kiosk)
    took = int((now - call.called_at).total_seconds())
    return [HelpAnswered(at=now, by=command.by, help_id=call.id, response_s=took)]


def end_help(hall: Hall, command: EndHelp, now: datetime) -> list[Event]:
    """A terminal can only end its own call."""
    call = hall.watch.help.get(command.help_id)
    if call is None or (command.by.startswith("kiosk:") and command.by != f"kiosk:{call.kiosk}"):
        return []
    return [HelpEnded(at=now, by=command.by, help_id=command.help_id, because=command.because, solved=command.solved)]
