"""A booked citizen who came to another hall is told where to go, before this hall is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from queue_server.domain import messages
from queue_server.domain.claims import Unmet
from queue_server.domain.model import Booking
from queue_server.domain.state import Hall
from queue_server.sealed import DoorRefused
from queue_server.translate import Command


def right_hall(command: Command, hall: Hall, others: Iterable[Hall]) -> Command:
    """``command`` as this hall is to be asked it.

    Raise DoorRefused ``wrong-hall``, with where to go, for a check-in whose booking is at one of ``others``. An
    off-line ticket has been given already: it is noted there instead, for the window.
    Only halls of this server are known here; a booking at another server's hall is ``unknown-appointment``.
    """
    match command:
        case messages.CheckIn(appointment_id=appointment, code=code, person_ref=person):
            there = _elsewhere(hall, others, appointment, code, person)
        case messages.RecordOfflineTicket(claim=messages.Claim(code=code, person_ref=person, unmet="") as claim):
            if _elsewhere(hall, others, None, code, person) is None:
                return command
            return replace(command, claim=replace(claim, unmet=Unmet.OTHER_HALL))
        case _:
            return command
    if there is None:
        return command
    plan = there.plan
    raise DoorRefused("wrong-hall", {"hall": plan.name_zh, "hall_en": plan.name_en, "address": plan.address_zh})


def _elsewhere(
    hall: Hall, others: Iterable[Hall], appointment: str | None, code: str | None, person: str | None
) -> Hall | None:
    if _has_booking(hall, appointment, code, person):
        return None
    elsewhere = (other for other in others if other.plan.id != hall.plan.id)
    return next((other for other in elsewhere if _has_booking(other, appointment, code, person)), None)


def _has_booking(hall: Hall, appointment: str | None, code: str | None, person: str | None) -> bool:
    if person is not None:
        theirs = (hall.appointments[one] for one in hall.bookings.get(person, ()))
        return any(one.state is not Booking.CANCELLED for one in theirs)
    return code in hall.codes if code is not None else appointment in hall.appointments
