"""What can have happened to what the hall watches: alarms, calls for help, risks, states of the hall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from queue_server.domain.escalation_rules import AlarmKind, To
from queue_server.domain.events import Event
from queue_server.domain.watch import Alarm, Cure, HelpCall, LeftThing


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Event):
    """Follows in the same decision from the event that it is about, with that event's true time."""

    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmEscalated(Event):
    """Nobody acknowledged it in time; ``to`` is whom it is told now beside the first."""

    alarm_id: str
    level: int
    to: tuple[To, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmAcknowledged(Event):
    alarm_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCleared(Event):
    """Its cause is gone. ``because``: called, gone, accepted, finished, transferred, answered, ended, eased, worse."""

    alarm_id: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HallStrained(Event):
    """People wait and nobody at work can serve them; see ``watch.Strain``."""

    key: str
    kind: AlarmKind
    counts_from: datetime
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HallEased(Event):
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpCalled(Event):
    call: HelpCall


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAmber(Event):
    """Nobody has answered within ``help_amber_s``, and ``at`` is that very moment; or the citizen has rung again."""

    help_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpOver(Event):
    """Nobody has answered within the promised minute; once per call, with its true time."""

    help_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAnswered(Event):
    """Somebody is on the way."""

    help_id: str
    response_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpEnded(Event):
    """``because``: helped (by staff), came, withdrawn (at the terminal), called-again; nobody-came, not-closed (by

    itself).

    ``solved`` is what the helper says, None where nobody said it.
    """

    help_id: str
    because: str
    solved: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingLeft(Event):
    """The record of a thing that was left behind: where, what, when."""

    left: LeftThing


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingTaken(Event):
    """``because``: taken (the terminal says so), day-closed."""

    left_id: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAtRisk(Event):
    """The forecast says that the promise may break: ``level`` with the share of futures, and what would cure it."""

    ticket_id: str
    level: AlarmKind
    p_late: float
    cure: Cure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEased(Event):
    """Below the lower bound; over if it stays there."""

    ticket_id: str
    p_late: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskBack(Event):
    """It did not stay there: the alarm stands as it was."""

    ticket_id: str
    p_late: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCleared(Event):
    """``because``: eased (it stayed below), called, gone."""

    ticket_id: str
    because: str


WATCH_EVENTS: tuple[type[Event], ...] = (
    AlarmRaised,
    AlarmEscalated,
    AlarmAcknowledged,
    AlarmCleared,
    HallStrained,
    HallEased,
    HelpCalled,
    HelpAmber,
    HelpOver,
    HelpAnswered,
    HelpEnded,
    ThingLeft,
    ThingTaken,
    PromiseAtRisk,
    RiskEased,
    RiskBack,
    RiskCleared,
)
"""For the log's codec, beside ``events.EVENTS``."""
