"""How many windows a day needs, half hour by half hour: the fewest that keep the promises in simulated days.

It begins with as many windows as the expected work fills and adds one where, and as long as, too many of those
whose clock begins in a half hour are called late; the earliest such half hour comes first, for a queue is
inherited. Then it takes back, from the evening to the morning, whatever was not needed after all. Beside each
number stands on how many days of a hundred it is enough, and the same for the windows that are planned.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from queue_server.domain.rules import Rules
from queue_server.sheets.bench import MOST_WINDOWS, Bench, Desk
from queue_server.sheets.days import Called, Days
from queue_server.sheets.demand import HALF_HOUR, Demand
from queue_server.twin.arrays import NEVER, Flags, Windows, choosing_order

LATE = 0.05
"""Of a half hour's appointments."""
WALK_IN_LATE = 0.15
"""Of its walk-ins, priority with them."""
DAYS = 100
LEAST_GAP = 3
"""Half hours from the last one at work to the next: nobody goes home for half an hour."""
_APPOINTMENT = 0


@dataclass(frozen=True, slots=True)
class HalfHour:
    """``start`` in local minutes. Confidence: the share of simulated days on which so many windows are enough,
    that is, on which at most one promise made in this half hour, or the share that may be, is broken.
    """

    start: int
    needed: int
    confidence: float
    planned: int
    planned_confidence: float

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.planned)


@dataclass(frozen=True, slots=True)
class Advice:
    """A day's half hours while the hall is open, and what is expected of it in all."""

    half_hours: tuple[HalfHour, ...]
    walk_ins: float
    bookings: int
    late: float
    """Appointments called late with the windows advised, a share of one."""
    walk_in_late: float
    planned_late: float
    planned_walk_in_late: float


def advise(
    demand: Demand, bench: Bench, rules: Rules, booked: Sequence[int], *, days: int = DAYS, seed: int = 7
) -> Advice:
    """The fewest windows for a day with ``booked`` visits per slot of ``bench``. Takes seconds of one core."""
    return _Search(demand, bench, rules, booked, days, seed).advice()


