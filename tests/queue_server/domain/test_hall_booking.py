"""Slots: offered, booked once, moved, cancelled, checked in; who missed three may not book for a while."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from queue_server.domain import booking
from queue_server.domain.answers import BookedAnswer, TicketAnswer
from queue_server.domain.errors import Code, Refused
from queue_server.domain.messages import (
    AppointmentCancelled,
    BookSlot,
    CancelAppointment,
    CheckIn,
    SlotBooked,
    TakeTicket,
)
from queue_server.domain.model import Booking, Place

TUESDAY = date(2026, 3, 3)


def free(scene: Any, clock: str, *matters: str, day: date = TUESDAY) -> int:
    offers = booking.offers(scene.hall, matters or ("elder-card",), day, scene.now)
    return next(o.free for o in offers if o.start == scene.local(clock, day))


def test_the_day_is_cut_into_quarters_of_an_hour(scene: Any) -> None:
    offers = booking.offers(scene.hall, ("elder-card",), TUESDAY, scene.now)
    assert len(offers) == 32
    assert (offers[0].start, offers[-1].start) == (scene.local("08:30", TUESDAY), scene.local("16:15", TUESDAY))
    today = booking.offers(scene.hall, ("elder-card",), scene.now.date(), scene.now)
    assert today[0].start == scene.local("09:15")  # what has begun is not offered
    assert booking.offers(scene.hall, ("elder-card",), date(2026, 3, 5), scene.now) == ()


def test_places_follow_windows_and_service_time(scene: Any) -> None:
    # 3 windows x 15 min / mean of (8, 12, 10, 30) min x 0.85 = 2; housing has only windows 1 and 2.
    assert free(scene, "10:00") == 2
    # 2 windows x 15 / 15 x 0.85 = 1
    assert free(scene, "10:00", "housing") == 1
    scene.book("10:00", "housing", day=TUESDAY)
    assert (free(scene, "10:00"), free(scene, "10:00", "housing")) == (1, 0)
    scene.refuses(
        Code.SLOT_FULL,
        BookSlot,
        appointment_id="x",
        code="x",
        matters=("housing",),
        slot_start=scene.local("10:00", TUESDAY),
    )


def test_at_least_one_place(make_scene: Any) -> None:
    assert free(make_scene(slot_s=60, slot_quota=0.01), "10:00") == 1


def test_a_slot_of_one_is_sold_once(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1)
    scene.book("10:00", day=TUESDAY)
    slot = {"matters": ("elder-card",), "slot_start": scene.local("10:00", TUESDAY)}
    for i in range(15):
        no = scene.refuses(Code.SLOT_FULL, BookSlot, appointment_id=f"x{i}", code=f"x{i}", **slot)
        assert no.facts == {"slot": "2026-03-03 10:00"}
    assert free(scene, "10:00") == 0


def test_what_cannot_be_booked(scene: Any) -> None:
    def refuses(because: Code, clock: str, day: date, *matters: str, **more: Any) -> Refused:
        fields = {"appointment_id": "x", "code": "x", "matters": matters or ("elder-card",), **more}
        return scene.refuses(because, BookSlot, slot_start=scene.local(clock, day), **fields)

    refuses(Code.NO_SUCH_SLOT, "08:45", date(2026, 3, 2))  # has begun
    refuses(Code.NO_SUCH_SLOT, "10:05", TUESDAY)
    refuses(Code.NO_SUCH_SLOT, "16:30", TUESDAY)
    refuses(Code.NO_SUCH_SLOT, "10:00", date(2026, 3, 5))  # holiday
    # Seven working days after Monday the 2nd: 3, 4, 6, 7, 8, 9, 10.
    assert refuses(Code.BEYOND_HORIZON, "10:00", date(2026, 3, 11)).facts == {"last_day": "2026-03-10"}
    refuses(Code.NOT_BOOKABLE, "10:00", TUESDAY, "archive")
    refuses(Code.UNKNOWN_MATTER, "10:00", TUESDAY, "moon")
    with pytest.raises(Refused):
        booking.offers(scene.hall, ("archive",), TUESDAY, scene.now)
    booked = scene.book("10:00", day=date(2026, 3, 10))
    refuses(Code.BAD_VALUE, "10:00", TUESDAY, appointment_id=booked.id)
    refuses(Code.BAD_VALUE, "10:00", TUESDAY, code=booked.code)


def test_a_booking_is_answered_whole(scene: Any) -> None:
    given = scene.ask(
        BookSlot,
        appointment_id="a1",
        code="12345678",
        matters=("elder-card",),
        slot_start=scene.local("10:00", TUESDAY),
        person_ref="p1",
        origin="phone",
    )
    assert isinstance(given, BookedAnswer)
    assert given.appointment == scene.hall.appointments["a1"]
    assert (given.appointment.state, given.appointment.origin) == (Booking.BOOKED, "phone")


def test_the_same_person_and_matter_once_a_day(scene: Any) -> None:
    old = scene.book("10:00", day=TUESDAY, person_ref="p1")
    again = {"appointment_id": "x", "code": "x", "matters": ("residence", "elder-card"), "person_ref": "p1"}
    no = scene.refuses(Code.ALREADY_BOOKED, BookSlot, slot_start=scene.local("14:00", TUESDAY), **again)
    assert no.facts == {"appointment": old.id, "slot": "2026-03-03 10:00"}
    scene.book("14:00", "medical", day=TUESDAY, person_ref="p1")
    scene.book("14:00", day=date(2026, 3, 4), person_ref="p1")


def test_moving_a_booking_gives_the_old_place_back(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1)
    old = scene.book("10:00", day=TUESDAY, person_ref="p1")
    new = scene.book("11:00", day=TUESDAY, person_ref="p1", replaces=old.id)
    assert [type(e) for e in scene.log[-2:]] == [AppointmentCancelled, SlotBooked]
    assert scene.log[-2].moved_to == new.id
    assert (new.moved_from, scene.hall.appointments[old.id].state) == (old.id, Booking.CANCELLED)
    assert (free(scene, "10:00"), free(scene, "11:00")) == (1, 0)
    taken = {"appointment_id": "x", "code": "x", "matters": ("elder-card",), "replaces": new.id}
    slot = scene.local("12:00", TUESDAY)
    scene.refuses(Code.UNKNOWN_APPOINTMENT, BookSlot, slot_start=slot, person_ref="p2", **taken)
    # to the same slot again: the own place does not stand in the way
    scene.book("11:00", "residence", day=TUESDAY, person_ref="p1", replaces=new.id)


def test_cancelling_until_half_an_hour_before(scene: Any) -> None:
    appointment = scene.book("10:00")
    other = scene.book("10:00", "medical")
    scene.at("09:30")
    scene.do(CancelAppointment, appointment_id=appointment.id)
    scene.refuses(Code.NO_APPOINTMENT, CancelAppointment, appointment_id=appointment.id)
    scene.wait(seconds=1)
    no = scene.refuses(Code.TOO_LATE, CancelAppointment, appointment_id=other.id)
    assert no.facts == {"until": "2026-03-02 09:30"}
    scene.refuses(Code.UNKNOWN_APPOINTMENT, CancelAppointment, appointment_id="nobody")
    scene.refuses(Code.NO_APPOINTMENT, CheckIn, token="t" * 22, appointment_id=appointment.id)


# --- check-in


def test_check_in_by_id_code_or_person(scene: Any) -> None:
    by_id = scene.book("09:30")
    by_code = scene.book("09:30", "medical")
    by_person = scene.book("09:45", person_ref="p1")
    tickets = [
        scene.ask(CheckIn, token="t" * 22, **how)
        for how in ({"appointment_id": by_id.id}, {"code": by_code.code}, {"person_ref": "p1"})
    ]
    assert all(isinstance(t, TicketAnswer) for t in tickets)
    assert [t.number for t in tickets] == ["A001", "B001", "A002"]
    met = scene.hall.appointments[by_person.id]
    assert (met.state, met.ticket_id) == (Booking.CHECKED_IN, tickets[2].ticket_id)
    assert scene.ticket(tickets[2].ticket_id).person_ref == "p1"
    scene.refuses(Code.APPOINTMENT_USED, CheckIn, token="t" * 22, code=by_code.code)
    no = scene.refuses(Code.APPOINTMENT_USED, CheckIn, token="t" * 22, person_ref="p1")
    assert no.facts == {"number": "A002"}


def test_check_in_with_nothing_to_find(scene: Any) -> None:
    scene.refuses(Code.UNKNOWN_APPOINTMENT, CheckIn, token="t" * 22, code="00000000")
    scene.refuses(Code.UNKNOWN_APPOINTMENT, CheckIn, token="t" * 22, appointment_id="nobody")
    scene.refuses(Code.NO_APPOINTMENT, CheckIn, token="t" * 22, person_ref="nobody")
    scene.refuses(Code.BAD_VALUE, CheckIn, token="t" * 22)
    scene.refuses(Code.BAD_VALUE, CheckIn, token="t" * 22, code="1", person_ref="p1")


def test_several_today_are_to_be_chosen_from(scene: Any) -> None:
    second = scene.book("10:00", "medical", person_ref="p1")
    first = scene.book("09:30", person_ref="p1")
    scene.book("09:30", "residence", day=TUESDAY, person_ref="p1")
    no = scene.refuses(Code.SEVERAL_APPOINTMENTS, CheckIn, token="t" * 22, person_ref="p1")
    assert no.choices == (first.id, second.id)
    scene.do(CheckIn, token="t" * 22, appointment_id=first.id)
    scene.do(CheckIn, token="t" * 22, person_ref="p1")  # one is left


def test_the_wrong_day(scene: Any) -> None:
    scene.book("09:30", day=TUESDAY, person_ref="p1")
    no = scene.refuses(Code.WRONG_DAY, CheckIn, token="t" * 22, person_ref="p1")
    assert no.facts["day"] == "2026-03-03"


def test_a_matter_that_needs_the_person_is_not_checked_in_from_afar(scene: Any) -> None:
    appointment = scene.book("09:30", "medical")
    given = scene.ask(CheckIn, token="t" * 22, appointment_id=appointment.id, place=Place.REMOTE)
    assert scene.ticket(given.ticket_id).place is Place.REMOTE


# --- who does not come


def miss_days(scene: Any, days: list[int]) -> None:
    for day in days:
        scene.at("09:00", date(2026, 3, day))
        scene.book("10:00", day=date(2026, 3, day), person_ref="p1")
    scene.at("09:00", date(2026, 3, days[-1]) + timedelta(days=1))
    scene.tick()


def test_three_missed_bookings_in_thirty_days_block_for_fourteen(scene: Any) -> None:
    miss_days(scene, [2, 3])
    scene.book("10:00", day=date(2026, 3, 4), person_ref="p1")
    scene.at("09:00", date(2026, 3, 6))
    slot = {"appointment_id": "x", "code": "x", "matters": ("elder-card",), "person_ref": "p1"}
    no = scene.refuses(Code.BOOKING_BLOCKED, BookSlot, slot_start=scene.local("10:00", date(2026, 3, 9)), **slot)
    assert no.facts == {"until": "2026-03-18 10:00"}
    # A number now is never refused, staff may book on the spot, and others are not touched.
    scene.take(person_ref="p1")
    by_staff = scene.book("10:00", day=date(2026, 3, 9), person_ref="p1", by="staff:desk", origin="on-site")
    scene.do(CancelAppointment, appointment_id=by_staff.id)
    scene.book("11:00", day=date(2026, 3, 9), person_ref="p2")
    scene.at("10:01", date(2026, 3, 18))
    scene.book("14:00", day=date(2026, 3, 18), person_ref="p1")


def test_a_check_in_or_a_cancellation_is_no_missed_booking(scene: Any) -> None:
    met = scene.book("09:30", person_ref="p1")
    cancelled = scene.book("14:00", "medical", person_ref="p1")
    missed = scene.book("15:00", "residence", person_ref="p1")
    scene.do(CheckIn, token="t" * 22, appointment_id=met.id)
    scene.do(CancelAppointment, appointment_id=cancelled.id)
    scene.at("09:00", TUESDAY)
    scene.tick()
    assert scene.hall.absences["p1"] == (missed.slot_start,)
    assert not scene.hall.appointments  # yesterday's are gone


def test_bookings_of_days_nobody_opened_are_missed_too(scene: Any) -> None:
    scene.book("10:00", day=TUESDAY, person_ref="p1")
    kept = scene.book("10:00", day=date(2026, 3, 6), person_ref="p1")
    scene.at("07:00", date(2026, 3, 6))
    scene.tick()
    assert len(scene.hall.absences["p1"]) == 1
    assert scene.hall.appointments[kept.id].state is Booking.BOOKED
    scene.at("10:00", date(2026, 3, 6))
    scene.do(CheckIn, token="t" * 22, person_ref="p1")


def test_absences_are_forgotten_in_time(scene: Any) -> None:
    miss_days(scene, [2])
    scene.at("09:00", date(2026, 6, 15))
    scene.do(TakeTicket, matters=("elder-card",), token="t" * 22)
    scene.at("09:00", date(2026, 6, 16))
    scene.tick()
    assert not scene.hall.absences


def test_the_days_ahead_are_the_open_ones_and_each_full_one_says_why(make_scene: Any) -> None:
    scene = make_scene(slot_capacity=1)
    days = booking.days_ahead(scene.hall, ("elder-card",), scene.now)
    assert len(days) == 8, "today and seven working days"
    assert date(2026, 3, 5) not in {one.day for one in days}, "a holiday is no day to book"
    assert all(one.none_because is None for one in days)
    for offer in booking.offers(scene.hall, ("elder-card",), TUESDAY, scene.now):
        scene.book(f"{offer.start + timedelta(hours=8):%H:%M}", day=TUESDAY)
    (full,) = [one for one in booking.days_ahead(scene.hall, ("elder-card",), scene.now) if one.day == TUESDAY]
    assert full.none_because is booking.NotOffered.FULL
    assert any(booking.may_wait(scene.hall, slot, scene.now) for slot in full.slots)
