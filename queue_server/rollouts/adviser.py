"""Whom to call instead of the index's choice, if anybody: one look at one window of one hall.

Known is what the server knows: who waits, whom each window serves since when, who is booked and has not come, what
past days and this one have taught of arrivals, of staying away and of times at the window. Not known, and drawn: how
long each service takes, who still comes, who of the booked does not. The same hall at the same point of its log gets
the same advice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
import numpy as np

from queue_server.domain.messages import Advice
from queue_server.domain.state import Hall
from queue_server.forecast.futures import draw
from queue_server.forecast.memory import Memory
from queue_server.forecast.scene import Scene
from queue_server.forecast.sketch import scene_of
from queue_server.rollouts.look import USUAL, Look
from queue_server.twin import kernel, rollouts
from queue_server.twin.arrays import from_hall
from queue_server.twin.kernel import Parameters

Breaks = Mapping[str, tuple[datetime, datetime]]

MOST_WAITING = 150
"""With more the look would be late, and what it could change is little."""


def advise(
    hall: Hall,
    counter_id: str,
    now: datetime,
    memory: Memory,
    breaks: Breaks | None = None,
    look: Look = USUAL,
    breathe: Callable[[], None] = lambda: None,
) -> Advice | None:
    """Whom ``counter_id`` should call at ``now`` instead of the index's choice; None: the index knows no better."""
    if hall.plan.rules.dispatch.policy != "sla" or not 2 <= sum(map(len, hall.lines.values())) <= MOST_WAITING:
        return None
    live = from_hall(hall, now)
    parameters = Parameters.of(hall.plan.rules.dispatch)
    if counter_id not in live.counters:
        return None
    columns = rollouts.contested(parameters, live.people, live.windows, live.counters.index(counter_id))
    if len(columns) < 2:
        return None
    breathe()
    scene = _nearer(scene_of(hall, now, memory, breaks, breathe=breathe, probe=False), look.horizon_min)
    drawn = draw(scene, look.futures)
    breathe()
    laid_out = kernel.futures(drawn.people, drawn.windows, drawn.service)
    window = [one.id for one in scene.windows].index(counter_id)
    verdict = rollouts.decide(parameters, laid_out, window, columns, look.horizon_min, look.bar)
    if verdict.column == columns[0]:
        return None
    why: dict[str, str | int | float] = {
        "spared": round(verdict.spared, 3),
        "error": round(verdict.error, 3),
        "tried": verdict.tried,
        "futures": verdict.futures,
    }
    return Advice(live.ids[verdict.column], why)


def _nearer(scene: Scene, horizon: float) -> Scene:
    """Without those who are expected only after the look has ended."""
    minutes, totals = np.array(scene.expected, dtype=np.float64).T
    ends = float(np.interp(horizon, minutes, totals))
    expected = [(minute, total) for minute, total in scene.expected if minute < horizon]
    mean, sd = scene.early
    return msgspec.structs.replace(
        scene,
        expected=(*expected, (horizon, ends)),
        absent=tuple(one for one in scene.absent if one.slot + mean - 3 * sd <= horizon),
        horizon=horizon,
    )
