"""A booked citizen who came to another hall is told where to go, before this hall is asked."""

from __future__ import annotations

from collections.abc import Iterable

from queue_server.domain import messages
from queue_server.domain.model import Booking
from queue_server.domain.state import Hall
from queue_server.translate import DoorRefused


def right_hall(command: messages.Command, hall: Hall, others: Iterable[Hall]) -> None:
    """Raise DoorRefused ``wrong-hall``, with where to go, for a check-in whose booking is at one of ``others``.

    Only halls of this server are known here; a booking at another server's hall is ``unknown-appointment``.
    """
    if not isinstance(command, messages.CheckIn) or _has_booking(hall, command):
        return
    for other in others:
        if other.plan.id != hall.plan.id and _has_booking(other, command):
            plan = other.plan
            raise DoorRefused("wrong-hall", {"hall": plan.name_zh, "hall_en": plan.name_en, "address": plan.address_zh})


def _has_booking(hall: Hall, command: messages.CheckIn) -> bool:
    if command.person_ref is not None:
        theirs = (hall.appointments[one] for one in hall.bookings.get(command.person_ref, ()))
        return any(one.state is not Booking.CANCELLED for one in theirs)
    if command.code is not None:
        return command.code in hall.codes
    return command.appointment_id in hall.appointments
