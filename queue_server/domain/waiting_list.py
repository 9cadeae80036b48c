"""The waiting list (候补): who would like a place that is sold, and who is offered one that is given back.

Whenever a place may have become free (a booking cancelled or moved, an offer run out, a new sheet) the list of
its day is read in the order of joining, and each whose wish fits is offered the first slot it fits: the place is
held until ``waiting_list_hold_s`` have passed, then offered to the next. Taking it is an ordinary booking. A
slot that begins too soon to reach the hall (``waiting_list_notice_s``) is offered to nobody. All of it is
events of the hall's one writer, so a place is never both held and sold, and a replay offers nothing anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from queue_server.domain import calendar, may_book
from queue_server.domain.book import Wish, WishState
from queue_server.domain.errors import Code, Refused
from queue_server.domain.evolving import evolve
from queue_server.domain.messages import (
    BookingSheetSet,
    Event,
    JoinWaitingList,
    LeaveWaitingList,
    OfferLapsed,
    PlaceOffered,
    SetBookingSheet,
    WaitingListJoined,
    WaitingListLeft,
)
from queue_server.domain.model import Booking
from queue_server.domain.places import DaySold, slots_of
from queue_server.domain.promises import matters_of, want
from queue_server.domain.rules import Rules
from queue_server.domain.state import Hall

SYSTEM = "system"


def fill(hall: Hall, now: datetime, days: Iterable[date]) -> tuple[list[Event], Hall]:
    """The offers that can be made now for ``days``, and the hall after them."""
    events: list[Event] = []
    for day in days:
        waiting = [wish for wish in hall.book.open_on(day) if wish.state is WishState.WAITING]
        if not waiting:
            continue
        sold: DaySold | None = None
        for wish in waiting:
            sold = sold or DaySold(hall, day)
            slot = _fitting(hall, sold, wish, now)
            if slot is not None:
                offered = PlaceOffered(
                    at=now, by=SYSTEM, wish_id=wish.id, slot_start=slot, until=_until(hall.plan.rules, now, slot)
                )
                events.append(offered)
                hall = evolve(hall, offered)
                sold = None
    return events, hall


def after(hall: Hall, events: Sequence[Event], now: datetime, *given_back: datetime) -> list[Event]:
    """The offers that follow from ``events`` (not yet part of ``hall``), which gave back places in these slots."""
    days = sorted({calendar.business_date(hall.plan, slot) for slot in given_back})
    if not any(hall.book.days.get(day) for day in days):
        return []
    for event in events:
        hall = evolve(hall, event)
    return fill(hall, now, days)[0]


def _until(rules: Rules, now: datetime, slot: datetime) -> datetime:
    return min(now + timedelta(seconds=rules.waiting_list_hold_s), slot)


def _fitting(hall: Hall, sold: DaySold, wish: Wish, now: datetime) -> datetime | None:
    """The first slot with a place for ``wish``."""
    if any(m not in hall.plan.matters for m in wish.matters) or (hall.day_closed and wish.day == hall.business_date):
        return None
    wanted = want(hall.plan, wish.matters)
    if not hall.floor.able(wanted.skills, remote=False):
        return None
    last = None
    if wish.moves is not None:
        old = hall.appointments.get(wish.moves)
        if old is None or old.state is not Booking.BOOKED:
            return None
        last = old.slot_start
    earliest = now + timedelta(seconds=hall.plan.rules.waiting_list_notice_s)
    for start in slots_of(hall, wish.day) if wish.slot_start is None else (wish.slot_start,):
        if start >= earliest and (last is None or start < last) and sold.room(wanted, start).free:
            return start
    return None


def join(hall: Hall, command: JoinWaitingList, now: datetime) -> list[Event]:
    """Refused: what BookSlot refuses of matters and slot; place-free, already-waiting, waiting-list-full."""
    for matter in matters_of(hall.plan, command.matters):
        if not matter.bookable:
            raise Refused(Code.NOT_BOOKABLE, matter=matter.id)
    wanted = want(hall.plan, command.matters)
    if not hall.floor.able(wanted.skills, remote=False):
        raise Refused(Code.NO_SKILL, matter=wanted.matters[0])
    slot = None if command.slot_start is None else command.slot_start.astimezone(UTC)
    day = command.day if slot is None else calendar.business_date(hall.plan, slot)
    if day is None:
        raise Refused(Code.BAD_VALUE, field="day or slot_start")
    last_day = calendar.open_days_ahead(
        hall.plan, calendar.business_date(hall.plan, now), hall.plan.rules.booking_horizon_days
    )
    if day > last_day:
        raise Refused(Code.BEYOND_HORIZON, last_day=last_day.isoformat())
    notice = timedelta(seconds=hall.plan.rules.waiting_list_notice_s)
    starts = [s for s in slots_of(hall, day) if s > now + notice and (slot is None or s == slot)]
    if command.moves is not None:
        old = hall.appointments.get(command.moves)
        if old is None or old.person_ref != command.person_ref or old.state is not Booking.BOOKED:
            raise Refused(Code.UNKNOWN_APPOINTMENT)
        starts = [s for s in starts if s < old.slot_start]
    if not starts or (hall.day_closed and day == hall.business_date):
        raise Refused(Code.NO_SUCH_SLOT, slot=day.isoformat() if slot is None else calendar.local_text(hall.plan, slot))
    if command.wish_id in hall.book.wishes:
        raise Refused(Code.BAD_VALUE, field="wish_id")
    wish = Wish(
        id=command.wish_id,
        code=command.code,
        seq=hall.seq + 1,
        matters=wanted.matters,
        day=day,
        slot_start=slot,
        joined_at=now,
        expires_at=starts[-1] - notice,
        origin=command.origin,
        person_ref=command.person_ref,
        moves=command.moves,
    )
    may_book.not_blocked(hall, command.person_ref, now, by=command.by, origin=command.origin)
    may_book.once_a_day(hall, command.person_ref, wanted, day, command.moves)
    _welcome(hall, wish)
    sold = DaySold(hall, day, without=command.moves)
    free = next((s for s in starts if sold.room(wanted, s).free), None)
    if free is not None:
        raise Refused(Code.PLACE_FREE, slot=calendar.local_text(hall.plan, free))
    return [WaitingListJoined(at=now, by=command.by, wish=wish)]


def _welcome(hall: Hall, wish: Wish) -> None:
    """One wish per person, matter and day; a list has an end."""
    others = hall.book.open_on(wish.day)
    for other in others:
        same = wish.person_ref is not None and other.person_ref == wish.person_ref
        if (same and set(other.matters) & set(wish.matters)) or (wish.moves and other.moves == wish.moves):
            raise Refused(Code.ALREADY_WAITING)
    if len(others) >= hall.plan.rules.waiting_list_size:
        raise Refused(Code.WAITING_LIST_FULL, day=wish.day.isoformat())


def leave(hall: Hall, command: LeaveWaitingList, now: datetime) -> list[Event]:
    """Refused: unknown-wish. A place that was held goes to the next."""
    wish = hall.book.wishes.get(command.wish_id)
    if wish is None:
        raise Refused(Code.UNKNOWN_WISH)
    if not wish.is_open:
        return []
    left: Event = WaitingListLeft(at=now, by=command.by, wish_id=wish.id, reason="left")
    return [left, *after(hall, [left], now, *(() if wish.offered is None else (wish.offered,)))]


def set_sheet(hall: Hall, command: SetBookingSheet, now: datetime) -> list[Event]:
    """What the new sheet bears beyond the old one goes first to who waits. Refused: bad-sheet."""
    sheet = command.sheet
    if not sheet.well_formed():
        raise Refused(Code.BAD_SHEET)
    put: Event = BookingSheetSet(at=now, by=command.by, sheet=sheet)
    after_it = evolve(hall, put)
    days = sorted(day for day in hall.book.days if day.weekday() == sheet.weekday)
    return [put, *fill(after_it, now, days)[0]]


def next_lapse(hall: Hall, now: datetime) -> tuple[datetime, list[Event]] | None:
    """The first wish whose offer, or whose own time, is over by ``now``; with what follows from it."""
    head = hall.book.clock.first
    if head is None or head[0] > now:
        return None
    moment, _, wish_id = head
    wish = hall.book.wishes[wish_id]
    if wish.state is not WishState.OFFERED or wish.offered is None:
        return moment, [WaitingListLeft(at=moment, by=SYSTEM, wish_id=wish_id, reason="expired")]
    lapsed: Event = OfferLapsed(at=moment, by=SYSTEM, wish_id=wish_id)
    return moment, [lapsed, *after(hall, [lapsed], moment, wish.offered)]
