"""候补: who waits for a place gets what is given back, in order, for a while, and nobody gets it twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.domain import booking
from queue_server.domain.answers import WaitingAnswer
from queue_server.domain.book import WishState
from queue_server.domain.errors import Code, Refused
from queue_server.domain.messages import (
    AppointmentCancelled,
    BookSlot,
    CancelAppointment,
    CheckIn,
    JoinWaitingList,
    LeaveWaitingList,
    OfferLapsed,
    PlaceOffered,
    SetBookingSheet,
    SlotBooked,
    WaitingListLeft,
)
from queue_server.domain.model import Booking
from queue_server.domain.places import DaySold
from queue_server.domain.promises import want
from queue_server.domain.sheet import BookingSheet

TUESDAY = date(2026, 3, 3)


def join(scene: Any, clock: str | None = None, *matters: str, day: date = TUESDAY, **more: Any) -> str:
    name = scene.new_id()
    slot = None if clock is None else scene.local(clock, day)
    scene.do(
        JoinWaitingList,
        wish_id=name,
        code=f"c-{name}",
        matters=matters or ("elder-card",),
        day=day,
        slot_start=slot,
        **more,
    )
    return name


def take(scene: Any, wish_id: str, **more: Any) -> str:
    wish = scene.hall.book.wishes[wish_id]
    name = scene.new_id()
    fields = {"matters": wish.matters, "slot_start": wish.offered, "person_ref": wish.person_ref, **more}
    scene.do(BookSlot, appointment_id=name, code=f"code-{name}", wish=wish_id, **fields)
    return name


def refused(scene: Any, because: Code, wish_id: str, **more: Any) -> None:
    wish = scene.hall.book.wishes[wish_id]
    fields = {"matters": wish.matters, "slot_start": wish.offered, **more}
    scene.refuses(because, BookSlot, appointment_id="x", code="x", wish=wish_id, **fields)


@pytest.fixture
def full(make_scene: Any) -> Any:
    """Ten o'clock on Tuesday is sold out, with one place a slot."""
    scene = make_scene(slot_capacity=1)
    scene.sold = scene.book("10:00", day=TUESDAY).id
    return scene


def why(scene: Any, clock: str, *matters: str, day: date = TUESDAY) -> tuple[int, str | None]:
    offered = booking.day_offer(scene.hall, matters or ("elder-card",), day, scene.now)
    return next((o.free, o.why) for o in offered.slots if o.start == scene.local(clock, day))


def test_a_place_given_back_is_held_for_the_first_who_waits(full: Any) -> None:
    first, second = join(full, "10:00"), join(full, "10:00")
    events = full.do(CancelAppointment, appointment_id=full.sold)
    assert [type(e) for e in events] == [AppointmentCancelled, PlaceOffered]
    assert (events[1].wish_id, events[1].until) == (first, full.now + timedelta(minutes=15))
    assert why(full, "10:00") == (0, "held")
    taken = {"appointment_id": "x", "code": "x", "matters": ("elder-card",)}
    full.refuses(Code.SLOT_FULL, BookSlot, slot_start=full.local("10:00", TUESDAY), **taken)
    refused(full, Code.OFFER_OVER, second, slot_start=full.local("10:00", TUESDAY))
    taken_by_first = take(full, first)
    appointment = full.hall.appointments[taken_by_first]
    assert (appointment.slot_start, appointment.state) == (full.local("10:00", TUESDAY), Booking.BOOKED)
    assert full.hall.book.wishes[first].state is WishState.BOOKED
    assert why(full, "10:00") == (0, "full")


def test_who_does_not_take_it_in_time_loses_it_to_the_next(full: Any) -> None:
    first, second = join(full, "10:00"), join(full, "10:00")
    full.do(CancelAppointment, appointment_id=full.sold)
    full.wait(minutes=15)
    events = full.tick()
    assert [type(e) for e in events] == [OfferLapsed, PlaceOffered]
    assert events[1].wish_id == second
    assert full.hall.book.wishes[first].state is WishState.LAPSED
    refused(full, Code.OFFER_OVER, first)
    full.wait(minutes=15)
    full.tick()
    assert why(full, "10:00") == (1, None)  # nobody is left: it is for sale


def test_a_late_timekeeper_passes_a_place_on_with_the_true_times(full: Any) -> None:
    first, second = join(full, "10:00"), join(full, "10:00")
    full.do(CancelAppointment, appointment_id=full.sold)
    given_back = full.now
    full.wait(hours=3)
    lapses = [e for e in full.tick() if isinstance(e, OfferLapsed)]
    assert [(e.wish_id, e.at - given_back) for e in lapses] == [
        (first, timedelta(minutes=15)),
        (second, timedelta(minutes=30)),
    ]


