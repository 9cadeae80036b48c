"""The technician's pages, behind a one-time code: nothing of a citizen is on them or behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["running", "well", "bad"]


@dataclass(frozen=True, slots=True)
class TechCode:
    """``left``: tries after a wrong code, minutes while it is locked."""

    typed: str = ""
    trouble: Literal["", "checking", "wrong", "used", "locked"] = ""
    left: int = 0


@dataclass(frozen=True, slots=True)
class TechMenu:
    """``done``: what was done last, a code."""

    page: int = 0
    done: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """How the test of ``device`` stands. ``reason`` of a bad one; ``saw``: what came in since: card, code, key:X."""

    device: str
    stage: Stage
    reason: str = ""
    saw: str = ""


@dataclass(frozen=True, slots=True)
class TechTests:
    """``job`` is the print job of the test slip."""

    page: int = 0
    results: tuple[Tested, ...] = ()
    job: str = ""


@dataclass(frozen=True, slots=True)
class TechNetwork:
    """``facts`` as ``events.FactsFound``; empty until they have come."""

    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TechSure:
    """Once more before the program ends."""

    what: Literal["restart", "service"]


TechPage = TechCode | TechMenu | TechTests | TechNetwork | TechSure
