"""The forecast's own measured error, as the manager reads it: told at issue, compared with what came. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from queue_server.domain.model import Kind
from queue_server.forecast.hindsight import Accuracy
from queue_server.http.manager_view import FEW, KINDS

DAYS = 7
"""Measured over today and so many days before."""


class Right(msgspec.Struct, frozen=True):
    """How right the waits were that people of one kind were told at issue; minutes, and a share of one."""

    kind: str
    n: int
    mae_min: float
    coverage: float
    width_min: float

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def covered(self) -> str:
        return f"{100 * self.coverage:.0f}%"


def rights(accuracy: Mapping[Kind, Accuracy]) -> list[Right]:
    """The forecast's own measured error; empty where nobody has been told a wait yet."""
    found = [
        Right(kind.value, one.n, one.mae_min, one.coverage, one.width_min)
        for kind in KINDS
        if (one := accuracy.get(kind)) is not None
    ]
    return found if any(right.n for right in found) else []
