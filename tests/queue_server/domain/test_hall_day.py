"""The day: local midnight is its border, everything of it ends with it, numbers start anew."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from queue_server.domain import calendar
from queue_server.domain.errors import Code
from queue_server.domain.messages import (
    BlockLapsed,
    CloseDay,
    CounterClosed,
    DayClosed,
    DayOpened,
    LeaseBlock,
    PromiseAmber,
    PromiseBroken,
    TakeTicket,
    TicketIssued,
)
from queue_server.domain.model import Calendar, HallPlan, Hours, State

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_the_first_command_opens_the_day(scene: Any) -> None:
    scene.take()
    assert isinstance(scene.log[0], DayOpened)
    assert (scene.log[0].business_date, scene.hall.business_date) == (MONDAY, MONDAY)


def test_a_day_ends_at_local_midnight_not_at_that_of_utc(scene: Any) -> None:
    scene.take()
    scene.at("23:59")
    assert not [e for e in scene.tick() if isinstance(e, DayClosed)]
    scene.at("00:00", TUESDAY)
    assert scene.now == datetime(2026, 3, 2, 16, tzinfo=UTC)
    closed, opened = scene.tick()
    assert (closed.at, closed.business_date, opened.business_date) == (scene.now, MONDAY, TUESDAY)


def test_everything_open_ends_and_numbers_start_anew(scene: Any) -> None:
    scene.open("1", "2")
    waiting = scene.take()
    scene.do(LeaseBlock, block_id="b", kiosk="k", group="A", size=3)
    served = scene.take("medical")
    scene.do(TakeTicket, matters=("housing",), token="t" * 22)
    scene.call("1")
    appointment = scene.book("16:00", person_ref="p1")
    scene.at("09:00", TUESDAY)
    events = scene.do(TakeTicket, matters=("elder-card",), token="t" * 22)
    day = [e for e in events if e.at == scene.local("00:00", TUESDAY)]
    assert [type(e) for e in day] == [DayClosed, CounterClosed, CounterClosed, BlockLapsed, DayOpened]
    assert set(day[0].abandoned) == {waiting.id, served.id, "2026-03-02-C001"}
    assert day[0].expired == (appointment.id,)
    assert day[3].unused == (2, 3, 4)
    assert isinstance(events[-1], TicketIssued)
    assert events[-1].ticket.id == "2026-03-03-A001"
    assert list(scene.hall.tickets) == ["2026-03-03-A001"]
    assert not any(c.is_open or c.ticket_id for c in scene.hall.counters.values())
    assert scene.hall.recent_calls == ()


def test_what_ran_out_before_midnight_is_told_before_the_day_closes(scene: Any) -> None:
    scene.at("16:10")
    scene.take()
    scene.at("09:00", TUESDAY)
    told = [(type(e), e.at) for e in scene.tick()]
    assert told == [
        (PromiseAmber, scene.local("16:31")),
        (PromiseBroken, scene.local("16:40")),
        (DayClosed, scene.local("00:00", TUESDAY)),
        (DayOpened, scene.local("00:00", TUESDAY)),
    ]


def test_the_day_is_closed_once(scene: Any) -> None:
    ticket = scene.take()
    scene.at("17:00")
    scene.do(CloseDay, by="system", business_date=MONDAY)
    assert scene.ticket(ticket).state is State.ABANDONED
    assert scene.do(CloseDay, by="system", business_date=MONDAY) == []
    scene.refuses(Code.BAD_VALUE, CloseDay, by="system", business_date=TUESDAY)
    scene.refuses(Code.HALL_CLOSED, TakeTicket, matters=("elder-card",), token="t" * 22)
    scene.refuses(Code.HALL_CLOSED, LeaseBlock, block_id="b", kiosk="k", group="A", size=3)
    scene.at("09:00", TUESDAY)
    assert [type(e) for e in scene.tick()] == [DayOpened]
    assert scene.do(CloseDay, by="system", business_date=MONDAY) == []


def test_weeks_without_a_command_are_passed_over(scene: Any) -> None:
    scene.take()
    scene.at("09:00", date(2026, 4, 1))
    events = scene.tick()
    assert [e.business_date for e in events if isinstance(e, DayOpened)] == [date(2026, 4, 1)]
    assert [e.business_date for e in events if isinstance(e, DayClosed)] == [MONDAY]


def test_a_hall_round_the_clock_works_over_midnight(make_scene: Any) -> None:
    scene = make_scene(round_the_clock=True)
    scene.at("23:50")
    scene.open("1")
    served = scene.take()
    waiting = scene.take()
    scene.call("1")
    scene.at("00:05", TUESDAY)
    new = scene.take()
    assert new.id == "2026-03-03-A001"
    assert scene.at_window("1").id == served.id
    scene.miss("1")
    assert scene.call("1").id == waiting.id
    scene.miss("1")
    assert scene.call("1").id == new.id
    # Who is still there a whole day later has gone home.
    scene.at("00:05", date(2026, 3, 4))
    scene.tick()
    assert waiting.id not in scene.hall.tickets


def plan_with(week: tuple[tuple[Hours, ...], ...], tz: str = "Asia/Shanghai") -> HallPlan:
    return HallPlan("h", "s", "h", "h", "h", tz, Calendar(week), {}, {})


def test_a_noon_break_is_closed() -> None:
    split = (Hours(time(8, 30), time(11, 30)), Hours(time(13), time(0)))
    plan = plan_with((split,) * 7)

    def at(clock: str) -> bool:
        return calendar.is_open(plan, datetime.fromisoformat(f"2026-03-02T{clock}:00+08:00"))

    assert [at(c) for c in ("08:29", "08:30", "11:29", "11:30", "12:59", "13:00", "23:59")] == [
        False,
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    noon = datetime.fromisoformat("2026-03-02T12:00:00+08:00")
    assert calendar.next_opening(plan, noon) == datetime.fromisoformat("2026-03-02T13:00:00+08:00")


def test_a_hall_that_never_opens() -> None:
    plan = plan_with(((),) * 7)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert not calendar.is_open(plan, now)
    assert calendar.next_opening(plan, now) is None
    assert calendar.open_days_ahead(plan, MONDAY, 7) == MONDAY


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_of_changed_clocks_have_their_true_length(day: date, hours: int) -> None:
    plan = plan_with(((Hours(time(0), time(0)),),) * 7, "Europe/Berlin")
    ((opens, closes),) = calendar.openings(plan, day)
    assert (closes - opens).total_seconds() == hours * 3600
    assert calendar.day_end(plan, day) == closes
