"""How many walk-ins are still to come: the profile of past days, as much more or less as today has shown.

A hall without a past takes today's last hours for its profile, and before these the belief that walk-ins keep half
its windows busy.
"""

from __future__ import annotations

from datetime import datetime

from queue_server.domain import calendar
from queue_server.domain.state import Hall
from queue_server.forecast.memory import BINS, Memory, half_hour
from queue_server.twin.arrays import minutes

BELIEF = 25.0
"""How many walk-ins' worth the profile's word on a whole day weighs: days differ by a fifth."""
LOOK_BACK = 4
"""Half hours of today that stand for a profile."""


def _profile(hall: Hall, now: datetime, memory: Memory) -> list[float]:
    """Walk-ins per half hour: of past days, or of today where there are none."""
    if memory.days >= 1:
        level = sum(memory.profile) / max(1, sum(1 for count in memory.profile if count))
        share = 1 / (1 + memory.days)
        return [count + (level - count) * share if count else 0.0 for count in memory.profile]
    last = half_hour(hall, now)
    seen = [memory.today[i] for i in range(max(0, last - LOOK_BACK), last)]
    mean = sum(m.service_min for m in hall.plan.matters.values()) / max(1, len(hall.plan.matters))
    believed = 0.5 * max(1, open_windows(hall)) * 30 / max(1.0, mean)
    level = (sum(seen) + believed) / (len(seen) + 1)
    return [level] * BINS


def rate(hall: Hall, now: datetime, memory: Memory) -> tuple[float, float]:
    """The gamma law of (today's rate / profile's) given what has come so far."""
    profile = _profile(hall, now, memory)
    last = half_hour(hall, now)
    local = calendar.midnight(hall.plan, calendar.business_date(hall.plan, now))
    part = (minutes(now, local) / 30) % 1
    if memory.days < 1:
        return BELIEF, 1 / BELIEF
    so_far = sum(profile[:last]) + profile[last] * part
    shape = BELIEF + sum(memory.today[: last + 1])
    return shape, 1 / (BELIEF + so_far)


def expected_until(hall: Hall, now: datetime, memory: Memory, horizon: float) -> tuple[tuple[float, float], ...]:
    """Through the open stretches of today, until ``horizon`` minutes from now."""
    profile = _profile(hall, now, memory)
    day = calendar.business_date(hall.plan, now)
    midnight = calendar.midnight(hall.plan, day)
    found = [(0.0, 0.0)]
    total = 0.0
    if hall.day_closed:
        return tuple(found)
    for opens, closes in calendar.openings(hall.plan, day):
        at = max(0.0, minutes(opens, now))
        until = min(horizon, minutes(closes, now))
        if at < until:
            found.append((at, total))
        while at < until:
            since = minutes(now, midnight) + at
            place = min(BINS - 1, int(since // 30))
            step = max(1e-6, min(until - at, 30 - since % 30))
            total += profile[place] * step / 30
            at += step
            found.append((at, total))
    return tuple(found)


def open_windows(hall: Hall) -> int:
    return sum(1 for counter in hall.counters.values() if counter.is_open)