def test_leaving_while_it_is_held_passes_it_on_at_once(full: Any) -> None:
    first, second = join(full, "10:00"), join(full, "10:00")
    full.do(CancelAppointment, appointment_id=full.sold)
    events = full.do(LeaveWaitingList, wish_id=first)
    assert [type(e) for e in events] == [WaitingListLeft, PlaceOffered]
    assert events[1].wish_id == second
    assert full.do(LeaveWaitingList, wish_id=first) == []  # twice does no harm
    full.refuses(Code.UNKNOWN_WISH, LeaveWaitingList, wish_id="nobody")


def test_for_any_slot_of_the_day(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1)
    sold = {
        f"{hour:02d}:{minute:02d}": scene.book(f"{hour:02d}:{minute:02d}", day=date(2026, 3, 7)).id
        for hour in (8, 9, 10, 11)
        for minute in (0, 15, 30, 45)
        if (8, 30) <= (hour, minute) < (11, 30)
    }
    wish = join(scene, day=date(2026, 3, 7))
    scene.do(CancelAppointment, appointment_id=sold["10:45"])
    assert scene.hall.book.wishes[wish].offered == scene.local("10:45", date(2026, 3, 7))


def test_nobody_waits_for_what_can_be_booked(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1)
    wish = {"wish_id": "w", "code": "c", "matters": ("elder-card",)}
    no = scene.refuses(Code.PLACE_FREE, JoinWaitingList, slot_start=scene.local("10:00", TUESDAY), **wish)
    assert no.facts == {"slot": "2026-03-03 10:00"}
    scene.refuses(Code.NO_SUCH_SLOT, JoinWaitingList, slot_start=scene.local("10:05", TUESDAY), **wish)
    scene.refuses(Code.NO_SUCH_SLOT, JoinWaitingList, day=date(2026, 3, 5), **wish)  # a holiday
    scene.refuses(Code.BEYOND_HORIZON, JoinWaitingList, day=date(2026, 3, 11), **wish)
    scene.refuses(Code.BAD_VALUE, JoinWaitingList, **wish)
    scene.refuses(Code.NOT_BOOKABLE, JoinWaitingList, **{**wish, "matters": ("archive",)}, day=TUESDAY)


def test_one_wish_per_person_and_the_list_has_an_end(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1, waiting_list_size=2)
    scene.book("10:00", day=TUESDAY)
    join(scene, "10:00", person_ref="p1")
    wish = {"wish_id": "w", "code": "c", "matters": ("elder-card",), "slot_start": scene.local("10:00", TUESDAY)}
    scene.refuses(Code.ALREADY_WAITING, JoinWaitingList, person_ref="p1", **wish)
    join(scene, "10:00")
    scene.refuses(Code.WAITING_LIST_FULL, JoinWaitingList, **wish)


def test_a_slot_too_near_to_be_reached_is_offered_to_nobody(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1, cancel_until_s=0)
    sold = scene.book("10:00")
    wish = join(scene, "10:00", day=scene.now.date())
    scene.at("09:31")
    events = scene.do(CancelAppointment, appointment_id=sold.id)
    assert [type(e) for e in events] == [WaitingListLeft, AppointmentCancelled]
    assert scene.hall.book.wishes[wish].state is WishState.EXPIRED
    scene.at("09:00", TUESDAY)
    scene.tick()
    assert not scene.hall.book.wishes  # a new day remembers only who still waits


def test_a_booked_citizen_moves_to_an_earlier_place_that_became_free(full: Any) -> None:
    mine = full.book("14:00", day=TUESDAY, person_ref="p1")
    full.refuses(
        Code.UNKNOWN_APPOINTMENT,
        JoinWaitingList,
        wish_id="w",
        code="c",
        matters=("elder-card",),
        slot_start=full.local("10:00", TUESDAY),
        moves=mine.id,
        person_ref="p2",
    )
    wish = join(full, "10:00", person_ref="p1", moves=mine.id)
    full.do(CancelAppointment, appointment_id=full.sold)
    refused(full, Code.BAD_VALUE, wish, person_ref="p1")  # the old place must be given back for it
    earlier = take(full, wish, replaces=mine.id)
    assert full.hall.appointments[mine.id].state is Booking.CANCELLED
    assert full.hall.appointments[earlier].moved_from == mine.id
    assert why(full, "14:00") == (1, None)


def test_who_moves_away_leaves_the_place_to_the_list(full: Any) -> None:
    wish = join(full, "10:00")
    full.book("11:00", day=TUESDAY, replaces=full.sold)
    assert full.hall.book.wishes[wish].state is WishState.OFFERED


