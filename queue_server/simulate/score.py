"""Penalty points of a day, exactly as sla.md §1 counts them, from the trace and the calls alone.

W = call - max(check-in, slot), never below 0; who comes more than 15 minutes late is a walk-in whose wait counts from
check-in. Points of a ticket: ``w*[W > L] + 4*[W > L2]*(1 + max(0, W - L2)/30)``; J is points per 100 tickets.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from queue_server.domain.model import Kind
from queue_server.simulate.moments import MINUTE_US, micros_of
from queue_server.simulate.traces import DayTrace, HallTrace, kind_of, start_of

NEVER_POINTS = 4.0
NEVER_PER_MIN = 30.0


@dataclass(frozen=True, slots=True)
class Wait:
    """One ticket: its class by name (``walkin-general``), the wait, and the two lines it is held to."""

    person: int
    name: str
    kind: Kind
    wait_min: float
    limit_min: float
    never_min: float
    weight: float

    @property
    def late(self) -> bool:
        return self.wait_min > self.limit_min

    @property
    def points(self) -> float:
        past = self.wait_min > self.never_min
        beyond = max(0.0, self.wait_min - self.never_min)
        return self.weight * self.late + (NEVER_POINTS * (1 + beyond / NEVER_PER_MIN) if past else 0.0)


@dataclass(frozen=True, slots=True)
class Score:
    """Any number of tickets together."""

    waits: tuple[Wait, ...] = field(repr=False)

    @property
    def tickets(self) -> int:
        return len(self.waits)

    @property
    def points(self) -> float:
        return math.fsum(wait.points for wait in self.waits)

    @property
    def j(self) -> float:
        """Points per 100 tickets; 0 of nobody."""
        return 100 * self.points / len(self.waits) if self.waits else 0.0

    @property
    def late_percent(self) -> float:
        return share_late(self.waits)

    def late_by_class(self) -> dict[str, float]:
        """Percent late per class that occurs, by name; the kind alone (``walkin``, ``priority``) too."""
        names = sorted({wait.name for wait in self.waits})
        found = {name: share_late([w for w in self.waits if w.name == name]) for name in names}
        for kind in sorted({name.partition("-")[0] for name in names}):
            found[kind] = share_late([w for w in self.waits if w.name.startswith(f"{kind}-")])
        return found

    def walk_in_p95_min(self) -> float:
        return percentile([w.wait_min for w in self.waits if w.kind is Kind.WALK_IN], 95)

    def walk_in_worst_min(self) -> float:
        return max((w.wait_min for w in self.waits if w.kind is Kind.WALK_IN), default=0.0)

    def walk_in_beyond_min(self) -> float:
        """The most that any walk-in waited beyond the never-line; 0 if none did."""
        return max((0.0, *(w.wait_min - w.never_min for w in self.waits if w.kind is Kind.WALK_IN)))


def share_late(waits: Sequence[Wait]) -> float:
    """Percent; 0 of nobody."""
    return 100 * sum(wait.late for wait in waits) / len(waits) if waits else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The ``share``-th percentile, by nearest rank; 0 of nothing."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(len(values) * share / 100) - 1)]


def score_day(hall: HallTrace, day: DayTrace, called_us: Mapping[int, int]) -> Score:
    """The waits of everybody who came; ``called_us`` per person's id. Raises KeyError for one never called."""
    waits = []
    for person in day.persons:
        if person.arrive_min is None:
            continue
        kind = kind_of(person, hall)
        row = hall.limits(kind, person.matter_class)
        wait_us = max(0, called_us[person.id] - micros_of(start_of(person)))
        waits.append(Wait(person.id, row.name, kind, wait_us / MINUTE_US, row.limit_min, row.never_min, row.weight))
    return Score(tuple(waits))


def together(scores: Iterable[Score]) -> Score:
    """Several days as one."""
    return Score(tuple(wait for score in scores for wait in score.waits))
