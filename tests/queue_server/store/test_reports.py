"""What the pages look up: one ticket and its history, a day, bookings; also of days gone by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.messages import CancelAppointment, Claim, CloseDay, Command, PauseTicket, Tick
from queue_server.domain.model import Booking, Kind, Outcome, State
from queue_server.store.log import EventLog
from queue_server.store.reports import Reports

DAY = date(2026, 3, 2)
Ask = Callable[[Command], Any]


@pytest.fixture
def clock(demo: ModuleType) -> SetClock:
    return SetClock(demo.MORNING)


@pytest.fixture
def desk(engine: sa.Engine, clock: SetClock, demo: ModuleType) -> Iterator[Desk]:
    made = Desk(EventLog(engine), {"hall": demo.plan()}, clock)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def ask(desk: Desk) -> Ask:
    return lambda command: desk.ask("hall", command).result(30)[0]


@pytest.fixture
def reports(engine: sa.Engine) -> Reports:
    return Reports(engine)


def test_a_served_ticket_with_all_its_times(demo: ModuleType, ask: Ask, clock: SetClock, reports: Reports) -> None:
    ask(demo.sit("3"))
    ask(demo.take(lang="en", priority_reason="pregnant"))
    times = [clock()]
    for command in (demo.call("3"), *demo.serve("3")):
        clock.forward(minutes=2)
        times.append(clock())
        ask(command)
    row = reports.ticket("hall", DAY, "A001")
    assert row is not None
    assert (row.state, row.outcome, row.counter) == (State.DONE, Outcome.ACCEPTED, "3")
    assert [row.checked_in_at, row.first_called_at, row.identity_at, row.accepted_at, row.ended_at] == times
    assert (row.wait_net_s, row.wait_gross_s) == (120, 120)
    assert (row.kind.value, row.priority_reason, row.lang, row.matters) == ("priority", "pregnant", "en", ("card",))
    assert row.promised_at == times[0] + timedelta(seconds=row.limit_s)
    assert row.id == "2026-03-02-A001"
    assert [type(h.event).__name__ for h in reports.history("hall", DAY, "A001")] == [
        "TicketIssued",
        "TicketCalled",
        "IdentityCheckBegun",
        "MaterialsAccepted",
        "TicketFinished",
    ]


def test_the_history_is_of_this_ticket_only(demo: ModuleType, ask: Ask, reports: Reports) -> None:
    """A001 and A0010 begin alike, and other people's events lie between."""
    ask(demo.sit("1"))
    for _ in range(12):
        ask(demo.take())
    ask(PauseTicket(id=demo.new_id(), by="phone", ticket_id="2026-03-02-A010"))
    ask(demo.call("1"))
    assert [type(h.event).__name__ for h in reports.history("hall", DAY, "A001")] == ["TicketIssued", "TicketCalled"]
    assert [type(h.event).__name__ for h in reports.history("hall", DAY, "A010")] == ["TicketIssued", "TicketPaused"]
    assert reports.history("hall", DAY, "A999") == []
    assert reports.ticket("hall", DAY, "A999") is None
    assert reports.ticket("other", DAY, "A001") is None


def test_whoever_is_left_when_the_day_closes_is_abandoned(
    demo: ModuleType, ask: Ask, clock: SetClock, reports: Reports
) -> None:
    ask(demo.sit("1"))
    for _ in range(3):
        ask(demo.take())
    ask(demo.call("1"))
    for command in demo.serve("1"):
        ask(command)
    clock.forward(minutes=5)
    ask(CloseDay(id=demo.new_id(), by="system", business_date=DAY))
    day = reports.day("hall", DAY)
    assert [(row.number, row.state) for row in day] == [
        ("A001", State.DONE),
        ("A002", State.ABANDONED),
        ("A003", State.ABANDONED),
    ]
    assert [row.ended_at == clock() for row in day] == [False, True, True]
    assert type(reports.history("hall", DAY, "A003")[-1].event).__name__ in {"TicketAbandoned", "DayClosed"}


