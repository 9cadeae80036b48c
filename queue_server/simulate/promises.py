"""``python -m queue_server promises``: does the promise hold on days that nobody has seen? Each figure by its target.

Invented days with fixed seeds that were not used to choose any number. Thirty days of one seed may be two percent
heavier or lighter than their load says, and the shares of who is late double with that, so they are taken over several
seeds. Each figure stands beside what it is to reach and says yes or no; the exit code is 1 if any says no.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from queue_server.simulate.generate import Recipe
from queue_server.simulate.matrix import ByRollouts, Player, Result, Said, by_domain, by_twin, matrix, to_stderr
from queue_server.simulate.score import Score, together

LOADS = (0.75, 0.80, 0.85, 0.90, 0.95, 1.00, 1.05, 1.10)
CHECKED_LOAD = 0.95
CALM_LOAD = 1.00
"""Up to this load no walk-in may wait long beyond the never-line."""
SEED = 20_260
"""Of the days that are played here; tuning uses others."""
LATE = (
    ("appointments, general", "appointment-general", 1.0),
    ("appointments, complex", "appointment-complex", 4.0),
    ("priority", "priority", 5.0),
    ("walk-ins", "walkin", 20.0),
)
LATE_ALL = 10.0
BEYOND_MIN = 15.0
NO_WORSE_PERCENT = 98.0
WRONG_MEANS, WRONG_RATES = 0.25, 0.20
WRONG_RATIO = 1.25


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure beside its target. ``most``: it is to be at most the target, else at least."""

    name: str
    value: float
    target: float
    unit: str
    most: bool = True

    @property
    def reached(self) -> bool:
        return self.value <= self.target if self.most else self.value >= self.target

    def line(self) -> str:
        sign = "<=" if self.most else ">="
        answer = "yes" if self.reached else "NO"
        return f"{self.name:<64} {self.value:8.2f} {self.unit:<4} {sign} {self.target:<6g} {answer}"


def check(windows: int, days: int, sets: int, seed: int, player: Player, said: Said) -> list[Figure]:
    """Every figure of a hall with so many windows; ``sets`` times so many days for the shares of who is late."""
    recipes = {load: Recipe(windows=windows, load=load, seed=seed) for load in LOADS}
    found = matrix(tuple(recipes.values()), _POLICIES, days, player, said)
    results = {(load, policy): found[recipes[load], policy] for load in LOADS for policy in _POLICIES}
    more = [replace(recipes[CHECKED_LOAD], seed=seed + n) for n in range(sets)]
    several = together(result.all for result in matrix(more, ("sla",), days, player, said).values())
    return [
        *_late(several),
        Figure(
            f"worst walk-in beyond the never-line at load {CHECKED_LOAD}, these days",
            several.walk_in_beyond_min(),
            BEYOND_MIN,
            "min",
        ),
        *_beyond(results),
        *_no_worse(results),
        *_wrong(recipes[CHECKED_LOAD], days, player, said),
    ]


_POLICIES = ("sla", "appointments-first", "fifo")
_Results = Mapping[tuple[float, str], Result]


def _late(score: Score) -> list[Figure]:
    classes = score.late_by_class()
    rows = [Figure(f"late at load {CHECKED_LOAD}: {name}", classes[key], most, "%") for name, key, most in LATE]
    return [*rows, Figure(f"late at load {CHECKED_LOAD}: all", score.late_percent, LATE_ALL, "%")]


def _beyond(results: _Results) -> list[Figure]:
    """The worst walk-in per load up to ``CALM_LOAD``."""
    return [
        Figure(
            f"worst walk-in beyond the never-line at load {load:.2f}",
            results[load, "sla"].all.walk_in_beyond_min(),
            BEYOND_MIN,
            "min",
        )
        for load in LOADS
        if load <= CALM_LOAD
    ]


def _no_worse(results: _Results) -> list[Figure]:
    figures = []
    for policy in ("appointments-first", "fifo"):
        pairs = [
            (mine.j, theirs.j)
            for load in LOADS
            for mine, theirs in zip(results[load, "sla"].days, results[load, policy].days, strict=True)
        ]
        share = 100 * sum(mine <= theirs for mine, theirs in pairs) / len(pairs)
        name = f"days at loads {LOADS[0]} to {LOADS[-1]} with J no worse than {policy}'s"
        figures.append(Figure(name, share, NO_WORSE_PERCENT, "%", most=False))
    return figures


def _wrong(recipe: Recipe, days: int, player: Player, said: Said) -> list[Figure]:
    """J with means wrong over J with right ones, on the same days, whose walk-ins come as told, more, or fewer."""
    rates = (0.0, WRONG_RATES, -WRONG_RATES)
    right = {off: replace(recipe, rates_wrong=off) for off in rates}
    wrong = {off: replace(recipe, rates_wrong=off, means_wrong=WRONG_MEANS) for off in rates}
    found = matrix((*right.values(), *wrong.values()), ("sla",), days, player, said)
    figures = []
    for off in rates:
        told = {0.0: "rates right"}.get(off, f"rates wrong {off:+.0%}")
        ratio = found[wrong[off], "sla"].all.j / max(1e-9, found[right[off], "sla"].all.j)
        figures.append(Figure(f"J with means wrong 25 % over J with right means, {told}", ratio, WRONG_RATIO, ""))
    return figures


def main(chosen: argparse.Namespace) -> int:
    """Exit code 1 if any figure misses its target."""
    player: Player = by_domain if chosen.domain else by_twin
    if chosen.rollouts:
        player = ByRollouts()
    figures = check(chosen.windows, chosen.days, chosen.sets, chosen.seed, player, to_stderr)
    to_stderr("")
    if chosen.json:
        sys.stdout.write(json.dumps([{**asdict(f), "reached": f.reached} for f in figures], indent=1) + "\n")
    else:
        head = (
            f"{chosen.windows} windows; {chosen.days} invented days a load, seed {chosen.seed}; "
            f"late: {chosen.sets * chosen.days} days, {chosen.sets} seeds"
            f"{', with rollouts' if chosen.rollouts else ''}"
        )
        sys.stdout.write("\n".join([head, *(figure.line() for figure in figures)]) + "\n")
    return 0 if all(figure.reached for figure in figures) else 1
