"""From what has happened to what is to be expected: a hall's demand, learned from its days.

Every figure is shrunk: a few days move it a little away from what was believed before, many days replace that
belief. What sells places beyond the windows' minutes, the share of bookings nobody comes to, starts from zero and
needs a hundred bookings before it counts for half. A service is measured from call to finish, and only where it
is plausible at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from queue_server.domain.model import MatterClass
from queue_server.sheets.demand import HALF_HOUR, Demand, Visit

PRIOR_DAYS = 1.0
"""How many days the belief before counts for, in the rate of walk-ins."""
PRIOR_BOOKINGS = 100.0
PRIOR_VISITS = 30.0
PRIOR_SERVICES = 20.0
MOST_RATIO = 6.0
"""A service so many times its norm was not one service (a forgotten window)."""


@dataclass(frozen=True, slots=True)
class Came:
    """One ticket of a day gone by. Minutes local from midnight; ``took`` None: not known."""

    day: int
    arrive: float
    minutes: float
    matter_class: MatterClass
    skills: tuple[str, ...]
    booked: bool = False
    slot: float | None = None
    priority: bool = False
    took: float | None = None

    @property
    def visit(self) -> tuple[float, MatterClass, tuple[str, ...]]:
        return (self.minutes, self.matter_class, self.skills)


@dataclass(frozen=True, slots=True)
class Kept:
    """How bookings turned out: so many in all, so many nobody came to."""

    bookings: int
    missed: int


def learn(tickets: Iterable[Came], kept: Kept, days: Sequence[int], before: Demand) -> Demand:
    """The demand of a weekday on which ``days`` (numbers of ``Came.day``) are known; other days only teach the mix."""
    known = list(tickets)
    if not known:
        return before
    of_day = frozenset(days)
    walked = [t for t in known if not t.booked]
    visits = _mix(known, before.visits)
    rates = _rates([t.arrive for t in walked if t.day in of_day], len(of_day), before.walk_ins)
    off = [t.arrive - t.slot for t in known if t.booked and t.slot is not None]
    early, spread = _punctual(off, before)
    spread_of_days = _day_spread(walked, of_day, before.day_spread)
    return replace(
        before,
        walk_ins=rates,
        visits=visits,
        priority=_shrunk(sum(t.priority for t in walked), len(walked), before.priority, PRIOR_VISITS),
        no_show=kept.missed / (kept.bookings + PRIOR_BOOKINGS),
        no_show_of=kept.bookings,
        early_min=early,
        early_spread_min=spread,
        spread=_spread(known, before.spread),
        day_spread=spread_of_days,
        unsure=_unsure(sum(rates), len(of_day), spread_of_days),
        basis="history",
    )


def _shrunk(found: float, of: float, before: float, weight: float) -> float:
    return (found + before * weight) / (of + weight)


def _rates(arrivals: Sequence[float], days: int, before: Sequence[float]) -> tuple[float, ...]:
    counts = [0.0] * 48
    for at in arrivals:
        counts[min(47, max(0, int(at // HALF_HOUR)))] += 1
    return tuple(_shrunk(count, days, prior, PRIOR_DAYS) for count, prior in zip(counts, before, strict=True))


def _mix(known: Sequence[Came], before: Sequence[Visit]) -> tuple[Visit, ...]:
    """Shares of the kinds of visit among walk-ins and bookings, and what each takes."""
    walked: dict[tuple[float, MatterClass, tuple[str, ...]], float] = {}
    booked: dict[tuple[float, MatterClass, tuple[str, ...]], float] = {}
    took: dict[tuple[float, MatterClass, tuple[str, ...]], tuple[float, int]] = {}
    for visit in before:
        key = (visit.minutes, visit.matter_class, visit.skills)
        walked[key] = walked.get(key, 0.0) + visit.walk_ins
        booked[key] = booked.get(key, 0.0) + visit.booked
    for shares in (walked, booked):
        total = sum(shares.values()) or 1.0
        for key in shares:
            shares[key] *= PRIOR_VISITS / total
    for ticket in known:
        shares = booked if ticket.booked else walked
        shares[ticket.visit] = shares.get(ticket.visit, 0.0) + 1
        if ticket.took is not None and 0 < ticket.took < MOST_RATIO * ticket.minutes:
            minutes, count = took.get(ticket.visit, (0.0, 0))
            took[ticket.visit] = (minutes + ticket.took, count + 1)
    visits = []
    for key in sorted({*walked, *booked}, key=lambda k: (k[0], k[1].value, k[2])):
        minutes, count = took.get(key, (0.0, 0))
        takes = _shrunk(minutes, count, key[0], PRIOR_SERVICES)
        visits.append(Visit(*key, walked.get(key, 0.0), booked.get(key, 0.0), takes))
    return tuple(visits)


def _punctual(off: Sequence[float], before: Demand) -> tuple[float, float]:
    """Minutes before the slot, on average and in spread; an hour away from it is another visit."""
    near = [x for x in off if -60 <= x <= 60]
    n = len(near)
    early = _shrunk(-sum(near), n, before.early_min, PRIOR_VISITS)
    squares = sum((x + early) ** 2 for x in near)
    return early, math.sqrt(_shrunk(squares, n, before.early_spread_min**2, PRIOR_VISITS))


def _spread(known: Sequence[Came], before: float) -> float:
    ratios = [t.took / t.minutes for t in known if t.took is not None and 0 < t.took < MOST_RATIO * t.minutes]
    if len(ratios) < 2:
        return before
    mean = sum(ratios) / len(ratios)
    variance = sum((r - mean) ** 2 for r in ratios) / len(ratios) / mean**2
    return math.sqrt(_shrunk(variance * len(ratios), len(ratios), before**2, PRIOR_VISITS))


def _unsure(mean: float, days: int, spread: float) -> float:
    """Of a mean over so many days that differ by chance and by their own spread; the belief before counts as days."""
    return math.sqrt((spread**2 + 1 / max(1.0, mean)) / (days + PRIOR_DAYS))


def _day_spread(walked: Sequence[Came], of_day: frozenset[int], before: float) -> float:
    """What the days differ by beyond the chance of single arrivals."""
    counts = [sum(1 for t in walked if t.day == day) for day in of_day]
    n = len(counts)
    if n < 2 or not sum(counts):
        return before
    mean = sum(counts) / n
    extra = max(0.0, sum((c - mean) ** 2 for c in counts) / (n - 1) - mean) / mean**2
    return min(0.5, math.sqrt(_shrunk(extra * n, n, before**2, 10.0)))
