"""Who took a number off line and says to be booked: the ticket on the paper becomes the check-in, never a second."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from queue_server.domain.answers import RecordedAnswer
from queue_server.domain.errors import Code
from queue_server.domain.messages import (
    AppointmentMet,
    CallTicket,
    CancelAppointment,
    CheckIn,
    Claim,
    CloseDay,
    LeaseBlock,
    OfflineTicketCompleted,
    RecordOfflineTicket,
    TicketIssued,
)
from queue_server.domain.model import Booking, Kind, State

TUESDAY = date(2026, 3, 3)


@pytest.fixture
def lent(scene: Any) -> Any:
    """The kiosk has been lent numbers A001 to A009, at 08:30."""
    scene.at("08:30")
    scene.do(LeaseBlock, block_id="b1", kiosk="k1", group="A", size=9)
    return scene


def record(scene: Any, number: int, clock: str, claim: Claim | None, **fields: Any) -> RecordedAnswer:
    """What was given at ``clock`` comes in now."""
    usual = {
        "block_id": "b1",
        "kiosk": "k1",
        "group": "A",
        "number": number,
        "matters": ("residence",),
        "token": f"token-{number}",
        "checked_in_at": scene.local(clock),
        "claim": claim,
    }
    given = scene.ask(RecordOfflineTicket, **usual | fields)
    scene.check()
    assert isinstance(given, RecordedAnswer)
    return given


def tickets(scene: Any) -> list[str]:
    return [event.ticket.number for event in scene.log if isinstance(event, TicketIssued)]


# --- matched ------------------------------------------------------------------------------------------------


def test_by_its_code_the_ticket_becomes_the_check_in(lent: Any) -> None:
    booking = lent.book("10:00", "elder-card", code="12345678", person_ref="zhang")
    lent.at("10:40")
    given = record(lent, 1, "10:05", Claim(code="12345678"))
    ticket = lent.ticket(given.ticket_id)
    assert (given.number, given.booked, given.slot_start) == ("A001", "met", lent.local("10:00"))
    assert (ticket.kind, ticket.matters) == (Kind.APPOINTMENT, ("elder-card",))  # what was booked
    assert (ticket.appointment_id, ticket.person_ref, ticket.unmet) == (booking.id, "zhang", "")
    assert ticket.promise.due == lent.local("10:15")  # from the check-in on the paper
    after = lent.hall.appointments[booking.id]
    assert (after.state, after.ticket_id) == (Booking.CHECKED_IN, ticket.id)


def test_by_the_person_the_booking_of_the_chosen_matter_is_meant(lent: Any) -> None:
    lent.book("10:00", "elder-card", person_ref="zhang")
    meant = lent.book("11:00", "residence", person_ref="zhang")
    lent.at("11:20")
    given = record(lent, 1, "10:50", Claim(person_ref="zhang"))
    assert lent.ticket(given.ticket_id).appointment_id == meant.id


def test_of_several_the_one_that_is_kept_in_time_is_meant(lent: Any) -> None:
    lent.book("08:45", "elder-card", person_ref="zhang")
    kept = lent.book("10:30", "housing", person_ref="zhang")
    lent.at("11:00")
    given = record(lent, 1, "10:20", Claim(person_ref="zhang"), matters=("medical",))
    assert lent.ticket(given.ticket_id).appointment_id == kept.id


def test_it_is_called_as_an_appointment(lent: Any) -> None:
    lent.book("10:00", code="12345678")
    lent.at("10:05")
    walk_in = lent.take()
    record(lent, 1, "10:04", Claim(code="12345678"))
    lent.open("1")
    assert lent.call("1").number == "A001"
    assert lent.ticket(walk_in).state is State.WAITING


def test_who_was_in_time_stays_in_time(lent: Any) -> None:
    """Synchronised an hour later: the moment on the paper counts, and a doubt about the clock is the citizen's."""
    lent.book("10:00", code="1")
    lent.book("10:00", code="2")
    lent.at("11:30")
    assert record(lent, 1, "10:15", Claim(code="1")).booked == "met"
    assert record(lent, 2, "10:20", Claim(code="2"), clock_uncertainty_s=360).booked == "met"


