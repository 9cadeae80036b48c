"""``python -m queue_server compare``: docs/dispatch.md, policies beside one another, with a plot.

Invented days at loads from calm to beyond what the windows can do, the same people under every policy; and, where
recorded traces are given, the frozen benchmark with its ratios and the reference values it is held to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from queue_server.simulate import traces
from queue_server.simulate.generate import Recipe
from queue_server.simulate.matrix import ByRollouts, Result, by_domain, by_twin, matrix, to_stderr, under
from queue_server.simulate.traces import BadTrace, Trace

POLICIES = ("sla", "appointments-first", "edf", "fifo")
LOADS = (0.75, 0.80, 0.85, 0.90, 0.95, 1.00, 1.05, 1.10)
SHOWN_LOAD = 0.95
SEED = 31_000
OTHERS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("2 windows", {"windows": 2}),
    ("4 windows", {"windows": 4}),
    ("6 windows", {"windows": 6}),
    ("16 windows", {"windows": 16}),
    ("24 windows", {"windows": 24}),
    ("one in five booked", {"appointments": 0.2}),
    ("seven in ten booked", {"appointments": 0.7}),
    ("a morning and an afternoon hump", {"humps": True}),
    ("no special skills", {"skills": 0}),
    ("means wrong by 25 %", {"means_wrong": 0.25}),
)
"""Halls that differ from the one of the table by load, in one thing each."""

FROZEN: Mapping[str, Mapping[str, float]] = {
    "w10-0.85": {"fifo": 93.7, "appointments-first": 20.5, "edf": 27.0, "sla": 3.4},
    "w10-0.95": {"fifo": 137.1, "appointments-first": 36.8, "edf": 44.4, "sla": 7.1},
    "w10-1.05": {"fifo": 280.0, "appointments-first": 153.2, "edf": 181.0, "sla": 31.3},
    "w4-0.85": {"fifo": 102.1, "appointments-first": 29.6, "edf": 54.6, "sla": 9.8},
    "w4-0.95": {"fifo": 230.3, "appointments-first": 114.6, "edf": 149.1, "sla": 43.2},
}
"""Reference values of J (sla.md §6); ``sla`` is the index, tuned on other days."""
FROZEN_ROLLOUTS: Mapping[str, float] = {"w10-0.95": 4.1, "w4-0.95": 40.5}
MOST_OF_REFERENCE = 1.1
MOST_OF_APPOINTMENTS_FIRST, MOST_OF_FIFO = 0.27, 0.12
ROLLOUTS_OF_APPOINTMENTS_FIRST, ROLLOUTS_OF_FIFO = 0.23, 0.10

_RATED = ("sla", "appointments-first", "fifo")
_Found = Mapping[tuple[Recipe, str], Result]


def main(chosen: argparse.Namespace) -> int:
    """Exit code 0; 2 with one line for a trace that cannot be read."""
    player = by_domain if chosen.domain else by_twin
    try:
        recorded = [traces.read(directory) for directory in chosen.traces]
    except BadTrace as bad:
        sys.stderr.write(f"{bad}\n")
        return 2
    loads = tuple(chosen.loads or LOADS)
    shown = min(loads, key=lambda load: abs(load - SHOWN_LOAD))
    recipes = {load: Recipe(windows=chosen.windows, load=load, seed=SEED) for load in loads}
    found = matrix(tuple(recipes.values()), POLICIES, chosen.days, player, to_stderr)
    base = recipes[shown]
    others = {name: replace(base, **change) for name, change in OTHERS[: chosen.others]}
    apart = matrix(tuple(others.values()), _RATED, chosen.days, player, to_stderr)
    to_stderr("")
    chosen.out.mkdir(parents=True, exist_ok=True)
    parts = [
        _INTRODUCTION.format(
            days=chosen.days, windows=chosen.windows, seed=SEED, through=_THROUGH[chosen.domain], shown=shown
        ),
        _by_load(recipes, found),
        _by_class(base, found),
        _by_hall({f"{base.windows} windows, as above": base, **others}, {**found, **apart}),
    ]
    if recorded:
        parts.append(_benchmark(recorded))
        if chosen.rollouts:
            parts.append(_rollouts(recorded))
    (chosen.out / "dispatch.md").write_text("\n".join(parts), encoding="utf-8")
    (chosen.out / "dispatch.svg").write_text(_plot(recipes, found, shown), encoding="utf-8")
    sys.stdout.write(f"{chosen.out / 'dispatch.md'}\n{chosen.out / 'dispatch.svg'}\n")
    return 0


_THROUGH = {
    True: "the domain itself (`decide` and `evolve`)",
    False: "the compiled twin, which a test holds to the domain call for call",
}
_INTRODUCTION = """# Who is called next, compared

