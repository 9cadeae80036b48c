"""The rule of ``domain/dispatch.py`` over arrays, compiled; ``play`` runs any number of futures in one call.

A moment is handled as the desk does it: who has come is in the queue first; then the free windows choose,
the least flexible first, until none can call. Among those a window can serve and who are ready, a walk-in
past the guard goes first (the longest past), then the largest deadline index (if the hall wants it so, a visit that
would run far into the window's break after those that would not); then, if nobody is ready,
who is held back after a no-show or a pause, by the same index; then who is here before the slot, the earliest
slot first. Ties go to the earlier due time, then to the earlier column, which is the earlier ticket.

The machine code is kept beside this file, or where NUMBA_CACHE_DIR says; where neither can be written it is
made anew in each process, in a few seconds, at the first call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np

from queue_server.domain.deadline_index import LEAST_SERVICE_MIN, MOST_SERVICE_MIN, NOT_KNOWN_MIN, UNIT
from queue_server.twin.arrays import NEVER, Floats, People, Whole, Windows, grid, people_in
from queue_server.twin.parameters import (
    APPOINTMENTS_FIRST,
    EARLY_COMPETES,
    EARLY_LAST,
    EARLY_NEVER,
    EDF,
    FIFO,
    SLA,
    Parameters,
)

__all__ = [
    "EARLY_COMPETES",
    "EARLY_LAST",
    "EARLY_NEVER",
    "NEVER",
    "SLA",
    "TICK",
    "Calls",
    "Futures",
    "Parameters",
    "futures",
    "play",
]

F = TypeVar("F", bound=Callable[..., Any])


TICK = 1e-8
"""Minutes; less than the microsecond that two datetimes can differ by, more than float64 loses in a day."""

LEAST, MOST, NOT_KNOWN = LEAST_SERVICE_MIN, MOST_SERVICE_MIN, NOT_KNOWN_MIN
K1, K1_WALK_IN, K2, ETA, EPS, GAMMA, W2, BONUS, MARGIN, EARLY, OVERRUN = range(11)

GUARDED, READY, TOO_LONG, HELD_BACK, BEFORE_SLOT = range(5)
"""Lower is called first; too long is a visit that would run into the window's break and may wait for another."""


class Calls(NamedTuple):
    """``[futures, n]``: the minute of each call (NaN: not called) and the window's index (-1)."""

    called: Floats
    window: Whole


