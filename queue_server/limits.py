"""How often one address may guess: token buckets in memory, counted only for misses.

A citizen with a valid ticket is never slowed, however many share the hall's Wi-Fi address, until that
address has guessed wrong many times; then everybody behind it waits the same short while.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """``burst`` misses at once, then ``per_minute``. ``keep`` bounds the memory against many addresses."""

    burst: float
    per_minute: float
    keep: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _level: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def _left(self, who: str) -> float:
        level, at = self._level.get(who, (self.burst, self.clock()))
        return min(self.burst, level + (self.clock() - at) * self.per_minute / 60.0)

    def open(self, who: str) -> bool:
        """Whether ``who`` may still try."""
        return self._left(who) >= 1.0

    def miss(self, who: str) -> None:
        """``who`` guessed wrong."""
        self._level[who] = (max(0.0, self._left(who) - 1.0), self.clock())
        self._level.move_to_end(who)
        while len(self._level) > self.keep:
            self._level.popitem(last=False)


@dataclass
class Limits:
    """One bucket per thing worth guessing, and one for bookings, which cost places."""

    tickets: Bucket = field(default_factory=lambda: Bucket(30, 20))
    sign_in: Bucket = field(default_factory=lambda: Bucket(10, 5))
    terminals: Bucket = field(default_factory=lambda: Bucket(20, 10))
    bookings: Bucket = field(default_factory=lambda: Bucket(40, 20))
