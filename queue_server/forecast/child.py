"""The forecasting process: scenes in, reports out, one at a time, until its server is gone.

    python -m queue_server.forecast.child

It runs only when nobody else wants the processor, ends when its server closes the pipe or dies, and keeps nothing:
what is learned stays with the server. Before the first scene it plays a hall of its own, so that the compiled twin
stands ready; then it says hello.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from queue_server.children import die_with_parent
from queue_server.forecast import cures, look, pipe
from queue_server.forecast.scene import EXPECTED, Report, Scene, Window
from queue_server.twin.arrays import LONG_AGO
from queue_server.twin.parameters import Parameters

NICE = 15
TRY_CURES_EVERY_S = 60.0
"""Cures take several looks: they are tried when somebody comes into danger, and now and then again."""


def report(scene: Scene, due: Callable[[frozenset[str]], bool] = lambda _danger: True) -> Report:
    """One look ahead, and what would save those in danger where that is ``due``."""
    began = time.perf_counter()
    sight = look.look(scene)
    danger = frozenset(one for one, late in zip(scene.ids, sight.late, strict=True) if late >= scene.at_risk)
    found = cures.cures(scene, sight.late) if danger and due(danger) else {}
    probes: dict[str, list[tuple[float, float, float, float]]] = {}
    for probe, span, late in zip(scene.probes, sight.probes, sight.probes_late, strict=True):
        probes.setdefault(probe.key, []).append((probe.row[EXPECTED], span.p50, span.p90, late))
    for levels in probes.values():
        levels.sort()
    return Report(
        hall=scene.hall,
        seq=scene.seq,
        at=scene.at,
        ids=scene.ids,
        waits=tuple((span.p50, span.p90) for span in sight.waits),
        late=tuple(sight.late),
        probes=probes,
        cures=found,
        took_ms=(time.perf_counter() - began) * 1000,
    )


def rehearsal() -> Scene:
    """A hall of one window and one who waits."""
    row = (-1.0, -1.0, -1.0, LONG_AGO, 2.0, 30.0, 90.0, 1.0, 5.0, 1.0, 0.0, 0.0, 0.0)
    return Scene(
        hall="",
        seq=0,
        at=datetime(2020, 1, 1, tzinfo=UTC),
        ids=("",),
        rows=(row,),
        complex=(False,),
        skills=((),),
        windows=(Window("1", open=True, skills=(), busy=(1.0, 5.0, False)),),
        order=(0,),
        probes=(),
        absent=(),
        walks=(),
        rate=(1.0, 1.0),
        expected=((0.0, 0.0),),
        comes=0.9,
        early=(-5.0, 8.0),
        spread=((-0.1, 0.45), (-0.1, 0.4)),
        slots=(),
        booked=(row, row),
        late_after=15.0,
        at_risk=0.3,
        policy=Parameters(),
        horizon=60.0,
        seed=1,
    )


def main() -> int:
    """Until the pipe is closed."""
    die_with_parent()
    with contextlib.suppress(OSError):
        os.nice(NICE)
        # niceness alone lets it keep the processor for its turn while a ticket waits: p99 was twice as long
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    inward, outward = os.dup(0), os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not fall among the reports
    report(rehearsal())
    cured: dict[str, tuple[float, frozenset[str]]] = {}

    def due(hall: str, danger: frozenset[str]) -> bool:
        tried_at, known = cured.get(hall, (-TRY_CURES_EVERY_S, frozenset[str]()))
        if danger <= known and time.monotonic() - tried_at < TRY_CURES_EVERY_S:
            return False
        cured[hall] = (time.monotonic(), danger)
        return True

    try:
        pipe.send(outward, "hello")
        while True:
            scene = pipe.receive(inward, Scene)
            pipe.send(outward, report(scene, partial(due, scene.hall)))
    except pipe.Gone:
        return 0


if __name__ == "__main__":
    sys.exit(main())
