"""Everybody at once: eight kiosks, eight clerks, sixteen people for one place. No number twice, no one called twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.answers import BlockAnswer, BookedAnswer, CalledAnswer, RefusedAnswer, TicketAnswer
from queue_server.domain.messages import BlockLapsed, CloseDay, TicketCalled, TicketFinished, TicketIssued
from queue_server.store import tables
from queue_server.store.database import reading

OpenDesk = Callable[..., Desk]
Ask = Callable[..., Any]

KIOSKS = CLERKS = 8
TICKETS = 2000


def numbers(answers: list[TicketAnswer]) -> list[int]:
    return sorted(int(answer.number[1:]) for answer in answers)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """``work(0..count-1)`` in as many threads, let go together."""
    start = threading.Barrier(count)

    def run(place: int) -> Any:
        start.wait(30)
        return work(place)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.wire  # two thousand tickets by sixteen threads: not in the fast part
def test_eight_kiosks_issue_and_eight_clerks_call_at_once(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    desk = open_desk(demo.plan(windows=CLERKS))
    for counter in range(1, CLERKS + 1):
        ask(desk, demo.sit(str(counter)))
    block = ask(desk, demo.lease_block("block-1", 20))
    assert isinstance(block, BlockAnswer)
    issued: list[TicketAnswer] = []
    all_issued = threading.Event()

    def kiosk(_: int) -> list[TicketAnswer]:
        return [ask(desk, demo.take()) for _ in range(TICKETS // KIOSKS)]

    def clerk(place: int) -> list[CalledAnswer]:
        counter, served = str(place + 1), []
        while True:
            last_round = all_issued.is_set()
            called = ask(desk, demo.call(counter))
            if isinstance(called, RefusedAnswer):
                assert called.code == "nobody-waiting"
                if last_round:
                    return served
                continue
            served.append(called)
            for step in demo.serve(counter):
                assert not isinstance(ask(desk, step), RefusedAnswer)

    with ThreadPoolExecutor(KIOSKS + CLERKS) as pool:
        clerks = [pool.submit(clerk, place) for place in range(CLERKS)]
        kiosks = [pool.submit(kiosk, place) for place in range(KIOSKS)]
        for done in kiosks:
            issued += done.result(120)
        all_issued.set()
        called = [answer for done in clerks for answer in done.result(120)]

    used = [block.block.first, block.block.first + 3]
    for number in used:
        ask(desk, demo.offline("block-1", number, demo.MORNING))
    day = desk.hall("hall").business_date
    assert day is not None
    ask(desk, CloseDay(id=demo.new_id(), by="system", business_date=day))

    log = desk.log.events_after("hall", 0)
    given = sorted(int(e.ticket.number[1:]) for e in log if isinstance(e, TicketIssued))
    lapsed = sorted(n for e in log if isinstance(e, BlockLapsed) for n in e.unused)
    assert len(issued) == TICKETS
    assert numbers(issued) == [n for n in given if n not in used], "what was answered is what is in the log"
    assert len(set(given)) == len(given), "a number was given twice"
    assert sorted(given + lapsed) == list(range(1, TICKETS + 20 + 1)), "a gap that no lapsed block explains"
    windows = Counter(answer.ticket_id for answer in called)
    assert len(windows) == TICKETS
    assert set(windows.values()) == {1}, "a ticket was called to two windows"
    assert sorted(e.ticket_id for e in log if isinstance(e, TicketCalled)) == sorted(windows)
    assert len({e.ticket_id for e in log if isinstance(e, TicketFinished)}) == TICKETS


def test_the_tickets_of_the_day_stand_in_the_report_as_in_the_log(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, engine: sa.Engine
) -> None:
    desk = open_desk()
    answers = [a for part in at_once(8, lambda _: [ask(desk, demo.take()) for _ in range(25)]) for a in part]
    with reading(engine) as connection:
        rows = connection.scalars(sa.select(tables.tickets.c.number)).all()
    assert sorted(rows) == sorted(answer.number for answer in answers)


def test_two_clerks_pressing_at_once_get_two_people(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    desk = open_desk(demo.plan(windows=2))
    for counter in ("1", "2"):
        ask(desk, demo.sit(counter))
    for _ in range(40):
        for _ in range(2):
            ask(desk, demo.take())
        first, second = at_once(2, lambda place: ask(desk, demo.call(str(place + 1))))
        assert first.ticket_id != second.ticket_id
        for counter in ("1", "2"):
            for step in demo.serve(counter):
                ask(desk, step)


def test_sixteen_people_for_one_place_one_booking(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock
) -> None:
    desk = open_desk(demo.plan(slot_capacity=1))
    slot = clock() + timedelta(days=1)
    answers = at_once(16, lambda n: ask(desk, demo.book(slot, f"appointment-{n}", f"code-{n}", f"person-{n}")))
    booked = [answer for answer in answers if isinstance(answer, BookedAnswer)]
    assert len(booked) == 1
    assert [a.code for a in answers if isinstance(a, RefusedAnswer)] == ["slot-full"] * 15
    with reading(desk.log.engine) as connection:
        rows = connection.execute(sa.select(tables.appointments.c.id, tables.appointments.c.state)).all()
    assert rows == [(booked[0].appointment.id, "booked")]


def test_sixteen_tries_of_one_wish_one_ticket(open_desk: OpenDesk, demo: ModuleType) -> None:
    desk = open_desk()
    wish = demo.take()
    answers = at_once(16, lambda _: desk.ask("hall", wish).result(30))
    assert len({answer.number for answer, _ in answers}) == 1
    assert sorted(repeated for _, repeated in answers) == [False] + [True] * 15
    assert len(desk.hall("hall").tickets) == 1
