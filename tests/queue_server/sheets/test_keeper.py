"""Sheets are made anew at night and for a new plan, beside the desk, and enter the hall as events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.desk import Desk
from queue_server.domain.messages import SetBookingSheet
from queue_server.domain.model import HallPlan
from queue_server.domain.sheet import BookingSheet
from queue_server.sheets.bench import print_of, usual_day
from queue_server.sheets.command import sheets
from queue_server.sheets.history import NOTHING, past_of
from queue_server.sheets.keeper import ComputingFailed, SheetKeeper
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog
from queue_server.store.reports import Reports

HALL = "xinghe-hall"
EVENING = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # 20:00 in Shanghai


class Quick:
    """Makes a sheet at once, or fails when told to."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False

    def sheets(self, plan: HallPlan, today: date) -> list[BookingSheet]:
        if self.fails:
            raise ComputingFailed("killed")
        self.made += 1
        day = usual_day(plan, 0, today)
        return [BookingSheet(0, 15.0, (600,), (20.0 + self.made,), plan=print_of(plan, day))]

    def give_up(self) -> None:
        pass


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Any]:
    clock = SetClock(EVENING)
    engine = open_engine(f"sqlite:///{tmp_path / 'halls.db'}")
    desk = Desk(EventLog(engine), load_plans().halls, clock)
    desk.start()
    quick = Quick()
    ids = iter(f"sheet-{n}" for n in range(99))
    yield desk, clock, quick, SheetKeeper(desk, quick, clock, lambda: next(ids))
    desk.stop()
    engine.dispose()


def test_at_night_once(place: Any) -> None:
    desk, clock, quick, keeper = place
    assert not keeper.look(HALL)  # the first evening: the plain rule stands
    assert not desk.hall(HALL).book.sheets
    clock.forward(minutes=6 * 60)  # 02:00
    assert not keeper.look(HALL)
    clock.forward(minutes=90)
    assert keeper.look(HALL)
    assert desk.hall(HALL).book.sheets[0].minutes == (21.0,)
    assert not keeper.look(HALL)
    clock.forward(minutes=24 * 60)
    assert keeper.look(HALL)
    assert quick.made == 2


def test_when_a_manager_asks_and_when_the_plan_has_changed(place: Any) -> None:
    desk, _, quick, keeper = place
    keeper.refresh(HALL)
    assert keeper.look(HALL)
    assert not keeper.look(HALL)
    other = BookingSheet(0, 15.0, (600,), (20.0,), plan="windows of last year")
    desk.ask(HALL, SetBookingSheet(id="x", by="system", sheet=other)).result(10)
    assert keeper.look(HALL)
    assert not keeper.look(HALL)
    assert quick.made == 2


def test_when_computing_fails_the_old_sheet_stands(place: Any) -> None:
    desk, _, quick, keeper = place
    keeper.refresh(HALL)
    keeper.look(HALL)
    quick.fails = True
    keeper.refresh(HALL)
    assert not keeper.look(HALL)
    assert desk.hall(HALL).book.sheets[0].minutes == (21.0,)


def test_an_empty_record_is_no_history(place: Any) -> None:
    desk, _, _, _ = place
    plan = desk.hall(HALL).plan
    assert past_of(Reports(desk.log.engine), plan, date(2026, 11, 20)) == NOTHING
    made = next(sheets(plan, NOTHING, date(2026, 11, 20), ["mon"], days=2))
    assert (made.weekday, made.basis, made.plan) == (0, "priors", print_of(plan, date(2026, 11, 23)))
