"""Slots: what is offered, what may be booked, moved and cancelled, and who may for a while not book.

A day's slots start at the opening of each stretch and follow one another by ``slot_s`` as long as a whole one
fits. A slot has as many places as the rule says: a fixed number, or what its windows can serve in it,
windows x slot / mean minutes x quota, at least 1; matters that only some windows serve have the smaller
number of those windows as well. A place is sold by the hall's one writer, so never twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from queue_server.domain import calendar
from queue_server.domain.errors import Code, Refused
from queue_server.domain.floor import Windows
from queue_server.domain.messages import AppointmentCancelled, BookSlot, CancelAppointment, Event, SlotBooked
from queue_server.domain.model import Appointment, Booking
from queue_server.domain.promises import Want, matters_of, want
from queue_server.domain.state import Hall


@dataclass(frozen=True, slots=True)
class Offer:
    """One slot and how many places it still has for these matters; 0 is full."""

    start: datetime
    free: int


def offers(hall: Hall, matters: tuple[str, ...], day: date, now: datetime) -> tuple[Offer, ...]:
    """Every slot of ``day`` that has not begun, full ones too; empty when the hall is closed that day.

    Refused: no-matter, unknown-matter, not-bookable, no-skill, beyond-horizon.
    """
    wanted = _bookable(hall, matters)
    _within_horizon(hall, day, now)
    return tuple(Offer(start, places(hall, wanted, start)) for start in slots_of(hall, day) if start > now)


def slots_of(hall: Hall, day: date) -> list[datetime]:
    """The slot starts of ``day``, UTC, in order."""
    length = timedelta(seconds=hall.plan.rules.slot_s)
    starts = []
    for opens, closes in calendar.openings(hall.plan, day):
        start = opens
        while start + length <= closes:
            starts.append(start)
            start += length
    return starts


def places(hall: Hall, wanted: Want, start: datetime, without: str | None = None) -> int:
    """Free places for ``wanted`` in the slot at ``start``, as if appointment ``without`` did not hold one."""
    held = [a for a in hall.slots.get(start, ()) if a != without]
    fixed = hall.plan.rules.slot_capacity
    if fixed is not None:
        return max(0, fixed - len(held))
    everything = (1 << len(hall.plan.counters)) - 1
    mine = hall.floor.able(wanted.skills, remote=False)
    free = _capacity(hall, everything) - len(held)
    if mine != everything:
        rivals = sum(1 for a in held if _windows(hall, a) | mine == mine)
        free = min(free, _capacity(hall, mine) - rivals)
    return max(0, free)


def _windows(hall: Hall, appointment_id: str) -> Windows:
    """The windows that can serve a booking; none where the catalogue has forgotten its matters."""
    known = tuple(m for m in hall.appointments[appointment_id].matters if m in hall.plan.matters)
    return hall.floor.able(want(hall.plan, known).skills, remote=False) if known else 0


def _capacity(hall: Hall, windows: Windows) -> int:
    """Places of a slot served by ``windows``: windows x slot / mean service x quota, at least 1."""
    rules = hall.plan.rules
    minutes = [
        m.service_min
        for m in hall.plan.matters.values()
        if m.bookable and hall.floor.able(() if m.skill is None else (m.skill,), remote=False) & windows
    ]
    mean_s = 60 * sum(minutes) / len(minutes) if minutes else float(rules.slot_s)
    return max(1, int(windows.bit_count() * rules.slot_s / mean_s * rules.slot_quota))


def _bookable(hall: Hall, ids: tuple[str, ...]) -> Want:
    for matter in matters_of(hall.plan, ids):
        if not matter.bookable:
            raise Refused(Code.NOT_BOOKABLE, matter=matter.id)
    wanted = want(hall.plan, ids)
    if not hall.floor.able(wanted.skills, remote=False):
        raise Refused(Code.NO_SKILL, matter=wanted.matters[0])
    return wanted


def _within_horizon(hall: Hall, day: date, now: datetime) -> None:
    today = calendar.business_date(hall.plan, now)
    last = calendar.open_days_ahead(hall.plan, today, hall.plan.rules.booking_horizon_days)
    if day > last:
        raise Refused(Code.BEYOND_HORIZON, last_day=last.isoformat())


def book_slot(hall: Hall, command: BookSlot, now: datetime) -> list[Event]:
    """One place for one visit; with ``replaces`` the old booking is given back in the same decision."""
    wanted = _bookable(hall, command.matters)
    start = command.slot_start.astimezone(UTC)
    day = calendar.business_date(hall.plan, start)
    if start <= now or start not in slots_of(hall, day) or (hall.day_closed and day == hall.business_date):
        raise Refused(Code.NO_SUCH_SLOT, slot=calendar.local_text(hall.plan, start))
    _within_horizon(hall, day, now)
    if command.appointment_id in hall.appointments:
        raise Refused(Code.BAD_VALUE, field="appointment_id")
    if command.code in hall.codes:
        raise Refused(Code.BAD_VALUE, field="code")
    _not_blocked(hall, command, now)
    moved = None if command.replaces is None else _movable(hall, command.replaces, command.person_ref, now)
    _not_booked_already(hall, command, wanted, day)
    if not places(hall, wanted, start, without=command.replaces):
        raise Refused(Code.SLOT_FULL, slot=calendar.local_text(hall.plan, start))
    appointment = Appointment(
        id=command.appointment_id,
        code=command.code,
        matters=wanted.matters,
        slot_start=start,
        state=Booking.BOOKED,
        booked_at=now,
        origin=command.origin,
        person_ref=command.person_ref,
        moved_from=None if moved is None else moved.id,
    )
    booked: Event = SlotBooked(at=now, by=command.by, appointment=appointment)
    if moved is None:
        return [booked]
    given_back = AppointmentCancelled(at=now, by=command.by, appointment_id=moved.id, moved_to=appointment.id)
    return [given_back, booked]


def cancel_appointment(hall: Hall, command: CancelAppointment, now: datetime) -> list[Event]:
    """Refused: unknown-appointment, appointment-used, no-appointment, too-late (with the last moment)."""
    _cancellable(hall, command.appointment_id, now)
    return [AppointmentCancelled(at=now, by=command.by, appointment_id=command.appointment_id)]


def _cancellable(hall: Hall, appointment_id: str, now: datetime) -> Appointment:
    appointment = hall.appointments.get(appointment_id)
    if appointment is None:
        raise Refused(Code.UNKNOWN_APPOINTMENT)
    if appointment.state is Booking.CHECKED_IN:
        ticket = hall.tickets.get(appointment.ticket_id or "")
        raise Refused(Code.APPOINTMENT_USED, number="" if ticket is None else ticket.number)
    if appointment.state is not Booking.BOOKED:
        raise Refused(Code.NO_APPOINTMENT, state=appointment.state.value)
    until = appointment.slot_start - timedelta(seconds=hall.plan.rules.cancel_until_s)
    if now > until:
        raise Refused(Code.TOO_LATE, until=calendar.local_text(hall.plan, until))
    return appointment


def _movable(hall: Hall, appointment_id: str, person_ref: str | None, now: datetime) -> Appointment:
    """A booking is moved by the person whose it is."""
    appointment = hall.appointments.get(appointment_id)
    if appointment is None or appointment.person_ref != person_ref:
        raise Refused(Code.UNKNOWN_APPOINTMENT)
    return _cancellable(hall, appointment_id, now)


def _not_booked_already(hall: Hall, command: BookSlot, wanted: Want, day: date) -> None:
    """One booking per person, matter and day (a matter met that day may be booked again)."""
    if command.person_ref is None:
        return
    for appointment_id in hall.bookings.get(command.person_ref, ()):
        old = hall.appointments[appointment_id]
        if (
            old.state is Booking.BOOKED
            and old.id != command.replaces
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


def _not_blocked(hall: Hall, command: BookSlot, now: datetime) -> None:
    if command.person_ref is None or (command.by.startswith("staff:") and command.origin == "on-site"):
        return
    until = blocked_until(hall, command.person_ref, now)
    if until is not None:
        raise Refused(Code.BOOKING_BLOCKED, until=calendar.local_text(hall.plan, until))
