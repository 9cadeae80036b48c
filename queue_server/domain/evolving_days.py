"""What events about numbers, bookings and the day itself make of the hall (see ``evolving``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from queue_server.domain.book import WishState, next_day, written
from queue_server.domain.messages import (
    AppointmentCancelled,
    AppointmentMet,
    BlockLeased,
    BookingSheetSet,
    DayClosed,
    DayOpened,
    Event,
    OfferLapsed,
    OfflineTicketCompleted,
    PlaceOffered,
    SlotBooked,
    TicketIssued,
    WaitingListJoined,
    WaitingListLeft,
)
from queue_server.domain.model import Appointment, Block, Booking, Counter, State, Ticket
from queue_server.domain.shelf import Shelf
from queue_server.domain.state import OPEN_STATES, PAST_DAYS, Changes, Hall, PastDay, changed, placed

ABSENCES_KEPT = 8
"""Missed bookings remembered per person: more than any rule about them counts."""
ABSENCE_DAYS = 90
"""A person without a missed booking for so long is forgotten."""

HOLDS_PLACE = frozenset({Booking.BOOKED, Booking.CHECKED_IN})


# --- numbers -----------------------------------------------------------------------------------------


def number_of(ticket: Ticket) -> int:
    return int(ticket.number[len(ticket.group) :])


def _used(block: Block, group: str, number: int) -> Block:
    if block.group == group and block.first <= number <= block.last and number not in block.used:
        return replace(block, used=block.used | {number})
    return block


def _issued(hall: Hall, event: TicketIssued) -> Changes:
    ticket = event.ticket
    group, number = ticket.group, number_of(ticket)
    if ticket.business_date != hall.business_date:
        return {"past": tuple(_past_number(day, ticket, number) for day in hall.past)}
    changes = placed(hall, None, ticket)
    if number >= hall.next_number.get(group, 1):
        changes["next_number"] = {**hall.next_number, group: number + 1}
    elif ticket.offline:
        changes["blocks"] = {name: _used(block, group, number) for name, block in hall.blocks.items()}
    return changes


def _past_number(day: PastDay, ticket: Ticket, number: int) -> PastDay:
    if day.business_date != ticket.business_date:
        return day
    after = max(number + 1, day.next_number.get(ticket.group, 1))
    return replace(
        day,
        next_number={**day.next_number, ticket.group: after},
        blocks=tuple(_used(block, ticket.group, number) for block in day.blocks),
    )


def _leased(hall: Hall, event: BlockLeased) -> Changes:
    block = event.block
    after = max(block.last + 1, hall.next_number.get(block.group, 1))
    return {
        "blocks": {**hall.blocks, block.id: block},
        "next_number": {**hall.next_number, block.group: after},
    }


# --- bookings ----------------------------------------------------------------------------------------


def booked(hall: Hall, old: Appointment | None, new: Appointment) -> Changes:
    """What changes when ``old`` becomes ``new`` (or ``new`` is made): shelf, slot, person and code follow."""
    changes: Changes = {"appointments": hall.appointments.put(new.id, new)}
    held = old is not None and old.state in HOLDS_PLACE
    holds = new.state in HOLDS_PLACE
    if held != holds:
        ids = hall.slots.get(new.slot_start, ())
        ids = tuple(sorted({*ids, new.id})) if holds else tuple(i for i in ids if i != new.id)
        changes["slots"] = hall.slots.put(new.slot_start, ids) if ids else hall.slots.drop(new.slot_start)
    if old is None:
        if new.person_ref is not None:
            theirs = hall.bookings.get(new.person_ref, ())
            changes["bookings"] = hall.bookings.put(new.person_ref, tuple(sorted({*theirs, new.id})))
        changes["codes"] = hall.codes.put(new.code, new.id)
    return changes


def _slot_booked(hall: Hall, event: SlotBooked) -> Changes:
    return booked(hall, hall.appointments.get(event.appointment.id), event.appointment)


def _appointment_cancelled(hall: Hall, event: AppointmentCancelled) -> Changes:
    old = hall.appointments.get(event.appointment_id)
    return {} if old is None else booked(hall, old, replace(old, state=Booking.CANCELLED))


def _appointment_met(hall: Hall, event: AppointmentMet) -> Changes:
    old = hall.appointments.get(event.appointment_id)
    if old is None:
        return {}
    changes = booked(hall, old, replace(old, state=Booking.CHECKED_IN, ticket_id=event.ticket_id))
    if old.state is Booking.EXPIRED and old.person_ref is not None:
        # They had come; only the terminal without a line could not say so before the day ended.
        missed = tuple(slot for slot in hall.absences.get(old.person_ref, ()) if slot != old.slot_start)
        drop = hall.absences.drop(old.person_ref)
        changes["absences"] = hall.absences.put(old.person_ref, missed) if missed else drop
    return changes


def _completed(hall: Hall, event: OfflineTicketCompleted) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    return {} if old is None else placed(hall, old, event.ticket)


# --- the book ----------------------------------------------------------------------------------------


def _sheet_set(hall: Hall, event: BookingSheetSet) -> Changes:
    return {"book": replace(hall.book, sheets={**hall.book.sheets, event.sheet.weekday: event.sheet})}


def _joined(hall: Hall, event: WaitingListJoined) -> Changes:
    return {"book": written(hall.book, event.wish)}


def _wish(hall: Hall, wish_id: str, **became: Any) -> Changes:
    old = hall.book.wishes.get(wish_id)
    return {} if old is None else {"book": written(hall.book, replace(old, **became))}


def _offered(hall: Hall, event: PlaceOffered) -> Changes:
    return _wish(hall, event.wish_id, state=WishState.OFFERED, offered=event.slot_start, until=event.until)


def _lapsed(hall: Hall, event: OfferLapsed) -> Changes:
    return _wish(hall, event.wish_id, state=WishState.LAPSED)


def _left(hall: Hall, event: WaitingListLeft) -> Changes:
    return _wish(hall, event.wish_id, state=_LEFT.get(event.reason, WishState.LEFT))


_LEFT = {"booked": WishState.BOOKED, "expired": WishState.EXPIRED}


# --- the day -----------------------------------------------------------------------------------------


def _day_closed(hall: Hall, event: DayClosed) -> Changes:
    """Open tickets named by the event are abandoned, bookings nobody came to expire and are remembered."""
    after = changed(hall, day_closed=True)
    for ticket_id in event.abandoned:
        old = after.tickets.get(ticket_id)
        if old is not None:
            left = replace(
                old, state=State.ABANDONED, ended_at=event.at, reason="day-closed", counter=None, paused_at=None
            )
            after = changed(after, **placed(after, old, left))
            if old.counter is not None and old.counter in after.counters:
                window = replace(after.counters[old.counter], ticket_id=None)
                after = changed(after, counters={**after.counters, old.counter: window})
    absences = after.absences
    for appointment_id in event.expired:
        appointment = after.appointments.get(appointment_id)
        if appointment is not None:
            after = changed(after, **booked(after, appointment, replace(appointment, state=Booking.EXPIRED)))
            if appointment.person_ref is not None:
                theirs = (*absences.get(appointment.person_ref, ()), appointment.slot_start)
                absences = absences.put(appointment.person_ref, tuple(sorted(theirs))[-ABSENCES_KEPT:])
    oldest = event.at - timedelta(days=ABSENCE_DAYS)
    kept = {person: times for person, times in absences.items() if times[-1] >= oldest}
    return {
        "day_closed": True,
        "tickets": after.tickets,
        "counters": after.counters,
        "lines": after.lines,
        "candidates": after.candidates,
        "work": after.work,
        "waiting": after.waiting,
        "promises": after.promises,
        "paused": after.paused,
        "missed": after.missed,
        "serving": after.serving,
        "appointments": after.appointments,
        "slots": after.slots,
        "absences": Shelf(kept) if len(kept) != len(absences) else absences,
    }


def _day_opened(hall: Hall, event: DayOpened) -> Changes:
    """A clean sheet: yesterday keeps only what guards its numbers; bookings to come stay."""
    past = hall.past
    if hall.business_date is not None:
        gone = PastDay(hall.business_date, hall.next_number, tuple(hall.blocks.values()))
        past = (*past, gone)[-PAST_DAYS:]
    still_open = [t for t in hall.tickets.values() if t.state in OPEN_STATES]
    fresh = changed(hall, appointments=Shelf(), slots=Shelf(), bookings=Shelf(), codes=Shelf())
    for appointment in hall.appointments.values():
        if appointment.state is Booking.BOOKED:
            fresh = changed(fresh, **booked(fresh, None, appointment))
    return {
        "business_date": event.business_date,
        "day_closed": False,
        "tickets": Shelf({t.id: t for t in still_open}),
        "papers": {t.token: t.id for t in still_open if t.offline},
        "blocks": {},
        "past": past,
        "next_number": {},
        "recent_calls": hall.recent_calls if any(_busy(c) for c in hall.counters.values()) else (),
        "appointments": fresh.appointments,
        "slots": fresh.slots,
        "bookings": fresh.bookings,
        "codes": fresh.codes,
        "book": next_day(hall.book),
    }


def _busy(counter: Counter) -> bool:
    return counter.ticket_id is not None


CHANGE: Mapping[type[Event], Callable[[Hall, Any], Changes]] = {
    TicketIssued: _issued,
    OfflineTicketCompleted: _completed,
    SlotBooked: _slot_booked,
    AppointmentCancelled: _appointment_cancelled,
    AppointmentMet: _appointment_met,
    BookingSheetSet: _sheet_set,
    WaitingListJoined: _joined,
    PlaceOffered: _offered,
    OfferLapsed: _lapsed,
    WaitingListLeft: _left,
    DayOpened: _day_opened,
    DayClosed: _day_closed,
    BlockLeased: _leased,
}
