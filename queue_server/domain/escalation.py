"""Alarms: what raises them, what clears them, and where they go if nobody takes them on.

An alarm is never noticed by itself: it follows, in the same decision, from an event that says what happened and
when (a promise turned amber, a service ran over, a call for help stayed unanswered, a forecast saw a risk), so
it cannot be lost between the two, comes once, and bears the true time. Only three things run out here: an alarm
that nobody acknowledged goes one step further, a strain of the hall has lasted, a risk has stayed low. All of
it is settled with everything else (``lapses``), before every command and at every tick, also after a night
without a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from queue_server.domain import strain
from queue_server.domain.errors import Code, Refused
from queue_server.domain.escalation_rules import (
    OF_HELP,
    OF_THE_HALL,
    OF_THE_SERVICE,
    OF_THE_WAIT,
    OF_THINGS,
    RISKS,
    WORSE_THAN,
    AlarmKind,
)
from queue_server.domain.events import (
    CounterClosed,
    CounterPaused,
    DayClosed,
    Event,
    MaterialsAccepted,
    OfflineTicketCompleted,
    PromiseAmber,
    PromiseBroken,
    ServiceAmber,
    ServiceOver,
    TicketAbandoned,
    TicketCalled,
    TicketCancelled,
    TicketFinished,
    TicketIssued,
    TicketResumed,
    TicketReturned,
    TicketTransferred,
)
from queue_server.domain.evolving import evolve
from queue_server.domain.model import State
from queue_server.domain.state import Hall
from queue_server.domain.watch import SYSTEM, Alarm, HelpCall, Strain
from queue_server.domain.watch_commands import AcknowledgeAlarm
from queue_server.domain.watch_events import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmEscalated,
    AlarmRaised,
    HallEased,
    HallStrained,
    HelpAmber,
    HelpAnswered,
    HelpCalled,
    HelpEnded,
    HelpOver,
    PromiseAtRisk,
    RiskCleared,
    RiskEased,
    ThingLeft,
    ThingTaken,
)

_INSTANT = timedelta(microseconds=1)
_OF_A_TICKET = OF_THE_WAIT | OF_THE_SERVICE

_RAISES: Mapping[type[Event], AlarmKind] = {
    PromiseAmber: AlarmKind.AMBER,
    PromiseBroken: AlarmKind.BROKEN,
    ServiceAmber: AlarmKind.SERVICE_AMBER,
    ServiceOver: AlarmKind.SERVICE_OVER,
    HelpAmber: AlarmKind.HELP_AMBER,
    HelpOver: AlarmKind.HELP_OVER,
}
_CLEARS: Mapping[type[Event], tuple[frozenset[AlarmKind], str]] = {
    TicketCalled: (OF_THE_WAIT, "called"),
    TicketCancelled: (_OF_A_TICKET, "gone"),
    TicketAbandoned: (_OF_A_TICKET, "gone"),
    MaterialsAccepted: (OF_THE_SERVICE, "accepted"),
    TicketFinished: (_OF_A_TICKET, "finished"),
    TicketTransferred: (OF_THE_SERVICE, "transferred"),
    RiskCleared: (frozenset(RISKS), "eased"),
    HelpAnswered: (OF_HELP, "answered"),
    HelpEnded: (OF_HELP, "ended"),
    ThingTaken: (OF_THINGS, "taken"),
    HallEased: (OF_THE_HALL, "eased"),
}
_LEAVE_THE_LINE = frozenset({TicketCalled, TicketCancelled, TicketAbandoned})
_MAY_STRAIN = frozenset({
    *(TicketReturned, TicketResumed, TicketTransferred, OfflineTicketCompleted),
    *(CounterClosed, CounterPaused),
})  # fmt: skip
_ALWAYS = frozenset(_RAISES) | {
    *(PromiseAtRisk, RiskCleared, HelpAnswered, HelpEnded, HallEased, DayClosed),
    *(ThingLeft, ThingTaken),
}


def with_alarms(hall: Hall, events: list[Event]) -> list[Event]:
    """``events`` of one decision, each followed by the alarms that it raises or clears in ``hall``."""
    if not any(_matters(hall, event) for event in events):
        return events
    return settled(hall, events)[0]


def settled(hall: Hall, events: Iterable[Event]) -> tuple[list[Event], Hall]:
    """The same whatever it costs, and the hall after it. Strains are looked at once, when all has happened."""
    found: list[Event] = []
    at: datetime | None = None
    for event in events:
        found.append(event)
        at = event.at
        hall = evolve(hall, event)
        for more in _following(hall, event):
            found.append(more)
            hall = evolve(hall, more)
    if at is not None and (hall.watch.strains or hall.lines):
        for change in _strains(hall, at):
            found.append(change)
            hall = evolve(hall, change)
    return found, hall


def _matters(hall: Hall, event: Event) -> bool:
    """Whether anything can follow from ``event``. Mostly not, and then the decision costs nothing more."""
    kind = type(event)
    watch = hall.watch
    if kind is TicketIssued:
        ticket = event.ticket  # type: ignore[attr-defined]  # it is one
        return ticket.state is State.WAITING and strain.strained_by(hall, ticket)
    if watch.strains or kind in _ALWAYS or (kind in _MAY_STRAIN):
        return True
    ticket_id = getattr(event, "ticket_id", None)
    return ticket_id is not None and (ticket_id in watch.about or ticket_id in watch.risks)


def _following(hall: Hall, event: Event) -> list[Event]:
    """The alarms that ``event`` raises and clears, ``hall`` being the hall after it."""
    kind = type(event)
    found: list[Event] = []
    if kind in _CLEARS:
        kinds, because = _CLEARS[kind]
        found += _cleared(hall, _subject(event), kinds, event.at, because)
    if kind in _LEAVE_THE_LINE and _subject(event) in hall.watch.risks:
        because = _CLEARS[kind][1]
        found.append(RiskCleared(at=event.at, by=SYSTEM, ticket_id=_subject(event), because=because))
    if isinstance(event, DayClosed):
        for ticket_id in event.abandoned:
            found += _cleared(hall, ticket_id, _OF_A_TICKET, event.at, "gone")
            if ticket_id in hall.watch.risks:
                found.append(RiskCleared(at=event.at, by=SYSTEM, ticket_id=ticket_id, because="gone"))
        for left_id in hall.watch.left:
            found.append(ThingTaken(at=event.at, by=SYSTEM, left_id=left_id, because="day-closed"))
            found += _cleared(hall, left_id, OF_THINGS, event.at, "gone")
    if isinstance(event, ThingLeft):
        found += raised(hall, AlarmKind(f"{event.left.what}-left"), event.left.id, event.at)
    elif isinstance(event, PromiseAtRisk):
        found += raised(hall, event.level, event.ticket_id, event.at, p_late=event.p_late, cure=event.cure)
    elif kind in _RAISES:
        found += raised(hall, _RAISES[kind], _subject(event), event.at)
    return found


def _strains(hall: Hall, at: datetime) -> list[Event]:
    """States of the whole hall that have begun or ended, and the alarms about those that have ended."""
    found: list[Event] = []
    for change in strain.changes(hall, at):
        found.append(change)
        if isinstance(change, HallEased):
            found += _cleared(hall, change.key, OF_THE_HALL, at, "eased")
    return found


def raised(hall: Hall, kind: AlarmKind, subject: str, at: datetime, **details: Any) -> list[Event]:
    """The alarm, then the lesser ones whose place it takes; nothing if this hall tells nobody of it."""
    step = hall.plan.rules.escalation.steps[kind]
    if not step.to:
        return []
    n = hall.watch.raised + 1
    ticket = hall.tickets.get(subject)
    if ticket is not None:
        details["number"] = ticket.number
        if kind in OF_THE_SERVICE:
            details["counter"] = ticket.counter
        else:
            details["reason"] = strain.nobody_for_ticket(hall, ticket)
    elif subject in hall.watch.help:
        details["kiosk"] = hall.watch.help[subject].kiosk
    elif subject in hall.watch.left:
        details["kiosk"] = hall.watch.left[subject].kiosk
    alarm = Alarm(
        id=f"a{n}",
        n=n,
        kind=kind,
        subject=subject,
        raised_at=at,
        to=step.to,
        escalates_at=at + timedelta(seconds=step.acknowledge_within_s) if step.acknowledge_within_s else None,
        **details,
    )
    lesser = WORSE_THAN.get(kind, frozenset())
    return [AlarmRaised(at=at, by=SYSTEM, alarm=alarm), *_cleared(hall, subject, lesser, at, "worse")]


def _cleared(hall: Hall, subject: str, kinds: frozenset[AlarmKind], at: datetime, because: str) -> list[Event]:
    return [
        AlarmCleared(at=at, by=SYSTEM, alarm_id=alarm.id, because=because)
        for alarm in hall.watch.of(subject)
        if alarm.kind in kinds
    ]


def _subject(event: Event) -> str:
    for name in ("ticket_id", "help_id", "left_id", "key"):
        subject = getattr(event, name, None)
        if subject is not None:
            return str(subject)
    return ""


# --- what runs out -----------------------------------------------------------------------------------


def lapsed(hall: Hall, now: datetime) -> list[tuple[datetime, Event]]:
    """What has run out by ``now``, each with its moment: the next of each sort, in no order."""
    watch, rules = hall.watch, hall.plan.rules
    found: list[tuple[datetime, Event]] = []
    head = watch.escalating.first
    if head is not None and head[0] < now:
        found.append((head[0], _escalated(hall, watch.alarms[head[2]], head[0])))
    for one in watch.strains.values():
        moment = strain_moment(hall, one)
        if moment is not None and moment <= now:
            alarm = raised(hall, one.kind, one.key, moment, skills=one.skills)
            found.append((moment, alarm[0]))
    for call in watch.help.values():
        if call.answered_at is not None:
            moment = call.answered_at + timedelta(seconds=rules.help_kept_s)
            if moment < now:
                found.append((moment, HelpEnded(at=moment, by=SYSTEM, help_id=call.id, because="not-closed")))
            continue
        moment = call.called_at + timedelta(seconds=rules.help_amber_s)
        if not call.amber and moment <= now:
            found.append((moment, HelpAmber(at=moment, by=SYSTEM, help_id=call.id)))
        moment = call.called_at + timedelta(seconds=rules.help_limit_s)
        if not call.over and moment < now:
            found.append((moment, HelpOver(at=moment, by=SYSTEM, help_id=call.id)))
        moment = call.called_at + timedelta(seconds=rules.help_kept_s)
        if moment < now:
            found.append((moment, HelpEnded(at=moment, by=SYSTEM, help_id=call.id, because="nobody-came")))
    head = watch.easing.first
    if head is not None:
        moment = head[0] + timedelta(seconds=rules.escalation.risk.clear_after_s)
        if moment <= now:
            found.append((moment, RiskCleared(at=moment, by=SYSTEM, ticket_id=head[2], because="eased")))
    return found


def _escalated(hall: Hall, alarm: Alarm, at: datetime) -> AlarmEscalated:
    then = hall.plan.rules.escalation.steps[alarm.kind].then
    to = (*alarm.to, *(one for one in then if one not in alarm.to))
    return AlarmEscalated(at=at, by=SYSTEM, alarm_id=alarm.id, level=alarm.level + 1, to=to)


def strain_moment(hall: Hall, one: Strain) -> datetime | None:
    """When a strain becomes an alarm: it has lasted, and the last alarm about it is long enough ago."""
    step = hall.plan.rules.escalation.steps[one.kind]
    if one.alarmed or not step.to:
        return None
    moment = one.counts_from + timedelta(seconds=step.after_s)
    quiet = hall.watch.quiet.get(one.key)
    return moment if quiet is None else max(moment, quiet + timedelta(seconds=step.again_after_s))


def acknowledge(hall: Hall, command: AcknowledgeAlarm, now: datetime) -> list[Event]:
    """Refused: unknown-alarm. One that is acknowledged or cleared already stays so."""
    alarm = hall.watch.alarms.get(command.alarm_id)
    if alarm is None:
        if any(past.id == command.alarm_id for past in hall.watch.past):
            return []
        raise Refused(Code.UNKNOWN_ALARM)
    if alarm.acknowledged_at is not None:
        return []
    return [AlarmAcknowledged(at=now, by=command.by, alarm_id=alarm.id)]


# --- when to look again ------------------------------------------------------------------------------


def wakes(event: Event, hall: Hall) -> tuple[datetime, ...]:
    """The moments that ``event`` sets going, ``hall`` being the hall after it."""
    match event:
        case AlarmRaised(alarm=alarm) if alarm.escalates_at is not None:
            return (alarm.escalates_at + _INSTANT,)
        case HallStrained(key=key) if (one := hall.watch.strains.get(key)) is not None:
            moment = strain_moment(hall, one)
            return () if moment is None else (moment,)
        case HelpCalled(call=HelpCall(id=help_id)) | HelpAnswered(help_id=help_id):
            return help_moments(hall, help_id)
        case RiskEased(at=at):
            return (at + timedelta(seconds=hall.plan.rules.escalation.risk.clear_after_s),)
    return ()


def all_wakes(hall: Hall) -> set[datetime]:
    watch = hall.watch
    found = {at + _INSTANT for at, _, _ in watch.escalating}
    found.update(at for one in watch.strains.values() if (at := strain_moment(hall, one)) is not None)
    for call in watch.help:
        found.update(help_moments(hall, call))
    clear_after = timedelta(seconds=hall.plan.rules.escalation.risk.clear_after_s)
    found.update(since + clear_after for since, _, _ in watch.easing)
    return found


def help_moments(hall: Hall, help_id: str) -> tuple[datetime, ...]:
    """Amber, over and the call's end by itself, as far as they are still to come."""
    call, rules = hall.watch.help.get(help_id), hall.plan.rules
    if call is None:
        return ()
    kept = timedelta(seconds=rules.help_kept_s) + _INSTANT
    if call.answered_at is not None:
        return (call.answered_at + kept,)
    found = [call.called_at + kept]
    if not call.over:
        found.append(call.called_at + timedelta(seconds=rules.help_limit_s) + _INSTANT)
    if not call.amber:
        found.append(call.called_at + timedelta(seconds=rules.help_amber_s))
    return tuple(reversed(found))