def jitted(function: F) -> F:
    """Compiled at its first call, and kept for the next process where there is a place to keep it."""
    try:
        return cast("F", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no place to write: a read-only installation, a user without a home
        return cast("F", numba.njit(nogil=True)(function))


@jitted
def _index(p: Floats, walk_in: bool, w: float, wait: float, limit: float, never: float, mean: float) -> float:  # noqa: FBT001
    """The index but for what a person's expected minutes and skill make of it, which never changes."""
    value = w * p[EPS] * wait / limit
    if wait <= limit + TICK:
        value += w * math.exp((wait - limit) / ((p[K1_WALK_IN] if walk_in else p[K1]) * mean))
    if wait <= never + TICK:
        value += p[W2] * math.exp((wait - never) / (p[K2] * mean))
    else:
        value += p[W2] * p[ETA]
    return float(value)


@jitted
def _run(
    policy: int,
    p: Floats,
    order: Whole,
    people: People,
    windows: Windows,
    service: Floats,
    force_window: int,
    force_person: Whole,
    from_min: float,
    until_min: float,
    watch: tuple[int, int],
    shadows: tuple[int, int],
    called: Floats,
    window: Whole,
) -> None:
    ready, came, clock, slot, kind, limit, never, weight, expected, able, scarce, behind, soft = people
    free_at, break_from, break_to, closes, choosing = windows
    futures, n = ready.shape
    count = len(choosing)
    waiting = np.empty(n, np.int64)
    free = np.empty(count, np.float64)
    scale = np.empty(n, np.float64)
    for s in range(futures):
        free[:] = free_at[s]
        here = 0
        shades = 0
        watched = watch[1] - watch[0]
        arrived = 0
        calls = 0
        seconds = 0.0
        now = from_min
        for j in range(n):
            own = min(max(expected[s, j], LEAST), MOST)
            scale[j] = (1.0 + p[BONUS] if scarce[s, j] else 1.0) / own ** p[GAMMA]
        forced = force_window >= 0 and force_person[s] >= 0
        while now <= until_min:
            while arrived < n and ready[s, order[s, arrived]] <= now + TICK:
                waiting[here] = order[s, arrived]
                if shadows[0] <= waiting[here] < shadows[1]:
                    shades += 1
                else:
                    seconds += round(expected[s, waiting[here]] * 60.0)
                here += 1
                arrived += 1
            again = True
            while again and here > 0:
                again = False
                position = -1
                stays = False
                while stays or position < count - 1:
                    if not stays:
                        position += 1
                    stays = False
                    k = force_window if forced else choosing[position]
                    if not forced and (free[k] > now + TICK or closes[k] <= now + TICK):
                        continue
                    if not forced and break_from[k] <= now + TICK and now < break_to[k] - TICK:
                        continue
                    others = 0  # windows at work that could take a long visit off one whose break is near
                    if p[OVERRUN] < np.inf and now + TICK < break_from[k] < np.inf:
                        for other in range(count):
                            at_work = free[other] < np.inf and not break_from[other] <= now + TICK < break_to[other]
                            if other != k and at_work:
                                others |= 1 << other
                    best = -1
                    best_rank = BEFORE_SLOT + 1
                    best_value = 0.0
                    best_due = 0.0
                    mean = min(max(seconds / 60.0 / (here - shades), LEAST), MOST) if here > shades else NOT_KNOWN
                    for i in range(here):
                        j = waiting[i]
                        if forced:
                            if j != force_person[s]:
                                continue
                        elif not (able[s, j] >> k) & 1:
                            continue
                        wait = now - clock[s, j]
                        due = clock[s, j] + limit[s, j]
                        held = behind[s, j] > calls
                        before_slot = policy == SLA and slot[s, j] > now + TICK
                        if before_slot and p[EARLY] == EARLY_NEVER:
                            continue
                        early = before_slot and p[EARLY] == EARLY_LAST
                        free_to_go = not soft[s, j] if held else not early
                        if policy == SLA and kind[s, j] == 2 and free_to_go and wait > never[s, j] + p[MARGIN] + TICK:
                            rank = GUARDED
                            value = wait - never[s, j]
                        else:
                            rank = HELD_BACK if held else BEFORE_SLOT if early else READY
                            elsewhere = rank == READY and due - now >= mean and able[s, j] & others
                            if elsewhere and min(max(expected[s, j], LEAST), MOST) > break_from[k] + p[OVERRUN] - now:
                                rank = TOO_LONG
                            if rank == BEFORE_SLOT:
                                value = -slot[s, j]
                            elif policy == FIFO:
                                value = -came[s, j]
                            elif policy == APPOINTMENTS_FIRST:
                                value = -1e7 * kind[s, j] - came[s, j]
                            elif policy == EDF:
                                value = -due
                            else:
                                value = scale[j] * _index(
                                    p, kind[s, j] == 2, weight[s, j], wait, limit[s, j], never[s, j], mean
                                )
                        value = math.floor(value / UNIT + 0.5)
                        better = best < 0 or rank < best_rank
                        if not better and rank == best_rank:
                            better = value > best_value
                            if value == best_value:
                                better = due < best_due - TICK or (due <= best_due + TICK and j < waiting[best])
                        if better:
                            best = i
                            best_rank = rank
                            best_value = value
                            best_due = due
                    if best < 0:
                        if forced:
                            forced = False
                            again = True
                            break
                        continue
                    j = waiting[best]
                    here -= 1
                    for i in range(best, here):
                        waiting[i] = waiting[i + 1]
                    called[s, j] = now
                    window[s, j] = k
                    if watch[0] <= j < watch[1]:
                        watched -= 1
                    if shadows[0] <= j < shadows[1]:
                        shades -= 1
                        stays = here > 0  # the window is as free as before: it chooses again, before any other
                        continue
                    seconds -= round(expected[s, j] * 60.0)
                    calls += 1
                    free[k] = now + service[s, j]
                    again = True
                    if forced:
                        forced = False
                        break
                    if here == 0:
                        break
            forced = False
            if watched <= 0 and watch[1] > watch[0]:
                break
            after = np.inf
            if arrived < n:
                after = ready[s, order[s, arrived]]
            if here > 0:
                for k in range(count):
                    if now + TICK < free[k] < after:
                        after = free[k]
                    if free[k] < np.inf and now + TICK < break_to[k] < after:
                        after = break_to[k]
                if p[EARLY] == EARLY_NEVER:
                    for i in range(here):
                        if now + TICK < slot[s, waiting[i]] < after:
                            after = slot[s, waiting[i]]
            if after == np.inf:
                break
            now = after


class Futures(NamedTuple):
    """What ``_run`` takes, laid out once: for whoever plays the same futures again under other parameters."""

    people: People
    windows: Windows
    service: Floats
    order: Whole
    """Columns by readiness, one row a future."""

    def only(self, rows: slice | Whole) -> Futures:
        """Some of the futures."""
        windows = self.windows._replace(free=self.windows.free[rows])
        return Futures(self.people.only(rows), windows, self.service[rows], self.order[rows])

    def play(
        self,
        parameters: Parameters,
        *,
        from_min: float = 0.0,
        until_min: float = NEVER,
        force: tuple[int, Whole | np.int64] | None = None,
        watch: tuple[int, int] = (0, 0),
        shadows: tuple[int, int] = (0, 0),
    ) -> Calls:
        """As ``play`` below."""
        shape = self.service.shape
        called = np.full(shape, np.nan)
        window = np.full(shape, -1, dtype=np.int64)
        force_window, force_person = (-1, np.int64(-1)) if force is None else force
        _run(
            int(parameters.policy),
            parameters.vector(),
            self.order,
            self.people,
            self.windows,
            self.service,
            int(force_window),
            grid(force_person, shape[:1], np.int64),
            float(from_min),
            float(until_min),
            watch,
            shadows,
            called,
            window,
        )
        return Calls(called, window)


def futures(people: People, windows: Windows, service: Floats) -> Futures:
    """Lay out so many futures as the widest of the arrays has rows."""
    rows = max(array.shape[0] if array.ndim == 2 else 1 for array in (*people, windows.free, service))
    shape, bench = (rows, people.ready.shape[-1]), (rows, len(windows.order))
    everybody = people_in(people, shape)
    return Futures(
        everybody,
        Windows(
            grid(windows.free, bench),
            grid(windows.break_from, bench[1:]),
            grid(windows.break_to, bench[1:]),
            grid(windows.closes, bench[1:]),
            grid(windows.order, bench[1:], np.int64),
        ),
        grid(service, shape),
        np.argsort(everybody.ready, axis=1, kind="stable"),
    )


def play(
    parameters: Parameters,
    people: People,
    windows: Windows,
    service: Floats,
    *,
    from_min: float = 0.0,
    until_min: float = NEVER,
    force: tuple[int, Whole | np.int64] | None = None,
    watch: tuple[int, int] = (0, 0),
    shadows: tuple[int, int] = (0, 0),
) -> Calls:
    """Who is called when, in each future.

    ``service`` ``[n]`` or ``[futures, n]``: minutes each will take at the window. Nothing happens before
    ``from_min``; who is ready by then waits. ``force``: at ``from_min`` the window of this index takes, in
    each future, the person of this column (-1: nobody is forced); after that the rule goes on. ``watch``: a future
    ends once these columns ([from, to)) are called. ``shadows``: these are called in their turn but take no window.
    """
    laid_out = futures(people, windows, service)
    return laid_out.play(parameters, from_min=from_min, until_min=until_min, force=force, watch=watch, shadows=shadows)
