"""Looking for a better rule: first anywhere near, then ever closer around the best, always from a seed.

The goal is the cost against that of the rule in force: half as the sum over all halls (a full hall counts more), half
as the mean of each hall's share (a quiet one counts as much), and on top a walk-in who is called more than a quarter
of an hour (or than under the rule in force) beyond the never-line on days that can be mastered (load up to 1.0).
Cross-validation plays days that the search has not seen: only that figure says whether a rule is better, the other
says how well the search fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from queue_server.tune.days import Days
from queue_server.tune.points import Cost, cost
from queue_server.twin.arrays import Floats
from queue_server.twin.kernel import Parameters

BOUNDS = {
    "k1": (0.15, 2.0),
    "k1_walk_in": (0.1, 2.0),
    "k2": (0.15, 4.0),
    "eta": (0.02, 1.5),
    "eps": (0.005, 0.8),
    "gamma": (0.1, 1.5),
    "w2": (0.8, 16.0),
    "bonus": (0.01, 2.0),
    "lead": (0.5, 10.0),
}
"""Where each number is looked for; all are positive and searched by their logarithm. ``lead``: minutes before the
never-line at which the guard begins, the negative of the rule's margin."""
SMALL_J = 2.0
"""Added to every J before two are divided: between 0.1 and 0.2 points there is nothing to choose."""
BEYOND_MIN = 15.0
BEYOND_COST = 0.002
"""Of the goal, per hall and minute."""
MASTERED_LOAD = 1.0

Goal = Callable[[Parameters], float]


class Found(NamedTuple):
    """The best rule of a search, and its goal (1: as good as the rule in force)."""

    parameters: Parameters
    goal: float


class Fold(NamedTuple):
    """Days nobody has tuned on: the cost per day under the rule in force and under the one found without them."""

    present: tuple[Cost, ...]
    tuned: tuple[Cost, ...]


def goal_of(halls: Sequence[Days], present: Parameters) -> Goal:
    before = [cost(days, present) for days in halls]
    reference = [c.j + SMALL_J for c in before]
    allowed = [max(BEYOND_MIN, float(c.beyond.max())) for c in before]

    def goal(parameters: Parameters) -> float:
        costs = [cost(days, parameters) for days in halls]
        js = [c.j + SMALL_J for c in costs]
        whole = sum(js) / sum(reference)
        shares = sum(j / r for j, r in zip(js, reference, strict=True)) / len(js)
        beyond = sum(
            max(0.0, float(c.beyond.max()) - most)
            for c, days, most in zip(costs, halls, allowed, strict=True)
            if days.load <= MASTERED_LOAD
        )
        return (whole + shares) / 2 + BEYOND_COST * beyond

    return goal


def search(goal: Goal, start: Parameters, trials: int, seed: int) -> Found:
    """``trials`` rules are tried: two in five anywhere near ``start``, the others around the best so far."""
    chance = np.random.default_rng(seed)
    low, high = (np.log([bound[i] for bound in BOUNDS.values()]) for i in (0, 1))
    at_start = [*(getattr(start, name) for name in BOUNDS if name != "lead"), max(BOUNDS["lead"][0], -start.margin)]
    origin = np.clip(np.log(at_start), low, high)
    best, best_at = Found(start, goal(start)), origin
    spread = 0.25
    for trial in range(trials):
        broad = trial < trials * 2 // 5
        if broad:
            at = origin + chance.normal(0, 0.5, len(BOUNDS))
        else:
            at = best_at + chance.normal(0, spread, len(BOUNDS)) * (chance.random(len(BOUNDS)) < 0.5)
        at = np.clip(at, low, high)
        found = rule_at(at, start)
        value = goal(found)
        if value < best.goal:
            best, best_at = Found(found, value), at
            spread = spread if broad else min(0.4, spread * 1.3)
        elif not broad:
            spread = max(0.03, spread * 0.985)
    return best


def rule_at(at: Floats, start: Parameters) -> Parameters:
    """Rounded to three figures: nobody reads more, and what is printed is what was measured."""
    values = {name: float(f"{np.exp(x):.3g}") for name, x in zip(BOUNDS, at, strict=True)}
    margin = -round(values.pop("lead") * 60) / 60
    return Parameters(**{**start._asdict(), **values, "margin": margin})


def cross_validate(halls: Sequence[Days], present: Parameters, folds: int, trials: int, seed: int) -> list[Fold]:
    """Every day is once among those that the search has not seen. Days are dealt out in turn."""
    found = []
    for fold in range(folds):
        kept = [days.only([i for i in range(len(days.persons)) if i % folds != fold]) for days in halls]
        unseen = [days.only([i for i in range(len(days.persons)) if i % folds == fold]) for days in halls]
        rule = search(goal_of(kept, present), present, trials, seed + fold + 1).parameters
        found.append(Fold(tuple(cost(days, present) for days in unseen), tuple(cost(days, rule) for days in unseen)))
    return found
