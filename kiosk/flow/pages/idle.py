"""The page of a terminal at which nobody is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attract:
    """A calm picture that moves, and says how to begin; anything at all leads to the first page."""
