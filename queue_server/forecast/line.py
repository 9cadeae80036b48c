"""The forecast's thread in the server: hears what happens, asks its process to look ahead, publishes what it saw.

The desk's thread only leaves word here (a deque). This thread learns from it, draws up one hall at a time as a scene,
hands it to the process and waits for the report; halls that have moved come first, the longest unseen before the
others, each at most every few seconds. It gives the interpreter back often and rests as long as it has worked many
times over, because the desk needs it more. Without the process, or while it is started again, everything goes on with
the plain sums; ``state`` says so for the health page.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import uuid6

from queue_server.desk import Asked, Desk, HallElsewhere, HallMoved
from queue_server.domain.model import State
from queue_server.domain.state import Hall
from queue_server.forecast import tables
from queue_server.forecast.foretold import Foretold, Level, Risk, Table
from queue_server.forecast.hindsight import Hindsight
from queue_server.forecast.notes import notes
from queue_server.forecast.process import Gone, Process
from queue_server.forecast.scene import Report, TooFull
from queue_server.forecast.sketch import scene_of
from queue_server.forecast.span import Span
from queue_server.twin.arrays import minutes

logger = logging.getLogger(__name__)

MOVED_S = 4.0
"""A hall that has moved is looked at again after so long,"""
EVERY_S = 15.0
"""one that has not after so long, while people are in it."""
START_AFTER_S = 5.0
"""A server that has just started has other things to do."""
SAVE_EVERY_S = 60.0
REST = 60
"""Seconds of rest for each second of drawing up,"""
PROCESS_REST = 9
"""and for each second that the process has looked: a tenth of a core at most, in a city of full halls."""
_TURN_S = 0.25
_BREATH_S = 0.0005


class Line:
    """Make it before ``desk.start()``, so that it hears of each hall. ``listen``: who is told of each new table."""

    def __init__(
        self,
        desk: Desk,
        foretold: Foretold,
        clock: Callable[[], datetime],
        engine: sa.Engine,
        process: Process | None = None,
        new_id: Callable[[], str] = lambda: str(uuid6.uuid7()),
        start_after_s: float = START_AFTER_S,
    ) -> None:
        self._desk = desk
        self._foretold = foretold
        self._clock = clock
        self._engine = engine
        self._new_id = new_id
        self._start_after_s = start_after_s
        self.process = process or Process()
        self._news: deque[HallMoved | tuple[str, bool]] = deque()
        self._moved: set[str] = set()
        self._looked: dict[str, float] = {}
        self._dirty: set[str] = set()
        """Halls whose hindsight has changed since it was saved."""
        self._listeners: list[Callable[[str, Report], None]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forecast", daemon=True)
        self.looks = 0
        self.latest_ms = 0.0
        desk.listen(self._news.append)
        desk.on_ownership(lambda hall, owned: self._news.append((hall, owned)))

    def start(self) -> None:
        for hall in self._desk.halls():
            self._owned(hall, owned=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and keep what was learned. A second time it does nothing more."""
        self._stopping.set()
        self.process.interrupt()
        self._thread.join()
        self.process.stop()
        self._save()

    def listen(self, tell: Callable[[str, Report], None]) -> None:
        """Call ``tell(hall_id, report)`` after each look ahead, on this thread."""
        self._listeners.append(tell)

    @property
    def state(self) -> str:
        """``forecast`` while the process stands ready, ``estimate`` while the plain sums are shown."""
        return "forecast" if self.process.running else "estimate"

    # --- its own thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        began = saved = time.monotonic()
        while not self._stopping.wait(_TURN_S):
            try:
                self._hear()
                now = time.monotonic()
                if now - saved >= SAVE_EVERY_S:
                    saved = now
                    self._save()
                if now - began >= self._start_after_s:
                    self._look(now)
            except Gone as gone:
                logger.warning("the forecast's process is gone (%s); the plain sums are shown until it is back", gone)
            except Exception:
                logger.exception("the forecast stumbled; the plain sums are shown")

    def _hear(self) -> None:
        """Learn from everything that has happened since."""
        while self._news:
            news = self._news.popleft()
            if isinstance(news, HallMoved):
                hindsight = self._foretold.hindsights.get(news.hall_id)
                if hindsight is not None:
                    hindsight.note(news.events, news.after)
                    self._dirty.add(news.hall_id)
                    self._moved.add(news.hall_id)
            else:
                self._owned(*news)

    def _owned(self, hall_id: str, owned: bool) -> None:  # noqa: FBT001  (the desk's signature)
        if owned and hall_id not in self._foretold.hindsights:
            self._foretold.hindsights[hall_id] = self._load(hall_id)
            self._moved.add(hall_id)
        elif not owned:
            self._save()
            self._foretold.withdraw(hall_id)

    def _look(self, now: float) -> None:
        """At every hall whose turn it is, the longest unseen first."""
        due = [hall for hall in self._foretold.hindsights if self._is_due(hall, now)]
        for hall_id in sorted(due, key=lambda hall: self._looked.get(hall, 0.0)):
            if self._stopping.is_set():
                return
            self._look_at(hall_id)
            self._hear()

    def _is_due(self, hall_id: str, now: float) -> bool:
        since = now - self._looked.get(hall_id, -EVERY_S)
        return since >= (MOVED_S if hall_id in self._moved else EVERY_S)

    def _look_at(self, hall_id: str) -> None:
        hindsight = self._foretold.hindsights[hall_id]
        if not self.process.running and not self.process.may_start():
            return
        self._moved.discard(hall_id)
        self._looked[hall_id] = time.monotonic()
        try:
            hall = self._desk.hall(hall_id)
        except HallElsewhere:
            return
        if hall.day_closed or not any(counter.is_open for counter in hall.counters.values()):
            return  # nobody calls: there is nothing to foretell
        if not self.process.running:
            self._moved.add(hall_id)
            self.process.start()
        now, began = self._clock(), time.thread_time()
        try:
            scene = scene_of(hall, now, hindsight.memory, breathe=lambda: time.sleep(_BREATH_S))
        except TooFull:
            return
        try:
            report = self.process.ask(scene)
        except Gone:
            self._moved.add(hall_id)
            raise
        self._foretold.publish(hall_id, table_of(hall, hindsight, report))
        self.looks += 1
        self.latest_ms = report.took_ms
        for tell in self._listeners:
            tell(hall_id, report)
        self._warn(hall_id, report)
        self._stopping.wait(max(REST * (time.thread_time() - began), PROCESS_REST * report.took_ms / 1000))

    def _warn(self, hall_id: str, report: Report) -> None:
        """Tell the hall whose promise is in danger; it damps, and its answer needs nobody's hand."""
        try:
            hall = self._desk.hall(hall_id)
            others = [self._desk.hall(name) for name in self._desk.halls() if name != hall_id]
        except HallElsewhere:
            return
        for note in notes(hall, report, self._clock(), self._new_id, others, self._foretold):
            self._desk.submit(Asked(hall_id, note, lambda _answer, _repeated: None))

    # --- what is kept ---------------------------------------------------------------------------------------

    def _load(self, hall_id: str) -> Hindsight:
        try:
            return tables.load(self._engine, hall_id)
        except sa.exc.SQLAlchemyError as error:
            logger.warning("what the forecast knew of %s cannot be read: %s", hall_id, type(error).__name__)
            return Hindsight()

    def _save(self) -> None:
        known = self._foretold.hindsights
        dirty, self._dirty = self._dirty, set()
        try:
            tables.save(self._engine, {hall: tables.pack(known[hall]) for hall in sorted(dirty) if hall in known})
        except sa.exc.SQLAlchemyError as error:
            self._dirty |= dirty
            logger.warning("what the forecast has learned could not be kept: %s", type(error).__name__)


def table_of(hall: Hall, hindsight: Hindsight, report: Report) -> Table:
    """The report as it is published: ranges stretched for each waiting ticket's kind."""
    waits: dict[str, Span] = {}
    risks: dict[str, Risk] = {}
    for ticket_id, wait, late in zip(report.ids, report.waits, report.late, strict=True):
        ticket = hall.tickets.get(ticket_id)
        if ticket is None or ticket.state is not State.WAITING:
            continue
        raw = Span(*wait)
        ahead = 0.0 if ticket.slot_start is None else max(0.0, minutes(ticket.slot_start, report.at))
        if raw.p90 <= ahead:
            waits[ticket_id] = raw
        else:
            waited = Span(max(0.0, raw.p50 - ahead), raw.p90 - ahead)
            waits[ticket_id] = Span(raw.p50, max(raw.p50, ahead + hindsight.shown(ticket.kind, waited).p90))
        risks[ticket_id] = Risk(late, tuple(report.cures.get(ticket_id, ())))
    probes = {
        key: tuple(Level(service_min, Span(p50, p90), late) for service_min, p50, p90, late in levels)
        for key, levels in report.probes.items()
    }
    return Table(report.at, waits, probes, risks, report.took_ms)
