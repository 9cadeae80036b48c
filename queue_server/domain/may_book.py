"""Who may book: one booking per person, matter and day, and nobody who lately missed too many.

A person is an opaque reference; a booking without one (a phone page without a number) is bound by neither rule.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from queue_server.domain import calendar
from queue_server.domain.errors import Code, Refused
from queue_server.domain.model import Booking
from queue_server.domain.promises import Want
from queue_server.domain.state import Hall


def once_a_day(hall: Hall, person_ref: str | None, wanted: Want, day: date, replaces: str | None) -> None:
    """Refused: already-booked, with the booking (a matter met that day may be booked again)."""
    if person_ref is None:
        return
    for appointment_id in hall.bookings.get(person_ref, ()):
        old = hall.appointments[appointment_id]
        if (
            old.state is Booking.BOOKED
            and old.id != replaces
            and calendar.business_date(hall.plan, old.slot_start) == day
            and set(old.matters) & set(wanted.matters)
        ):
            slot = calendar.local_text(hall.plan, old.slot_start)
            raise Refused(Code.ALREADY_BOOKED, appointment=old.id, slot=slot)


def blocked_until(hall: Hall, person_ref: str, now: datetime) -> datetime | None:
    """Until when this person may book only through staff; None if not blocked.

    ``no_show_limit`` missed bookings within ``no_show_window_days`` block for ``no_show_block_days`` from the
    last of them. A walk-in is never blocked.
    """
    rules = hall.plan.rules
    missed = hall.absences.get(person_ref, ())
    window = timedelta(days=rules.no_show_window_days)
    until = None
    for i in range(max(0, rules.no_show_limit - 1), len(missed)):
        if missed[i] - missed[i - rules.no_show_limit + 1] <= window:
            until = missed[i] + timedelta(days=rules.no_show_block_days)
    return until if until is not None and until > now else None


def not_blocked(hall: Hall, person_ref: str | None, now: datetime, *, by: str, origin: str) -> None:
    """Refused: booking-blocked, with its end; staff may book for anybody on the spot."""
    if person_ref is None or (by.startswith("staff:") and origin == "on-site"):
        return
    until = blocked_until(hall, person_ref, now)
    if until is not None:
        raise Refused(Code.BOOKING_BLOCKED, until=calendar.local_text(hall.plan, until))
