"""A look ahead: the scene's futures played through the twin, and what they say of each who waits.

Waits are minutes from the scene's moment to the first call. ``UNKNOWN`` (infinite) where the middle future, or the
ninth of ten, does not call at all: no window that could serve is open, or none will be within the horizon.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from queue_server.forecast.futures import Drawn, draw
from queue_server.forecast.scene import Scene
from queue_server.forecast.span import UNKNOWN, Span
from queue_server.twin import kernel
from queue_server.twin.arrays import Floats

FUTURES = 100
CROWD = 300
"""With more who wait, fewer futures are played: the time of one look stays bounded."""


class Sight(NamedTuple):
    """What was seen: ``waits`` and ``late`` by ticket, in the scene's order, then the same of the probes."""

    waits: list[Span]
    late: list[float]
    """The share of futures in which the promise is broken."""
    probes: list[Span]
    probes_late: list[float]


def futures_for(scene: Scene) -> int:
    return max(20, min(FUTURES, FUTURES * CROWD // max(1, len(scene.rows))))


def play(scene: Scene, drawn: Drawn, watch: tuple[int, int] | None = None) -> Floats:
    """The minute of each call, ``[futures, who is here and probes]``; infinite where there is none."""
    here = drawn.waiting + drawn.probes
    calls = kernel.play(
        scene.policy,
        drawn.people,
        drawn.windows,
        drawn.service,
        watch=(0, here) if watch is None else watch,
        shadows=(drawn.waiting, here),
    )
    called = calls.called[:, :here]
    return np.where(np.isnan(called), UNKNOWN, called)


def look(scene: Scene, futures: int | None = None, seed: int | None = None) -> Sight:
    """Everybody who waits, and everybody who might come now."""
    if not scene.rows and not scene.probes:
        return Sight([], [], [], [])
    drawn = draw(scene, futures or futures_for(scene), seed)
    called = play(scene, drawn)
    spans, late = spans_of(called), late_shares(scene, called)
    w = drawn.waiting
    return Sight(spans[:w], late[:w], spans[w:], late[w:])


def look_at(scene: Scene, ticket_id: str, futures: int = FUTURES, seed: int | None = None) -> Span:
    """One ticket alone: each future ends with its call."""
    place = scene.ids.index(ticket_id)
    called = play(scene, draw(scene, futures, seed), (place, place + 1))
    return spans_of(called[:, place : place + 1])[0]


def spans_of(called: Floats) -> list[Span]:
    """P50 and P90 of each column: values that were seen, none in between (two of them may be infinite)."""
    ordered = np.sort(called, axis=0)
    futures = len(ordered)
    middle, high = (max(0, math.ceil(share * futures) - 1) for share in (0.5, 0.9))
    return [Span(max(0.0, float(a)), max(0.0, float(b))) for a, b in zip(ordered[middle], ordered[high], strict=True)]


def late_shares(scene: Scene, called: Floats) -> list[float]:
    """P(W > L) of each who waits, then of each probe."""
    rows = [*scene.rows, *(probe.row for probe in scene.probes)][: called.shape[1]]
    due = np.array([row[2] + row[5] for row in rows], dtype=np.float64)
    return [float(share) for share in (called > due + kernel.TICK).mean(axis=0)]
