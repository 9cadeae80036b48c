"""Whom an alarm reaches in the hall: which windows' lamps burn for it, and which consoles show it.

What is about one window reaches that one; a ticket's wait reaches every window at work that could call it; help
and states of the hall reach every open one. Pure: read anew from the hall whenever it has moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from queue_server.domain.escalation_rules import OF_THE_WAIT, RED, To
from queue_server.domain.model import Counter
from queue_server.domain.state import Hall, lane_of, reach
from queue_server.domain.watch import Alarm, HelpCall


@dataclass(frozen=True, slots=True)
class Burning:
    """A window's lamp: red or amber; ``blinking`` until all that it burns for is acknowledged."""

    red: bool
    blinking: bool


def open_alarms(hall: Hall) -> list[Alarm]:
    """All that stand, red before amber, the oldest first."""
    return sorted(hall.watch.alarms.values(), key=lambda a: (a.kind not in RED, a.raised_at, a.n))


def windows_of(hall: Hall, alarm: Alarm) -> list[Counter]:
    """The windows that ``alarm`` is about."""
    if alarm.counter is not None:
        return [c for c in (hall.counters.get(alarm.counter),) if c is not None]
    seated = [c for c in hall.counters.values() if c.is_open]
    if alarm.kind in OF_THE_WAIT:
        ticket = hall.tickets.get(alarm.subject)
        able = 0 if ticket is None else reach(hall, lane_of(ticket))
        return [c for c in seated if not c.paused and hall.floor.bits.get(c.id, 0) & able]
    return seated


def at_counter(hall: Hall, counter_id: str) -> list[Alarm]:
    """What the console of this window shows."""
    return [
        alarm
        for alarm in open_alarms(hall)
        if To.COUNTER in alarm.to and any(c.id == counter_id for c in windows_of(hall, alarm))
    ]


def comes_from(hall: Hall, call: HelpCall) -> str | None:
    """The window at which whoever answered ``call`` sits; None where nobody answered, or from no window."""
    who = (call.answered_by or "").partition(":")[2]
    return next((c.id for c in hall.counters.values() if who and c.staff == who), None)


def lamps(hall: Hall) -> dict[str, Burning]:
    """Every lamp that burns, by window; what is not named is dark."""
    burning: dict[str, Burning] = {}
    for alarm in hall.watch.alarms.values():
        if To.LAMP not in alarm.to:
            continue
        for counter in windows_of(hall, alarm):
            was = burning.get(counter.id, Burning(red=False, blinking=False))
            red, blinking = alarm.kind in RED, alarm.acknowledged_at is None
            burning[counter.id] = Burning(red=was.red or red, blinking=was.blinking or blinking)
    return dict(sorted(burning.items()))
