"""What a frame costs on this display, learned from those that are drawn: whether there is time for motion.

A finger that comes down while a frame is drawn waits for it and for the next. Where frames are cheap nobody notices;
where a processor draws them alone (40 to 50 ms each on two cores) motion would cost every early finger half a tenth
of a second, so there is none. Pure: the clock is an argument.
"""

from __future__ import annotations

from collections import deque
from statistics import median

CHEAP_S = 0.025
"""The display's own 60 Hz with air; half of that is too slow."""
LEAST, KEPT = 5, 15


class FrameCost:
    """The last frames. Before a few have been drawn nothing is known, and nothing counts as cheap."""

    def __init__(self) -> None:
        self._costs: deque[float] = deque(maxlen=KEPT)
        self._began: float | None = None

    def begins(self, now_s: float) -> None:
        self._began = now_s

    def ends(self, now_s: float) -> None:
        if self._began is not None:
            self._costs.append(now_s - self._began)
            self._began = None

    @property
    def cheap(self) -> bool:
        return len(self._costs) >= LEAST and median(self._costs) <= CHEAP_S
