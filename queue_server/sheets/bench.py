"""The planned windows of a day: who is at work when, and how many minutes that makes.

From the hall's plan: its opening hours, each window's shifts and its breaks; a window without shifts is at work
whenever the hall is open. A day has local minutes from midnight. The twin knows one break a window: of several the
longest counts as the break, and shorter ones are worked through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from queue_server.domain import calendar
from queue_server.domain.model import ALL_SKILLS, HallPlan, Hours

Stretch = tuple[float, float]
MOST_WINDOWS = 62
"""What the twin can tell apart (``twin.arrays``)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One window: its skills, and the stretches of the day it is at work, ascending."""

    id: str
    skills: frozenset[str]
    stretches: tuple[Stretch, ...]

    def can(self, skills: Sequence[str]) -> bool:
        return ALL_SKILLS in self.skills or self.skills.issuperset(skills)

    def minutes_between(self, start: float, end: float) -> float:
        return sum(max(0.0, min(end, b) - max(start, a)) for a, b in self.stretches)


@dataclass(frozen=True, slots=True)
class Bench:
    """The windows of one weekday, the hall's own opening, and its slots (starts, ascending)."""

    desks: tuple[Desk, ...]
    stretches: tuple[Stretch, ...]
    slot_min: float
    starts: tuple[int, ...]

    @property
    def capacity_min(self) -> float:
        return sum(desk.minutes_between(0, 1440) for desk in self.desks)

    def minutes_between(self, start: float, end: float, skills: Sequence[str] = ()) -> float:
        """Minutes of all windows that serve ``skills``."""
        return sum(desk.minutes_between(start, end) for desk in self.desks if desk.can(skills))

    def able(self, skills: Sequence[str]) -> int:
        """Bits of the windows that serve ``skills``."""
        return sum(1 << k for k, desk in enumerate(self.desks) if desk.can(skills))


def bench_of(plan: HallPlan, day: date) -> Bench:
    """The planned windows of ``day``. Beyond ``MOST_WINDOWS`` the rest is left out: the sheet sells less."""
    opened = stretches_of(calendar.hours_of(plan, day))
    desks = []
    for counter in list(plan.counters.values())[:MOST_WINDOWS]:
        mine = _met(stretches_of(counter.shifts), opened) if counter.shifts else opened
        desks.append(Desk(counter.id, counter.skills, _without(mine, stretches_of(counter.breaks))))
    slot_min = plan.rules.slot_s / 60
    starts = []
    for opens, closes in opened:
        start = opens
        while start + slot_min <= closes + 1e-9:
            if start == int(start):
                starts.append(int(start))
            start += slot_min
    return Bench(tuple(desks), opened, slot_min, tuple(starts))


def usual_day(plan: HallPlan, weekday: int, after: date) -> date:
    """The first date after ``after`` that is an ordinary one of this weekday."""
    special = plan.calendar.holidays | plan.calendar.workdays
    for ahead in range(1, 400):
        day = after + timedelta(days=ahead)
        if day.weekday() == weekday and day not in special:
            return day
    return after


def stretches_of(hours: Sequence[Hours]) -> tuple[Stretch, ...]:
    found = sorted((_minute(h.opens), _minute(h.closes) or 1440.0) for h in hours)
    joined: list[Stretch] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _minute(at: time) -> float:
    return at.hour * 60 + at.minute + at.second / 60


def _met(own: Sequence[Stretch], hall: Sequence[Stretch]) -> tuple[Stretch, ...]:
    met = [(max(a, c), min(b, d)) for a, b in own for c, d in hall]
    return tuple(sorted((a, b) for a, b in met if b > a))


def _without(own: Sequence[Stretch], away: Sequence[Stretch]) -> tuple[Stretch, ...]:
    left = list(own)
    for c, d in away:
        left = [part for a, b in left for part in ((a, min(b, c)), (max(a, d), b)) if part[1] > part[0]]
    return tuple(left)


def print_of(plan: HallPlan, day: date) -> str:
    """A print of all that a sheet rests on in the plan: another print, another sheet."""
    rules = plan.rules
    bench = bench_of(plan, day)
    matters = sorted((m.id, m.skill, m.service_min, m.bookable, m.matter_class.value) for m in plan.matters.values())
    parts = (
        [(d.id, sorted(d.skills), d.stretches) for d in bench.desks],
        bench.stretches,
        matters,
        (
            rules.slot_s,
            rules.slot_capacity,
            rules.late_after_s,
            rules.early_check_in_s,
            rules.walk_in_load,
            rules.sheet_floor,
        ),
        sorted((name, limit.limit_s, limit.never_s) for name, limit in rules.limits.items()),
        rules.dispatch,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
