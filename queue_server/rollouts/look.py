"""How far and how often the coming hour is tried."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """``bar``: standard errors by which another must spare points to be called instead of the index's choice."""

    futures: int = 32
    horizon_min: float = 60.0
    bar: float = 2.0


USUAL = Look()
