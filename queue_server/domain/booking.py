"""Slots: what is offered, what may be booked, moved and cancelled, and who may for a while not book.

A day's slots start at the opening of each stretch and follow one another by ``slot_s`` as long as a whole one
fits. How many places each has stands in ``places``; a slot that is not offered says why. A place is sold by the
hall's one writer, so never twice; one that is given back goes first to who waits for it (``waiting_list``).
Phone, kiosk, staff and the city's platform all book by the same command.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from queue_server.domain import calendar, may_book, waiting_list
from queue_server.domain.book import Wish, WishState
from queue_server.domain.errors import Code, Refused
from queue_server.domain.may_book import blocked_until
from queue_server.domain.messages import (
    AppointmentCancelled,
    BookSlot,
    CancelAppointment,
    Event,
    SlotBooked,
    WaitingListLeft,
)
from queue_server.domain.model import Appointment, Booking
from queue_server.domain.places import DaySold, NotOffered, places, slots_of
from queue_server.domain.promises import Want, matters_of, want
from queue_server.domain.state import Hall

__all__ = ["DayOffer", "NotOffered", "Offer", "blocked_until", "day_offer", "next_free", "offers", "places", "slots_of"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One slot and how many places it still has for these matters; 0 is not offered, and ``why``."""

    start: datetime
    free: int
    why: NotOffered | None = None


@dataclass(frozen=True, slots=True)
class DayOffer:
    """All slots of a day; ``why`` set: none of them can be booked, whatever it has."""

    day: date
    slots: tuple[Offer, ...]
    why: NotOffered | None = None

    @property
    def none_because(self) -> NotOffered | None:
        """Why the day has no place at all: its own reason, else what most of its slots say; None if it has one."""
        if self.why is not None or any(slot.free for slot in self.slots):
            return self.why
        whys = [slot.why for slot in self.slots if slot.why is not None and slot.why is not NotOffered.BEGUN]
        return max(dict.fromkeys(whys), key=whys.count, default=NotOffered.CLOSED)


WAITS = frozenset({NotOffered.FULL, NotOffered.HELD, NotOffered.PROMISE})
"""For these a place may be given back, so one may wait for it."""


def may_wait(hall: Hall, offer: Offer, now: datetime) -> bool:
    """Whether the waiting list can still bring a place in this slot in time to come."""
    return offer.why in WAITS and offer.start > now + timedelta(seconds=hall.plan.rules.waiting_list_notice_s)


def days_ahead(hall: Hall, matters: tuple[str, ...], now: datetime) -> tuple[DayOffer, ...]:
    """Every open day from today to the end of the horizon. Refused as ``day_offer``."""
    _bookable(hall, matters)
    day, last = calendar.business_date(hall.plan, now), _last_day(hall, now)
    listed = []
    while day <= last:
        if calendar.hours_of(hall.plan, day):
            listed.append(day_offer(hall, matters, day, now))
        day += timedelta(days=1)
    return tuple(listed)


def offers(hall: Hall, matters: tuple[str, ...], day: date, now: datetime) -> tuple[Offer, ...]:
    """Every slot of ``day`` that has not begun, full ones too; empty when the hall is closed that day.

    Refused: no-matter, unknown-matter, not-bookable, no-skill, beyond-horizon.
    """
    wanted = _bookable(hall, matters)
    _within_horizon(hall, day, now)
    sold = DaySold(hall, day)
    return tuple(_offer(sold, wanted, start) for start in slots_of(hall, day) if start > now)


def day_offer(hall: Hall, matters: tuple[str, ...], day: date, now: datetime) -> DayOffer:
    """Every slot of ``day``, each that is not offered with its reason.

    Refused: no-matter, unknown-matter, not-bookable, no-skill (no window of this hall serves them at all).
    """
    wanted = _bookable(hall, matters)
    if day > _last_day(hall, now):
        return DayOffer(day, (), NotOffered.BEYOND_HORIZON)
    starts = slots_of(hall, day)
    if not starts or (hall.day_closed and day == hall.business_date):
        return DayOffer(day, (), NotOffered.CLOSED)
    sold = DaySold(hall, day)
    slots = tuple(_offer(sold, wanted, start) if start > now else Offer(start, 0, NotOffered.BEGUN) for start in starts)
    return DayOffer(day, slots, NotOffered.BEGUN if starts[-1] <= now else None)


