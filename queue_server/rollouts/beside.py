"""Rollouts beside a running server: asked when a clerk calls the next, and back in time or not at all.

A thread of its own looks ahead, one window at a time; whoever asks waits for it at most ``deadline_s``, on his own
thread, and then goes on without: the desk decides by the index, as it always can. The desk's thread is never asked to
wait. Drawing up the hall gives the interpreter back after every few people; the trial itself holds it not at all.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from datetime import datetime
from pathlib import Path

from queue_server.domain.messages import Advice
from queue_server.domain.state import Hall
from queue_server.forecast.memory import Memory
from queue_server.rollouts.look import USUAL, Look

logger = logging.getLogger(__name__)

DEADLINE_S = 0.15
"""Less than a clerk notices between key and call."""
_BREATH_S = 0.0002


class Beside:
    """``memory``: what a hall's past has taught, None where nothing is known of it.

    ``cache``: where compiled code is kept for the next start if it cannot be kept beside its source.
    """

    def __init__(
        self,
        memory: Callable[[str], Memory | None],
        deadline_s: float = DEADLINE_S,
        look: Look = USUAL,
        cache: Path | None = None,
    ) -> None:
        self._memory = memory
        self._deadline_s = deadline_s
        self._look = look
        if cache is not None and not os.access(Path(__file__).parents[1] / "twin", os.W_OK):
            os.environ.setdefault("NUMBA_CACHE_DIR", str(cache))  # read when the compiler is loaded, by ``start``
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rollouts")
        self.asked = 0
        self.advised = 0
        self.late = 0
        self.latest_ms = 0.0

    def start(self) -> None:
        """Load the compiled twin (or compile it: seconds, once) before anybody asks."""
        self._worker.submit(rehearse).result()

    def stop(self) -> None:
        self._worker.shutdown(wait=True, cancel_futures=True)

    def figures(self) -> Mapping[str, float]:
        """For the health page."""
        return {"asked": self.asked, "advised": self.advised, "late": self.late, "latest_ms": self.latest_ms}

    def advice(self, hall: Hall, counter_id: str, now: datetime) -> Advice | None:
        """Whom the window should call instead of the index's choice; None also when that is not known in time.

        Blocks at most ``deadline_s``; never raises. Any thread but the desk's.
        """
        memory = self._memory(hall.plan.id)
        if memory is None:
            return None
        self.asked += 1
        try:
            asked = self._worker.submit(self._advise, hall, counter_id, now, memory)
        except RuntimeError:  # the server ends
            return None
        try:
            advice = asked.result(self._deadline_s)
        except NotInTime:
            asked.cancel()  # if it has not begun: whoever asks next need not wait for it
            self.late += 1
            return None
        except Exception:
            logger.exception("the look ahead stumbled; the index decides")
            return None
        self.advised += advice is not None
        return advice

    def _advise(self, hall: Hall, counter_id: str, now: datetime, memory: Memory) -> Advice | None:
        began = time.perf_counter()
        from queue_server.rollouts.adviser import advise  # noqa: PLC0415  (the compiler is loaded by ``start``)

        found = advise(hall, counter_id, now, memory, look=self._look, breathe=lambda: time.sleep(_BREATH_S))
        self.latest_ms = (time.perf_counter() - began) * 1000
        return found


def rehearse() -> None:
    """A look at a hall of one window, so that the machine code is there when somebody asks."""
    from queue_server.forecast.child import rehearsal  # noqa: PLC0415  (here the compiler is loaded)
    from queue_server.forecast.futures import draw  # noqa: PLC0415
    from queue_server.twin import kernel, rollouts  # noqa: PLC0415

    drawn = draw(rehearsal(), 2)
    laid_out = kernel.futures(drawn.people, drawn.windows, drawn.service)
    rollouts.decide(kernel.Parameters(), laid_out, 0, [0, 0], horizon=60, bar=2)
