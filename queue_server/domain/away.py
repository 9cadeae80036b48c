"""Citizens who are not in the hall for a while: 暂离, back after a 过号, or gone for good.

Who comes back does not jump the queue: the next ``return_behind`` people called go first. A pause keeps the
place and moves the due time by its length. A first no-show keeps the place too; from the second on it is
the end of the queue. After a no-show the target is soft: the first word given stays in the record, decided
or broken once, and is never counted again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from queue_server.domain.errors import Code, Refused
from queue_server.domain.messages import (
    CancelTicket,
    Event,
    PauseTicket,
    ResumeTicket,
    ReturnAfterNoShow,
    TicketCancelled,
    TicketPaused,
    TicketResumed,
    TicketReturned,
)
from queue_server.domain.model import State, Ticket
from queue_server.domain.state import Hall, lane_of, reach

_INSTANT = timedelta(microseconds=1)


def _ticket(hall: Hall, ticket_id: str) -> Ticket:
    ticket = hall.tickets.get(ticket_id)
    if ticket is None:
        raise Refused(Code.UNKNOWN_TICKET)
    return ticket


def _wrong_state(ticket: Ticket) -> Refused:
    return Refused(Code.WRONG_STATE, state=ticket.state.value, number=ticket.number)


def pause_ticket(hall: Hall, command: PauseTicket, now: datetime) -> list[Event]:
    ticket = _ticket(hall, command.ticket_id)
    if ticket.state is not State.WAITING:
        raise _wrong_state(ticket)
    if ticket.pauses >= hall.plan.rules.pauses_per_ticket:
        raise Refused(Code.PAUSE_USED, number=ticket.number)
    return [TicketPaused(at=now, by=command.by, ticket_id=ticket.id)]


def resumed(hall: Hall, ticket: Ticket, at: datetime, by: str, *, lapsed: bool = False) -> TicketResumed:
    """The end of a pause at ``at``: the due time moves by its length, the next two called go first."""
    paused_s = 0 if ticket.paused_at is None else max(0, int((at - ticket.paused_at).total_seconds()))
    return TicketResumed(
        at=at,
        by=by,
        ticket_id=ticket.id,
        paused_s=paused_s,
        due=ticket.due + timedelta(seconds=paused_s),
        not_before_call=hall.calls + hall.plan.rules.return_behind,
        lapsed=lapsed,
    )


def resume_ticket(hall: Hall, command: ResumeTicket, now: datetime) -> list[Event]:
    ticket = _ticket(hall, command.ticket_id)
    if ticket.state is not State.PAUSED:
        raise _wrong_state(ticket)
    return [resumed(hall, ticket, now, command.by)]


def returned(hall: Hall, ticket: Ticket, now: datetime, by: str) -> TicketReturned:
    """Back after a no-show. First time: the old place, at once due; later: behind everybody who waits."""
    due = min(ticket.due, now)
    if ticket.misses > 1:
        mine = reach(hall, lane_of(ticket))
        lasts = [line.last for lane, line in hall.lines.items() if reach(hall, lane) & mine]
        due = max([now, *(last[0] + _INSTANT for last in lasts if last is not None)])
    return TicketReturned(
        at=now,
        by=by,
        ticket_id=ticket.id,
        due=due,
        not_before_call=hall.calls + hall.plan.rules.return_behind,
    )


def return_after_no_show(hall: Hall, command: ReturnAfterNoShow, now: datetime) -> list[Event]:
    ticket = _ticket(hall, command.ticket_id)
    if ticket.state is State.ABANDONED and ticket.misses:
        raise Refused(Code.RETURN_TOO_LATE, number=ticket.number, minutes=hall.plan.rules.return_window_s // 60)
    if ticket.state is not State.MISSED:
        raise _wrong_state(ticket)
    return [returned(hall, ticket, now, command.by)]


def cancel_ticket(hall: Hall, command: CancelTicket, now: datetime) -> list[Event]:
    """The citizen gives the number back; not once a window has called it."""
    ticket = _ticket(hall, command.ticket_id)
    if ticket.state not in {State.WAITING, State.PAUSED, State.MISSED}:
        raise _wrong_state(ticket)
    return [TicketCancelled(at=now, by=command.by, ticket_id=ticket.id)]