def test_an_offline_ticket_of_a_closed_day_is_recorded_on_its_own_day(
    demo: ModuleType, ask: Ask, clock: SetClock, reports: Reports
) -> None:
    ask(demo.lease_block("block-1", 5))
    printed = clock() + timedelta(minutes=1)
    clock.forward(hours=26)
    ask(demo.take())
    ask(demo.offline("block-1", 2, printed))
    row = reports.ticket("hall", DAY, "A002")
    assert row is not None
    assert (row.state, row.offline, row.checked_in_at) == (State.ABANDONED, True, printed)
    assert [r.number for r in reports.day("hall", DAY + timedelta(days=1))] == ["A001"]


def test_a_booking_from_offer_to_ticket(demo: ModuleType, ask: Ask, clock: SetClock, reports: Reports) -> None:
    slot = clock() + timedelta(hours=2)
    ask(demo.book(slot, "ap-1", "1234", "person-1"))
    ask(demo.book(slot + timedelta(hours=1), "ap-2", "5678"))
    found = reports.open_appointment("hall", "1234")
    assert found is not None
    assert (found.id, found.slot_start, found.state, found.person_ref) == ("ap-1", slot, Booking.BOOKED, "person-1")
    clock.set(slot - timedelta(minutes=5))
    ask(demo.check_in("1234"))
    assert reports.open_appointment("hall", "1234") is None
    ask(CancelAppointment(id=demo.new_id(), by="phone", appointment_id="ap-2"))
    day = reports.appointments("hall", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    assert [(a.id, a.state, a.ticket_id) for a in day] == [
        ("ap-1", Booking.CHECKED_IN, "2026-03-02-A001"),
        ("ap-2", Booking.CANCELLED, None),
    ]
    ticket = reports.ticket("hall", DAY, "A001")
    assert ticket is not None
    assert (ticket.appointment_id, ticket.slot_start) == ("ap-1", slot)


def test_an_offline_ticket_found_to_be_booked_is_one_in_the_records_too(
    demo: ModuleType, ask: Ask, clock: SetClock, reports: Reports
) -> None:
    """At once, or after a window had taken it in by its code."""
    ask(demo.lease_block("block-1", 5))
    slot = clock() + timedelta(hours=1)
    ask(demo.book(slot, "ap-1", "1234"))
    ask(demo.book(slot, "ap-2", "5678"))
    clock.set(slot - timedelta(minutes=5))
    ask(replace(demo.offline("block-1", 1, clock()), claim=Claim(code="1234")))
    paper = demo.offline("block-1", 2, clock())
    ask(paper)
    assert reports.ticket("hall", DAY, "A002").kind is Kind.WALK_IN  # type: ignore[union-attr]  # it is there
    ask(replace(paper, id=demo.new_id(), claim=Claim(code="5678")))
    for number, appointment in (("A001", "ap-1"), ("A002", "ap-2")):
        row = reports.ticket("hall", DAY, number)
        assert row is not None
        assert (row.kind, row.slot_start, row.appointment_id) == (Kind.APPOINTMENT, slot, appointment)
        assert row.promised_at == slot + timedelta(minutes=10)
    day = reports.appointments("hall", slot, slot + timedelta(days=1))
    assert [(a.state, a.ticket_id) for a in day] == [
        (Booking.CHECKED_IN, "2026-03-02-A001"),
        (Booking.CHECKED_IN, "2026-03-02-A002"),
    ]


def test_a_booking_moved_names_both_ends_and_one_missed_expires(
    demo: ModuleType, ask: Ask, clock: SetClock, reports: Reports
) -> None:
    slot = clock() + timedelta(hours=2)
    ask(demo.book(slot, "ap-1", "1111", "person-1"))
    moved = demo.book(slot + timedelta(hours=1), "ap-2", "2222", "person-1")
    ask(type(moved)(**{**{f: getattr(moved, f) for f in moved.__dataclass_fields__}, "replaces": "ap-1"}))
    clock.forward(hours=30)
    ask(Tick(id="tick", by="system"))
    rows = {a.id: a for a in reports.appointments("hall", slot, slot + timedelta(days=1))}
    assert (rows["ap-1"].state, rows["ap-1"].moved_to) == (Booking.CANCELLED, "ap-2")
    assert (rows["ap-2"].state, rows["ap-2"].moved_from) == (Booking.EXPIRED, "ap-1")
