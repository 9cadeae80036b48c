"""When the hall must next be looked at: the moments for which the timekeeper sets its alarm.

Each event wakes what it set going, no more; after a restart ``all_wakes`` names everything still running.
A tick at any of these moments (or later) reports what ran out with its true time, so an alarm too many or
too late does no harm. What is broken only *after* its limit is woken one instant after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from queue_server.domain import escalation
from queue_server.domain.messages import (
    DayOpened,
    Event,
    IdentityCheckBegun,
    OfflineTicketCompleted,
    PlaceOffered,
    PromiseAmber,
    TicketIssued,
    TicketMissed,
    TicketPaused,
    TicketResumed,
    WaitingListJoined,
)
from queue_server.domain.model import Ticket
from queue_server.domain.state import Hall, next_promise_moment

_INSTANT = timedelta(microseconds=1)


def wakes(event: Event, hall: Hall) -> tuple[datetime, ...]:
    """The alarms that ``event`` sets, ``hall`` being the hall after it; often none."""
    rules = hall.plan.rules
    match event:
        case TicketIssued(ticket=ticket):
            return _promise(hall.tickets.get(ticket.id))
        case (
            TicketResumed(ticket_id=ticket_id)
            | PromiseAmber(ticket_id=ticket_id)
            | OfflineTicketCompleted(ticket_id=ticket_id)
        ):
            return _promise(hall.tickets.get(ticket_id))
        case TicketPaused(at=at):
            return (at + timedelta(seconds=rules.pause_limit_s),)
        case TicketMissed(at=at):
            return (at + timedelta(seconds=rules.return_window_s) + _INSTANT,)
        case IdentityCheckBegun(at=at):
            return _service(hall, at)
        case WaitingListJoined(wish=wish):
            return (wish.expires_at,)
        case PlaceOffered(until=until):
            return (until,)
        case DayOpened(business_date=day):
            return (hall.floor.day_end(day),)
        case _:
            return escalation.wakes(event, hall)


def all_wakes(hall: Hall) -> tuple[datetime, ...]:
    """The next alarm of everything that is running in the hall, in order."""
    rules = hall.plan.rules
    found: set[datetime] = set()
    for _, _, ticket_id in hall.promises:
        found.update(_promise(hall.tickets[ticket_id]))
    found.update(since + timedelta(seconds=rules.pause_limit_s) for since, _, _ in hall.paused)
    found.update(since + timedelta(seconds=rules.return_window_s) + _INSTANT for since, _, _ in hall.missed)
    for since, _, ticket_id in hall.serving:
        amber, over = _service(hall, since)
        ticket = hall.tickets[ticket_id]
        if not ticket.service_amber:
            found.add(amber)
        if not ticket.service_over:
            found.add(over)
    found.update(moment for moment, _, _ in hall.book.clock)
    found |= escalation.all_wakes(hall)
    if hall.business_date is not None:
        found.add(hall.floor.day_end(hall.business_date))
    return tuple(sorted(found))


def _promise(ticket: Ticket | None) -> tuple[datetime, ...]:
    moment = None if ticket is None else next_promise_moment(ticket)
    if ticket is None or moment is None:
        return ()
    return (moment + _INSTANT,) if ticket.amber else (moment,)


def _service(hall: Hall, since: datetime) -> tuple[datetime, datetime]:
    rules = hall.plan.rules
    return (
        since + timedelta(seconds=rules.service_amber_s),
        since + timedelta(seconds=rules.service_limit_s) + _INSTANT,
    )
