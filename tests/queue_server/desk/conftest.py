"""Desks on a clock that the test sets, closed again however the test ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.answers import Answer
from queue_server.domain.messages import Command
from queue_server.store.log import EventLog
from queue_server.timekeeper import Timekeeper

OpenDesk = Callable[..., Desk]


@pytest.fixture
def clock(demo: ModuleType) -> SetClock:
    return SetClock(demo.MORNING)


@pytest.fixture
def open_desk(engine: sa.Engine, clock: SetClock, demo: ModuleType) -> Iterator[OpenDesk]:
    """``open_desk(*plans, **settings)`` starts a desk on the test's database; again after ``stop()`` is a restart."""
    desks: list[Desk] = []

    def start(*plans: Any, **settings: Any) -> Desk:
        halls = plans or (demo.plan(),)
        before_start = settings.pop("before_start", lambda _desk: None)
        desk = Desk(EventLog(engine), {p.id: p for p in halls}, clock, **settings)
        before_start(desk)
        desk.start()
        desks.append(desk)
        return desk

    yield start
    for desk in desks:
        if desk._thread.is_alive():
            desk.stop()


@pytest.fixture
def ask() -> Callable[..., Answer]:
    """``ask(desk, command, hall="hall")``: the answer, waited for."""

    def put(desk: Desk, command: Command, hall: str = "hall") -> Answer:
        reply, _ = desk.ask(hall, command).result(timeout=30)
        return reply

    return put


@pytest.fixture
def until() -> Callable[..., None]:
    """``until(condition, "what is awaited")``: wait for a condition, at most 30 s."""

    def wait(condition: Callable[[], object], what: str) -> None:
        pause = threading.Event()
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, f"never came: {what}"
            pause.wait(0.01)

    return wait


@pytest.fixture
def keep_time(clock: SetClock) -> Any:
    """``keep_time(desk)``: a timekeeper on the test's clock, ended with the test."""
    keepers: list[Timekeeper] = []

    def start(desk: Desk) -> Timekeeper:
        keeper = Timekeeper(desk, clock)
        keeper.start()
        keepers.append(keeper)
        return keeper

    yield start
    for keeper in keepers:
        if keeper._thread.is_alive():
            keeper.stop()
