"""What each event makes of the hall. Total: what is in the log has happened, known or not.

No rule and no clock is read here; every choice stands in the event. An event about something the hall does
not know (a ticket of a day long closed) only counts in ``seq``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from queue_server.domain import evolving_days, evolving_watch, pace
from queue_server.domain.messages import (
    CounterClosed,
    CounterOpened,
    CounterPaused,
    CounterResumed,
    Event,
    IdentityCheckBegun,
    MaterialsAccepted,
    PromiseAmber,
    PromiseBroken,
    ServiceAmber,
    ServiceOver,
    TicketAbandoned,
    TicketCalled,
    TicketCalledAgain,
    TicketCancelled,
    TicketFinished,
    TicketMissed,
    TicketPaused,
    TicketResumed,
    TicketReturned,
    TicketTransferred,
)
from queue_server.domain.model import Counter, State, Ticket
from queue_server.domain.state import RECENT_CALLS, Call, Changes, Hall, changed, placed


def evolve(hall: Hall, event: Event) -> Hall:
    """The hall after ``event``. ``now`` never runs backwards, though an event may bear an earlier true time."""
    change = _CHANGE.get(type(event))
    changes: Changes = {} if change is None else change(hall, event)
    changes["seq"] = hall.seq + 1
    changes["now"] = event.at if hall.now is None or event.at > hall.now else hall.now
    return changed(hall, **changes)


def _counter(hall: Hall, changes: Changes, counter_id: str | None, ticket_id: str | None) -> Changes:
    """Put ``ticket_id`` (or nobody) at the window."""
    if counter_id is not None:
        counter = hall.counters.get(counter_id) or Counter(counter_id)
        changes["counters"] = {**hall.counters, counter_id: replace(counter, ticket_id=ticket_id)}
    return changes


def _announced(hall: Hall, ticket: Ticket, call: Call) -> tuple[Call, ...]:
    others = tuple(c for c in hall.recent_calls if c.number != ticket.number)
    return (call, *others)[:RECENT_CALLS]


def _called(hall: Hall, event: TicketCalled) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {"calls": hall.calls + 1}
    first = old.first_called_at is None
    new = replace(
        old,
        state=State.CALLED,
        called_at=event.at,
        announced_at=event.at,
        calls=1,
        first_called_at=event.at if first else old.first_called_at,
        wait_net_s=event.wait_net_s if first else old.wait_net_s,
        wait_gross_s=event.wait_gross_s if first else old.wait_gross_s,
        counter=event.counter,
        not_before_call=0,
    )
    changes = _counter(hall, placed(hall, old, new), event.counter, new.id)
    changes["calls"] = hall.calls + 1
    changes["recent_calls"] = _announced(hall, new, Call(new.number, event.counter, event.at, 1, new.lang))
    return changes


def _called_again(hall: Hall, event: TicketCalledAgain) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {}
    new = replace(old, announced_at=event.at, calls=event.calls)
    changes = placed(hall, old, new)
    changes["recent_calls"] = _announced(hall, new, Call(new.number, event.counter, event.at, event.calls, new.lang))
    return changes


def _missed(hall: Hall, event: TicketMissed) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {}
    new = replace(old, state=State.MISSED, misses=event.misses, missed_at=event.at, counter=None)
    return _counter(hall, placed(hall, old, new), event.counter, None)


def _returned(hall: Hall, event: TicketReturned) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {}
    new = replace(old, state=State.WAITING, due=event.due, soft=True, not_before_call=event.not_before_call)
    return placed(hall, old, new)


def _paused(hall: Hall, event: TicketPaused) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {}
    return placed(hall, old, replace(old, state=State.PAUSED, paused_at=event.at, pauses=old.pauses + 1))


def _resumed(hall: Hall, event: TicketResumed) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {}
    new = replace(
        old,
        state=State.WAITING,
        paused_at=None,
        paused_s=old.paused_s + event.paused_s,
        due=event.due,
        not_before_call=event.not_before_call,
    )
    return placed(hall, old, new)


def _identity(hall: Hall, event: IdentityCheckBegun) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    return {} if old is None else placed(hall, old, replace(old, state=State.SERVING, identity_at=event.at))


def _materials(hall: Hall, event: MaterialsAccepted) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    return {} if old is None else placed(hall, old, replace(old, accepted_at=event.at))


def _finished(hall: Hall, event: TicketFinished) -> Changes:
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {}
    new = replace(old, state=State.DONE, ended_at=event.at, outcome=event.outcome, reason=event.reason)
    changes = _counter(hall, placed(hall, old, new), event.counter, None)
    if event.norms_min:
        changes["tempos"] = pace.learned(
            hall.tempos, old.matters, event.norms_min, event.occupied_s, event.hour, event.counter
        )
    return changes


def _transferred(hall: Hall, event: TicketTransferred) -> Changes:
    """Waiting again under the old clock; the service clock starts anew at the next window."""
    old = hall.tickets.get(event.ticket_id)
    if old is None:
        return {}
    new = replace(
        old,
        state=State.WAITING,
        matters=event.matters,
        skills=event.skills,
        service_min=event.service_min,
        counter=None,
        only_counter=event.to_counter,
        called_at=None,
        announced_at=None,
        calls=0,
        not_before_call=0,
        transfers=old.transfers + 1,
        identity_at=None,
        accepted_at=None,
        service_amber=False,
        service_over=False,
    )
    return _counter(hall, placed(hall, old, new), event.from_counter, None)


def _gone(state: State) -> Callable[[Hall, Any], Changes]:
    def change(hall: Hall, event: TicketCancelled | TicketAbandoned) -> Changes:
        old = hall.tickets.get(event.ticket_id)
        if old is None:
            return {}
        reason = event.reason if isinstance(event, TicketAbandoned) else old.reason
        new = replace(old, state=state, ended_at=event.at, reason=reason, counter=None, paused_at=None)
        return _counter(hall, placed(hall, old, new), old.counter, None)

    return change


def _flagged(**flag: bool) -> Callable[[Hall, Any], Changes]:
    def change(hall: Hall, event: PromiseAmber | PromiseBroken | ServiceAmber | ServiceOver) -> Changes:
        old = hall.tickets.get(event.ticket_id)
        return {} if old is None else placed(hall, old, replace(old, **flag))  # type: ignore[arg-type]  # flags

    return change


def _counter_opened(hall: Hall, event: CounterOpened) -> Changes:
    seated = Counter(event.counter, staff=event.staff, opened_at=event.at)
    return {"counters": {**hall.counters, event.counter: seated}}


def _counter_closed(hall: Hall, event: CounterClosed) -> Changes:
    return {"counters": {**hall.counters, event.counter: Counter(event.counter)}}


def _counter_set(*, paused: bool) -> Callable[[Hall, Any], Changes]:
    def change(hall: Hall, event: CounterPaused | CounterResumed) -> Changes:
        counter = hall.counters.get(event.counter) or Counter(event.counter)
        return {"counters": {**hall.counters, event.counter: replace(counter, paused=paused)}}

    return change


_CHANGE: Mapping[type[Event], Callable[[Hall, Any], Changes]] = {
    **evolving_days.CHANGE,
    **evolving_watch.CHANGE,
    TicketCancelled: _gone(State.CANCELLED),
    TicketCalled: _called,
    TicketCalledAgain: _called_again,
    TicketMissed: _missed,
    TicketReturned: _returned,
    TicketPaused: _paused,
    TicketResumed: _resumed,
    IdentityCheckBegun: _identity,
    MaterialsAccepted: _materials,
    TicketFinished: _finished,
    TicketTransferred: _transferred,
    TicketAbandoned: _gone(State.ABANDONED),
    PromiseAmber: _flagged(amber=True),
    PromiseBroken: _flagged(amber=True, broken=True),
    ServiceAmber: _flagged(service_amber=True),
    ServiceOver: _flagged(service_amber=True, service_over=True),
    CounterOpened: _counter_opened,
    CounterClosed: _counter_closed,
    CounterPaused: _counter_set(paused=True),
    CounterResumed: _counter_set(paused=False),
}
