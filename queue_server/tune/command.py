"""``python -m queue_server tune``: the rule that would have served a hall's own days best, and whether to adopt it.

The search sees all days; cross-validation says what such a search is worth on days it has not seen, beside the rule
in force on the same days. Only if those are clearly better, and no walk-in fares worse beyond the never-line, does the
last line say so. The snippet goes into the hall's TOML.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from queue_server import config
from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.simulate import traces
from queue_server.simulate.traces import BadTrace
from queue_server.tune.days import Days, days_of
from queue_server.tune.points import cost
from queue_server.tune.search import BEYOND_MIN, Fold, Found, cross_validate, goal_of, search
from queue_server.twin.kernel import Parameters

SURE = 2.0
"""Standard errors by which unseen days must be better."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """The days of all folds, each played under a rule that was found without it. ``j``: one figure a hall."""

    present: tuple[float, ...]
    tuned: tuple[float, ...]
    days: int
    better: int
    """Days on which the found rule costs less."""
    worse: int
    saved: float
    """Mean over days of J in force less J tuned."""
    error: float
    """Standard error of ``saved``."""
    beyond_present: float
    beyond_tuned: float
    """The worst walk-in's minutes beyond the never-line."""

    @property
    def adopt(self) -> bool:
        calm = self.beyond_tuned <= max(BEYOND_MIN, self.beyond_present)
        return self.saved > SURE * self.error and calm


def main(chosen: argparse.Namespace) -> int:
    """Exit code 0; 2 with one line for a trace that cannot be read or an option that does not fit."""
    try:
        present = _in_force(chosen)
        halls = [days_of(traces.read(directory)) for directory in chosen.traces]
    except (BadTrace, config.BadConfig, KeyError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    fewest = min(len(hall.persons) for hall in halls)
    if not 2 <= chosen.folds <= fewest or chosen.trials < 1:
        sys.stderr.write(f"--folds must lie from 2 to {fewest}, the days of the shortest trace; --trials from 1\n")
        return 2
    found = search(goal_of(halls, present), present, chosen.trials, chosen.seed)
    unseen = summed(cross_validate(halls, present, chosen.folds, chosen.trials, chosen.seed))
    if chosen.json:
        sys.stdout.write(json.dumps(_figures(halls, present, found, unseen), indent=1) + "\n")
    else:
        sys.stdout.write("\n".join([*_lines(halls, present, found, unseen), snippet(found.parameters), ""]))
    return 0


def summed(folds: Sequence[Fold]) -> Unseen:
    """All unseen days together."""
    halls = range(len(folds[0].present))
    pairs = [pair for fold in folds for pair in zip(fold.present, fold.tuned, strict=True)]
    saved = np.concatenate([present.j_per_day - tuned.j_per_day for present, tuned in pairs])
    return Unseen(
        present=tuple(_j([fold.present[h] for fold in folds]) for h in halls),
        tuned=tuple(_j([fold.tuned[h] for fold in folds]) for h in halls),
        days=len(saved),
        better=int((saved > 0).sum()),
        worse=int((saved < 0).sum()),
        saved=float(saved.mean()),
        error=float(saved.std(ddof=1) / np.sqrt(len(saved))) if len(saved) > 1 else float("inf"),
        beyond_present=max(float(present.beyond.max()) for present, _ in pairs),
        beyond_tuned=max(float(tuned.beyond.max()) for _, tuned in pairs),
    )


def _j(costs: Sequence[Any]) -> float:
    return float(100 * sum(c.points.sum() for c in costs) / max(1, sum(c.persons.sum() for c in costs)))


def _in_force(chosen: argparse.Namespace) -> Parameters:
    if chosen.plans is None:
        return Parameters.of(DispatchRules())
    halls = config.load_plans(chosen.plans).halls
    if chosen.hall not in halls:
        raise KeyError(f"--hall must be one of {', '.join(halls)}")
    return Parameters.of(halls[chosen.hall].rules.dispatch)


def snippet(parameters: Parameters) -> str:
    """For the hall's TOML."""
    names = {"bonus": "scarce_bonus"}
    numbers = [
        f"{names.get(name, name)} = {getattr(parameters, name):g}"
        for name in ("k1", "k1_walk_in", "k2", "eta", "eps", "gamma", "w2", "bonus")
    ]
    guard = f"guard_margin_s = {round(parameters.margin * 60)}"
    return "\n".join(["[site.hall.rules.dispatch]", *numbers, guard])


def _lines(halls: Sequence[Days], present: Parameters, found: Found, unseen: Unseen) -> list[str]:
    head = f"{'':<24} {'days':>4} {'people':>7} {'J seen':>8} {'found':>7} {'J unseen':>9} {'found':>7}"
    rows = [
        f"{days.name:<24} {len(days.persons):4d} {int(days.persons.sum()):7d} "
        f"{cost(days, present).j:8.1f} {cost(days, found.parameters).j:7.1f} {before:9.1f} {after:7.1f}"
        for days, before, after in zip(halls, unseen.present, unseen.tuned, strict=True)
    ]
    verdict = "adopt it" if unseen.adopt else "keep the rule in force: unseen days are not clearly better"
    return [
        head,
        *rows,
        f"unseen days: {unseen.saved:+.2f} points of J saved a day (standard error {unseen.error:.2f})",
        f"better on {unseen.better}, worse on {unseen.worse} of {unseen.days} unseen days",
        f"worst walk-in beyond the never-line: {unseen.beyond_present:.0f} min, found {unseen.beyond_tuned:.0f} min",
        f"-> {verdict}",
    ]


def _figures(halls: Sequence[Days], present: Parameters, found: Found, unseen: Unseen) -> dict[str, Any]:
    return {
        "halls": [
            {
                "trace": days.name,
                "days": len(days.persons),
                "people": int(days.persons.sum()),
                "j_seen": {"in_force": cost(days, present).j, "found": cost(days, found.parameters).j},
                "j_unseen": {"in_force": before, "found": after},
            }
            for days, before, after in zip(halls, unseen.present, unseen.tuned, strict=True)
        ],
        "unseen": {
            "days": unseen.days,
            "better": unseen.better,
            "worse": unseen.worse,
            "saved": unseen.saved,
            "error": unseen.error,
            "beyond_min": {"in_force": unseen.beyond_present, "found": unseen.beyond_tuned},
        },
        "adopt": unseen.adopt,
        "parameters": {name: value for name, value in found.parameters._asdict().items() if isinstance(value, float)},
    }
