"""A supervised scanner at a simulated engine's cable, and everything that was heard from it."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.events import CodeSeen, Condition, DeviceEvent, Health
from devices.scanner.driver import Wanted, supervise_scanner
from devices.scanner.sim import Mode, ScannerSim
from devices.supervisor import Supervisor

DEADLINE_S = 15.0


class Counter:
    """The scanner of a hall, its supervisor, and what was heard of it in order."""

    def __init__(self, folder: Path) -> None:
        self.wanted = False  # what a scanner that is opened is told
        self.sim = ScannerSim(folder / "scanner", noise_source=random.Random(3))
        self.heard: list[DeviceEvent] = []
        self._events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.supervisor: Supervisor | None = None

    def start(self, trigger: Mode = "continuous", **how: Any) -> Supervisor:
        """Plug the engine in and wait until its scanner works."""
        self.sim.settings.trigger = trigger
        self.sim.plug()
        supervisor = self.supervise(trigger=trigger, **how)
        self.condition(Condition.OK)
        return supervisor

    def supervise(self, trigger: Mode = "continuous", **how: Any) -> Supervisor:
        self.supervisor = supervise_scanner(
            self.sim.address,
            self._events.put,
            prefixes=(b"]Q3",),
            trigger="none" if trigger == "continuous" else trigger,
            wanted=lambda: self.wanted,
            **how,
        )
        self.supervisor.start()
        return self.supervisor

    def want(self, *, on: bool = True) -> None:
        """The kiosk wants codes, or none; wait until the light says so."""
        assert self.supervisor
        self.wanted = on
        self.supervisor.submit(Wanted(on))
        self.wait(lambda: self.sim.lit == on)

    def next(self) -> DeviceEvent:
        event = self._events.get(timeout=DEADLINE_S)
        self.heard.append(event)
        return event

    def until(self, true: Callable[[DeviceEvent], object]) -> DeviceEvent:
        while not true(event := self.next()):
            pass
        return event

    def condition(self, condition: Condition, reason: str = "") -> Health:
        event = self.until(lambda e: isinstance(e, Health) and (e.condition, e.reason) == (condition, reason))
        assert isinstance(event, Health)
        return event

    def codes(self) -> list[str]:
        """The texts of all codes that were heard so far."""
        while not self._events.empty():
            self.next()
        return [event.text for event in self.heard if isinstance(event, CodeSeen)]

    @staticmethod
    def wait(true: Callable[[], object]) -> None:
        end = time.monotonic() + DEADLINE_S
        tick = threading.Event()
        while not true():
            assert time.monotonic() < end, "waited in vain"
            tick.wait(0.005)

    def close(self) -> None:
        if self.supervisor is not None:
            self.supervisor.stop()
        self.sim.close()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    threads = set(threading.enumerate())
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    counter = Counter(tmp_path)
    yield counter
    counter.close()
    assert set(threading.enumerate()) <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors
