"""Keeps one device alive: open, identify, run; when it is lost, say so once, back off, try again.

Every device has its own thread here and nothing else on it. The driver may raise whenever something
breaks; the supervisor closes it, reports ``Health`` and opens it anew after 0.5, 1, 2 .. 30 s with jitter,
or at once when its device node appears or somebody calls ``poke``. A device that hangs through several such
lives has its power cycled, where that is possible (``power``). Jobs for a device that is away are
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
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from devices.errors import DeviceError, DeviceFault, reason_of
from devices.events import Condition, DeviceEvent, Health
from devices.health import HealthBook
from devices.power import PowerCycle, PowerPolicy

log = logging.getLogger(__name__)

Emit = Callable[[DeviceEvent], None]
Jobs = queue.SimpleQueue[Any]

FIRST_REST_S = 0.5
LONGEST_REST_S = 30.0
STEADY_S = 5.0  # a device that ran this long was well: the next loss starts again at the shortest rest
_LOOK_S = 0.25
_RENEWED = "renewed"


class Device(Protocol):
    """What a driver offers to its supervisor. All three are called on the device's thread."""

    def identify(self) -> str:
        """Make sure that the right device answers and return its model; raise ``DeviceError`` otherwise."""
        ...

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Work until ``stop`` is set, looking at it at least every 0.3 s; raise ``DeviceError`` when lost.

        A job taken from ``jobs`` must end in an event, also when the device is lost in its middle. A ``Health``
        emitted here needs only ``condition``, ``reason`` and ``paper_percent``; the rest is filled in. ``emit``
        belongs to this thread and may raise ``DeviceError`` itself, which is to be let through.
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
    ``transport.node_watch``); a new node ends the rest. ``power_cycle`` switches the device's supply off and on
    (see ``power.command_hook``), when ``power`` asks for it. Clocks, jitter and waiting are arguments for tests.
    """

    def __init__(
        self,
        name: str,
        open_device: Callable[[], Device],
        emit: Emit,
        *,
        refuse: Callable[[Any, str], DeviceEvent] | None = None,
        watch: Callable[[], object] = lambda: None,
        power_cycle: PowerCycle | None = None,
        power: PowerPolicy | None = None,
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
        self._power_cycle = power_cycle
        self._power = PowerPolicy() if power is None else power
        self._clock = clock
        self._monotonic = monotonic
        self._jitter = jitter
        self._wait = wait
        self._jobs: Jobs = queue.SimpleQueue()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._poked = threading.Event()
        self._life = threading.Event()  # set: the present life of the device ends
        self._asked: queue.SimpleQueue[Callable[[str], None]] = queue.SimpleQueue()
        self._book = HealthBook(name, clock(), monotonic())
        self._well_since_s: float | None = None
        self._cycle_due = False
        self._thread: threading.Thread | None = None

    @property
    def health(self) -> Health:
        """The device's state at this moment, with fresh counters; any thread."""
        return self._book.health

    def start(self) -> None:
        """Begin; once."""
        if self._thread is not None:
            raise RuntimeError(f"{self.name} was started before")
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

    def renew(self, answered: Callable[[str], None]) -> None:
        """Open the device anew and ask it who it is: a technician's test. Any thread.

        ``answered`` gets "" once it has said so, or the reason why not; it is called on the device's thread.
        """
        self._asked.put(answered)
        self._life.set()
        self.poke()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Close the device and end its thread; ``TimeoutError`` if it does not end in time.

        Opening a line takes at most ``transport.CONNECT_S``, a power cycle ``power.COMMAND_S``; both are waited for.
        """
        self._stop.set()
        self._life.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise TimeoutError(f"the thread of {self.name} did not end within {timeout_s:g} s")

    def _supervise(self) -> None:
        failures = 0
        while not self._stop.is_set():
            node = self._look()
            reason = self._live()
            if self._stop.is_set():
                break
            if reason == _RENEWED:
                self._poked.clear()
                continue
            steady = self._was_steady()
            failures = 1 if steady else failures + 1
            self._book.count("lost")
            self._say(Condition.ABSENT, reason, paper_percent=self._book.health.paper_percent)
            if self._hangs(reason, steady=steady) and self._cycle_power(reason):
                failures = 1
            if self._rest(rest_s(failures, self._jitter()), reason, node):
                failures = 0
        self._refuse_jobs("stopped")

    def _live(self) -> str:
        """One life of the device, from opening to its loss; return the reason of the loss."""
        device: Device | None = None
        self._well_since_s = None
        self._life = threading.Event()
        reason = "driver-error"
        try:
            device = self._open_device()
            if self._stop.is_set():
                return "stopped"
            model = device.identify()
            self._book.count("opened")
            self._well_since_s = self._monotonic()
            self._say(Condition.OK, "", model=model, paper_percent=self._book.health.paper_percent)
            self._answer("")
            device.run(self._hear, self._jobs, self._life)
            reason = "ended" if not self._life.is_set() or self._stop.is_set() else _RENEWED
        except DeviceError as error:
            reason = reason_of(error)
        except Exception as error:  # noqa: BLE001  a driver's own mistake must not take the kiosk's device away for good
            self._log_mistake(error)
        finally:
            self._close(device)
        if reason != _RENEWED:
            self._answer(reason)
        return reason

    def _answer(self, reason: str) -> None:
        """Whoever asked for a new life of the device before this one began, or in it, hears how it went."""
        while True:
            try:
                answered = self._asked.get_nowait()
            except queue.Empty:
                return
            try:
                answered(reason)
            except Exception as error:  # noqa: BLE001  (as with ``emit``)
                self._log_mistake(error)

    def _close(self, device: Device | None) -> None:
        if device is None:
            return
        try:
            device.close()
        except Exception as error:  # noqa: BLE001  as above: it should never raise, and if it does, life goes on
            self._log_mistake(error)

    def _was_steady(self) -> bool:
        """Whether the life that has ended was a good one, for long enough."""
        well = self._well_since_s is not None and self._book.condition is not Condition.ABSENT
        return well and self._monotonic() - (self._well_since_s or 0.0) >= STEADY_S

    def _rest(self, seconds: float, reason: str, node: object) -> bool:
        """Rest; return True if woken early because the device may be back.

        ``node`` is what stood there when the device was last opened: a cable that was pulled and put back before
        the loss was noticed shows in it, too. Looking at the node four times a second is the event of its return:
        one ``stat`` costs some microseconds, works for every kind of path, symbolic links and simulators included,
        and needs neither udev's daemon nor a library to listen to it.
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
            seen = self._look()
            if seen != node:
                node = seen
                if seen is not None:
                    return True
        return False

    def _look(self) -> object:
        """What stands at the device's address; None for nothing, also where it goes while it is looked at."""
        try:
            return self._watch()
        except OSError:
            return None

    # -- power

    def _hangs(self, reason: str, *, steady: bool) -> bool:
        """Whether this loss is the one after which the power should be cycled."""
        if self._power_cycle is None:
            return False
        if steady:
            self._power.worked()
        due, self._cycle_due = self._cycle_due, False
        return due or self._power.failed(reason, self._monotonic())

    def _cycle_power(self, reason: str) -> bool:
        """Switch the supply off and on, refusing jobs meanwhile; True if that was done. Takes some seconds."""
        done: list[bool] = []

        def cycle() -> None:
            try:
                done.append(self._power_cycle is not None and self._power_cycle())
            except Exception as error:  # noqa: BLE001  it should never raise; if it does, the power was not cycled
                self._log_mistake(error)

        self._book.count("power-cycles")
        self._tell(self._book.told(self._monotonic()))
        thread = threading.Thread(target=cycle, name=f"power {self.name}")
        thread.start()
        while thread.is_alive():
            self._refuse_jobs(reason)
            thread.join(_LOOK_S)
        return done == [True]

    # -- what is told

    def _refuse_jobs(self, reason: str) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            self._book.count("refused")
            if self._refuse is not None:
                self._tell(self._refuse(job, reason))

    def _hear(self, event: DeviceEvent) -> None:
        if isinstance(event, Health):
            self._say(event.condition, event.reason, paper_percent=event.paper_percent)
            self._tell(self._book.overdue(self._monotonic()))
            if event.condition is not Condition.ABSENT:
                self._power.worked()
            elif self._power_cycle is not None and self._power.failed(event.reason, self._monotonic()):
                # A driver may keep a silent device's line open. This ends the life, and with it the hang.
                self._cycle_due = True
                raise DeviceFault(f"{self.name} hangs", event.reason)
            return
        if self._book.heard(event, self._clock()):
            self._power.worked()
        self._tell(event)
        self._tell(self._book.overdue(self._monotonic()))

    def _say(self, condition: Condition, reason: str, *, paper_percent: int | None, model: str | None = None) -> None:
        """Note how the device is and tell it if that is new."""
        now, now_s = self._clock(), self._monotonic()
        self._tell(self._book.say(condition, reason, now, now_s, paper_percent=paper_percent, model=model))

    def _tell(self, event: DeviceEvent | None) -> None:
        if event is None:
            return
        try:
            self._emit(event)
        except Exception as error:  # noqa: BLE001  a listener's mistake must not end the device's thread
            self._log_mistake(error)

    def _log_mistake(self, error: Exception) -> None:
        # Only the kind and the place: the message of an error may quote what was read from a card.
        place = traceback.extract_tb(error.__traceback__)[-1]
        log.error("%s: %s at %s:%s", self.name, type(error).__name__, place.filename, place.lineno)
