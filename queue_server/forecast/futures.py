"""A hundred ways the next hours may go, drawn from one scene: who still comes, how long each takes.

The same scene and seed give the same futures. Each source has its own stream of chance, so that a window opened or a
break moved by way of trial meets the same people and the same times (common random numbers).

Who is served now stays as long as a lognormal time at the window does that has already lasted so long. Who is booked
and not here comes with the probability left to him, as early or late as others do; too late he is a walk-in. Further
walk-ins come as in the profile of past days, as much more or less as today has shown.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from queue_server.forecast.scene import Scene
from queue_server.twin.arrays import (
    LONG_AGO,
    NEVER,
    Floats,
    People,
    Whole,
    Windows,
    grid,
    people_in,
    people_of,
)

_Z = np.linspace(-8.0, 8.0, 16001)
_P = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in _Z])
_EDGE = 1e-9
LEAST_MIN = 0.25
"""What is left of a time at the window that has lasted longer than any before."""


class Drawn(NamedTuple):
    """Columns: those who wait, then the probes, then who is booked and absent, then walk-ins to come."""

    people: People
    windows: Windows
    service: Floats
    waiting: int
    probes: int


def below(z: Floats | float) -> Floats:
    """The normal law's probability below ``z``."""
    return np.asarray(np.interp(z, _Z, _P))


def quantile(p: Floats) -> Floats:
    """The normal law's value at probability ``p``."""
    return np.asarray(np.interp(np.clip(p, _EDGE, 1 - _EDGE), _P, _Z))


def draw(scene: Scene, futures: int, seed: int | None = None) -> Drawn:
    """``futures`` ways on from ``scene``; ``seed`` None: the scene's own."""
    chance = _Chance(scene.seed if seed is None else seed)
    waiting, probes = len(scene.rows), len(scene.probes)
    here = people_of([*scene.rows, *(probe.row for probe in scene.probes)])
    absent, absent_complex = _absent(scene, futures, chance)
    walks, walks_complex = _walks(scene, futures, chance)
    shape = futures, waiting + probes + absent.ready.shape[1] + walks.ready.shape[1]
    people = People(
        *(
            np.concatenate([grid(a, (futures, waiting + probes), a.dtype.type), b, c], axis=1)
            for a, b, c in zip(here, absent, walks, strict=True)
        )
    )
    own = np.zeros((futures, waiting + probes), dtype=np.int64)
    own[:, :waiting] = np.array(scene.complex, dtype=np.int64)
    is_complex = np.concatenate([own, absent_complex, walks_complex], axis=1)
    mean, sd = np.array(scene.spread).T
    z = np.concatenate(
        [chance.of(block).standard_normal((futures, n)) for block, n in _blocks(shape, waiting, probes)], 1
    )
    service = people.expected * np.exp(mean[is_complex] + sd[is_complex] * z)
    return Drawn(people, _windows(scene, futures, chance), service, waiting, probes)


class _Chance:
    """One stream of chance a purpose."""

    def __init__(self, seed: int) -> None:
        self._seed = seed & ((1 << 63) - 1)

    def of(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, purpose))


_SERVED, _FREE, _SHOWS, _WHEN, _RATE, _COUNT, _AT, _WHO, _BACK = range(9)
_OTHERS = 100


def _blocks(shape: tuple[int, int], waiting: int, probes: int) -> tuple[tuple[int, int], ...]:
    """Streams of the times at the window: of those who are here, and of the others."""
    return (_SERVED, waiting + probes), (_OTHERS, shape[1] - waiting - probes)


def _windows(scene: Scene, futures: int, chance: _Chance) -> Windows:
    count = len(scene.windows)
    uniform = chance.of(_FREE).random((futures, count))
    pick = chance.of(_BACK).random((futures, count))
    free = np.zeros((futures, count))
    for k, window in enumerate(scene.windows):
        if not window.open:
            free[:, k] = NEVER
            continue
        if window.busy is not None:
            free[:, k] = _left(window.busy, scene, uniform[:, k])
        if window.back:
            back = np.array(window.back)[(pick[:, k] * len(window.back)).astype(np.int64)]
            free[:, k] = np.maximum(free[:, k], back)
    return Windows(
        free=free,
        break_from=np.array([w.break_from for w in scene.windows], dtype=np.float64),
        break_to=np.array([w.break_to for w in scene.windows], dtype=np.float64),
        closes=np.array([w.closes for w in scene.windows], dtype=np.float64),
        order=np.array(scene.order, dtype=np.int64),
    )


def _left(busy: tuple[float, float, bool], scene: Scene, uniform: Floats) -> Floats:
    """What is left of a time at the window, given that it has lasted ``elapsed`` minutes."""
    elapsed, expected, is_complex = busy
    mean, sd = scene.spread[int(is_complex)]
    middle = math.log(max(expected, 1 / 60)) + mean
    gone = float(below((math.log(elapsed) - middle) / sd)) if elapsed > 0 else 0.0
    total = np.exp(middle + sd * quantile(gone + (1 - gone) * uniform))
    least = LEAST_MIN if elapsed > 0 else 0.0
    return np.maximum(total - elapsed, least)


def _absent(scene: Scene, futures: int, chance: _Chance) -> tuple[People, Whole]:
    """Who is booked and not here: comes at all, and when."""
    count = len(scene.absent)
    slot = np.array([one.slot for one in scene.absent], dtype=np.float64)
    mean, sd = scene.early
    gone = below((0.0 - slot - mean) / sd)
    left = scene.comes * (1 - gone)
    comes = chance.of(_SHOWS).random((futures, count)) < left / (left + 1 - scene.comes + _EDGE)
    uniform = chance.of(_WHEN).random((futures, count))
    at = np.maximum(slot + mean + sd * quantile(gone + (1 - gone) * uniform), _EDGE)
    late = at > slot + scene.late_after
    booked, walk = (people_of([getattr(one, which) for one in scene.absent]) for which in ("row", "late"))
    everybody = people_in(booked, late.shape)
    people = everybody._replace(
        ready=np.where(comes, at, NEVER),
        came=at,
        clock=np.where(late, at, np.maximum(at, slot)),
        slot=np.where(late, LONG_AGO, slot),
        kind=np.where(late, walk.kind, booked.kind),
        limit=np.where(late, walk.limit, booked.limit),
        never=np.where(late, walk.never, booked.never),
        weight=np.where(late, walk.weight, booked.weight),
    )
    return people, grid(np.array([one.complex for one in scene.absent]), late.shape, np.int64)


def _walks(scene: Scene, futures: int, chance: _Chance) -> tuple[People, Whole]:
    """Who comes without a booking: how many, when, and with what."""
    minute, total = np.array(scene.expected).T
    shape, scale = scene.rate
    rate = chance.of(_RATE).gamma(shape, scale, futures) if total[-1] > 0 else np.zeros(futures)
    number = chance.of(_COUNT).poisson(rate * total[-1])
    most = int(number.max(initial=0))
    size = futures, most
    at = np.interp(chance.of(_AT).random(size) * total[-1], total, minute)
    at = np.maximum(at, _EDGE)
    examples = people_of([one.row for one in scene.walks])
    pick = (chance.of(_WHO).random(size) * len(scene.walks)).astype(np.int64)
    columns: list[Any] = [column[pick] for column in examples]
    people = People(*columns)._replace(
        ready=np.where(np.arange(most) < number[:, None], at, NEVER),
        came=at,
        clock=at,
        slot=np.full(size, LONG_AGO),
    )
    own = np.array([one.complex for one in scene.walks], dtype=np.int64)
    return people, own[pick]
