"""Promises run out by the clock: noticed once and only once, with their true time, also over a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

from queue_server.clock import FastClock, SetClock
from queue_server.desk import Desk
from queue_server.domain.messages import DayClosed, DayOpened, PromiseAmber, PromiseBroken, ServiceOver
from queue_server.store.log import EventLog
from queue_server.store.reports import Reports
from queue_server.timekeeper import Timekeeper

OpenDesk = Callable[..., Desk]
Ask = Callable[..., Any]
Until = Callable[..., None]


def promises(desk: Desk) -> list[tuple[str, Any]]:
    """What was reported, and when it was true."""
    log = desk.log.events_after("hall", 0)
    return [(type(e).__name__, e.at) for e in log if isinstance(e, PromiseAmber | PromiseBroken)]


def test_a_promise_turns_amber_and_breaks_without_anybody_asking(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock, keep_time: Any, until: Until
) -> None:
    desk = open_desk()
    keep_time(desk)
    ticket = ask(desk, demo.take())
    limit = ticket.due - ticket.checked_in_at
    amber = ticket.checked_in_at + 0.7 * limit
    clock.set(amber - timedelta(seconds=1))
    ask(desk, demo.take("house"))
    assert promises(desk) == []
    clock.set(amber + timedelta(seconds=3))
    until(lambda: promises(desk) == [("PromiseAmber", amber)], "amber")
    clock.set(ticket.due + timedelta(seconds=5))
    until(lambda: ("PromiseBroken", ticket.due) in promises(desk), "broken")
    clock.forward(minutes=10)
    ask(desk, demo.take())
    assert [kind for kind, at in promises(desk) if at <= ticket.due] == ["PromiseAmber", "PromiseBroken"]
    row = Reports(desk.log.engine).ticket("hall", ticket.business_date, ticket.number)
    assert row is not None
    assert (row.amber_at, row.broken_at) == (amber, ticket.due)


def test_what_ran_out_while_the_server_was_down_is_reported_at_the_start_with_its_true_time(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock, keep_time: Any, until: Until
) -> None:
    desk = open_desk()
    keeper = keep_time(desk)
    ticket = ask(desk, demo.take())
    amber = ticket.checked_in_at + 0.7 * (ticket.due - ticket.checked_in_at)
    keeper.stop()
    desk.stop()
    clock.set(ticket.due + timedelta(minutes=7))
    for _ in range(3):  # however often it starts again, each is reported once
        desk = open_desk()
        keeper = keep_time(desk)
        until(lambda d=desk: len(promises(d)) >= 2, "both reports")
        assert promises(desk) == [("PromiseAmber", amber), ("PromiseBroken", ticket.due)]
        keeper.stop()
        desk.stop()
        clock.forward(minutes=1)


def test_a_hall_taken_over_is_scanned(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock, keep_time: Any, until: Until
) -> None:
    """The keeper heard nothing of this hall's tickets; it must find their clocks when the hall becomes ours."""
    first = open_desk(server_id="a", beat_s=0.1)
    ticket = ask(first, demo.take())
    second = open_desk(server_id="b", beat_s=0.1)
    keep_time(second)
    assert not second.owns("hall")
    first.stop()
    until(lambda: second.owns("hall"), "the second server takes over")
    clock.set(ticket.due + timedelta(seconds=1))
    until(lambda: len(promises(second)) == 2, "both reports")


def test_the_service_clock_and_the_day_end_by_themselves(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock, keep_time: Any, until: Until
) -> None:
    desk = open_desk()
    keep_time(desk)
    ask(desk, demo.sit("1"))
    ask(desk, demo.take())
    ask(desk, demo.call("1"))
    ask(desk, demo.check_identity("1"))
    begun = clock()
    clock.forward(minutes=30)

    def over() -> list[Any]:
        return [e for e in desk.log.events_after("hall", 0) if isinstance(e, ServiceOver)]

    until(over, "the service clock")
    assert begun + timedelta(minutes=20) <= over()[0].at <= begun + timedelta(minutes=20, seconds=1)
    clock.forward(hours=24)

    def days() -> list[str]:
        found = [e for e in desk.log.events_after("hall", 0) if isinstance(e, DayOpened | DayClosed)]
        return [f"{type(e).__name__} {e.business_date}" for e in found]

    until(lambda: len(days()) >= 3, "the day's end")
    assert days() == ["DayOpened 2026-03-02", "DayClosed 2026-03-02", "DayOpened 2026-03-03"]


def test_a_hundred_promises_of_one_minute_cost_a_handful_of_ticks(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock, keep_time: Any, until: Until
) -> None:
    desk = open_desk()
    ticks: list[str] = []
    submit = desk.submit

    def counting(asked: Any) -> None:
        if asked.command.id == "tick":
            ticks.append(asked.hall)
        submit(asked)

    desk.submit = counting  # type: ignore[method-assign]  # watched, not replaced
    keep_time(desk)
    for _ in range(100):
        clock.forward(milliseconds=1)
        desk.ask("hall", demo.take())
    ask(desk, demo.take())
    last = max(t.due for t in desk.hall("hall").tickets.values())
    clock.set(last + timedelta(seconds=1))
    until(lambda: len(promises(desk)) == 202, "all of them amber and broken")
    assert len(ticks) <= 20


def test_on_a_fast_clock_the_promise_breaks_by_itself(engine: Any, demo: ModuleType, ask: Ask, until: Until) -> None:
    """Real waiting: half an hour in under a second."""
    clock = FastClock(demo.MORNING, speed=3600)
    desk = Desk(EventLog(engine), {"hall": demo.plan()}, clock)
    keeper = Timekeeper(desk, clock)
    desk.start()
    keeper.start()
    try:
        ticket = ask(desk, demo.take())
        until(lambda: ("PromiseBroken", ticket.due) in promises(desk), "broken")
    finally:
        keeper.stop()
        desk.stop()
