"""Windows and calls: a clerk sits down, calls, calls again, gives up after three calls.

Every command names its window. Who asks as ``staff:ID`` may only move the window where that person sits.
``manager:ID`` stands in for a colleague who has left a window open: brings the citizen there to an end
(finish, transfer, no-show) and closes it, but calls nobody new to it. The event keeps who it was.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from queue_server.domain import dispatch
from queue_server.domain.away import resumed, returned
from queue_server.domain.errors import Code, Refused
from queue_server.domain.messages import (
    CallAgain,
    CallNext,
    CallTicket,
    CloseCounter,
    Command,
    CounterClosed,
    CounterOpened,
    CounterPaused,
    CounterResumed,
    Event,
    MarkNoShow,
    OpenCounter,
    PauseCounter,
    ResumeCounter,
    TicketCalled,
    TicketCalledAgain,
    TicketMissed,
)
from queue_server.domain.model import Counter, State, Ticket
from queue_server.domain.state import Hall


def own_counter(hall: Hall, command: Command, counter_id: str, *, stand_in: bool = False) -> Counter:
    """The open window the command is about. Refused: unknown-counter, counter-closed, not-your-counter.

    ``stand_in``: a manager may give this command for whoever sits there.
    """
    counter = hall.counters.get(counter_id)
    if counter is None:
        raise Refused(Code.UNKNOWN_COUNTER, counter=counter_id)
    if counter.staff is None:
        raise Refused(Code.COUNTER_CLOSED, counter=counter_id)
    role, _, person = command.by.partition(":")
    stranger = role in {"staff", "manager"} and person != counter.staff
    if stranger and not (role == "manager" and stand_in):
        raise Refused(Code.NOT_YOUR_COUNTER, counter=counter_id)
    return counter


def current(hall: Hall, command: Command, counter_id: str) -> tuple[Counter, Ticket]:
    """The window and whom it serves; a manager may stand in. Refused as ``own_counter``, and counter-idle."""
    counter = own_counter(hall, command, counter_id, stand_in=True)
    ticket = None if counter.ticket_id is None else hall.tickets.get(counter.ticket_id)
    if ticket is None:
        raise Refused(Code.COUNTER_IDLE, counter=counter_id)
    return counter, ticket


def free_counter(hall: Hall, command: Command, counter_id: str) -> Counter:
    """A window that may call. Refused as ``own_counter``, counter-busy, counter-paused."""
    counter = own_counter(hall, command, counter_id)
    if counter.ticket_id is not None:
        busy = hall.tickets.get(counter.ticket_id)
        raise Refused(Code.COUNTER_BUSY, counter=counter_id, number="" if busy is None else busy.number)
    if counter.paused:
        raise Refused(Code.COUNTER_PAUSED, counter=counter_id)
    return counter


# --- windows -----------------------------------------------------------------------------------------


def open_counter(hall: Hall, command: OpenCounter, now: datetime) -> list[Event]:
    """Sitting down again where one sits already changes nothing."""
    counter = hall.counters.get(command.counter)
    if counter is None or command.counter not in hall.plan.counters:
        raise Refused(Code.UNKNOWN_COUNTER, counter=command.counter)
    if not command.staff:
        raise Refused(Code.BAD_VALUE, field="staff")
    if counter.staff == command.staff:
        return []
    if counter.staff is not None:
        raise Refused(Code.COUNTER_TAKEN, counter=command.counter)
    return [CounterOpened(at=now, by=command.by, counter=command.counter, staff=command.staff)]


def close_counter(hall: Hall, command: CloseCounter, now: datetime) -> list[Event]:
    """Never while a citizen is there: nobody may be lost with the window."""
    counter = own_counter(hall, command, command.counter, stand_in=True)
    if counter.ticket_id is not None:
        busy = hall.tickets.get(counter.ticket_id)
        raise Refused(Code.COUNTER_BUSY, counter=counter.id, number="" if busy is None else busy.number)
    return [CounterClosed(at=now, by=command.by, counter=counter.id)]


def pause_counter(hall: Hall, command: PauseCounter, now: datetime) -> list[Event]:
    counter = own_counter(hall, command, command.counter)
    if counter.paused:
        raise Refused(Code.COUNTER_PAUSED, counter=counter.id)
    return [CounterPaused(at=now, by=command.by, counter=counter.id)]


def resume_counter(hall: Hall, command: ResumeCounter, now: datetime) -> list[Event]:
    counter = own_counter(hall, command, command.counter)
    if not counter.paused:
        raise Refused(Code.WRONG_STATE, state="open")
    return [CounterResumed(at=now, by=command.by, counter=counter.id)]


# --- calls -------------------------------------------------------------------------------------------


def _called(ticket: Ticket, counter: Counter, why: dispatch.Why, by: str, now: datetime, paused_s: int) -> TicketCalled:
    """The first call decides the wait: net = first call - max(check-in, slot) - pauses; gross = from check-in."""
    if ticket.first_called_at is not None:
        return TicketCalled(at=now, by=by, ticket_id=ticket.id, counter=counter.id, why=why)
    start = ticket.checked_in_at if ticket.slot_start is None else max(ticket.checked_in_at, ticket.slot_start)
    return TicketCalled(
        at=now,
        by=by,
        ticket_id=ticket.id,
        counter=counter.id,
        why=why,
        wait_net_s=max(0, int((now - start).total_seconds()) - paused_s),
        wait_gross_s=max(0, int((now - ticket.checked_in_at).total_seconds())),
    )


def call_next(hall: Hall, command: CallNext, now: datetime) -> list[Event]:
    counter = free_counter(hall, command, command.counter)
    choice = dispatch.choose(hall, counter.id, now, command.advice)
    if choice is None:
        elsewhere = sum(hall.waiting.values())
        raise Refused(Code.NOBODY_WAITING, counter=counter.id, **({"elsewhere": elsewhere} if elsewhere else {}))
    return [_called(choice.ticket, counter, choice.why, command.by, now, choice.ticket.paused_s)]


def call_ticket(hall: Hall, command: CallTicket, now: datetime) -> list[Event]:
    """A named citizen stands at the window; who was away or missed is back by that very fact."""
    counter = free_counter(hall, command, command.counter)
    ticket = hall.tickets.get(command.ticket_id)
    if ticket is None:
        raise Refused(Code.UNKNOWN_TICKET)
    if ticket.state not in {State.WAITING, State.PAUSED, State.MISSED}:
        raise Refused(Code.WRONG_STATE, state=ticket.state.value, number=ticket.number)
    if not dispatch.can_serve(hall, counter, ticket):
        raise Refused(Code.NO_SKILL, counter=counter.id, number=ticket.number)
    events: list[Event] = []
    paused_s = ticket.paused_s
    if ticket.state is State.PAUSED:
        back = resumed(hall, ticket, now, command.by)
        paused_s += back.paused_s
        events.append(back)
    elif ticket.state is State.MISSED:
        events.append(returned(hall, ticket, now, command.by))
    why = dispatch.named(ticket, now, command.reason)
    return [*events, _called(ticket, counter, why, command.by, now, paused_s)]


def call_again(hall: Hall, command: CallAgain, now: datetime) -> list[Event]:
    counter, ticket = current(hall, command, command.counter)
    if ticket.state is not State.CALLED or ticket.announced_at is None:
        raise Refused(Code.WRONG_STATE, state=ticket.state.value, number=ticket.number)
    again = ticket.announced_at + timedelta(seconds=hall.plan.rules.call_gap_s)
    if now < again:
        raise Refused(Code.TOO_SOON, seconds=math.ceil((again - now).total_seconds()))
    calls = ticket.calls + 1
    return [TicketCalledAgain(at=now, by=command.by, ticket_id=ticket.id, counter=counter.id, calls=calls)]


def mark_no_show(hall: Hall, command: MarkNoShow, now: datetime) -> list[Event]:
    """过号: only after as many calls as the rule asks."""
    counter, ticket = current(hall, command, command.counter)
    if ticket.state is not State.CALLED:
        raise Refused(Code.WRONG_STATE, state=ticket.state.value, number=ticket.number)
    needed = hall.plan.rules.calls_before_no_show
    if ticket.calls < needed:
        raise Refused(Code.TOO_FEW_CALLS, calls=ticket.calls, needed=needed)
    missed = TicketMissed(at=now, by=command.by, ticket_id=ticket.id, counter=counter.id, misses=ticket.misses + 1)
    return [missed]
