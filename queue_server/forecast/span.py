"""A range of waiting: P50 and P90, minutes from now; infinite where nobody can say."""

from __future__ import annotations

import math
from typing import NamedTuple

UNKNOWN = float("inf")


class Span(NamedTuple):
    """Nobody knows the end of a wait that no window will end."""

    p50: float
    p90: float

    @property
    def known(self) -> bool:
        return math.isfinite(self.p90)
