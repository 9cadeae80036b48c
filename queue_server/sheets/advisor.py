"""Staffing advice for who looks at it: windows needed today, beside those planned, half hour by half hour.

Nobody's page waits for it. Who asks gets what is known, at once; where nothing is, or it is old, a process of the
lowest priority computes it anew (``python -m queue_server staffing``, seconds of one core, one hall at a time), and
whoever listens is rung when it has come. A hall that nobody looks at costs nothing. What fails is asked again
with the next look after a while.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

import msgspec

from queue_server.sheets.niced import Niced

log = logging.getLogger(__name__)

OLD_AFTER = timedelta(minutes=30)
"""Bookings come and go; a day's advice is made anew after so long."""
WITHIN_S = 300.0


class HalfHour(msgspec.Struct, frozen=True):
    """As ``staffing.HalfHour``: from ``start`` in local minutes."""

    start: int
    needed: int
    confidence: float
    planned: int
    planned_confidence: float


class Advice(msgspec.Struct, frozen=True):
    """The part of ``staffing.Advice`` that is shown."""

    half_hours: list[HalfHour]
    walk_ins: float
    bookings: int

    def at(self, minute: float) -> HalfHour | None:
        """The half hour of this local minute; None while the hall is closed."""
        return next((half for half in self.half_hours if half.start <= minute < half.start + 30), None)


@dataclass(frozen=True, slots=True)
class _Known:
    day: date
    asked_at: datetime
    advice: Advice | None


_advice = msgspec.json.Decoder(Advice)


class Compute(Protocol):
    """How advice is made."""

    def __call__(self, hall: str, day: date) -> bytes:
        """A hall's advice for a day as JSON. Raises OSError, subprocess.SubprocessError."""

    def give_up(self) -> None:
        """End what is under way; it raises."""


class InAProcess:
    """By the command line, niced, with the server's own plans and database."""

    def __init__(self, var: Path, plans: Path, database_url: str) -> None:
        self._niced = Niced(var, plans, database_url, within_s=WITHIN_S)

    def give_up(self) -> None:
        self._niced.give_up()

    def __call__(self, hall: str, day: date) -> bytes:
        return self._niced.output("staffing", "--hall", hall, "--day", day.isoformat(), "--today", day.isoformat())


class Advisor:
    """One thread, from ``start`` to ``stop``."""

    def __init__(self, compute: Compute, clock: Callable[[], datetime]) -> None:
        self._compute = compute
        self._clock = clock
        self._tell: Callable[[str], None] = lambda _hall: None
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()
        self._asked: SimpleQueue[tuple[str, date] | None] = SimpleQueue()
        self._ended = False
        self._thread: threading.Thread | None = None

    def listen(self, tell: Callable[[str], None]) -> None:
        """Call ``tell`` with the hall whose advice has come, on the advisor's thread; it must not block."""
        self._tell = tell

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="advisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what is under way is given up."""
        self._ended = True
        self._asked.put(None)
        self._compute.give_up()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def of(self, hall: str, day: date) -> Advice | None:
        """What is known of the hall's ``day``, asking for it where it is missing or old. Any thread; never blocks."""
        now = self._clock()
        with self._lock:
            known = self._known.get(hall)
            if known is not None and known.day == day and now - known.asked_at < OLD_AFTER:
                return known.advice
            advice = known.advice if known is not None and known.day == day else None
            self._known[hall] = _Known(day, now, advice)
        self._asked.put((hall, day))
        return advice

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            hall, day = asked
            try:
                advice = _advice.decode(self._compute(hall, day))
            except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
                if not self._ended:
                    log.warning("no staffing advice for %s (%s)", hall, type(error).__name__)
                continue
            with self._lock:
                known = self._known.get(hall)
                if known is None or known.day != day:
                    continue
                self._known[hall] = _Known(day, known.asked_at, advice)
            self._tell(hall)
