"""Many days under several policies: the same people each time, so that only the policy differs.

Played through the compiled twin unless the domain is asked for; a test holds the two together, call for call. (A hall
that learned its means while it works would have to be played by the domain; here the means are those of the trace.)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.simulate import day as real
from queue_server.simulate import generate
from queue_server.simulate.generate import Recipe
from queue_server.simulate.plan import rules_of
from queue_server.simulate.play import Call
from queue_server.simulate.score import Score, score_day, together
from queue_server.simulate.traces import DayTrace, HallTrace, Trace

Player = Callable[[HallTrace, DayTrace, DispatchRules], list[Call]]
Said = Callable[[str], None]


def by_domain(hall: HallTrace, day: DayTrace, rules: DispatchRules) -> list[Call]:
    """Through ``decide`` and ``evolve``."""
    return real.run_day(hall, day, dispatch=rules).calls


def by_twin(hall: HallTrace, day: DayTrace, rules: DispatchRules) -> list[Call]:
    """Through the compiled twin."""
    from queue_server.simulate import swift  # noqa: PLC0415  (loads the compiler: seconds)

    return swift.run_day(hall, day, rules)


class ByRollouts:
    """Through the domain with a look ahead before each call (``sla`` alone); what it learns of a hall it keeps."""

    def __init__(self) -> None:
        self._ahead: dict[int, tuple[HallTrace, real.Adviser]] = {}

    def __call__(self, hall: HallTrace, day: DayTrace, rules: DispatchRules) -> list[Call]:
        from queue_server.simulate.guests import advising  # noqa: PLC0415  (loads the compiler: seconds)

        if rules.policy != "sla":
            return by_domain(hall, day, rules)
        if id(hall) not in self._ahead:
            self._ahead[id(hall)] = (hall, advising(hall))
        return real.run_day(hall, day, dispatch=rules, adviser=self._ahead[id(hall)][1]).calls


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one trace under one policy, day by day."""

    days: tuple[Score, ...]

    @property
    def all(self) -> Score:
        return together(self.days)


def under(trace: Trace, policy: str, player: Player = by_domain) -> Result:
    """Every day of ``trace`` under ``policy`` with its shipped numbers and the weights of ``hall.json``."""
    rules = rules_of(trace.hall, policy)
    return Result(
        tuple(
            score_day(trace.hall, day, {call.person: call.at_us for call in player(trace.hall, day, rules)})
            for day in trace.days
        )
    )


def matrix(
    recipes: Sequence[Recipe], policies: Iterable[str], days: int, player: Player, said: Said
) -> Mapping[tuple[Recipe, str], Result]:
    """Each recipe's days (those of its seed from number 0) under each policy; ``said`` hears what is under way."""
    made = {recipe: generate.trace(recipe, days) for recipe in recipes}
    found = {}
    for recipe, policy in product(recipes, policies):
        said(f"{recipe.windows} windows, load {recipe.load:.2f}, {policy}")
        found[recipe, policy] = under(made[recipe], policy, player)
    return found


def to_stderr(text: str) -> None:
    """Progress, one line that is written over."""
    sys.stderr.write(f"\r{text}\033[K")
    sys.stderr.flush()