def test_a_wider_sheet_serves_the_list_before_anybody_else(scene: Any) -> None:
    def sheet(minutes: float) -> BookingSheet:
        return BookingSheet(weekday=1, slot_min=15, starts=(600, 615), minutes=(minutes, minutes))

    scene.do(SetBookingSheet, sheet=sheet(8))
    scene.book("10:00", day=TUESDAY)
    wish = join(scene, "10:00")
    events = scene.do(SetBookingSheet, sheet=sheet(16))
    assert [getattr(e, "wish_id", None) for e in events] == [None, wish]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_whatever_is_asked_no_place_is_given_twice_and_nobody_is_passed_over(make_scene: Any, data: Any) -> None:
    """Books, cancels, moves, joins, leaves, takes, waits in any order; small slots of different lengths of matter."""
    scene = make_scene(slot_capacity=data.draw(st.sampled_from([1, 2, None])), slot_quota=0.4)
    clocks = ("10:00", "10:15", "10:30")
    matters = st.sampled_from(["elder-card", "residence", "housing"])
    for _ in range(data.draw(st.integers(5, 22))):
        what = data.draw(st.sampled_from(["book", "book", "cancel", "join", "join", "leave", "take", "move", "wait"]))
        open_wishes = scene.hall.book.open_on(TUESDAY)
        offered = [w.id for w in open_wishes if w.state is WishState.OFFERED]
        booked = sorted(a.id for a in scene.hall.appointments.values() if a.state is Booking.BOOKED)
        before, count = scene.hall, len(scene.log)
        try:
            if what == "book":
                scene.book(data.draw(st.sampled_from(clocks)), data.draw(matters), day=TUESDAY)
            elif what == "cancel" and booked:
                scene.do(CancelAppointment, appointment_id=data.draw(st.sampled_from(booked)))
            elif what == "join":
                join(scene, data.draw(st.sampled_from(clocks)), data.draw(matters))
            elif what == "leave" and open_wishes:
                scene.do(LeaveWaitingList, wish_id=data.draw(st.sampled_from(open_wishes)).id)
            elif what == "take" and offered:
                take(scene, data.draw(st.sampled_from(offered)))
            elif what == "move" and booked:
                old = data.draw(st.sampled_from(booked))
                scene.book(data.draw(st.sampled_from(clocks)), day=TUESDAY, replaces=old)
            elif what == "wait":
                scene.wait(minutes=data.draw(st.sampled_from([1, 10, 16])))
                scene.tick()
        except Refused:
            assert scene.hall == before
        _nothing_is_given_twice(scene)
        for event in scene.log[count:]:
            if isinstance(event, PlaceOffered):
                _nobody_before_is_passed_over(scene, before, event)


def _nothing_is_given_twice(scene: Any) -> None:
    fixed = scene.plan.rules.slot_capacity
    for start in {*scene.hall.slots, *scene.hall.book.holds}:
        taken = len(scene.hall.slots.get(start, ())) + len(scene.hall.book.holds.get(start, ()))
        assert taken <= (1 if fixed is None else fixed)
    for wish in scene.hall.book.open_on(TUESDAY):
        if wish.state is WishState.WAITING:
            # whoever waits, waits because there is no place
            sold = DaySold(scene.hall, TUESDAY)
            assert not sold.room(want(scene.plan, wish.matters), wish.slot_start).free


def _nobody_before_is_passed_over(scene: Any, before: Any, event: PlaceOffered) -> None:
    wish = scene.hall.book.wishes[event.wish_id]
    for other in before.book.open_on(TUESDAY):
        if other.state is WishState.WAITING and other.slot_start == event.slot_start and other.seq < wish.seq:
            now = scene.hall.book.wishes[other.id]
            if now.state is WishState.WAITING:
                sold = DaySold(scene.hall, TUESDAY, wish=wish.id)
                assert not sold.room(want(scene.plan, other.matters), event.slot_start).free


def test_who_is_too_late_hears_the_next_free_slot(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1)
    mine = scene.book("09:15", person_ref="p1")
    scene.book("09:45")
    scene.at("09:31")
    late = scene.ask(CheckIn, token="t" * 22, person_ref="p1")
    assert (late.late, late.next_slot) == (True, scene.local("10:00"))
    assert scene.hall.appointments[mine.id].state is Booking.CHECKED_IN
    punctual = scene.book("11:00", person_ref="p2")
    scene.at("11:14")
    assert scene.ask(CheckIn, token="t" * 22, appointment_id=punctual.id).next_slot is None


def test_joining_says_how_many_are_before(full: Any) -> None:
    join(full, "10:00")
    wish = {"wish_id": "w", "code": "c", "matters": ("elder-card",), "slot_start": full.local("10:00", TUESDAY)}
    given_ = full.ask(JoinWaitingList, **wish)
    assert isinstance(given_, WaitingAnswer)
    assert given_.ahead == 1
    assert not [e for e in full.log if isinstance(e, SlotBooked) and e.appointment.id == "w"]
