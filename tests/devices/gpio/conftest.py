"""One simulated panel, two kinds of pins before it: gpiozero's mock factory, and a pigpio daemon's socket.

Both stand on the same simulated board, so a hand that presses a key does not know which driver reads it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from devices.events import DeviceEvent, Health, KeyPressed, PanelChanged
from devices.gpio.driver import Panel, supervise_panel
from devices.gpio.layout_file import load_layout
from devices.gpio.pins import Pins
from devices.gpio.record import PanelLayout
from devices.gpio.sim import PanelSim
from devices.gpio.sim_board import INPUT, OUTPUT, PULL_DOWN, PULL_OFF, PULL_UP, Board
from devices.supervisor import Supervisor

DEADLINE_S = 15.0
_PULLS = {"up": PULL_UP, "down": PULL_DOWN, "floating": PULL_OFF}


class WiredPin(MockPin):
    """gpiozero's mock pin, with the board's electricity on its line."""

    def __init__(self, factory: WiredFactory, info: Any) -> None:
        self._board, self._gpio = factory.board, int(info.name[4:])
        super().__init__(factory, info)

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        self._board.set_mode(self._gpio, INPUT if value == "input" else OUTPUT)
        self.follow()

    def _set_pull(self, value: str) -> None:
        self._pull = value
        self._board.set_pull(self._gpio, _PULLS[value])
        self.follow()

    def _set_state(self, value: float) -> None:
        super()._set_state(value)
        self._board.write(self._gpio, int(value))

    def follow(self) -> None:
        """Show what the line is at, as an input does."""
        if self._function == "input":
            if self._board.level(self._gpio):
                self.drive_high()
            else:
                self.drive_low()


class WiredFactory(MockFactory):
    """gpiozero's mock factory before a simulated board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        super().__init__(revision="a02082", pin_class=WiredPin)
        board.on_change = self._changed

    def _changed(self, _levels: int, changed: int, _tick: int) -> None:
        for pin in list(self.pins.values()):
            if changed >> pin._gpio & 1:
                pin.follow()


class Bench:
    """A panel, its supervised driver, and what the driver said."""

    def __init__(self, wire: str, layout: PanelLayout, prepare: Callable[[PanelSim], None] | None = None) -> None:
        self.wire = wire
        self.layout = layout
        self.sim = PanelSim(layout=layout)
        self.heard: list[DeviceEvent] = []
        self._events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        if prepare is not None:
            prepare(self.sim)
        if wire == "mock":
            self.supervisor = Supervisor("panel", self._open_mock, self._events.put)
        else:
            self.sim.plug()
            self.supervisor = supervise_panel(self.sim.address, layout, self._events.put)
        self.supervisor.start()
        self.until(lambda event: isinstance(event, Health) and event.condition in {"ok", "degraded"})
        for _ in layout.inputs:
            assert isinstance(self.next(), PanelChanged)

    def _open_mock(self) -> Panel:
        return Panel(Pins("mock", WiredFactory(self.sim._board), "mock pins"), self.layout)

    def next(self) -> DeviceEvent:
        event = self._events.get(timeout=DEADLINE_S)
        self.heard.append(event)
        return event

    def until(self, wanted: Callable[[DeviceEvent], bool]) -> DeviceEvent:
        """The next event that is wanted; those before it are in ``heard``."""
        while True:
            event = self.next()
            if wanted(event):
                return event

    def health(self, reason: str) -> Health:
        """The next health with this reason."""
        event = self.until(lambda event: isinstance(event, Health) and event.reason == reason)
        assert isinstance(event, Health)
        return event

    def key(self) -> str:
        """The next event, which is a key."""
        event = self.next()
        assert isinstance(event, KeyPressed)
        return event.key

    def wait(self, true: Callable[[], bool]) -> None:
        """Wait until ``true`` says so."""
        until_s = time.monotonic() + DEADLINE_S
        while not true():
            assert time.monotonic() < until_s, "it did not happen in time"
            time.sleep(0.005)

    def rest(self) -> list[DeviceEvent]:
        """Stop the driver; what it had said and nobody had asked for yet."""
        self.supervisor.stop()
        left = []
        while not self._events.empty():
            left.append(self._events.get())
        return left

    def close(self) -> None:
        self.supervisor.stop()
        self.sim.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def benches() -> Iterator[Callable[..., Bench]]:
    """Makes benches; afterwards no thread and no descriptor may be left of them."""
    threads, files = set(threading.enumerate()), open_files()
    made: list[Bench] = []

    def make(wire: str, layout: PanelLayout | str = "demo", prepare: Callable[[PanelSim], None] | None = None) -> Bench:
        bench = Bench(wire, load_layout(layout) if isinstance(layout, str) else layout, prepare)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.close()
        assert not any(bench.sim.is_on(output) for output in bench.layout.outputs), "the panel was not left dark"
    assert set(threading.enumerate()) <= threads
    assert open_files() <= files


@pytest.fixture(params=["mock", "daemon"])
def wire(request: pytest.FixtureRequest) -> str:
    """Which kind of pins the driver reads."""
    return str(request.param)
