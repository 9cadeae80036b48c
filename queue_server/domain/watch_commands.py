"""What can be asked about what the hall watches: call for help, answer it, acknowledge an alarm, note a risk."""

from __future__ import annotations

from dataclasses import dataclass

from queue_server.domain.commands import Command
from queue_server.domain.escalation_rules import AlarmKind
from queue_server.domain.watch import Cure


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlarm(Command):
    """Somebody takes it on: it goes no further."""

    alarm_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHelp(Command):
    """Somebody at ``kiosk`` asks for a person; ``screen`` is the page's name. The call bears the command's id."""

    kiosk: str
    screen: str = ""
    lang: str = "zh-Hans"
    again: bool = False
    """The second ring of one that nobody has answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHelp(Command):
    """I am on my way."""

    help_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndHelp(Command):
    """The call is over: see ``HelpEnded``. One that has ended already stays so."""

    help_id: str
    because: str = "helped"
    solved: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLeft(Command):
    """``what`` (card, print) was left behind at ``kiosk``; with ``gone`` it has been taken away."""

    kiosk: str
    what: str
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRisk(Command):
    """The forecast's word on a waiting ticket: the share of futures in which it waits too long.

    ``level`` None: below both bounds. What was made of it stands in the answer, never in silence.
    """

    ticket_id: str
    level: AlarmKind | None
    p_late: float
    cure: Cure | None = None
