"""What an order of the server puts in the place of every other page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Emergency:
    """``kiosk.emergency`` stands. ``said`` counts what was spoken, ``said_s`` when that began, monotonic."""

    said: int = 0
    said_s: float = 0.0