J is penalty points per 100 tickets: a promise broken costs the weight of its class (appointment 3, priority 2, walk-in
1), a never-line crossed 4 and more the longer it lasts. The same people under every policy; {days} invented days a load
(seed {seed}, none of them used to choose a parameter), {windows} windows with two skills and breaks, no-shows,
unpunctual citizens. Played through {through}.
`sla` is the shipped default; the others are what offices do today.
Made by `python -m queue_server compare --traces TRACE_DIR ...`.

![J by load, and who is late](dispatch.svg)

图中:左为各负荷下每百号罚分(越低越好),右为负荷 {shown:g} 时各类群众超时叫号的比例。*sla* 为本系统默认的叫号策略,
*appointments-first* 为“预约优先”,*edf* 为“最早到期优先”,*fifo* 为“先来先办”。
"""


def _by_load(recipes: Mapping[float, Recipe], found: _Found) -> str:
    lines = [
        "## By load",
        "",
        f"| load | {' | '.join(POLICIES)} | of appointments-first's | of fifo's | days no worse than both |",
        "|" + "---|" * (len(POLICIES) + 4),
    ]
    for load, recipe in recipes.items():
        j = {policy: found[recipe, policy].all.j for policy in POLICIES}
        pairs = zip(*(found[recipe, p].days for p in ("sla", "appointments-first", "fifo")), strict=True)
        fine = [mine.j <= booked.j and mine.j <= first.j for mine, booked, first in pairs]
        cells = [f"{j[policy]:.1f}" for policy in POLICIES]
        ratios = [f"{_ratio(j['sla'], j[policy]):.2f}" for policy in ("appointments-first", "fifo")]
        lines.append(f"| {load:.2f} | {' | '.join([*cells, *ratios])} | {sum(fine)} of {len(fine)} |")
    return "\n".join(lines) + "\n"


def _by_class(recipe: Recipe, found: _Found) -> str:
    kinds = ("appointment-general", "appointment-complex", "priority", "walkin")
    lines = [
        f"## Who is late at load {recipe.load:g}",
        "",
        "Percent called after the promised time, and what walk-ins wait: the price of keeping the other promises is a",
        "longer wait for the last twentieth of the walk-ins, and it is disclosed here.",
        "",
        "| policy | appointments, general | complex | priority | walk-ins | all | walk-ins' P95, min | worst, min |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for policy in POLICIES:
        score = found[recipe, policy].all
        late = score.late_by_class()
        cells = [f"{late.get(kind, 0.0):.1f}" for kind in kinds]
        waits = f"{score.late_percent:.1f} | {score.walk_in_p95_min():.0f} | {score.walk_in_worst_min():.0f}"
        lines.append(f"| {policy} | {' | '.join(cells)} | {waits} |")
    return "\n".join(lines) + "\n"


def _by_hall(recipes: Mapping[str, Recipe], found: _Found) -> str:
    load = next(iter(recipes.values())).load
    lines = [
        f"## Other halls at load {load:g}",
        "",
        f"| hall | {' | '.join(_RATED)} | of appointments-first's | of fifo's | late, % | walk-in past the line, min |",
        "|" + "---|" * (len(_RATED) + 5),
    ]
    for name, recipe in recipes.items():
        j = {policy: found[recipe, policy].all.j for policy in _RATED}
        mine = found[recipe, "sla"].all
        cells = [f"{j[policy]:.1f}" for policy in _RATED]
        ratios = [f"{_ratio(j['sla'], j[policy]):.2f}" for policy in ("appointments-first", "fifo")]
        worst = f"{mine.late_percent:.1f} | {mine.walk_in_beyond_min():.0f}"
        lines.append(f"| {name} | {' | '.join([*cells, *ratios])} | {worst} |")
    return "\n".join(lines) + "\n"


def _benchmark(recorded: Sequence[Trace]) -> str:
    """Always through the domain: this is what is measured."""
    lines = [
        "## The frozen benchmark",
        "",
        "Recorded traces through the domain; beside each J, in brackets, the frozen reference. None of these days was",
        "used to choose a parameter.",
        "",
        f"| trace | {' | '.join(POLICIES)} | of appointments-first's | of fifo's | of the reference |",
        "|" + "---|" * (len(POLICIES) + 4),
    ]
    total = dict.fromkeys(POLICIES, 0.0)
    for trace in recorded:
        j = {policy: under(trace, policy).all.j for policy in POLICIES}
        frozen = FROZEN.get(trace.name, {})
        for policy in POLICIES:
            total[policy] += j[policy]
        cells = [f"{j[policy]:.1f}" + (f" ({frozen[policy]:g})" if policy in frozen else "") for policy in POLICIES]
        of_reference = f"{_ratio(j['sla'], frozen['sla']):.2f}" if frozen else ""
        ratios = [f"{_ratio(j['sla'], j[policy]):.3f}" for policy in ("appointments-first", "fifo")]
        lines.append(f"| {trace.name} | {' | '.join([*cells, *ratios])} | {of_reference} |")
    sums = [f"{total[policy]:.1f}" for policy in POLICIES]
    ratios = [f"**{_ratio(total['sla'], total[policy]):.3f}**" for policy in ("appointments-first", "fifo")]
    lines.append(f"| sum | {' | '.join([*sums, *ratios])} | |")
    to_reach = (
        f"To reach: {MOST_OF_APPOINTMENTS_FIRST} of appointments-first's and {MOST_OF_FIFO} of fifo's in sum, "
        f"each at most {MOST_OF_REFERENCE} times the reference."
    )
    return "\n".join([*lines, "", to_reach]) + "\n"


def _rollouts(recorded: Sequence[Trace]) -> str:
    """The same days with a look ahead before each call (``simulate --rollouts``)."""
    lines = [
        "## With rollouts",
        "",
        "The same traces; before each contested call the coming hour is tried out in sampled futures.",
        "",
        "| trace | sla with rollouts | of appointments-first's | of fifo's |",
        "|---|---|---|---|",
    ]
    total = dict.fromkeys(("rollouts", "appointments-first", "fifo"), 0.0)
    for trace in recorded:
        to_stderr(f"{trace.name} with rollouts")
        j = {
            "rollouts": under(trace, "sla", ByRollouts()).all.j,
            "appointments-first": under(trace, "appointments-first").all.j,
            "fifo": under(trace, "fifo").all.j,
        }
        for name, value in j.items():
            total[name] += value
        frozen = f" ({FROZEN_ROLLOUTS[trace.name]:g})" if trace.name in FROZEN_ROLLOUTS else ""
        ratios = [f"{_ratio(j['rollouts'], j[policy]):.3f}" for policy in ("appointments-first", "fifo")]
        lines.append(f"| {trace.name} | {j['rollouts']:.1f}{frozen} | {' | '.join(ratios)} |")
    to_stderr("")
    ratios = [f"**{_ratio(total['rollouts'], total[policy]):.3f}**" for policy in ("appointments-first", "fifo")]
    lines.append(f"| sum | {total['rollouts']:.1f} | {' | '.join(ratios)} |")
    to_reach = (
        f"To reach in sum: {ROLLOUTS_OF_APPOINTMENTS_FIRST} of appointments-first's, {ROLLOUTS_OF_FIFO} of fifo's."
    )
    return "\n".join([*lines, "", to_reach]) + "\n"


def _plot(recipes: Mapping[float, Recipe], found: _Found, shown: float) -> str:
    from queue_server.simulate import drawing  # noqa: PLC0415  (a development tool, loaded when a plot is wanted)

    j = {policy: [found[recipe, policy].all.j for recipe in recipes.values()] for policy in POLICIES}
    late = {policy: found[recipes[shown], policy].all.late_by_class() for policy in POLICIES}
    windows = next(iter(recipes.values())).windows
    return drawing.draw(tuple(recipes), j, late, shown, windows)


def _ratio(a: float, b: float) -> float:
    """Nothing over nothing is alike."""
    return a / b if b else float(a > 0)
