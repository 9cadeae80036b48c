"""What is asked of a hall and changes nothing: which days and which slots can still be booked, and what o'clock it is.

Read from the hall as it stands, without a command and without the vault; both doors answer it themselves.
"""

from __future__ import annotations

from datetime import datetime

from queue_server.domain import booking
from queue_server.domain.errors import Refused
from queue_server.domain.state import Hall
from queue_server.translate import SANE, refused
from queue_server.wire import messages as wire
from queue_server.wire.booking_words import why_not


def ask(request: wire.AskDays | wire.AskSlots | wire.AskTime, hall: Hall, now: datetime) -> wire.AnyReply:
    """The answer to any of them."""
    if isinstance(request, wire.AskTime):
        return wire.TimeReply(id=request.id, at=now)
    return days(request, hall, now) if isinstance(request, wire.AskDays) else slots(request, hall, now)


def slots(request: wire.AskSlots, hall: Hall, now: datetime) -> wire.SlotsReply | wire.RefusedReply:
    """Which slots of the day are free, read from the hall as it stands."""
    if not SANE[0].date() < request.day < SANE[1].date():
        return refused(request.id, "beyond-horizon")
    try:
        offered = booking.day_offer(hall, tuple(request.matters), request.day, now)
    except Refused as no:
        return refused(request.id, no.code, no.facts)
    if offered.why is booking.NotOffered.BEYOND_HORIZON:
        return refused(request.id, offered.why)
    to_come = [offer for offer in offered.slots if offer.why is not booking.NotOffered.BEGUN]
    used = sorted({offer.why for offer in to_come if offer.why} | ({offered.why} if offered.why else set()))
    return wire.SlotsReply(
        id=request.id,
        day=request.day,
        slots=[wire.Slot(start=offer.start, free=offer.free, why=offer.why or "") for offer in to_come],
        why=offered.why or "",
        reasons={code.value: wire.Reason(*why_not(code)) for code in used},
    )


def days(request: wire.AskDays, hall: Hall, now: datetime) -> wire.DaysReply | wire.RefusedReply:
    """The open days of the horizon and what each still has, read from the hall as it stands."""
    try:
        offered = booking.days_ahead(hall, tuple(request.matters), now)
    except Refused as no:
        return refused(request.id, no.code, no.facts)
    listed = [
        wire.DayOffer(
            day=one.day,
            free=sum(slot.free for slot in one.slots),
            first=next((slot.start for slot in one.slots if slot.free), None),
            why="" if (why := one.none_because) is None else why.value,
            waits=any(booking.may_wait(hall, slot, now) for slot in one.slots),
        )
        for one in offered
    ]
    return wire.DaysReply(
        id=request.id,
        days=listed,
        reasons={code: wire.Reason(*why_not(code)) for code in sorted({one.why for one in listed if one.why})},
    )
