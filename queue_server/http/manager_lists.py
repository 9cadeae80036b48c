"""The lists behind the manager's figures: each the very tickets that were counted, by number and class alone.

Pure: the hall and a time in, rows out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from queue_server.domain.model import Kind, Ticket
from queue_server.domain.state import Hall
from queue_server.http.measures import (
    is_amber,
    is_over,
    kept_promise,
    latest_calls,
    running_out,
    service_s,
    today,
    waited_min,
)
from queue_server.http.words import Pair

LIMIT = 300
"""Rows of a list at most."""


class Row(msgspec.Struct, frozen=True):
    """One ticket. ``level``: over, amber or ok; ``service_min`` -1 where it is not known."""

    number: str
    ticket: str
    kind: str
    matter_class: str
    state: str
    checked_in_at: datetime
    waited_min: int
    limit_min: int
    level: str
    counter: str
    service_min: int
    service_level: str


def _waiting(hall: Hall, now: datetime) -> list[Ticket]:
    everybody = [hall.tickets[entry[2]] for line in hall.lines.values() for entry in line]
    return sorted(everybody, key=lambda t: (-waited_min(t, now), t.seq))


def _decided(hall: Hall, now: datetime) -> list[Ticket]:
    decided = [t for t in today(hall, now) if kept_promise(t, now) is not None]
    return sorted(decided, key=lambda t: (-waited_min(t, now), t.seq))


def _late(hall: Hall, now: datetime) -> list[Ticket]:
    return [t for t in _decided(hall, now) if kept_promise(t, now) is False]


def _served(hall: Hall, now: datetime) -> list[Ticket]:
    served = [t for t in today(hall, now) if service_s(t) is not None or t.service_over]
    return sorted(served, key=lambda t: (-_service(t, now), t.seq))


def _privileged(hall: Hall, now: datetime) -> list[Ticket]:
    return [t for t in today(hall, now) if t.kind is Kind.PRIORITY]


def _running_out(hall: Hall, now: datetime) -> list[Ticket]:
    return running_out(_waiting(hall, now), now)


def _at_windows(hall: Hall, _now: datetime) -> list[Ticket]:
    at_work = (c.ticket_id for c in hall.counters.values() if c.ticket_id is not None)
    return [hall.tickets[ticket_id] for ticket_id in at_work if ticket_id in hall.tickets]


LISTS: dict[str, tuple[Pair, Callable[[Hall, datetime], list[Ticket]]]] = {
    "waiting": (("正在等候", "Waiting now"), _waiting),
    "soon": (("快到或已过承诺", "Promises running out"), _running_out),
    "kept": (("今日承诺，等得最久的在前", "Today's promises, longest wait first"), _decided),
    "late": (("今日超过承诺", "Promises not kept today"), _late),
    "served": (("今日办理，最久的在前", "Services today, longest first"), _served),
    "windows": (("窗口上的号", "At the windows"), _at_windows),
    "priority": (("今日优先号", "Priority tickets today"), _privileged),
    "calls": (("最近呼叫", "Latest calls"), lambda hall, _now: latest_calls(hall)),
}
"""Name in the path -> (title, the tickets in their order)."""


def listed(hall: Hall, now: datetime, what: str, kind: str | None = None, matter_class: str | None = None) -> list[Row]:
    """The list called ``what``, only of a kind and class where they are named (as promised, not as queued now)."""
    _, find = LISTS[what]
    return [
        _row(ticket, now)
        for ticket in find(hall, now)
        if kind in (None, ticket.promise.kind.value) and matter_class in (None, ticket.promise.matter_class.value)
    ][:LIMIT]


def _service(ticket: Ticket, now: datetime) -> int:
    """Seconds at the window so far; -1 where the identity check has not begun."""
    took = service_s(ticket)
    if took is not None:
        return took
    return -1 if ticket.identity_at is None else int(((ticket.ended_at or now) - ticket.identity_at).total_seconds())


def _row(ticket: Ticket, now: datetime) -> Row:
    took = _service(ticket, now)
    late = kept_promise(ticket, now) is False
    return Row(
        number=ticket.number,
        ticket=ticket.id,
        kind=ticket.promise.kind.value,
        matter_class=ticket.promise.matter_class.value,
        state=ticket.state.value,
        checked_in_at=ticket.checked_in_at,
        waited_min=waited_min(ticket, now),
        limit_min=ticket.promise.limit_s // 60,
        level="over" if late or is_over(ticket, now) else "amber" if is_amber(ticket, now) else "ok",
        counter=ticket.counter or "",
        service_min=took // 60 if took >= 0 else -1,
        service_level="over" if ticket.service_over else "amber" if ticket.service_amber else "ok",
    )
