"""A supervised printer at a simulated cable, and what it said, for tests of whole print-outs."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.events import DeviceEvent, Health, Printed
from devices.printer.driver import PrintJob, supervise_printer
from devices.printer.profile import PrinterProfile, load_profile
from devices.printer.sim import PrinterSim
from devices.printer.slip import Feed, Line, Qr, Rule, Slip
from devices.simulated_line import FarEnd, SimulatedLine
from devices.simulated_socket import SimulatedSocket
from devices.simulated_usb import SimulatedUsb
from devices.supervisor import Supervisor
from devices.usb_line import bus_watch

DEADLINE_S = 20.0


def _cable(kind: str, folder: Path) -> FarEnd:
    match kind:
        case "tcp":
            return SimulatedSocket(noise_source=random.Random(5))
        case "usb":
            return SimulatedUsb(noise_source=random.Random(5))
        case _:
            return SimulatedLine(folder / "printer", noise_source=random.Random(5))


class Counter:
    """The printer of a hall: its simulator, its supervisor, and everything that was heard from it."""

    def __init__(self, folder: Path, cable: str = "pty") -> None:
        self.folder = folder
        self.end = _cable(cable, folder)
        self.address = self.end.address
        self.memory = folder / "units.json"
        self.heard: list[DeviceEvent] = []
        self._events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self._sims: list[PrinterSim] = []
        self._supervisors: list[Supervisor] = []
        self.profile = load_profile()

    def simulator(self, *, plugged: bool = True, **how: Any) -> PrinterSim:
        sim = PrinterSim(self.end, **how)
        self._sims.append(sim)
        if plugged:
            sim.plug()
        return sim

    def start(self, *, profile: PrinterProfile | None = None, patience_s: float = 5.0) -> Supervisor:
        supervisor = supervise_printer(
            self.address,
            profile or self.profile,
            self._events.put,
            memory=self.memory,
            poll_s=0.1,
            patience_s=patience_s,
        )
        self._supervisors.append(supervisor)
        supervisor.start()
        return supervisor

    def until(self, what: str, true: Callable[[DeviceEvent], object]) -> DeviceEvent:
        """The next event for which ``true`` holds."""
        end = time.monotonic() + DEADLINE_S
        while (left := end - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left)
            except queue.Empty:
                break
            self.heard.append(event)
            if true(event):
                return event
        raise AssertionError(f"waited in vain for {what}; heard {self.heard}")

    def health(self, condition: str, reason: str = "") -> Health:
        said = self.until(
            f"{condition} {reason}",
            lambda event: isinstance(event, Health) and (event.condition, event.reason) == (condition, reason),
        )
        assert isinstance(said, Health)
        return said

    def ended(self, job: str) -> tuple[str, str]:
        """The one end of ``job``: result and reason."""
        said = self.until(f"the end of {job}", lambda event: isinstance(event, Printed) and event.job == job)
        assert isinstance(said, Printed)
        return str(said.result), said.reason

    def ends_of(self, job: str) -> int:
        return sum(isinstance(event, Printed) and event.job == job for event in self.heard)

    def stop(self) -> None:
        for supervisor in self._supervisors:
            supervisor.stop()
        for sim in self._sims:
            sim.close()
        self.end.close()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_for(what: str, true: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.005)


@pytest.fixture
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counter]:
    """At a pty, or at the cable that a test asks for by ``indirect`` parameters; nothing may be left of it."""
    bus_watch("usb:ffff:ffff")()  # libusb opens some descriptors for good when it is used first
    threads, descriptors = threading.active_count(), open_descriptors()
    it = Counter(tmp_path, getattr(request, "param", "pty"))
    yield it
    it.stop()
    assert threading.active_count() == threads
    assert open_descriptors() <= descriptors


@pytest.fixture
def eventually() -> Callable[[str, Callable[[], object]], None]:
    return wait_for


@pytest.fixture
def ticket() -> Callable[[str], Slip]:
    """A slip as the hall prints it, for the number given."""

    def make(number: str) -> Slip:
        return Slip(
            (
                Line("星河市民中心", align="center"),
                Line(number, size=6, align="center", bold=True),
                Line("前面 5 人,约 8–15 分钟"),
                Rule(),
                Qr(f"http://127.0.0.1:8080/t/{number}"),
                Feed(1),
            )
        )

    return make


@pytest.fixture
def job(ticket: Callable[[str], Slip]) -> Callable[[str], PrintJob]:
    return lambda number: PrintJob(f"job-{number}", ticket(number))


@pytest.fixture
def small_paper() -> PrinterProfile:
    return load_profile("generic", 58)


@pytest.fixture
def short_roll() -> PrinterProfile:
    return replace(load_profile(), roll_m=1)
