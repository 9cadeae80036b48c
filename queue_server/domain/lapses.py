"""What runs out by itself: promises, pauses, returns, service clocks and the day.

Before any command is decided, and at every tick, the hall is *settled*: whatever ran out since then is
reported first, each with the very moment at which it happened, however late it is noticed. So an event here
may bear an earlier time than the one before it in the log (the only kind that may); ``Hall.now`` itself
never runs backwards. Each is reported once, because the event takes the ticket out of the order it was
found in. A limit is kept when the thing happens exactly on it: a promise is broken *after* its due time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from queue_server.domain import calendar, escalation, strain, waiting_list
from queue_server.domain.away import resumed
from queue_server.domain.errors import Code, Refused
from queue_server.domain.messages import (
    BlockLapsed,
    CloseDay,
    CounterClosed,
    DayClosed,
    DayOpened,
    Event,
    PromiseAmber,
    PromiseBroken,
    ServiceAmber,
    ServiceOver,
    Tick,
    TicketAbandoned,
)
from queue_server.domain.model import Booking, Ticket
from queue_server.domain.state import AT_COUNTER, OPEN_STATES, Hall, lane_of, reach
from queue_server.domain.watch import SYSTEM


def settle(hall: Hall, now: datetime) -> tuple[list[Event], Hall]:
    """Everything that ran out up to ``now``, in the order of its true times, and the hall after it."""
    events: list[Event] = []
    while lapsed := _next_lapse(hall, now):
        more, hall = escalation.settled(hall, lapsed)
        events += more
    return events, hall


def tick(hall: Hall, _command: Tick, now: datetime) -> list[Event]:
    """Beyond what settling has found only strains that another plan of the hall has brought or taken."""
    return strain.changes(hall, now)


def _next_lapse(hall: Hall, now: datetime) -> list[Event]:
    """The earliest thing that has run out by ``now``; empty when nothing has. Runs before every command."""
    if hall.business_date is None:
        return [DayOpened(at=now, by=SYSTEM, business_date=calendar.business_date(hall.plan, now))]
    rules = hall.plan.rules
    found: list[tuple[datetime, Event]] = []
    head = hall.promises.first
    if head is not None and head[0] <= now:
        ticket = hall.tickets[head[2]]
        if not ticket.amber:
            reason = waiting_reason(hall, ticket)
            found.append((head[0], PromiseAmber(at=head[0], by=SYSTEM, ticket_id=ticket.id, reason=reason)))
        elif head[0] < now:
            reason = waiting_reason(hall, ticket)
            found.append((head[0], PromiseBroken(at=head[0], by=SYSTEM, ticket_id=ticket.id, reason=reason)))
    over = waiting_list.next_lapse(hall, now)
    if over is not None:
        found.append((over[0], over[1][0]))
    head = hall.paused.first
    if head is not None:
        moment = head[0] + timedelta(seconds=rules.pause_limit_s)
        if moment <= now:
            found.append((moment, resumed(hall, hall.tickets[head[2]], moment, SYSTEM, lapsed=True)))
    head = hall.missed.first
    if head is not None:
        moment = head[0] + timedelta(seconds=rules.return_window_s)
        if moment < now:
            gone = TicketAbandoned(at=moment, by=SYSTEM, ticket_id=head[2], reason="not-returned")
            found.append((moment, gone))
    for since, _, ticket_id in hall.serving:
        _service_lapse(found, hall.tickets[ticket_id], since, hall, now)
    found += escalation.lapsed(hall, now)
    border = hall.floor.day_end(hall.business_date)
    if not found and border > now:
        return []
    if border <= now and all(moment > border for moment, _ in found):
        return _day_over(hall, hall.business_date, border, now)
    first = min(found, key=lambda one: one[0])[1]
    return over[1] if over is not None and first is over[1][0] else [first]


def _service_lapse(
    found: list[tuple[datetime, Event]], ticket: Ticket, since: datetime, hall: Hall, now: datetime
) -> None:
    rules = hall.plan.rules
    window = ticket.counter or ""
    moment = since + timedelta(seconds=rules.service_amber_s)
    if not ticket.service_amber and moment <= now:
        found.append((moment, ServiceAmber(at=moment, by=SYSTEM, ticket_id=ticket.id, counter=window)))
    moment = since + timedelta(seconds=rules.service_limit_s)
    if not ticket.service_over and moment < now:
        found.append((moment, ServiceOver(at=moment, by=SYSTEM, ticket_id=ticket.id, counter=window)))


def waiting_reason(hall: Hall, ticket: Ticket) -> str:
    """Why nobody has called this ticket, as a stable code.

    ``no-window-open``: the hall has none; ``no-window-with-skill``: none of the open ones can serve it;
    ``paused-windows``: all that could are paused; ``windows-busy``: all that could serve somebody;
    ``window-idle``: one could and does not.
    """
    able = reach(hall, lane_of(ticket))
    bits = hall.floor.bits
    nobody = strain.nobody_for(hall, able)
    if nobody:
        return nobody
    working = [c for c in hall.counters.values() if c.is_open and not c.paused and bits.get(c.id, 0) & able]
    return "windows-busy" if all(c.ticket_id is not None for c in working) else "window-idle"


# --- the day -----------------------------------------------------------------------------------------


def _day_over(hall: Hall, day: date, border: datetime, now: datetime) -> list[Event]:
    """The local midnight has passed: close ``day`` unless that is done, and open the next that matters.

    Days on which nothing stirred are passed over, except those that had bookings nobody could come to.
    """
    if not hall.day_closed:
        return close(hall, day, border, SYSTEM, through=calendar.works_through(hall.plan, border))
    after = calendar.business_date(hall.plan, now)
    for appointment in hall.appointments.values():
        if appointment.state is Booking.BOOKED:
            slot_day = calendar.business_date(hall.plan, appointment.slot_start)
            if day < slot_day < after:
                after = slot_day
    return [DayOpened(at=calendar.midnight(hall.plan, after), by=SYSTEM, business_date=after)]


def close(hall: Hall, day: date, at: datetime, by: str, *, through: bool) -> list[Event]:
    """The day's end. A hall that works ``through`` midnight keeps its windows and today's open tickets."""
    abandoned = [
        t
        for t in hall.tickets.values()
        if t.state in OPEN_STATES and not (through and (t.business_date == day or t.state in AT_COUNTER))
    ]
    expired = [
        a
        for a in hall.appointments.values()
        if a.state is Booking.BOOKED and calendar.business_date(hall.plan, a.slot_start) <= day
    ]
    events: list[Event] = [
        DayClosed(
            at=at,
            by=by,
            business_date=day,
            abandoned=tuple(t.id for t in sorted(abandoned, key=lambda t: t.seq)),
            expired=tuple(a.id for a in sorted(expired, key=lambda a: (a.slot_start, a.id))),
        )
    ]
    if not through:
        events += [CounterClosed(at=at, by=by, counter=c.id) for c in hall.counters.values() if c.is_open]
    for block in hall.blocks.values():
        unused = tuple(n for n in range(block.first, block.last + 1) if n not in block.used)
        if unused:
            events.append(
                BlockLapsed(at=at, by=by, block_id=block.id, kiosk=block.kiosk, group=block.group, unused=unused)
            )
    return events


def close_day(hall: Hall, command: CloseDay, now: datetime) -> list[Event]:
    """End the running day by hand; a day that has ended already stays so."""
    if hall.business_date is None or command.business_date > hall.business_date:
        raise Refused(Code.BAD_VALUE, field="business_date")
    if hall.day_closed or command.business_date < hall.business_date:
        return []
    return close(hall, hall.business_date, now, command.by, through=False)
