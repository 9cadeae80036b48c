"""Looking ahead before a call: does another citizen than the index's spare broken promises within the hour?

Where the choice is contested, the best of each group (kind and class, the windows that can serve them, late or not) is
called by way of trial, in the same futures each (common random numbers), and the index decides from there on. Who is
not called by the end of the look counts with the wait so far. Another than the index's own choice is taken only when
the points saved are more than ``bar`` standard errors: a lower bar does worse than no look at all.

The guard is not up for trial, nor are those who wait without being ready: there the index stands.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from queue_server.twin.arrays import NEVER, Flags, Floats, People, Whole, Windows
from queue_server.twin.kernel import EARLY_COMPETES, SLA, TICK, Futures, Parameters, futures

STAGES = (8,)
"""Futures after which those are dropped that have spared nothing."""
NEVER_POINTS, NEVER_PER_MIN = 4.0, 30.0
WALK_IN = 2


class Verdict(NamedTuple):
    """The column to call, and the points it spares against the index's own, with their standard error."""

    column: int
    spared: float
    error: float
    tried: int
    """Candidates, the index's own included."""
    futures: int


def contested(parameters: Parameters, people: People, windows: Windows, window: int) -> list[int]:
    """Columns worth a trial at minute 0: the index's own choice first. At most one: nothing to try.

    ``people`` are those who wait, ``[n]``.
    """
    here = ((people.windows >> window) & 1).astype(bool)
    if parameters.policy != SLA or np.count_nonzero(here) < 2:
        return []
    own = _first(parameters, people, windows, window, here[None, :])[0]
    if own < 0 or _guarded(parameters, people, own) or not _ready(parameters, people, own):
        return []
    keys = np.stack([people.kind, people.limit.astype(np.int64), people.windows, people.clock + people.limit < -TICK])
    groups = [
        here & _ready_all(parameters, people) & (keys == key[:, None]).all(axis=0) for key in _distinct(keys[:, here])
    ]
    groups = [group for group in groups if group.any() and not group[own]]
    if not groups:
        return [own]
    return [own, *(int(j) for j in _first(parameters, people, windows, window, np.array(groups)) if j >= 0)]


def decide(
    parameters: Parameters,
    laid_out: Futures,
    window: int,
    columns: list[int],
    horizon: float,
    bar: float,
    stages: tuple[int, ...] = STAGES,
) -> Verdict:
    """Which of ``columns`` the window calls at minute 0; the first is the index's own choice.

    In each stage those still in the running are tried in more of the futures; who spares nothing in those seen so far
    is out. The last stage takes all futures, and only there does the bar count.
    """
    rows = len(laid_out.service)
    own, rivals = np.empty(0), list(columns[1:])
    costs = {column: np.empty(0) for column in columns}
    done = 0
    for stage in (*(n for n in stages if n < rows), rows):
        part = laid_out.only(slice(done, stage))
        done = stage
        for column in (columns[0], *rivals):
            costs[column] = np.concatenate([costs[column], cost_of(parameters, part, window, column, horizon)])
        own = costs[columns[0]]
        rivals = [column for column in rivals if (own - costs[column]).sum() > TICK]
        if not rivals:
            break
    best = Verdict(columns[0], 0.0, 0.0, len(columns), done)
    for column in rivals:
        spared = own - costs[column]
        error = float(spared.std(ddof=1) / np.sqrt(done))
        mean = float(spared.mean())
        if mean > bar * error + TICK and mean > best.spared:
            best = Verdict(column, mean, error, len(columns), done)
    return best


def cost_of(parameters: Parameters, laid_out: Futures, window: int, column: int, horizon: float) -> Floats:
    """Penalty points in each future when ``window`` calls ``column`` first."""
    called = laid_out.play(parameters, until_min=horizon, force=(window, np.int64(column))).called
    people = laid_out.people
    until = np.where(np.isnan(called), horizon, called)
    wait = np.where(people.ready <= horizon, until - people.clock, -1.0)
    past = wait - people.never
    points = people.weight * (wait > people.limit + TICK)
    points += np.where(past > TICK, NEVER_POINTS * (1 + past / NEVER_PER_MIN), 0.0)
    found: Floats = points.sum(axis=1)
    return found


def _first(parameters: Parameters, people: People, windows: Windows, window: int, groups: Flags) -> Whole:
    """Whom the window would call of each group alone, everybody else still being there; -1: nobody."""
    bit = np.int64(1 << window)
    alone = windows._replace(free=np.where(np.arange(len(windows.order)) == window, 0.0, NEVER))
    laid_out = futures(people._replace(windows=np.where(groups, bit, 0)), alone, np.array(NEVER))
    called = laid_out.play(parameters, until_min=0.0).called == 0.0
    return np.where(called.any(axis=1), called.argmax(axis=1), -1)


def _ready_all(parameters: Parameters, people: People) -> Flags:
    early = people.slot > TICK
    ready: Flags = (people.behind == 0) & (~early | (parameters.early == EARLY_COMPETES))
    return ready


def _ready(parameters: Parameters, people: People, column: int) -> bool:
    return bool(_ready_all(parameters, people)[column])


def _guarded(parameters: Parameters, people: People, column: int) -> bool:
    past = -people.clock[column] - people.never[column]
    return bool(people.kind[column] == WALK_IN and past > parameters.margin + TICK)


def _distinct(keys: Whole) -> Whole:
    return np.unique(keys, axis=1).T
