"""A supervised camera that looks into a simulated hall, and everything that was heard of it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from devices.camera.driver import supervise_camera
from devices.camera.sim import CameraSim
from devices.camera.sim_stream import StreamSettings
from devices.events import CodeSeen, CodeTrouble, Condition, DeviceEvent, Health
from devices.supervisor import Supervisor

DEADLINE_S = 20.0


class Hall:
    """The simulator, its supervisor and the events, in the order in which they came."""

    def __init__(self, decoder: str = "zxing", settings: StreamSettings | None = None, *, wanted: bool = True) -> None:
        self.sim = CameraSim(settings=settings)
        self.wanted = wanted
        self.heard_on: set[str] = set()
        self._events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.supervisor: Supervisor = supervise_camera(
            self.sim.address, self._hear, decoder=decoder, wanted=lambda: self.wanted
        )

    def _hear(self, event: DeviceEvent) -> None:
        self.heard_on.add(threading.current_thread().name)
        self._events.put(event)

    def open(self) -> Hall:
        self.sim.plug()
        self.supervisor.start()
        self.until_health(Condition.OK)
        return self

    def next(self) -> DeviceEvent:
        return self._events.get(timeout=DEADLINE_S)

    def until(self, true: Callable[[DeviceEvent], bool]) -> DeviceEvent:
        end = time.monotonic() + DEADLINE_S
        while not true(event := self._events.get(timeout=max(0.01, end - time.monotonic()))):
            pass
        return event

    def until_health(self, condition: Condition, reason: str | None = None) -> Health:
        event = self.until(
            lambda e: isinstance(e, Health) and e.condition is condition and reason in {None, e.reason},
        )
        assert isinstance(event, Health)
        return event

    def next_code(self) -> CodeSeen | CodeTrouble:
        event = self.until(lambda e: isinstance(e, CodeSeen | CodeTrouble))
        assert isinstance(event, CodeSeen | CodeTrouble)
        return event

    def waiting(self) -> list[DeviceEvent]:
        """What has been heard and not yet been looked at."""
        events = []
        while not self._events.empty():
            events.append(self._events.get())
        return events

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        wait_until(true, what)

    def children(self) -> set[int]:
        return children()

    def close(self) -> None:
        self.supervisor.stop()
        self.sim.close()


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.01)


def descriptors() -> set[str]:
    """What this process has open, by name: sockets and pipes are named by their numbers."""
    found = set()
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists them
            found.add(f"{fd.name} {fd.readlink()}")
    return found


def children() -> set[int]:
    """The processes that this one has started, dead ones that nobody waited for included."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread that has just ended
            found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    return found


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """After the test there is no thread, descriptor or process that was not there before."""
    before = threading.active_count(), descriptors(), children()
    yield
    wait_until(lambda: threading.active_count() <= before[0], "the threads end")
    assert descriptors() <= before[1]
    assert children() == before[2]


@pytest.fixture
def make_hall(nothing_left: None) -> Iterator[Callable[..., Hall]]:
    halls: list[Hall] = []

    def make(*arguments: object, **named: object) -> Hall:
        hall = Hall(*arguments, **named)  # type: ignore[arg-type]  # passed through as given
        halls.append(hall)
        return hall.open()

    yield make
    for hall in halls:
        hall.close()


@pytest.fixture
def hall(make_hall: Callable[..., Hall]) -> Hall:
    return make_hall()
