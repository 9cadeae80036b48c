"""What most people come for at this hour, so that it stands first on the terminals of this hall.

Counted are the walk-ins of the last four weeks up to yesterday, from the tickets in the store: by hour of the hall's
own clock, the hours beside it with half their weight. Who comes with a booking never chooses on that page and is not
counted. So the list changes at most with the hour, it is the same after a restart, and it is nobody's in particular.

A tile that stands stays in its place until another matter is clearly more wanted (``LEAD``, ``MORE``): a hall where two
matters are about as frequent does not see them change places every hour. The day begins with the catalogue's own list,
which therefore also stands while little or nothing is known.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from queue_server.domain import calendar
from queue_server.domain.model import HallPlan
from queue_server.store.errors import StoreDown
from queue_server.store.reports import Came, Reports

WEEKS = 4
TILES = 6
LEAD, MORE = 1.25, 4.0
"""A matter goes before another if it was taken a quarter more often, and four times more."""
BESIDE = 0.5
"""What a visit in the hour before or after counts."""
LOOK_EVERY_S = 60.0

log = logging.getLogger(__name__)

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Habits:
    """What was come for, by hour of the day, up to and without ``day``."""

    day: date
    hours: tuple[Scores, ...]


def habits(plan: HallPlan, day: date, came: Iterable[Came]) -> Habits:
    hours: tuple[Counter[str], ...] = tuple(Counter() for _ in range(24))
    for one in came:
        hour = calendar.local_hour(plan, one.at)
        for matter in one.matters:
            if matter in plan.matters:
                hours[hour][matter] += one.count
    beside = [
        {m: hours[h][m] + BESIDE * (hours[h - 1][m] + hours[(h + 1) % 24][m]) for m in plan.matters} for h in range(24)
    ]
    return Habits(day, tuple({m: score for m, score in scores.items() if score} for scores in beside))


def hottest(known: Habits, hour: int, own: Sequence[str]) -> tuple[str, ...]:
    """The tiles of ``hour``, as the hours of the day before it have left them; ``own``: the catalogue's list.

    Empty where nothing is known.
    """
    if not any(known.hours):
        return ()
    tiles = tuple(own[:TILES])
    for scores in known.hours[: hour + 1]:
        tiles = settled(tiles, scores)
    return tiles


def settled(tiles: tuple[str, ...], scores: Scores) -> tuple[str, ...]:
    """``tiles`` where they stand, but for what is now clearly more wanted than what stands before it.

    Goes on until nothing moves: a matter may have been held back by one that then left the tiles itself. It ends, for
    what comes in is more wanted than what goes, and what moves up stood behind something less wanted.
    """
    while (moved := _moved(tiles, scores)) != tiles:
        tiles = moved
    return tiles


def _moved(tiles: tuple[str, ...], scores: Scores) -> tuple[str, ...]:
    others = sorted((name for name in scores if name not in tiles), key=lambda name: (-scores[name], name))
    order: list[str] = []
    for name in (*tiles, *others):
        at = len(order)
        while at and scores.get(name, 0.0) > scores.get(order[at - 1], 0.0) * LEAD + MORE:
            at -= 1
        order.insert(at, name)
    return tuple(order[:TILES])


class Wanted:
    """Reads each hall's habits once a day, on a thread of its own; ``tiles`` answers from memory, on any thread."""

    def __init__(self, reports: Reports, plans: Mapping[str, HallPlan], clock: Callable[[], datetime]) -> None:
        self._reports = reports
        self._plans = plans
        self._clock = clock
        self._habits: dict[str, Habits] = {}
        self._tiles: dict[str, tuple[Habits, tuple[object, ...], tuple[str, ...]]] = {}
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="wanted", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def tiles(self, plan: HallPlan, now: datetime, own: Sequence[str]) -> tuple[str, ...]:
        """The matters of this hour, the most wanted first; empty while nothing is known of the hall."""
        known = self._habits.get(plan.id)
        if known is None:
            return ()
        hour = calendar.local_hour(plan, now)
        asked = (hour, *own)
        kept = self._tiles.get(plan.id)
        if kept is None or kept[0] is not known or kept[1] != asked:
            kept = self._tiles[plan.id] = (known, asked, hottest(known, hour, own))
        return kept[2]

    def look(self) -> None:
        """Read anew the halls whose day has changed. A database that is away is asked again at the next look."""
        for plan in self._plans.values():
            today = calendar.business_date(plan, self._clock())
            known = self._habits.get(plan.id)
            if known is not None and known.day == today:
                continue
            try:
                came = self._reports.walk_ins(plan.id, today - timedelta(weeks=WEEKS), today)
            except StoreDown as error:
                log.warning("what %s is visited for cannot be read now (%s)", plan.id, type(error).__name__)
                return
            self._habits[plan.id] = habits(plan, today, came)

    def _run(self) -> None:
        while True:
            self.look()
            if self._ended.wait(LOOK_EVERY_S):
                return
