"""Wakes the desk when the next promise runs out.

It keeps one heap of moments, told by the events themselves (``domain.alarms.wakes``), and puts a ``Tick`` into
the desk's inbox when one has come; the rules then report what ran out, with its true time. An alarm too many
does no harm, one missed would, so at the start and whenever a hall becomes ours everything that runs there is
asked for anew (``all_wakes``): what ran out while the server was down is reported at once.

Alarms of one hall that fall into the same quarter of a second share a tick, and a hall has at most one tick
under way: a morning rush of thousands of promises costs a few ticks a second, not thousands.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from queue import Empty, SimpleQueue

from queue_server.clock import Clock
from queue_server.desk import Asked, Desk, HallElsewhere, HallMoved
from queue_server.domain.alarms import all_wakes, wakes
from queue_server.domain.answers import Answer, RefusedAnswer
from queue_server.domain.messages import Tick
from queue_server.store.codec import micros, moment

logger = logging.getLogger(__name__)

GRAIN_US = 250_000
_GATHER_S = 0.02
"""What happened is taken in by handfuls: waking for each batch would cost the desk more than the work itself."""
_LOOK_AGAIN_S = 30.0
"""The longest sleep: the system's clock may have been stepped."""
_AFTER_TROUBLE = timedelta(seconds=5)
_SILENT_S = 60.0
"""A tick the desk has not answered for so long will not be answered."""


@dataclass(frozen=True, slots=True)
class _Owned:
    hall: str
    owned: bool


@dataclass(frozen=True, slots=True)
class _Ticked:
    hall: str
    answer: Answer


class _LookAgain:
    pass


class _Stop:
    pass


class Timekeeper:
    """One thread beside the desk's. Make it before ``desk.start()``, so that it hears of each hall."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._inbox: SimpleQueue[HallMoved | _Owned | _Ticked | _LookAgain | _Stop] = SimpleQueue()
        self._alarms: list[tuple[int, str]] = []
        """A heap of (grain since 1970, hall), and the same as a set."""
        self._set: set[tuple[int, str]] = set()
        self._ticking: dict[str, float] = {}
        """Halls with a tick under way, and since when (monotonic seconds)."""
        self._due: set[str] = set()
        """Halls whose alarm came while their tick was under way: they get another."""
        self._thread = threading.Thread(target=self._run, name="timekeeper", daemon=True)
        desk.listen(self._inbox.put)
        desk.on_ownership(lambda hall, owned: self._inbox.put(_Owned(hall, owned)))
        clock.on_set(lambda: self._inbox.put(_LookAgain()))

    def start(self) -> None:
        """Scan what is owned already and begin."""
        for hall in self._desk.halls():
            self._inbox.put(_Owned(hall, owned=True))
        self._thread.start()

    def stop(self) -> None:
        """End; alarms that have not come are found again at the next start."""
        self._inbox.put(_Stop())
        self._thread.join()

    # --- its own thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                item = self._inbox.get(timeout=self._sleep_s())
                if isinstance(item, HallMoved):
                    time.sleep(_GATHER_S)
                while True:
                    if isinstance(item, _Stop):
                        return
                    self._take(item)
                    item = self._inbox.get(block=False)
            except Empty:
                pass
            self._ring()

    def _sleep_s(self) -> float:
        if not self._alarms:
            return _LOOK_AGAIN_S
        return min(self._clock.real_s_until(moment(self._alarms[0][0] * GRAIN_US)), _LOOK_AGAIN_S)

    def _take(self, item: HallMoved | _Owned | _Ticked | _LookAgain) -> None:
        match item:
            case HallMoved():
                for event in item.events:
                    for at in wakes(event, item.after):
                        self._set_alarm(at, item.hall_id)
            case _Owned(hall, owned):
                self._due.discard(hall)
                if owned:
                    self._scan(hall)
            case _Ticked(hall, answer):
                self._ticking.pop(hall, None)
                if isinstance(answer, RefusedAnswer) and self._desk.owns(hall):
                    logger.error("hall %s could not look at its clocks: %s", hall, answer.code)
                    self._set_alarm(self._clock() + _AFTER_TROUBLE, hall)
                elif hall in self._due:
                    self._due.discard(hall)
                    self._tick(hall)
            case _LookAgain():
                pass

    def _scan(self, name: str) -> None:
        try:
            hall = self._desk.hall(name)
        except HallElsewhere:
            return  # lost again before we looked
        for at in all_wakes(hall):
            self._set_alarm(at, name)

    def _set_alarm(self, at: datetime, hall: str) -> None:
        alarm = (-(-micros(at) // GRAIN_US), hall)  # rounded up: never early
        if alarm not in self._set:
            self._set.add(alarm)
            heapq.heappush(self._alarms, alarm)

    def _ring(self) -> None:
        now = micros(self._clock()) // GRAIN_US
        rung: set[str] = set()
        while self._alarms and self._alarms[0][0] <= now:
            alarm = heapq.heappop(self._alarms)
            self._set.discard(alarm)
            rung.add(alarm[1])
        silent = time.monotonic() - _SILENT_S
        rung |= {hall for hall in self._due if self._ticking.get(hall, -inf) < silent}
        for hall in sorted(rung):
            if self._ticking.get(hall, -inf) >= silent:
                self._due.add(hall)
            elif self._desk.owns(hall):
                self._due.discard(hall)
                self._tick(hall)

    def _tick(self, hall: str) -> None:
        self._ticking[hall] = time.monotonic()
        tick = Tick(id="tick", by="system")
        self._desk.submit(Asked(hall, tick, lambda answer, _repeated: self._inbox.put(_Ticked(hall, answer))))
