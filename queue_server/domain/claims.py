"""The word of somebody who took a number off line that they are booked: which booking it is, and what becomes of it.

The terminal knew no bookings and believed the citizen. Here the booking is looked for, by its code or by the person,
and judged as a check-in would have been at the moment on the paper: who was in time stays in time, also where the
day's end has let the booking expire meanwhile. A doubt about the terminal's clock is the citizen's. Who came too
early is not sent away, for the number has been given: it counts from the check-in, and the booking is met by it.
Nothing is refused. What cannot be matched stays a walk-in, and why not stands on the ticket for whoever serves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from queue_server.domain import calendar
from queue_server.domain.commands import Claim
from queue_server.domain.model import Appointment, Booking, HallPlan
from queue_server.domain.state import Hall


class Unmet(StrEnum):
    """Why no booking was matched. Stands on the ticket and in the log: never renamed."""

    UNKNOWN = "unknown"
    USED = "used"
    CANCELLED = "cancelled"
    OTHER_DAY = "other-day"
    OTHER_HALL = "other-hall"
    UNREADABLE = "unreadable"
    """The box with the person did not open."""


@dataclass(frozen=True, slots=True)
class Came:
    """When the citizen came: ``at`` by the terminal's best knowledge, ``earliest`` by what its clock may be off."""

    at: datetime
    earliest: datetime


@dataclass(frozen=True, slots=True)
class Met:
    """The booking, and how its citizen came: in time unless ``late`` or ``early``."""

    appointment: Appointment
    late: bool
    early: bool

    @property
    def in_time(self) -> bool:
        return not (self.late or self.early)


def judged(plan: HallPlan, appointment: Appointment, came: Came) -> Met:
    slot, rules = appointment.slot_start, plan.rules
    late = came.earliest > slot + timedelta(seconds=rules.late_after_s)
    early = came.at < slot - timedelta(seconds=rules.early_check_in_s)
    return Met(appointment, late, early)


def matched(hall: Hall, claim: Claim, matters: tuple[str, ...], came: Came, unheard: str | None = None) -> Met | Unmet:
    """The booking that is meant, or why there is none. ``unheard``: the ticket of the same visit that gives way."""
    if claim.unmet:
        return Unmet(claim.unmet)
    if claim.code is not None:
        appointment = hall.appointments.get(hall.codes.get(claim.code, ""))
        if appointment is None:
            return Unmet.UNKNOWN
        return _no(hall, appointment, unheard) or judged(hall.plan, appointment, came)
    theirs = [hall.appointments[name] for name in hall.bookings.get(claim.person_ref or "", ())]
    open_ = [judged(hall.plan, one, came) for one in theirs if _no(hall, one, unheard) is None]
    if open_:
        return min(open_, key=lambda met: _fits(met, matters))
    whys = {_no(hall, one, unheard) for one in theirs}
    return next((why for why in (Unmet.USED, Unmet.CANCELLED, Unmet.OTHER_DAY) if why in whys), Unmet.UNKNOWN)


def _fits(met: Met, matters: tuple[str, ...]) -> tuple[bool, bool, bool, datetime, str]:
    """Of several the one for what was chosen at the terminal, then one that was kept in time, then the first."""
    one = met.appointment
    return (not set(one.matters) & set(matters), met.late, met.early, one.slot_start, one.id)


def _no(hall: Hall, appointment: Appointment, unheard: str | None) -> Unmet | None:
    if appointment.state is Booking.CANCELLED:
        return Unmet.CANCELLED
    if appointment.state is Booking.CHECKED_IN and (unheard is None or appointment.ticket_id != unheard):
        return Unmet.USED
    if calendar.business_date(hall.plan, appointment.slot_start) != hall.business_date:
        return Unmet.OTHER_DAY
    return None