def test_who_was_too_late_is_a_walk_in_from_the_check_in(lent: Any) -> None:
    booking = lent.book("10:00", code="1")
    lent.at("11:00")
    given = record(lent, 1, "10:16", Claim(code="1"))
    ticket = lent.ticket(given.ticket_id)
    assert (given.booked, ticket.kind, ticket.promise.start) == ("late", Kind.WALK_IN, lent.local("10:16"))
    assert lent.last == AppointmentMet(
        at=lent.now, by="kiosk:k1", appointment_id=booking.id, ticket_id=ticket.id, late=True
    )


def test_who_came_too_early_is_not_sent_away(lent: Any) -> None:
    """Nobody had said to come again later: in line from the check-in, and the booking counts as kept."""
    booking = lent.book("14:00", code="1")
    lent.at("09:30")
    given = record(lent, 1, "09:00", Claim(code="1"))
    ticket = lent.ticket(given.ticket_id)
    assert (given.booked, ticket.kind, ticket.slot_start) == ("early", Kind.WALK_IN, None)
    assert ticket.due == lent.local("09:30")
    assert lent.hall.appointments[booking.id].state is Booking.CHECKED_IN


# --- not matched: a walk-in, and why ------------------------------------------------------------------------


def unmet(scene: Any, given: RecordedAnswer, why: str) -> None:
    ticket = scene.ticket(given.ticket_id)
    assert (given.booked, ticket.unmet) == ("unmet", why)
    assert (ticket.kind, ticket.appointment_id, ticket.matters) == (Kind.WALK_IN, None, ("residence",))
    assert ticket.state is State.WAITING


def test_a_booking_that_has_arrived_elsewhere_is_not_met_twice(lent: Any) -> None:
    booking = lent.book("10:00", code="1", person_ref="zhang")
    lent.at("10:05")
    there = lent.ask(CheckIn, token="there", code="1")
    unmet(lent, record(lent, 1, "10:02", Claim(code="1")), "used")
    unmet(lent, record(lent, 2, "10:02", Claim(person_ref="zhang")), "used")
    assert lent.hall.appointments[booking.id].ticket_id == there.ticket_id


def test_a_cancelled_booking(lent: Any) -> None:
    booking = lent.book("10:00", code="1", person_ref="zhang")
    lent.do(CancelAppointment, appointment_id=booking.id)
    lent.at("10:05")
    unmet(lent, record(lent, 1, "10:02", Claim(code="1")), "cancelled")
    unmet(lent, record(lent, 2, "10:02", Claim(person_ref="zhang")), "cancelled")


def test_a_booking_of_another_day_stays_booked(lent: Any) -> None:
    booking = lent.book("10:00", day=TUESDAY, code="1", person_ref="zhang")
    unmet(lent, record(lent, 1, "08:30", Claim(code="1")), "other-day")
    unmet(lent, record(lent, 2, "08:30", Claim(person_ref="zhang")), "other-day")
    assert lent.hall.appointments[booking.id].state is Booking.BOOKED


@pytest.mark.parametrize("claim", [Claim(code="9"), Claim(person_ref="nobody"), Claim()])
def test_a_code_or_a_person_that_nobody_knows(lent: Any, claim: Claim) -> None:
    unmet(lent, record(lent, 1, "08:30", claim), "unknown")


@pytest.mark.parametrize("why", ["other-hall", "unreadable"])
def test_what_the_door_knows_already(lent: Any, why: str) -> None:
    unmet(lent, record(lent, 1, "08:30", Claim(code="1", unmet=why)), why)


# --- never a second ticket ----------------------------------------------------------------------------------


def test_handed_in_twice_it_is_met_once(lent: Any) -> None:
    lent.book("10:00", code="1")
    lent.at("10:05")
    first = record(lent, 1, "10:02", Claim(code="1"))
    happened = len(lent.log)
    assert record(lent, 1, "10:02", Claim(code="1")) == first
    assert len(lent.log) == happened
    unmet(lent, record(lent, 2, "10:03", Claim(code="1")), "used")  # another paper, the same booking


def test_met_off_line_it_cannot_be_checked_in_again(lent: Any) -> None:
    lent.book("10:00", code="1")
    lent.at("10:05")
    record(lent, 1, "10:02", Claim(code="1"))
    assert lent.refuses(Code.APPOINTMENT_USED, CheckIn, token="again", code="1").facts == {"number": "A001"}


def test_a_check_in_that_was_not_heard_gives_way_to_the_paper(lent: Any) -> None:
    booking = lent.book("10:00", code="1")
    lent.at("10:01")
    unheard = lent.ask(CheckIn, token="one-visit", code="1")
    lent.at("10:05")
    given = record(lent, 1, "10:02", Claim(code="1"), token="one-visit")
    assert given.booked == "met"
    assert lent.ticket(unheard.ticket_id).state is State.CANCELLED
    assert lent.ticket(given.ticket_id).checked_in_at == lent.local("10:01")
    assert lent.hall.appointments[booking.id].ticket_id == given.ticket_id


