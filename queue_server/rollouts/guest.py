"""The adviser of a simulated day: asked before every call, learning from what happens and from the days before."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from queue_server.domain.messages import Advice, Event
from queue_server.domain.state import Hall
from queue_server.forecast.guest import AtIssue
from queue_server.rollouts.adviser import Breaks, advise
from queue_server.rollouts.look import USUAL, Look


class Rollouts:
    """``breaks`` as the hall has planned them. ``asked``, ``advised`` and ``took_s`` count over all days."""

    def __init__(self, breaks: Breaks | None = None, look: Look = USUAL) -> None:
        self.breaks: Mapping[str, tuple[datetime, datetime]] = breaks or {}
        self.look = look
        self._learning = AtIssue(self.breaks)
        self.asked = 0
        self.advised = 0
        self.took_s = 0.0

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        """What one command did to the hall."""
        self._learning.moved(before, events, after)

    def __call__(self, hall: Hall, counter: str, now: datetime) -> Advice | None:
        began = time.perf_counter()
        advice = advise(hall, counter, now, self._learning.hindsight.memory, self.breaks, self.look)
        self.took_s += time.perf_counter() - began
        self.asked += 1
        self.advised += advice is not None
        return advice

    @property
    def ms_per_decision(self) -> float:
        return 1000 * self.took_s / max(1, self.asked)
