"""The forecast in a server: a process of its own beside the desk, missed by nobody when it dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.answers import TicketAnswer
from queue_server.forecast import tables
from queue_server.forecast.foretold import FRESH_S, Foretold
from queue_server.forecast.line import Line
from queue_server.forecast.process import Process
from queue_server.store.database import metadata, open_engine
from queue_server.store.log import EventLog


class Rig:
    """A desk with its forecast, on a clock that stands still."""

    def __init__(self, demo: ModuleType, directory: Any, command: tuple[str, ...] | None = None) -> None:
        self.demo = demo
        self.clock = SetClock(demo.MORNING)
        self.engine = open_engine(f"sqlite:///{directory / 'halls.db'}")
        metadata.create_all(self.engine)
        self.foretold = Foretold()
        self.desk = Desk(EventLog(self.engine), {"hall": demo.plan()}, self.clock, finish=self.foretold.shown)
        process = Process() if command is None else Process(command)
        self.line = Line(self.desk, self.foretold, self.clock, self.engine, process, start_after_s=0.0)
        self.desk.start()
        self.line.start()

    def ask(self, command: Any) -> Any:
        return self.desk.ask("hall", command).result(timeout=30)[0]

    def close(self) -> None:
        self.line.stop()
        self.desk.stop()
        self.engine.dispose()


def until(ready: Callable[[], object], what: str) -> None:
    pause, deadline = threading.Event(), time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline, f"never came: {what}"
        pause.wait(0.01)


@pytest.fixture
def make_rig(demo: ModuleType, tmp_path: Any) -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def make(command: tuple[str, ...] | None = None) -> Rig:
        rigs.append(Rig(demo, tmp_path, command))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.close()


def test_the_process_dies_and_the_plain_sums_are_shown_until_it_is_back(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.forecast.line.MOVED_S", 0.05)
    monkeypatch.setattr("queue_server.forecast.line.EVERY_S", 0.2)
    rig = make_rig()
    demo, hall = rig.demo, "hall"
    for window in ("1", "2"):
        rig.ask(demo.sit(window))
    for _ in range(6):
        rig.ask(demo.take())
    until(lambda: rig.foretold.table(hall, rig.clock()), "the first look ahead")
    assert rig.line.state == "forecast"
    given = rig.ask(demo.take())
    assert isinstance(given, TicketAnswer)
    assert rig.foretold.hindsights[hall].given[given.ticket_id].by_forecast

    first = rig.line.process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: rig.line.state == "estimate", "its death to be seen")
    rig.clock.forward(seconds=FRESH_S + 1)
    late = rig.ask(demo.take())
    assert not rig.foretold.hindsights[hall].given[late.ticket_id].by_forecast
    until(lambda: rig.foretold.table(hall, rig.clock()), "a look ahead of another process")
    assert rig.line.process.pid != first

    rig.ask(demo.call("1"))
    until(lambda: sum(r.n for r in rig.foretold.accuracy(hall).values()) == 1, "the call to be measured")
    rig.line.stop()
    assert tables.load(rig.engine, hall) == rig.foretold.hindsights[hall], "kept for the next start"


def test_a_process_that_cannot_be_started_hurts_nobody(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(("/nonexistent",))
    rig.ask(rig.demo.sit("1"))
    until(lambda: rig.line.process.falls, "the attempt")
    assert isinstance(rig.ask(rig.demo.take()), TicketAnswer)
    assert rig.line.state == "estimate"
    assert not rig.line.process.may_start()