def test_a_check_in_that_comes_late_is_answered_with_the_paper(lent: Any) -> None:
    lent.book("10:00", code="1")
    lent.at("10:05")
    given = record(lent, 1, "10:02", Claim(code="1"), token="one-visit")
    late = lent.ask(CheckIn, token="one-visit", code="1")
    assert (late.number, late.kind, late.ticket_id) == ("A001", Kind.APPOINTMENT, given.ticket_id)
    assert tickets(lent) == ["A001"]


# --- a window was quicker than the kiosk --------------------------------------------------------------------


def scanned(scene: Any, number: int, clock: str) -> RecordedAnswer:
    """As a window takes it in: by its code, which says nothing of a booking."""
    return record(scene, number, clock, None, by="staff:clerk-1")


def test_taken_in_by_a_window_and_still_waiting_it_becomes_the_check_in(lent: Any) -> None:
    booking = lent.book("10:15", code="1")
    lent.at("10:05")
    paper = scanned(lent, 1, "10:00")
    assert lent.ticket(paper.ticket_id).kind is Kind.WALK_IN
    given = record(lent, 1, "10:00", Claim(code="1"))
    ticket = lent.ticket(paper.ticket_id)
    assert (given.booked, ticket.kind, ticket.due) == ("met", Kind.APPOINTMENT, lent.local("10:25"))
    assert lent.hall.appointments[booking.id].ticket_id == ticket.id
    assert record(lent, 1, "10:00", Claim(code="1")) == given
    assert sum(isinstance(event, OfflineTicketCompleted) for event in lent.log) == 1
    assert tickets(lent) == ["A001"]


def test_called_by_its_paper_it_keeps_its_call_and_the_booking_is_kept(lent: Any) -> None:
    booking = lent.book("10:00", code="1", person_ref="zhang")
    lent.open("1")
    lent.at("10:05")
    paper = scanned(lent, 1, "10:02")
    lent.do(CallTicket, counter="1", ticket_id=paper.ticket_id, reason="shown-at-window")
    before = lent.ticket(paper.ticket_id)
    assert record(lent, 1, "10:02", Claim(code="1")).booked == "met"
    after = lent.ticket(paper.ticket_id)
    assert (after.state, after.promise, after.wait_net_s) == (State.CALLED, before.promise, before.wait_net_s)
    assert (after.appointment_id, after.person_ref) == (booking.id, "zhang")
    assert lent.hall.appointments[booking.id].state is Booking.CHECKED_IN


def test_taken_in_by_a_window_its_unmet_word_is_noted(lent: Any) -> None:
    paper = scanned(lent, 1, "08:30")
    record(lent, 1, "08:30", Claim(code="9"))
    assert lent.ticket(paper.ticket_id).unmet == "unknown"


# --- and the day ends ---------------------------------------------------------------------------------------


def test_who_had_come_has_not_missed_a_booking_that_the_days_end_let_expire(lent: Any) -> None:
    booking = lent.book("16:00", code="1", person_ref="zhang")
    lent.at("17:00")
    lent.do(CloseDay, by="system", business_date=date(2026, 3, 2))
    assert lent.hall.absences["zhang"] == (booking.slot_start,)
    given = record(lent, 1, "15:55", Claim(code="1"))
    assert given.booked == "met"
    assert lent.hall.appointments[booking.id].state is Booking.CHECKED_IN
    assert "zhang" not in lent.hall.absences
    assert lent.ticket(given.ticket_id).state is State.ABANDONED


# --- for somebody else --------------------------------------------------------------------------------------


def test_what_a_proxy_said_off_line_is_not_lost(lent: Any) -> None:
    said = {"proxy": "child", "person_ref": "zhang", "agent_ref": "li", "authorisation": "2026071"}
    given = record(lent, 1, "08:30", None, **said)
    ticket = lent.ticket(given.ticket_id)
    assert {name: getattr(ticket, name) for name in said} == said
    paper = scanned(lent, 2, "08:30")
    record(lent, 2, "08:30", None, **said)
    ticket = lent.ticket(paper.ticket_id)
    assert {name: getattr(ticket, name) for name in said} == said
