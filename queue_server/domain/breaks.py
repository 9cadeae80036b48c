"""A window's planned break, and the long visits that are better left to another window just before it.

A hall that sets ``break_overrun_s`` does not let a visit begin at a window that would run so far into its break,
as long as another window at work could take the citizen and the promise bears the wait for it. It is a courtesy
to the clerk, and off unless set: measured over generated days it changes the promises kept by less than chance
does. Nobody is left uncalled for it: a walk-in past the never-line goes first all the same, and where nobody
else is ready the long visit begins.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from queue_server.domain.deadline_index import Candidate, minutes
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall, lane_of, reach, staffed


def next_break(plan: HallPlan, counter_id: str, now: datetime) -> datetime | None:
    """When the window's next planned break of today begins; None if none is planned."""
    counter = plan.counters.get(counter_id)
    if counter is None or not counter.breaks:
        return None
    zone = ZoneInfo(plan.tz)
    today = now.astimezone(zone).date()
    begins = (datetime.combine(today, part.opens, zone) for part in counter.breaks)
    return min((begin for begin in begins if begin > now), default=None)


def fitting(hall: Hall, counter_id: str, ready: list[Candidate], now: datetime, mean_min: float) -> list[Candidate]:
    """Those of ``ready`` whom the window should still take before its break; all of them where none is near."""
    overrun_s = hall.plan.rules.dispatch.break_overrun_s
    begins = None if overrun_s is None else next_break(hall.plan, counter_id, now)
    if begins is None or overrun_s is None:
        return ready
    now_min = minutes(now)
    room_min = minutes(begins + timedelta(seconds=overrun_s)) - now_min
    others = staffed(hall) & ~hall.floor.bits.get(counter_id, 0)

    def better_elsewhere(one: Candidate) -> bool:
        bears_it = one.due_min - now_min >= mean_min
        return bears_it and bool(reach(hall, lane_of(hall.tickets[one.ticket_id])) & others)

    return [one for one in ready if one.service_min <= room_min or not better_elsewhere(one)] or ready
