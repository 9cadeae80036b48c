"""Who is expected on a weekday: how many come by themselves and when, with which matters, and who keeps a booking.

Learned from the hall's record by ``history``; where there is none, the hall's configuration says what to expect:
walk-ins for ``walk_in_load`` of the windows' minutes, the catalogue's matters alike, everybody who booked comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from queue_server.domain.model import HallPlan, Kind, MatterClass
from queue_server.domain.promises import limit_of, want
from queue_server.domain.rules import Limit, Rules

HALF_HOUR = 30.0
BROAD = (40, 48, 54, 60, 68, 74, 78, 80, 78, 76, 72, 68, 62, 56, 48, 38)
"""The shape of a day's walk-ins where nothing is known: one broad hump about its middle (sla.md §2)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One kind of visit and its shares of all walk-ins and of all bookings."""

    minutes: float
    """At the window by the catalogue's norm: places are sold in these."""
    matter_class: MatterClass
    skills: tuple[str, ...]
    walk_ins: float
    booked: float
    takes: float = 0.0
    """What it takes here on average, as far as measured; 0: the norm."""

    @property
    def takes_min(self) -> float:
        return self.takes or self.minutes


@dataclass(frozen=True, slots=True)
class Demand:
    """One weekday of one hall. ``walk_ins`` are expected per half hour from local midnight, 48 of them."""

    walk_ins: tuple[float, ...]
    visits: tuple[Visit, ...]
    priority: float = 0.06
    """Share of walk-ins with priority."""
    no_show: float = 0.0
    """Share of bookings nobody comes to, as far as measured: shrunk, capped, 0 without data."""
    no_show_of: int = 0
    early_min: float = 5.0
    """How long before the slot people come, on average, and how much that spreads (standard deviation)."""
    early_spread_min: float = 8.0
    spread: float = 0.46
    """Of a service, as a share of its mean."""
    day_spread: float = 0.07
    """From day to day, of how many walk in."""
    unsure: float = 0.0
    """Standard error of the number of walk-ins, as a share of it; large after few days."""
    basis: str = "priors"

    @property
    def booked_min(self) -> float:
        """Minutes of a usual booking, by the norm."""
        total = sum(v.booked for v in self.visits)
        return sum(v.booked * v.minutes for v in self.visits) / total if total else 10.0

    @property
    def slower(self) -> float:
        """What a booking takes here over what the norm says."""
        norm = sum(v.booked * v.minutes for v in self.visits)
        return sum(v.booked * v.takes_min for v in self.visits) / norm if norm else 1.0

    @property
    def walk_in_min(self) -> float:
        """What a usual walk-in takes."""
        total = sum(v.walk_ins for v in self.visits)
        return sum(v.walk_ins * v.takes_min for v in self.visits) / total if total else 10.0

    def skill_share(self, skill: str) -> float:
        """Of all walk-ins' minutes, those that need ``skill``."""
        total = sum(v.walk_ins * v.takes_min for v in self.visits)
        mine = sum(v.walk_ins * v.takes_min for v in self.visits if skill in v.skills)
        return mine / total if total else 0.0

    def walk_ins_between(self, start: float, end: float) -> float:
        """Expected in these local minutes."""
        total = 0.0
        for i, rate in enumerate(self.walk_ins):
            low, high = max(start, i * HALF_HOUR), min(end, (i + 1) * HALF_HOUR)
            if high > low:
                total += rate * (high - low) / HALF_HOUR
        return total


@dataclass(frozen=True, slots=True)
class Limits:
    """Minutes of the promise and of the never-line by kind and class, and what one broken promise weighs."""

    of: dict[tuple[Kind, MatterClass], tuple[float, float]] = field(default_factory=dict)
    weights: dict[Kind, float] = field(default_factory=dict)


def limits_of(rules: Rules) -> Limits:
    found: dict[tuple[Kind, MatterClass], tuple[float, float]] = {}
    for kind in Kind:
        for matter_class in MatterClass:
            limit: Limit = limit_of(rules, kind, matter_class)
            found[kind, matter_class] = (limit.limit_s / 60, limit.never_s / 60)
    return Limits(found, {kind: rules.dispatch.weights[kind.value] for kind in Kind})


def catalogue_visits(plan: HallPlan) -> tuple[Visit, ...]:
    """Every matter of the hall that a window can serve, all alike; what cannot be booked only walks in."""
    visits = []
    for matter in plan.matters.values():
        wanted = want(plan, (matter.id,))
        if any(set(wanted.skills) <= counter.skills or "*" in counter.skills for counter in plan.counters.values()):
            booked = 1.0 if matter.bookable else 0.0
            visits.append(Visit(wanted.service_min, wanted.matter_class, wanted.skills, 1.0, booked))
    return tuple(visits)


def priors(plan: HallPlan, capacity_min: float, stretches: Sequence[tuple[float, float]]) -> Demand:
    """What configuration says of a day with ``capacity_min`` window minutes, open in these stretches."""
    visits = catalogue_visits(plan)
    blank = Demand((0.0,) * 48, visits)
    expected = plan.rules.walk_in_load * capacity_min / blank.walk_in_min
    return Demand(spread_over(expected, stretches), visits)


def spread_over(expected: float, stretches: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    """``expected`` walk-ins over the opening hours in the broad shape, per half hour of the day."""
    if not stretches:
        return (0.0,) * 48
    first, last = stretches[0][0], stretches[-1][1]
    weights = []
    for i in range(48):
        start, end = i * HALF_HOUR, (i + 1) * HALF_HOUR
        opened = sum(max(0.0, min(end, b) - max(start, a)) for a, b in stretches)
        middle = min(max((start + end) / 2, first), last)
        place = min(len(BROAD) - 1, int((middle - first) / (last - first) * len(BROAD)))
        weights.append(BROAD[place] * opened)
    total = sum(weights)
    return tuple(expected * w / total if total else 0.0 for w in weights)
