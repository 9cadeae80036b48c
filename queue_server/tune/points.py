"""What a rule would have cost: penalty points of sla.md §1 for whole arrays of calls at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from queue_server.tune.days import Days
from queue_server.twin.arrays import Flags, Floats
from queue_server.twin.kernel import TICK, Parameters

NEVER_POINTS = 4.0
NEVER_PER_MIN = 30.0
WALK_IN = 2


class Cost(NamedTuple):
    """Per day: penalty points, how many came, and how far beyond the never-line the worst walk-in was called."""

    points: Floats
    persons: Floats
    beyond: Floats

    @property
    def j(self) -> float:
        """Points per 100 tickets over all days."""
        return float(100 * self.points.sum() / max(1, self.persons.sum()))

    @property
    def j_per_day(self) -> Floats:
        return 100 * self.points / np.maximum(1, self.persons)


class Waits(NamedTuple):
    """``[days, n]``: the wait of everybody who came, and whether it was longer than promised."""

    wait: Floats
    late: Flags
    came: Flags


def waits(days: Days, parameters: Parameters) -> Waits:
    people = days.laid_out.people
    called = days.laid_out.play(parameters, from_min=days.opens).called
    came = np.isfinite(people.ready)
    since = np.where(came, people.clock, 0.0)
    wait = np.where(came, np.maximum(0.0, np.nan_to_num(called, nan=np.inf) - since), 0.0)
    return Waits(wait, (wait > people.limit + TICK) & came, came)


def cost(days: Days, parameters: Parameters) -> Cost:
    people = days.laid_out.people
    wait, late, came = waits(days, parameters)
    past = np.where(came, wait - people.never, -1.0)
    points = people.weight * late + np.where(past > TICK, NEVER_POINTS * (1 + past / NEVER_PER_MIN), 0.0)
    beyond = np.where(people.kind == WALK_IN, past, -1.0).max(axis=1, initial=0.0)
    return Cost(points.sum(axis=1), came.sum(axis=1).astype(np.float64), np.maximum(0.0, beyond))
