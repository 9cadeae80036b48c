"""What events about alarms, calls for help, risks and strains make of the hall (see ``evolving``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from queue_server.domain.escalation_rules import OF_THE_HALL, AlarmKind
from queue_server.domain.events import Event
from queue_server.domain.state import Changes, Hall
from queue_server.domain.watch import (
    Alarm,
    Risk,
    Strain,
    Watch,
    with_alarm,
    with_risk,
    without_alarm,
    without_risk,
)
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
    RiskBack,
    RiskCleared,
    RiskEased,
    ThingLeft,
    ThingTaken,
)


def _raised(watch: Watch, event: AlarmRaised) -> Watch:
    alarm = event.alarm
    strain = watch.strains.get(alarm.subject)
    if strain is not None:
        watch = replace(watch, strains={**watch.strains, strain.key: replace(strain, alarmed=True)})
    return with_alarm(watch, alarm)


def _on_alarm(change: Callable[[Alarm, Any], Alarm]) -> Callable[[Watch, Any], Watch]:
    def on(watch: Watch, event: AlarmEscalated | AlarmAcknowledged) -> Watch:
        alarm = watch.alarms.get(event.alarm_id)
        return watch if alarm is None else with_alarm(watch, change(alarm, event))

    return on


def _escalated(alarm: Alarm, event: AlarmEscalated) -> Alarm:
    """Once: it goes no further from there."""
    return replace(alarm, level=event.level, to=event.to, escalates_at=None)


def _acknowledged(alarm: Alarm, event: AlarmAcknowledged) -> Alarm:
    return replace(alarm, acknowledged_by=event.by, acknowledged_at=event.at)


def _cleared(watch: Watch, event: AlarmCleared) -> Watch:
    alarm = watch.alarms.get(event.alarm_id)
    if alarm is None:
        return watch
    if alarm.kind in OF_THE_HALL:
        watch = replace(watch, quiet={**watch.quiet, alarm.subject: event.at})
    return without_alarm(watch, replace(alarm, cleared_at=event.at, cleared_because=event.because))


def _strained(watch: Watch, event: HallStrained) -> Watch:
    strain = Strain(key=event.key, kind=event.kind, since=event.at, counts_from=event.counts_from, skills=event.skills)
    return replace(watch, strains={**watch.strains, event.key: strain})


def _eased(watch: Watch, event: HallEased) -> Watch:
    return replace(watch, strains={key: one for key, one in watch.strains.items() if key != event.key})


def _help_called(watch: Watch, event: HelpCalled) -> Watch:
    return replace(watch, help={**watch.help, event.call.id: event.call})


def _help_late(**flag: bool) -> Callable[[Watch, Any], Watch]:
    def late(watch: Watch, event: HelpAmber | HelpOver) -> Watch:
        call = watch.help.get(event.help_id)
        if call is None:
            return watch
        return replace(watch, help={**watch.help, call.id: replace(call, **flag)})  # type: ignore[arg-type]  # flags

    return late


def _help_answered(watch: Watch, event: HelpAnswered) -> Watch:
    call = watch.help.get(event.help_id)
    if call is None:
        return watch
    answered = replace(call, answered_by=event.by, answered_at=event.at)
    return replace(watch, help={**watch.help, call.id: answered})


def _help_ended(watch: Watch, event: HelpEnded) -> Watch:
    return replace(watch, help={name: call for name, call in watch.help.items() if name != event.help_id})


def _left(watch: Watch, event: ThingLeft) -> Watch:
    return replace(watch, left={**watch.left, event.left.id: event.left})


def _taken(watch: Watch, event: ThingTaken) -> Watch:
    return replace(watch, left={name: one for name, one in watch.left.items() if name != event.left_id})


def _at_risk(watch: Watch, event: PromiseAtRisk) -> Watch:
    old = watch.risks.get(event.ticket_id)
    likely = event.level is AlarmKind.LIKELY
    new = Risk(
        ticket_id=event.ticket_id,
        level=event.level,
        p_late=event.p_late,
        raised_at=event.at,
        at_risk_times=(0 if old is None else old.at_risk_times) + (not likely),
        likely_times=(0 if old is None else old.likely_times) + likely,
    )
    return with_risk(watch, new)


def _risk_low(watch: Watch, event: RiskEased) -> Watch:
    old = watch.risks.get(event.ticket_id)
    return watch if old is None else with_risk(watch, replace(old, p_late=event.p_late, below_since=event.at))


def _risk_back(watch: Watch, event: RiskBack) -> Watch:
    old = watch.risks.get(event.ticket_id)
    return watch if old is None else with_risk(watch, replace(old, p_late=event.p_late, below_since=None))


def _risk_over(watch: Watch, event: RiskCleared) -> Watch:
    """Remembered while the ticket waits, so that it cannot flap."""
    old = watch.risks.get(event.ticket_id)
    if old is None or event.because != "eased":
        return without_risk(watch, event.ticket_id)
    return with_risk(watch, replace(old, level=None, below_since=None))


def _on_watch(change: Callable[[Watch, Any], Watch]) -> Callable[[Hall, Any], Changes]:
    return lambda hall, event: {"watch": change(hall.watch, event)}


_ON_WATCH: Mapping[type[Event], Callable[[Watch, Any], Watch]] = {
    AlarmRaised: _raised,
    AlarmEscalated: _on_alarm(_escalated),
    AlarmAcknowledged: _on_alarm(_acknowledged),
    AlarmCleared: _cleared,
    HallStrained: _strained,
    HallEased: _eased,
    HelpCalled: _help_called,
    HelpAmber: _help_late(amber=True),
    HelpOver: _help_late(amber=True, over=True),
    HelpAnswered: _help_answered,
    HelpEnded: _help_ended,
    ThingLeft: _left,
    ThingTaken: _taken,
    PromiseAtRisk: _at_risk,
    RiskEased: _risk_low,
    RiskBack: _risk_back,
    RiskCleared: _risk_over,
}
CHANGE: Mapping[type[Event], Callable[[Hall, Any], Changes]] = {
    kind: _on_watch(change) for kind, change in _ON_WATCH.items()
}
