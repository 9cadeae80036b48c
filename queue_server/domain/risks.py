"""What the forecast says of a promise, and how its flapping is damped.

The forecast plays the hall forward and says for a waiting ticket in which share of the futures it waits too long.
Each level is told once; when the share has stayed below the lower bound for a while the risk is over, and
the same level is told again only after a good while and only so often (``RiskRules``). ``would_matter`` lets the
forecast ask before it sends; what was made of a note is always answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from queue_server.domain.errors import Code, Refused
from queue_server.domain.escalation_rules import RISKS, AlarmKind, RiskRules
from queue_server.domain.events import Event
from queue_server.domain.model import State, Ticket
from queue_server.domain.state import Hall
from queue_server.domain.watch import Risk
from queue_server.domain.watch_commands import NoteRisk
from queue_server.domain.watch_events import PromiseAtRisk, RiskBack, RiskEased


class Noted(StrEnum):
    """What a note came to."""

    RAISED = "raised"
    EASED = "eased"  # below the lower bound: over, if it stays there
    BACK = "back"  # it did not stay there
    DAMPED = "damped"  # so high, but it was told a moment ago, or often enough
    UNCHANGED = "unchanged"
    BROKEN = "broken"  # it is no risk any more


@dataclass(frozen=True, slots=True)
class _Word:
    noted: Noted
    event: Event | None = None


def note_risk(hall: Hall, command: NoteRisk, now: datetime) -> list[Event]:
    """Refused: unknown-ticket; wrong-state, for one whose first call is decided or who is away; bad-value."""
    word = _word(hall, command, now)
    return [] if word.event is None else [word.event]


def noted(hall: Hall, command: NoteRisk, events: tuple[Event, ...]) -> Noted:
    """What ``command`` came to in the ``hall`` after its ``events``, for its answer."""
    for event in events:
        match event:
            case PromiseAtRisk(ticket_id=command.ticket_id):
                return Noted.RAISED
            case RiskEased(ticket_id=command.ticket_id):
                return Noted.EASED
            case RiskBack(ticket_id=command.ticket_id):
                return Noted.BACK
    ticket, risk = hall.tickets.get(command.ticket_id), hall.watch.risks.get(command.ticket_id)
    if ticket is not None and ticket.broken:
        return Noted.BROKEN
    return Noted.DAMPED if _rank(command.level) > _rank(None if risk is None else risk.level) else Noted.UNCHANGED


def would_matter(hall: Hall, ticket_id: str, level: AlarmKind | None, p_late: float, now: datetime) -> bool:
    """Whether a note of this would do anything now: what is not so need not be sent."""
    try:
        note = NoteRisk(id="", by="", ticket_id=ticket_id, level=level, p_late=p_late)
        return _word(hall, note, now).event is not None
    except Refused:
        return False


def level_of(rules: RiskRules, p_late: float) -> AlarmKind | None:
    """The level of a share by this hall's rules."""
    if p_late >= rules.likely:
        return AlarmKind.LIKELY
    return AlarmKind.AT_RISK if p_late >= rules.at_risk else None


def _word(hall: Hall, command: NoteRisk, now: datetime) -> _Word:
    ticket = _waiting(hall, command)
    if ticket.broken:
        return _Word(Noted.BROKEN)
    rules = hall.plan.rules.escalation.risk
    risk = hall.watch.risks.get(ticket.id)
    stands = None if risk is None else risk.level
    if command.level is not None and _rank(command.level) > _rank(stands):
        if not _may_rise(rules, risk, command.level, now):
            return _Word(Noted.DAMPED)
        event = PromiseAtRisk(
            at=now, by=command.by, ticket_id=ticket.id, level=command.level, p_late=command.p_late, cure=command.cure
        )
        return _Word(Noted.RAISED, event)
    if risk is None or stands is None:
        return _Word(Noted.UNCHANGED)
    low = command.p_late < rules.clear_below
    if low and risk.below_since is None:
        return _Word(Noted.EASED, RiskEased(at=now, by=command.by, ticket_id=ticket.id, p_late=command.p_late))
    if not low and risk.below_since is not None:
        return _Word(Noted.BACK, RiskBack(at=now, by=command.by, ticket_id=ticket.id, p_late=command.p_late))
    return _Word(Noted.UNCHANGED)


def _waiting(hall: Hall, command: NoteRisk) -> Ticket:
    if not 0 <= command.p_late <= 1 or command.level not in {None, *RISKS}:
        raise Refused(Code.BAD_VALUE, field="p_late or level")
    ticket = hall.tickets.get(command.ticket_id)
    if ticket is None:
        raise Refused(Code.UNKNOWN_TICKET)
    if ticket.state is not State.WAITING or ticket.first_called_at is not None:
        raise Refused(Code.WRONG_STATE, state=ticket.state.value, number=ticket.number)
    return ticket


def _may_rise(rules: RiskRules, risk: Risk | None, level: AlarmKind, now: datetime) -> bool:
    if risk is None:
        return True
    times = risk.likely_times if level is AlarmKind.LIKELY else risk.at_risk_times
    if times == 0:
        return True
    return times < rules.most_times and now >= risk.raised_at + timedelta(seconds=rules.again_after_s)


def _rank(level: AlarmKind | None) -> int:
    return -1 if level is None else RISKS.index(level)
