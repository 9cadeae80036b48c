"""How one ticket stands to its promise: waited how long, kept or not, served how long. Pure, for all staff pages.

Who still waits beyond the limit counts as late already: a figure that improves by not calling anybody would be
worth nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from queue_server.domain import calendar
from queue_server.domain.model import State, Ticket
from queue_server.domain.state import Hall


def today(hall: Hall, now: datetime) -> list[Ticket]:
    """The running day's tickets in their order; none of a day that has not begun to the hall."""
    day = calendar.business_date(hall.plan, now)
    return sorted((t for t in hall.tickets.values() if t.business_date == day), key=lambda t: t.seq)


def waited_min(ticket: Ticket, now: datetime) -> int:
    """Whole minutes on the ticket's own clock: from check-in or slot, without pauses; to the first call, or now."""
    if ticket.wait_net_s is not None and ticket.state is not State.WAITING:
        return ticket.wait_net_s // 60
    return max(0, int((now - ticket.promise.start).total_seconds()) - ticket.paused_s) // 60


def is_over(ticket: Ticket, now: datetime) -> bool:
    """Waits beyond the promise (or the soft target after a no-show), whether or not a tick has said so."""
    return ticket.state is State.WAITING and (now > ticket.due or (ticket.broken and ticket.first_called_at is None))


def is_amber(ticket: Ticket, now: datetime) -> bool:
    """Most of the promise has passed, not all of it."""
    room = ticket.due - ticket.promise.due + ticket.promise.amber_at  # pauses move both alike
    return ticket.state is State.WAITING and not is_over(ticket, now) and now >= room


def running_out(waiting: Iterable[Ticket], now: datetime) -> list[Ticket]:
    """Those who wait past amber, the most urgent first."""
    return sorted((t for t in waiting if is_over(t, now) or is_amber(t, now)), key=lambda t: (t.due, t.seq))


def latest_calls(hall: Hall) -> list[Ticket]:
    """Tickets that were called, the latest calling first."""
    called = [ticket for ticket in hall.tickets.values() if ticket.called_at is not None]
    return sorted(called, key=lambda t: (t.called_at, t.seq), reverse=True)


def kept_promise(ticket: Ticket, now: datetime) -> bool | None:
    """Whether the first promise was kept; None where nothing is decided yet (or the citizen left in time)."""
    if ticket.wait_net_s is not None:
        return not ticket.broken and ticket.wait_net_s <= ticket.promise.limit_s
    return False if ticket.broken or is_over(ticket, now) else None


def service_s(ticket: Ticket) -> int | None:
    """Seconds from the identity check to the accepted materials, where both are known."""
    if ticket.identity_at is None or ticket.accepted_at is None:
        return None
    return int((ticket.accepted_at - ticket.identity_at).total_seconds())
