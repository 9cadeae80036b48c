"""How a hall decides who is called next: the policy and its few numbers, all of them configuration.

``[site.hall.rules.dispatch]`` of the hall's TOML sets any of them; whatever it leaves out keeps the value
below. ``sla`` is the deadline index (``deadline_index``); the other three are what offices do today and stay
for comparison: ``fifo`` by check-in, ``appointments-first`` by kind and then check-in, ``edf`` by the promise
that runs out first. Nonsense is refused with every mistake at once, for a hall must not open under it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

POLICIES = ("sla", "fifo", "appointments-first", "edf")

WEIGHTS = {"appointment": 3.0, "priority": 2.0, "walk-in": 1.0}
"""Penalty points of one broken promise, by kind (sla.md §1)."""

_MOST = 1e6
_BOUNDS: dict[str, tuple[float, float]] = {
    "k1": (1e-3, 100),
    "k1_walk_in": (1e-3, 100),
    "k2": (1e-3, 100),
    "eta": (0, 100),
    "eps": (0, 100),
    "gamma": (0, 4),
    "w2": (0, _MOST),
    "scarce_bonus": (0, 100),
    "guard_margin_s": (-3_600, 86_400),
}


@dataclass(frozen=True, slots=True)
class DispatchRules:
    """The policy and the coefficients of its index. Raises ValueError that names every mistake.

    ``k1`` (protected kinds), ``k1_walk_in`` and ``k2`` say how early, in mean services, a promise and a
    never-line make themselves felt; ``w2`` is what a never-line weighs and ``eta`` how much of it is left
    once it is past; ``eps`` is what waiting itself is worth; ``gamma`` how far short services go before long
    ones; ``scarce_bonus`` what a ticket gains that only some windows can serve.

    The numbers are those published with the method but for ``eta`` and ``guard_margin_s``, chosen on invented days
    (``queue_server generate``, seeds 11, 12, 21, 77 and 99: 4 to 16 windows, loads 0.8 to 1.05). A guard that begins
    four minutes before the line saves 3 to 8 % of J on every set of days that no search had seen, and with ten windows
    up to load 1.0 nobody was called more than 15 minutes beyond it; no other set of the rest was clearly better on
    unseen days. ``queue_server tune`` tells the same of any hall: J cross-validated beside that of the rule in force.
    Again: ``generate DIR --windows 10 --load 0.95 --days 30 --seed 77`` (4, 7; 1.05 too), ``tune DIR ... --seed 1``.
    """

    policy: str = "sla"
    k1: float = 0.51
    k1_walk_in: float = 0.33
    k2: float = 0.80
    eta: float = 0.25
    eps: float = 0.10
    gamma: float = 0.61
    w2: float = 4.0
    scarce_bonus: float = 0.26
    guard_margin_s: int = -240
    """A walk-in so long past the never-line (negative: so long before it) goes before everybody else."""
    break_overrun_s: int | None = None
    """A visit that would run further into the window's planned break is left to another window; None: is begun."""
    weights: dict[str, float] = field(default_factory=WEIGHTS.copy)

    def __post_init__(self) -> None:
        mistakes = [
            f"{name} must be a number from {least:g} to {most:g}, not {getattr(self, name)!r}"
            for name, (least, most) in _BOUNDS.items()
            if not _within(getattr(self, name), least, most)
        ]
        if self.break_overrun_s is not None and not _within(self.break_overrun_s, 0, 86_400):
            mistakes.append(f"break_overrun_s must be a number from 0 to 86400, not {self.break_overrun_s!r}")
        if self.policy not in POLICIES:
            mistakes.insert(0, f"policy must be one of {', '.join(POLICIES)}, not {self.policy!r}")
        mistakes += _unknown("weights", self.weights, tuple(WEIGHTS))
        mistakes += [f"weights.{kind} is missing" for kind in WEIGHTS if kind not in self.weights]
        mistakes += [
            f"weights.{kind} must be a number from 0.001 to {_MOST:g}, not {weight!r}"
            for kind, weight in self.weights.items()
            if not _within(weight, 1e-3, _MOST)
        ]
        if mistakes:
            raise ValueError("dispatch: " + "; ".join(mistakes))

    def k1_of(self, kind: str) -> float:
        return self.k1_walk_in if kind == "walk-in" else self.k1


def from_table(table: Mapping[str, object]) -> DispatchRules:
    """The rules of a configuration's table; unknown keys are mistakes with a near miss. Raises ValueError."""
    mistakes = _unknown("", table, tuple(f.name for f in fields(DispatchRules)))
    given = dict(table)
    weights = given.get("weights", {})
    if not isinstance(weights, Mapping):
        mistakes.append("weights must be a table: appointment, priority, walk-in")
    else:
        given["weights"] = {**WEIGHTS, **weights}
    if mistakes:
        raise ValueError("dispatch: " + "; ".join(mistakes))
    return DispatchRules(**given)  # type: ignore[arg-type]  # __post_init__ looks at every value


def _within(value: object, least: float, most: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and least <= value <= most


def _unknown(table: str, given: Mapping[str, object], known: tuple[str, ...]) -> list[str]:
    mistakes = []
    for key in sorted(set(given) - set(known)):
        near = get_close_matches(key, known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        mistakes.append(f"unknown key {table + '.' if table else ''}{key}{hint}")
    return mistakes
