"""Which time it is, for those who stand at the edge: the desk and the timekeeper.

Three clocks: the system's; a fast one, for simulation, that runs at a multiple of real time from any start;
and one that stands still until it is set, for tests. The domain never sees a clock: it is handed the time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Aware UTC now, and how long to wait, in real seconds, for a later moment."""

    def __call__(self) -> datetime: ...

    def real_s_until(self, moment: datetime) -> float:
        """Real seconds until this clock shows ``moment``; 0 if it has passed; inf if it will not come by itself."""
        ...

    def on_set(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` whenever the clock is set by hand, so that sleepers look again."""
        ...


class SystemClock:
    """The machine's clock. It may be stepped by NTP, so sleepers should look again at least every minute."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    def real_s_until(self, moment: datetime) -> float:
        return max(0.0, (moment - self()).total_seconds())

    def on_set(self, tell: Callable[[], None]) -> None:
        """Nobody sets the system's clock through us."""


class FastClock:
    """Runs ``speed`` times as fast as real time, from ``start`` at the moment it is made."""

    def __init__(self, start: datetime, speed: float) -> None:
        if speed <= 0:
            raise ValueError(f"a clock's speed must be above 0, not {speed}")
        self.start = start
        self.speed = speed
        self._zero = time.monotonic()

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=(time.monotonic() - self._zero) * self.speed)

    def real_s_until(self, moment: datetime) -> float:
        return max(0.0, (moment - self()).total_seconds()) / self.speed

    def on_set(self, tell: Callable[[], None]) -> None:
        """It runs by itself and is never set."""


class SetClock:
    """Stands still at the moment it was last set to."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._told: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        return self._now

    def real_s_until(self, moment: datetime) -> float:
        return 0.0 if moment <= self._now else float("inf")

    def on_set(self, tell: Callable[[], None]) -> None:
        with self._lock:
            self._told.append(tell)

    def set(self, now: datetime) -> None:
        with self._lock:
            self._now = now
            told = tuple(self._told)
        for tell in told:
            tell()

    def forward(self, **by: float) -> None:
        """``forward(minutes=7)``: the keywords of ``timedelta``."""
        self.set(self._now + timedelta(**by))
