"""Twenty hands at once, then a server that was cut off: no place is sold or held twice, and none is forgotten."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.desk import Desk
from queue_server.domain.answers import BookedAnswer, WaitingAnswer
from queue_server.domain.book import WishState
from queue_server.domain.messages import BookSlot, CancelAppointment, JoinWaitingList, Tick
from queue_server.domain.model import Booking
from queue_server.domain.snapshot import freeze
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog

HALL = "xinghe-hall"
TEN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
HANDS = 20


def test_a_place_is_never_given_twice_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 11, 20, 1, 30, tzinfo=UTC))
    plan = load_plans().halls[HALL]
    plan = replace(plan, rules=replace(plan.rules, slot_capacity=2))
    matter = next(m.id for m in plan.matters.values() if m.bookable and m.skill is None)
    engine = open_engine(f"sqlite:///{tmp_path / 'halls.db'}")
    desk = Desk(EventLog(engine), {HALL: plan}, clock)
    desk.start()
    booked: list[str] = []
    wishes: list[str] = []

    def hand(n: int) -> None:
        book = BookSlot(id=f"b{n}", by="phone", appointment_id=f"a{n}", code=f"c{n}", matters=(matter,), slot_start=TEN)
        if isinstance(desk.ask(HALL, book).result(10)[0], BookedAnswer):
            booked.append(f"a{n}")
            return
        join = JoinWaitingList(id=f"j{n}", by="phone", wish_id=f"w{n}", code=f"x{n}", matters=(matter,), slot_start=TEN)
        if isinstance(desk.ask(HALL, join).result(10)[0], WaitingAnswer):
            wishes.append(f"w{n}")

    hands = [threading.Thread(target=hand, args=(n,)) for n in range(HANDS)]
    for each in hands:
        each.start()
    for each in hands:
        each.join()
    assert (len(booked), len(wishes)) == (2, HANDS - 2)
    for n, appointment in enumerate(booked):
        desk.ask(HALL, CancelAppointment(id=f"cancel{n}", by="phone", appointment_id=appointment)).result(10)
    before = desk.hall(HALL)
    first_two = [wish.id for wish in before.book.open_on(TEN.date())][:2]
    assert before.book.holds[TEN] == tuple(sorted(first_two))
    desk.stop()

    again = Desk(EventLog(engine), {HALL: plan}, clock)
    again.start()
    assert freeze(again.hall(HALL)) == freeze(before)
    clock.forward(minutes=16)  # nobody took them: they go to the next two
    again.ask(HALL, Tick(id="tick", by="system")).result(10)
    hall = again.hall(HALL)
    held = [wish.id for wish in hall.book.wishes.values() if wish.state is WishState.OFFERED]
    assert len(held) == 2
    assert not set(held) & set(first_two)
    late = BookSlot(
        id="late", by="phone", appointment_id="l", code="l", matters=(matter,), slot_start=TEN, wish=first_two[0]
    )
    assert not isinstance(again.ask(HALL, late).result(10)[0], BookedAnswer)
    for wish in held:
        take = replace(late, id=f"t{wish}", appointment_id=f"t{wish}", code=f"t{wish}", wish=wish)
        assert isinstance(again.ask(HALL, take).result(10)[0], BookedAnswer)
    hall = again.hall(HALL)
    assert sum(a.state is Booking.BOOKED for a in hall.appointments.values()) == 2
    assert not hall.book.holds
    again.stop()
    engine.dispose()
