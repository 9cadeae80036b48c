"""A print-out as a list of lines, before any printer's bytes: what a ticket says, in the hall's words.

Pure data; ``render`` turns it into bytes. A slip has no field for a name or a number of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, wrapped to the paper; ``size`` 1 to 8 multiplies the printer's font."""

    text: str
    size: int = 1
    align: Align = "left"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Qr:
    """``text`` must be ASCII so that every decoder agrees (devices.md §3)."""

    text: str
    module_dots: int = 6


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Feed:
    lines: int = 1


SlipItem = Line | Qr | Rule | Feed


@dataclass(frozen=True, slots=True)
class Slip:
    items: tuple[SlipItem, ...]
