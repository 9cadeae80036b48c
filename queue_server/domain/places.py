"""How many places a slot still has, and if none: why.

Three rules, the first that is there: a fixed number (``slot_capacity``), the weekday's booking sheet, or what
the windows can serve, windows x slot / mean minutes x quota, at least 1, with the smaller number of the windows
that can serve the matter as well. A place that is held for somebody on the waiting list is sold to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from queue_server.domain import calendar
from queue_server.domain.floor import Windows
from queue_server.domain.promises import Want
from queue_server.domain.sheet import ENOUGH, BookingSheet, parts, room
from queue_server.domain.state import Hall


class NotOffered(StrEnum):
    """Why a slot is not offered. The values cross the wire and are stable."""

    FULL = "full"
    HELD = "held"
    """A place was given back and is held for somebody on the waiting list."""
    PROMISE = "promise"
    """One more visit of this length would make others wait longer than they were promised."""
    NO_WINDOW = "no-window"
    """No window with the skill is planned for then."""
    BEGUN = "begun"
    CLOSED = "closed"
    BEYOND_HORIZON = "beyond-horizon"


@dataclass(frozen=True, slots=True)
class Room:
    """``free`` places for one kind of visit in one slot; ``why`` there are none."""

    free: int
    why: NotOffered | None = None


def slots_of(hall: Hall, day: date) -> list[datetime]:
    """The slot starts of ``day``, UTC, in order."""
    length = timedelta(seconds=hall.plan.rules.slot_s)
    starts = []
    for opens, closes in calendar.openings(hall.plan, day):
        start = opens
        while start + length <= closes:
            starts.append(start)
            start += length
    return starts


def local_minute(hall: Hall, start: datetime) -> int:
    """Minutes after local midnight: how a sheet names a slot."""
    local = start.astimezone(ZoneInfo(hall.plan.tz))
    return local.hour * 60 + local.minute


def sheet_of(hall: Hall, day: date) -> BookingSheet | None:
    """The sheet ``day`` is sold by; None: the plain rule. A slot of another length needs another sheet."""
    sheet = hall.book.sheets.get(day.weekday())
    if sheet is None or abs(sheet.slot_min * 60 - hall.plan.rules.slot_s) > ENOUGH:
        return None
    return sheet


class DaySold:
    """What is sold and held of one day, worked out once for many questions about it.

    ``without``: an appointment that is to give its place back; ``wish``: one whose own hold does not count.
    """

    def __init__(self, hall: Hall, day: date, without: str | None = None, wish: str | None = None) -> None:
        self.hall = hall
        self._without = without
        self._wish = wish
        sheet = None if hall.plan.rules.slot_capacity is not None else sheet_of(hall, day)
        self.sheet = sheet
        self._all: list[float] = []
        self._rivals: dict[Windows, list[float]] = {}
        self._held: list[float] = []
        if sheet is not None:
            self._visits: list[tuple[int, float, Windows, bool]] = []
            for start in slots_of(hall, day):
                place = sheet.place_of(local_minute(hall, start))
                if place is not None:
                    self._visits += [(place, m, w, held) for m, w, held in self._at(start)]
            self._all = self._load(sheet, (1 << len(hall.plan.counters)) - 1, held=True)
            only_held = any(visit[3] for visit in self._visits)
            self._held = self._load(sheet, (1 << len(hall.plan.counters)) - 1, held=False) if only_held else self._all

    def _at(self, start: datetime) -> Iterator[tuple[float, Windows, bool]]:
        """Each place taken in a slot: its minutes, the windows that can serve it, whether it is only held."""
        hall = self.hall
        for appointment in hall.slots.get(start, ()):
            if appointment != self._without:
                yield (*hall.floor.visit(hall.appointments[appointment].matters), False)
        for wish in hall.book.holds.get(start, ()):
            if wish != self._wish:
                yield (*hall.floor.visit(hall.book.wishes[wish].matters), True)

    def _load(self, sheet: BookingSheet, windows: Windows, *, held: bool) -> list[float]:
        """Minutes sold per slot to visits that ``windows`` alone can serve, with or without what is only held."""
        load = [0.0] * len(sheet.starts)
        for place, minutes, theirs, only_held in self._visits:
            if theirs | windows == windows and (held or not only_held):
                for slot, part in parts(sheet.starts, sheet.slot_min, place, minutes):
                    load[slot] += part
        return load

    def room(self, wanted: Want, start: datetime) -> Room:
        """Places for ``wanted`` in the slot that starts at ``start``."""
        place = None if self.sheet is None else self.sheet.place_of(local_minute(self.hall, start))
        if self.sheet is None or place is None:
            return self._plain(wanted, start)
        return self._by_sheet(self.sheet, place, wanted)

    def _by_sheet(self, sheet: BookingSheet, place: int, wanted: Want) -> Room:
        minutes = wanted.service_min
        free = room(sheet, sheet.minutes, self._all, place, minutes)
        for skill in wanted.skills:
            bears = sheet.bears(skill)
            if bears is sheet.minutes:
                continue
            if bears[place] <= ENOUGH:
                return Room(0, NotOffered.NO_WINDOW)
            mine = self.hall.floor.able((skill,), remote=False)
            load = self._rivals.get(mine)
            if load is None:
                load = self._rivals[mine] = self._load(sheet, mine, held=True)
            free = min(free, room(sheet, bears, load, place, minutes))
        if free:
            return Room(free)
        if self._held is not self._all and room(sheet, sheet.minutes, self._held, place, minutes):
            return Room(0, NotOffered.HELD)
        shortest = _shortest(self.hall)
        left = room(sheet, sheet.minutes, self._all, place, shortest)
        return Room(0, NotOffered.PROMISE if left or self._all[place] <= ENOUGH else NotOffered.FULL)

    def _plain(self, wanted: Want, start: datetime) -> Room:
        hall = self.hall
        taken = list(self._at(start))
        held = sum(1 for _, _, only_held in taken if only_held)
        fixed = hall.plan.rules.slot_capacity
        if fixed is not None:
            return _room(fixed - len(taken), held)
        everything = (1 << len(hall.plan.counters)) - 1
        mine = hall.floor.able(wanted.skills, remote=False)
        free = capacity(hall, everything) - len(taken)
        if mine != everything:
            rivals = sum(1 for _, windows, _ in taken if windows | mine == mine)
            free = min(free, capacity(hall, mine) - rivals)
        return _room(free, held)


def places(hall: Hall, wanted: Want, start: datetime, without: str | None = None, wish: str | None = None) -> int:
    """Free places in one slot, as if appointment ``without`` and the hold of ``wish`` were given back."""
    day = calendar.business_date(hall.plan, start)
    return DaySold(hall, day, without, wish).room(wanted, start).free


def _room(free: int, held: int) -> Room:
    if free > 0:
        return Room(free)
    return Room(0, NotOffered.HELD if free + held > 0 else NotOffered.FULL)


def _shortest(hall: Hall) -> float:
    return min((m.service_min for m in hall.plan.matters.values() if m.bookable), default=0.0)


def capacity(hall: Hall, windows: Windows) -> int:
    """Places of a slot served by ``windows``: windows x slot / mean service x quota, at least 1."""
    rules = hall.plan.rules
    minutes = [
        m.service_min
        for m in hall.plan.matters.values()
        if m.bookable and hall.floor.able(() if m.skill is None else (m.skill,), remote=False) & windows
    ]
    mean_s = 60 * sum(minutes) / len(minutes) if minutes else float(rules.slot_s)
    return max(1, int(windows.bit_count() * rules.slot_s / mean_s * rules.slot_quota))
