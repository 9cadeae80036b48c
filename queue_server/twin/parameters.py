"""What the twin weighs with: a hall's ``DispatchRules`` in minutes and numbers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from queue_server.domain.dispatch_rules import POLICIES, DispatchRules
from queue_server.twin.arrays import Floats

SLA, FIFO, APPOINTMENTS_FIRST, EDF = range(4)

EARLY_LAST, EARLY_COMPETES, EARLY_NEVER = range(3)
"""A booked citizen before the slot: called if nobody else is ready; by the index, W being negative; not at all."""

_SHIPPED = DispatchRules()


class Parameters(NamedTuple):
    """What the index weighs with (sla.md §2); ``margin`` in minutes, ``early`` one of EARLY_*."""

    policy: int = SLA
    k1: float = _SHIPPED.k1
    k1_walk_in: float = _SHIPPED.k1_walk_in
    k2: float = _SHIPPED.k2
    eta: float = _SHIPPED.eta
    eps: float = _SHIPPED.eps
    gamma: float = _SHIPPED.gamma
    w2: float = _SHIPPED.w2
    bonus: float = _SHIPPED.scarce_bonus
    margin: float = _SHIPPED.guard_margin_s / 60
    early: int = EARLY_LAST
    overrun: float = math.inf
    """Minutes that a visit may run into the window's break before it is left to another (``domain/breaks.py``)."""

    @classmethod
    def of(cls, rules: DispatchRules) -> Parameters:
        """A hall's own."""
        return cls(
            POLICIES.index(rules.policy),
            rules.k1,
            rules.k1_walk_in,
            rules.k2,
            rules.eta,
            rules.eps,
            rules.gamma,
            rules.w2,
            rules.scarce_bonus,
            rules.guard_margin_s / 60,
            overrun=math.inf if rules.break_overrun_s is None else rules.break_overrun_s / 60,
        )

    def vector(self) -> Floats:
        return np.array(self[1:], dtype=np.float64)
