"""Where the lines of a step chart run: windows needed against windows planned, half hour by half hour. Pure.

The template draws it as SVG; the numbers are in whole units of its view box. Steps, no slopes: a window is open or
it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from queue_server.sheets.advisor import Advice

WIDTH, HEIGHT = 480, 176
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 14, 30
"""Margins for the numbers."""
MOST_LABELS = 7
MOST_HALVES, BEFORE_NOW = 24, 6


class Half(NamedTuple):
    """One half hour of the hall's day, from ``at`` (HH:MM). ``sure`` in percent of simulated days."""

    at: str
    needed: int
    planned: int
    sure: int = 100
    sure_as_planned: int = 100


class Lack(NamedTuple):
    """A stretch of equal lack: the area between the lines, and the number to write in it."""

    x: int
    y: int
    width: int
    height: int
    missing: int


class Tick(NamedTuple):
    at: int
    text: str


class Chart(NamedTuple):
    """Paths of the two lines (SVG path data), the lacks, the ticks of both axes, and where now is (None: not today)."""

    width: int
    height: int
    left: int
    floor: int
    needed: str
    planned: str
    area: str
    """The planned line closed down to the floor."""
    lacks: list[Lack]
    hours: list[Tick]
    levels: list[Tick]
    now: int | None


def staffing_chart(advice: Advice, minute: float) -> tuple[Chart, list[Half]]:
    """The chart of a day's advice at this local ``minute``, and the half hours it draws. Raises ValueError for none.

    Of a very long day (a hall open round the clock) only ``MOST_HALVES`` about now are drawn.
    """
    whole = advice.half_hours
    place = sum(1 for half in whole if half.start <= minute) - 1
    first = max(0, min(place - BEFORE_NOW, len(whole) - MOST_HALVES))
    shown = whole[first : first + MOST_HALVES]
    halves = [
        Half(
            f"{half.start // 60:02d}:{half.start % 60:02d}",
            half.needed,
            half.planned,
            round(100 * half.confidence),
            round(100 * half.planned_confidence),
        )
        for half in shown
    ]
    since = minute - whole[place].start if place >= 0 else 0.0
    over = place < 0 or (place == len(whole) - 1 and since > 30)
    return step_chart(halves, None if over else place - first + min(1.0, since / 30)), halves


def step_chart(halves: Sequence[Half], now: float | None = None) -> Chart:
    """``now`` in half hours since the first. At least one half hour is needed; raises ValueError for none."""
    if not halves:
        raise ValueError("a day without a half hour has no chart")
    most = max(1, *(max(half.needed, half.planned) for half in halves))
    floor = HEIGHT - BOTTOM
    wide, high = (WIDTH - LEFT - RIGHT) / len(halves), (floor - TOP) / most

    def x(place: float) -> int:
        return round(LEFT + place * wide)

    def y(windows: int) -> int:
        return round(floor - windows * high)

    def line(windows: Sequence[int]) -> str:
        parts = [f"M{x(0)} {y(windows[0])}"]
        for i, now_open in enumerate(windows):
            if i and now_open != windows[i - 1]:
                parts.append(f"V{y(now_open)}")
            parts.append(f"H{x(i + 1)}")
        return "".join(parts)

    planned = line([half.planned for half in halves])
    every = max(1, -(-len(halves) // MOST_LABELS))
    rise = max(1, -(-most // 4))
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        floor=floor,
        needed=line([half.needed for half in halves]),
        planned=planned,
        area=f"{planned}V{floor}H{x(0)}Z",
        lacks=_lacks(halves, x, y),
        hours=[Tick(x(i), half.at) for i, half in enumerate(halves) if i % every == 0],
        levels=[Tick(y(level), str(level)) for level in range(0, most + 1, rise)],
        now=None if now is None or not 0 <= now <= len(halves) else x(now),
    )


def _lacks(halves: Sequence[Half], x: Callable[[float], int], y: Callable[[int], int]) -> list[Lack]:
    found: list[Lack] = []
    begun = 0
    for i in range(1, len(halves) + 1):
        if i < len(halves) and halves[i][1:3] == halves[begun][1:3]:
            continue
        missing = halves[begun].needed - halves[begun].planned
        if missing > 0:
            top, left = y(halves[begun].needed), x(begun)
            found.append(Lack(left, top, x(i) - left, y(halves[begun].planned) - top, missing))
        begun = i
    return found