class _Search:
    def __init__(self, demand: Demand, bench: Bench, rules: Rules, booked: Sequence[int], days: int, seed: int) -> None:
        self._demand, self._bench, self._booked = demand, bench, np.asarray(booked)
        hours = np.arange(48) * HALF_HOUR
        self._open = [
            i for i, start in enumerate(hours) if any(a < start + HALF_HOUR and start < b for a, b in bench.stretches)
        ]
        self._pool = _pool(demand, bench)
        wide = Bench(self._pool, bench.stretches, bench.slot_min, bench.starts)
        self._days = Days(demand, wide, rules, days, seed)
        planned = Days(demand, bench, rules, days, seed)
        self._planned = planned.play(planned.by_count(self._booked))
        self._planned_late = planned.lateness(self._planned)
        self._most = len(self._pool)

    def advice(self) -> Advice:
        needed = self._enough(self._workable(self._least()))
        for i in reversed(self._open):
            while needed[i] > 1:
                fewer = self._workable({**needed, i: needed[i] - 1})
                if fewer[i] == needed[i] or self._late_half_hours(self._play(fewer)):
                    break
                needed = fewer
        called = self._play(needed)
        found = self._days.lateness(called)
        sure, as_planned = _confidence(called), _confidence(self._planned)
        return Advice(
            half_hours=tuple(
                HalfHour(int(i * HALF_HOUR), needed[i], sure[i], self._at_work(i), as_planned[i]) for i in self._open
            ),
            walk_ins=round(sum(self._demand.walk_ins), 1),
            bookings=int(self._booked.sum()),
            late=found.appointments,
            walk_in_late=found.walk_ins,
            planned_late=self._planned_late.appointments,
            planned_walk_in_late=self._planned_late.walk_ins,
        )

    def _workable(self, needed: dict[int, int]) -> dict[int, int]:
        """The same with each window at work in one stretch, or in two with a gap that is worth leaving for."""
        at_work = dict.fromkeys(self._open, 0)
        for k in range(max(needed.values())):
            mine = [i for i in self._open if needed[i] > k]
            gap = _gap(mine)
            for i in self._open:
                if mine[0] <= i <= mine[-1] and not (gap and gap[0] < i < gap[1]):
                    at_work[i] += 1
        return at_work

    def _at_work(self, half_hour: int) -> int:
        """Planned windows at work in this half hour, on average."""
        start = half_hour * HALF_HOUR
        return round(self._bench.minutes_between(start, start + HALF_HOUR) / HALF_HOUR)

    def _least(self) -> dict[int, int]:
        """Windows that the expected work fills."""
        demand, bench = self._demand, self._bench
        work = [demand.walk_ins[i] * demand.walk_in_min for i in range(48)]
        each = demand.booked_min * demand.slower * (1 - demand.no_show)
        for start, count in zip(bench.starts, self._booked, strict=True):
            work[int(start // HALF_HOUR)] += count * each
        return {i: min(self._most, max(1, math.ceil(work[i] / HALF_HOUR))) for i in self._open}

    def _enough(self, needed: dict[int, int]) -> dict[int, int]:
        """Add windows until no half hour is too late; the earliest first, and the one before it where it is full."""
        while late := self._late_half_hours(self._play(needed)):
            at = next((i for i in reversed(self._open) if i <= late[0] and needed[i] < self._most), None)
            if at is None:
                break
            needed = self._workable({**needed, at: needed[at] + 1})
        return needed

    def _play(self, needed: dict[int, int]) -> Called:
        sold = self._days.by_count(self._booked)
        return self._days.play(sold, windows=_windows(self._pool, needed, self._open))

    def _late_half_hours(self, called: Called) -> list[int]:
        """Those in which promises begin that are broken too often, ascending."""
        when = _half_hour_of(called)
        appointment = called.kind == _APPOINTMENT
        late: list[int] = []
        for i in self._open:
            here = when == i
            for mine, bound in ((here & appointment, LATE), (here & ~appointment, WALK_IN_LATE)):
                count = int(mine.sum())
                broken = int((mine & called.late).sum())
                # as few as there are, they scatter: one and a half standard errors are forgiven
                if broken > count * bound + 1.5 * math.sqrt(count * bound * (1 - bound)):
                    late.append(i)
                    break
        return late


def _half_hour_of(called: Called) -> Flags:
    when = np.floor_divide(np.where(called.came, called.clock, 0.0), HALF_HOUR)
    return np.where(called.came, when, -1).astype(np.int64)


def _confidence(called: Called) -> list[float]:
    """Per half hour of the day."""
    when = _half_hour_of(called)
    appointment = called.kind == _APPOINTMENT
    sure = []
    for i in range(48):
        kept = np.ones(len(when), np.bool_)
        for mine, bound in (((when == i) & appointment, LATE), ((when == i) & ~appointment, WALK_IN_LATE)):
            broken = (mine & called.late).sum(axis=1)
            kept &= broken <= np.maximum(1, bound * mine.sum(axis=1))
        sure.append(round(float(kept.mean()), 3))
    return sure


def _pool(demand: Demand, bench: Bench) -> tuple[Desk, ...]:
    """The windows in the order in which they are opened, and as many again: first those whose skills are missing."""
    rest = list(bench.desks)
    skills = sorted({skill for visit in demand.visits for skill in visit.skills})
    ordered: list[Desk] = []
    while rest:
        have = {skill: sum(desk.can((skill,)) for desk in ordered) for skill in skills}
        best = max(rest, key=lambda d: (sum(1 / (1 + have[s]) for s in skills if d.can((s,))), -rest.index(d)))
        rest.remove(best)
        ordered.append(best)
    more = [Desk(f"{d.id}+", d.skills, d.stretches) for d in ordered]
    return tuple((ordered + more)[:MOST_WINDOWS])


def _gap(half_hours: Sequence[int]) -> tuple[int, int] | None:
    """The half hours beside the longest gap, where it is long enough to be a shift's end and another's beginning."""
    gaps = [(a, b) for a, b in itertools.pairwise(half_hours) if b - a > LEAST_GAP]
    return max(gaps, key=lambda gap: (gap[1] - gap[0], -gap[0])) if gaps else None


def _windows(pool: Sequence[Desk], needed: dict[int, int], half_hours: Sequence[int]) -> Windows:
    """Window *k* is at work where more than *k* are needed."""
    count = len(pool)
    free, away, back, closes = (np.full(count, NEVER) for _ in range(4))
    for k in range(count):
        mine = [i for i in half_hours if needed[i] > k]
        if not mine:
            continue
        free[k] = mine[0] * HALF_HOUR
        gap = _gap(mine)
        if gap:
            away[k], back[k] = (gap[0] + 1) * HALF_HOUR, gap[1] * HALF_HOUR
        if mine[-1] != half_hours[-1]:
            closes[k] = (mine[-1] + 1) * HALF_HOUR
    skills = {skill for desk in pool for skill in desk.skills}
    order = choosing_order([d.id for d in pool], [d.skills for d in pool], 1 + len(skills))
    return Windows(free, away, back, closes, order)
