"""Keeps one device alive: open, identify, run; when it is lost, say so once, back off, try again.

Every device has its own thread here and nothing else on it. The driver may raise whenever something
breaks; the supervisor closes it, reports ``Health`` and opens it anew after 0.5, 1, 2 .. 30 s with jitter,
or at once when its device node appears or somebody calls ``poke``. Jobs for a device that is away are
refused at once rather than kept: a ticket that comes out ten minutes later belongs to nobody. All events
go to one ``emit``, which is called on the device's thread and must only enqueue.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from devices.errors import DeviceError, reason_of
from devices.events import (
    CardGone,
    CardSeen,
    CardTrouble,
    CodeSeen,
    CodeTrouble,
    Condition,
    DeviceEvent,
    Health,
    KeyPressed,
    PanelChanged,
    Printed,
)

log = logging.getLogger(__name__)

Emit = Callable[[DeviceEvent], None]
Jobs = queue.SimpleQueue[Any]

FIRST_REST_S = 0.5
LONGEST_REST_S = 30.0
STEADY_S = 5.0  # a device that ran this long was well: the next loss starts again at the shortest rest
_LOOK_S = 0.25


class Device(Protocol):
    """What a driver offers to its supervisor. All three are called on the device's thread."""

    def identify(self) -> str:
        """Make sure that the right device answers and return its model; raise ``DeviceError`` otherwise."""
        ...

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Work until ``stop`` is set, looking at it at least every 0.3 s; raise ``DeviceError`` when lost.

        A job taken from ``jobs`` must end in an event, also when the device is lost in its middle. A ``Health``
        emitted here needs only ``condition``, ``reason`` and ``paper_percent``; the rest is filled in.
        """
        ...

    def close(self) -> None:
        """Give everything back. Never raises."""
        ...


def rest_s(failures: int, jitter: float) -> float:
    """How long to rest after ``failures`` in a row (1 or more); ``jitter`` 0 to 1 spreads a fleet's retries."""
    longest = min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(failures - 1, 10))
    return max(FIRST_REST_S, longest * (1.0 - 0.25 * jitter))


class Supervisor:
    """Runs one device on one thread from ``start`` to ``stop``.

    ``open_device`` opens the line and returns the driver, or raises ``DeviceError``. ``refuse`` says what to
    emit for a job while the device is away. ``watch`` is a cheap look at the device node (see
    ``transport.node_watch``); a new node ends the rest. Clocks, jitter and waiting are arguments for tests.
    """

    def __init__(
        self,
        name: str,
        open_device: Callable[[], Device],
        emit: Emit,
        *,
        refuse: Callable[[Any, str], DeviceEvent] | None = None,
        watch: Callable[[], object] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self.name = name
        self._open_device = open_device
        self._emit = emit
        self._refuse = refuse
        self._watch = watch
        self._clock = clock
        self._monotonic = monotonic
        self._jitter = jitter
        self._wait = wait
        self._jobs: Jobs = queue.SimpleQueue()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._poked = threading.Event()
        self._counters: Counter[str] = Counter()
        self._health = Health(name, Condition.STARTING, clock())
        self._thread: threading.Thread | None = None

    @property
    def health(self) -> Health:
        """The device's state at this moment, with fresh counters; any thread."""
        now = self._health
        return Health(
            now.device,
            now.condition,
            now.since,
            now.reason,
            now.model,
            now.last_ok,
            now.paper_percent,
            dict(self._counters),
        )

    def start(self) -> None:
        self._thread = threading.Thread(target=self._supervise, name=f"device {self.name}")
        self._thread.start()

    def submit(self, job: Any) -> None:
        """Hand a job to the device; any thread. It ends in an event, at the latest when the device is found away."""
        self._jobs.put(job)
        self._wake.set()
        if self._stop.is_set():
            self._refuse_jobs("stopped")

    def poke(self) -> None:
        """Try again now instead of resting (a device was plugged in, a technician asked); any thread."""
        self._poked.set()
        self._wake.set()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Close the device and end its thread; ``TimeoutError`` if it does not end in time."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise TimeoutError(f"the thread of {self.name} did not end within {timeout_s:g} s")

    def _supervise(self) -> None:
        failures = 0
        while not self._stop.is_set():
            began = self._monotonic()
            node = self._watch()
            reason = self._live()
            if self._stop.is_set():
                break
            failures = 1 if self._monotonic() - began >= STEADY_S else failures + 1
            self._counters["lost"] += 1
            self._say(Condition.ABSENT, reason)
            if self._rest(rest_s(failures, self._jitter()), reason, node):
                failures = 0
        self._refuse_jobs("stopped")

    def _live(self) -> str:
        """One life of the device, from opening to its loss; return the reason of the loss."""
        device: Device | None = None
        try:
            device = self._open_device()
            model = device.identify()
            self._counters["opened"] += 1
            self._say(Condition.OK, model=model)
            device.run(self._hear, self._jobs, self._stop)
        except DeviceError as error:
            return reason_of(error)
        except Exception as error:  # noqa: BLE001  a driver's own mistake must not take the kiosk's device away for good
            # Only the kind and the place: the message of an error may quote what was read from a card.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s: %s at %s:%s", self.name, type(error).__name__, place.filename, place.lineno)  # noqa: TRY400
            return "driver-error"
        finally:
            if device is not None:
                device.close()
        return "ended"

    def _rest(self, seconds: float, reason: str, node: object) -> bool:
        """Rest; return True if woken early because the device may be back.

        ``node`` is what stood there when the device was last opened: a cable that was pulled and put back before
        the loss was noticed shows in it, too.
        """
        until = self._monotonic() + seconds
        while not self._stop.is_set():
            self._refuse_jobs(reason)
            if self._poked.is_set():
                self._poked.clear()
                return True
            left = until - self._monotonic()
            if left <= 0:
                return False
            self._wait(self._wake, min(_LOOK_S, left))
            self._wake.clear()
            seen = self._watch()
            if seen != node:
                node = seen
                if seen is not None:
                    return True
        return False

    def _refuse_jobs(self, reason: str) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            self._counters["refused"] += 1
            if self._refuse is not None:
                self._emit(self._refuse(job, reason))

    def _hear(self, event: DeviceEvent) -> None:
        match event:
            case Health():
                self._say(event.condition, event.reason, paper_percent=event.paper_percent)
                return
            case CardSeen():
                self._worked("cards")
            case CodeSeen():
                self._worked("codes")
            case Printed():
                if event.result in {"printed", "sent"}:
                    self._worked(str(event.result))
                else:
                    self._counters[str(event.result)] += 1
            case CardTrouble() | CodeTrouble():
                self._counters[event.code] += 1
            case KeyPressed():
                self._worked("keys")
            case CardGone() | PanelChanged():
                pass
        self._emit(event)

    def _worked(self, counter: str) -> None:
        self._counters[counter] += 1
        was = self._health
        self._health = Health(
            was.device, was.condition, was.since, was.reason, was.model, self._clock(), was.paper_percent
        )

    def _say(
        self, condition: Condition, reason: str = "", *, model: str | None = None, paper_percent: int | None = None
    ) -> None:
        was = self._health
        now = self._clock()
        changed = (condition, reason) != (was.condition, was.reason)
        said = Health(
            device=self.name,
            condition=condition,
            since=was.since if condition is was.condition else now,
            reason=reason,
            model=was.model if model is None else model,
            last_ok=now if condition is Condition.OK else was.last_ok,
            paper_percent=paper_percent,
            counters=dict(self._counters),
        )
        self._health = said
        if changed or (said.model, said.paper_percent) != (was.model, was.paper_percent):
            self._emit(said)