def _offer(sold: DaySold, wanted: Want, start: datetime) -> Offer:
    found = sold.room(wanted, start)
    return Offer(start, found.free, found.why)


def next_free(hall: Hall, matters: tuple[str, ...], now: datetime) -> datetime | None:
    """The first slot that can still be booked for these matters, today or later; None if there is none."""
    try:
        wanted = _bookable(hall, matters)
    except Refused:
        return None
    day, last = calendar.business_date(hall.plan, now), _last_day(hall, now)
    while day <= last:
        if not (hall.day_closed and day == hall.business_date):
            sold = DaySold(hall, day)
            for start in slots_of(hall, day):
                if start > now and sold.room(wanted, start).free:
                    return start
        day += timedelta(days=1)
    return None


def _bookable(hall: Hall, ids: tuple[str, ...]) -> Want:
    for matter in matters_of(hall.plan, ids):
        if not matter.bookable:
            raise Refused(Code.NOT_BOOKABLE, matter=matter.id)
    wanted = want(hall.plan, ids)
    if not hall.floor.able(wanted.skills, remote=False):
        raise Refused(Code.NO_SKILL, matter=wanted.matters[0])
    return wanted


def _last_day(hall: Hall, now: datetime) -> date:
    today = calendar.business_date(hall.plan, now)
    return calendar.open_days_ahead(hall.plan, today, hall.plan.rules.booking_horizon_days)


def _within_horizon(hall: Hall, day: date, now: datetime) -> None:
    last = _last_day(hall, now)
    if day > last:
        raise Refused(Code.BEYOND_HORIZON, last_day=last.isoformat())


def book_slot(hall: Hall, command: BookSlot, now: datetime) -> list[Event]:
    """One place for one visit; with ``replaces`` the old booking is given back in the same decision.

    With ``wish`` it is the place held for somebody on the waiting list. Whoever waits for a place that has become
    free meanwhile comes before a booking from outside.
    """
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
    wish = None if command.wish is None else _held(hall, command, start)
    may_book.not_blocked(hall, command.person_ref, now, by=command.by, origin=command.origin)
    moved = None if command.replaces is None else _movable(hall, command.replaces, command.person_ref, now)
    may_book.once_a_day(hall, command.person_ref, wanted, day, command.replaces)
    first: list[Event] = []
    if wish is None:
        first, hall = waiting_list.fill(hall, now, (day,))
    sold = DaySold(hall, day, without=command.replaces, wish=command.wish)
    if not sold.room(wanted, start).free:
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
    events: list[Event] = []
    if moved is not None:
        events.append(AppointmentCancelled(at=now, by=command.by, appointment_id=moved.id, moved_to=appointment.id))
    if wish is not None:
        events.append(WaitingListLeft(at=now, by=command.by, wish_id=wish.id, reason="booked"))
    events.append(SlotBooked(at=now, by=command.by, appointment=appointment))
    if moved is not None:
        events += waiting_list.after(hall, events, now, moved.slot_start)
    return first + events


def _held(hall: Hall, command: BookSlot, start: datetime) -> Wish:
    """The wish for which this very place is held. Refused: offer-over, bad-value."""
    wish = hall.book.wishes.get(command.wish or "")
    if wish is None or wish.offered != start or wish.state is not WishState.OFFERED:
        raise Refused(Code.OFFER_OVER)
    if set(wish.matters) != set(command.matters) or wish.moves != command.replaces:
        raise Refused(Code.BAD_VALUE, field="wish")
    return wish


def cancel_appointment(hall: Hall, command: CancelAppointment, now: datetime) -> list[Event]:
    """Refused: unknown-appointment, appointment-used, no-appointment, too-late (with the last moment)."""
    appointment = _cancellable(hall, command.appointment_id, now)
    given_back: Event = AppointmentCancelled(at=now, by=command.by, appointment_id=command.appointment_id)
    return [given_back, *waiting_list.after(hall, [given_back], now, appointment.slot_start)]


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
