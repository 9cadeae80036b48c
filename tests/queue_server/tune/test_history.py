"""A running hall's own record becomes traces: who came, who stayed away, how long each took."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.messages import CloseDay, Command
from queue_server.domain.model import HallPlan
from queue_server.simulate import traces
from queue_server.store.log import EventLog
from queue_server.store.reports import Reports
from queue_server.tune.days import days_of as laid_out
from queue_server.tune.history import days_of, hall_of

DAY = date(2026, 3, 2)
Ask = Callable[[Command], Any]


@pytest.fixture
def plan(demo: ModuleType) -> HallPlan:
    made: HallPlan = demo.plan(hours=demo.WORKDAY)
    return made


@pytest.fixture
def clock(demo: ModuleType) -> SetClock:
    return SetClock(demo.MORNING)


@pytest.fixture
def ask(engine: sa.Engine, clock: SetClock, plan: HallPlan) -> Iterator[Ask]:
    desk = Desk(EventLog(engine), {"hall": plan}, clock)
    desk.start()
    yield lambda command: desk.ask("hall", command).result(30)[0]
    desk.stop()


def test_a_day_of_the_record_is_a_day_of_a_trace(
    tmp_path: Path, demo: ModuleType, ask: Ask, clock: SetClock, plan: HallPlan, engine: sa.Engine
) -> None:
    for name in ("a", "b"):
        ask(demo.book(demo.MORNING.replace(hour=2), name, name))
    ask(demo.sit("3"))
    ask(demo.take(priority_reason="pregnant"))
    clock.forward(minutes=5)
    ask(demo.take())
    for command in (demo.call("3"), *demo.serve("3")):
        clock.forward(minutes=2)
        ask(command)
    clock.forward(minutes=40)
    ask(demo.check_in("a"))
    for command in (demo.call("3"), *demo.serve("3"), demo.call("3"), *demo.serve("3")):
        clock.forward(minutes=3)
        ask(command)
    ask(CloseDay(id=demo.new_id(), by="system", business_date=DAY))

    days = list(days_of(plan, Reports(engine), [DAY]))
    hall = hall_of(plan, days)
    traces.write(tmp_path, hall, days)
    read = traces.read(tmp_path)
    persons = read.days[0].persons
    assert read.hall == hall
    assert (len(hall.windows), hall.close_min) == (8, 480)
    assert [(p.kind, p.priority, p.slot_min, p.arrive_min) for p in persons] == [
        ("walkin", True, None, 30),
        ("walkin", False, None, 35),
        ("appointment", False, 90, 83),
        ("appointment", False, 90, None),
    ]
    assert [p.service_min for p in persons] == [6, 9, 9, None]
    assert [p.matter_mean_min for p in persons] == [8, 8, 8, 8]
    assert laid_out(read).persons.tolist() == [3]


def test_a_day_without_calls_is_no_day(plan: HallPlan, ask: Ask, demo: ModuleType, engine: sa.Engine) -> None:
    ask(demo.take())
    assert list(days_of(plan, Reports(engine), [DAY, date(2026, 3, 1)])) == []
