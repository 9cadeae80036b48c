"""The pin library's time stamps as seconds of our own clock.

Edges are stamped where they happen, by the kernel (lgpio) or by the daemon (pigpio), so a key's timing does not
depend on when a busy terminal gets round to it. Each library counts in its own way; pigpio's microseconds run
over after 71.6 minutes. ``TickClock`` is anchored anew each second or so and turns a stamp into monotonic seconds.
A stamp that cannot be true (from the future, or from long before) is replaced by the moment at which it arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_OLDEST_S = 5.0  # a stamp this much older than its arrival is not believed
_DRIFT_S = 0.02  # anchors that differ by less differ by how long the asking took: keep the first


class TickClock:
    """``difference_s(later, earlier)`` is the library's own; ``wrap_s`` the span after which its count runs over."""

    def __init__(self, difference_s: Callable[[Any, Any], float], wrap_s: float | None = None) -> None:
        self._difference_s = difference_s
        self._wrap_s = wrap_s
        self._tick: Any = None
        self._at_s = 0.0

    def anchor(self, tick: Any, now_s: float) -> None:
        """The library's count was ``tick`` at ``now_s`` (monotonic). To be told at least every ``wrap_s / 2``."""
        if self._tick is not None:
            by_last_s = self._at_s + self._since(tick)
            now_s = by_last_s if abs(by_last_s - now_s) < _DRIFT_S else now_s
        self._tick, self._at_s = tick, now_s

    def time_of(self, tick: Any, arrived_s: float) -> float:
        """When the edge stamped ``tick`` happened, never after ``arrived_s``."""
        if self._tick is None:
            return arrived_s
        at_s = self._at_s + self._since(tick)
        if not arrived_s - _OLDEST_S <= at_s <= arrived_s + _DRIFT_S:
            return arrived_s
        return min(at_s, arrived_s)

    def _since(self, tick: Any) -> float:
        passed_s = self._difference_s(tick, self._tick)
        if self._wrap_s is not None and passed_s > self._wrap_s / 2:
            passed_s -= self._wrap_s  # a little before the anchor, not a whole round after it
        return passed_s
