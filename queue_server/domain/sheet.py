"""A booking sheet: what each slot of a weekday can bear, worked out ahead and set in the hall by a command.

A slot bears *minutes* of booked window time: a short matter takes few of them and a long one many, so the same
sheet says how many places there are for each length of matter. What a visit takes beyond its own slot it takes
from the slots that follow. Matters that only some windows serve have minutes of their own beside those of the
whole hall. The minutes come from simulated days (``queue_server.sheets``) and are never fewer than capacity
less the expected walk-ins; the no-show rate by which they were stretched stands in the sheet, so a sheet can
be read, argued about and replayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

ENOUGH = 1e-6
"""Minutes below which two amounts are the same."""


@dataclass(frozen=True, slots=True)
class BookingSheet:
    """One weekday of one hall. ``starts`` are the slots, local minutes after midnight, ascending; all else follows.

    ``minutes`` are for all bookings together, ``lanes`` for those that need a skill which not every window has
    (by skill). Shares are of one.
    """

    weekday: int
    slot_min: float
    starts: tuple[int, ...]
    minutes: tuple[float, ...]
    lanes: dict[str, tuple[float, ...]] = field(default_factory=dict)
    floor: tuple[float, ...] = ()
    """Minutes by the analytic rule alone: capacity less expected walk-ins."""
    no_show: float = 0.0
    """The measured share of bookings nobody comes to, shrunk and capped; 0 where nothing was measured."""
    no_show_of: int = 0
    """Bookings behind ``no_show``."""
    days: int = 0
    """Days simulated for each question; 0: the analytic rule alone."""
    late: float = 0.0
    """Of the worst slot-hour in the simulated days: the share of appointments called late."""
    walk_in_late: float = 0.0
    basis: str = "priors"
    """``history`` or ``priors``: where rates, mix and no-shows come from."""
    plan: str = ""
    """Print of the windows, hours and rules it was made for: another plan needs another sheet."""

    def place_of(self, start_min: int) -> int | None:
        """Which slot starts at this local minute; None if the sheet does not know it."""
        try:
            return self.starts.index(start_min)
        except ValueError:
            return None

    def bears(self, skill: str | None = None) -> tuple[float, ...]:
        """Minutes a slot: of the whole hall, or of a skill (the whole hall's where every window has it)."""
        return self.minutes if skill is None else self.lanes.get(skill, self.minutes)

    def well_formed(self) -> bool:
        """Whether the numbers can be sold from at all: a sheet comes from a file or another process."""
        n = len(self.starts)
        rows = (self.minutes, *self.lanes.values())
        return (
            0 <= self.weekday <= 6
            and self.slot_min > 0
            and all(len(row) == n for row in rows)
            and list(self.starts) == sorted(set(self.starts))
            and all(0 <= minutes < 1e6 for row in rows for minutes in row)
            and 0 <= self.no_show < 1
        )


def parts(starts: Sequence[int], slot_min: float, place: int, minutes: float) -> Iterator[tuple[int, float]]:
    """``(slot, minutes)``: how a visit of ``minutes`` that starts in slot ``place`` lies over the slots.

    What reaches beyond the last slot, or into a break of the day, is nobody's: no slot can be sold there.
    """
    yield place, min(minutes, slot_min)
    rest = minutes - slot_min
    while rest > ENOUGH and place + 1 < len(starts) and starts[place + 1] - starts[place] <= slot_min + ENOUGH:
        place += 1
        yield place, min(rest, slot_min)
        rest -= slot_min


def room(sheet: BookingSheet, bears: Sequence[float], load: Sequence[float], place: int, minutes: float) -> int:
    """How many more visits of ``minutes`` fit into slot ``place`` on top of ``load``.

    A visit longer than any slot's minutes still gets a place where nothing else is sold beside it.
    """
    touched = list(parts(sheet.starts, sheet.slot_min, place, minutes))
    fit = min(int((bears[slot] - load[slot] + ENOUGH) // part) for slot, part in touched if part > 0)
    if fit <= 0 and bears[place] > ENOUGH and all(load[slot] <= ENOUGH for slot, _ in touched):
        return 1
    return max(0, fit)
