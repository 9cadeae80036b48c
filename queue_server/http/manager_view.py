"""The hall as its manager sees it now: who waits, what was promised and kept today, which windows work.

Pure: a hall and a time in, figures out. Aggregates and numbers of tickets, never a person or a colleague
(product.md §4.9). A share of nobody is no figure (``percent`` is None, the page says 无数据), one of fewer than
``FEW`` stands grey. Who still waits beyond the limit counts as late already: a figure that improves by not
calling anybody would be worth nothing.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime

import msgspec

from queue_server.domain import calendar
from queue_server.domain.model import ALL_SKILLS, Counter, CounterPlan, Kind, MatterClass, State, Ticket
from queue_server.domain.promises import limit_of
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

FEW = 10
"""Below this many a share says little."""
KINDS = (Kind.APPOINTMENT, Kind.PRIORITY, Kind.WALK_IN)
CLASSES = (MatterClass.GENERAL, MatterClass.COMPLEX)
RECENT = 6
"""Calls shown with their reason."""
SOON = 5
"""People shown whose promise runs out."""


class Share(msgspec.Struct, frozen=True):
    """``kept`` of ``n``."""

    kept: int
    n: int

    @property
    def percent(self) -> float | None:
        return None if self.n == 0 else 100 * self.kept / self.n

    @property
    def text(self) -> str:
        """In percent, rounded down, so that 100 % means all of them; a tenth only where ``n`` bears it."""
        if self.n == 0:
            return ""
        tenths = 1000 * self.kept // self.n
        return f"{tenths // 10}%" if self.n < 100 or tenths % 10 == 0 else f"{tenths / 10}%"

    @property
    def few(self) -> bool:
        return self.n < FEW


class Cell(msgspec.Struct, frozen=True):
    """Those of one kind and class who wait now. Minutes are whole; ``oldest_min`` is None where nobody waits."""

    kind: str
    matter_class: str
    waiting: int
    oldest_min: int | None
    limit_min: int
    amber: int
    over: int

    @property
    def level(self) -> str:
        return "over" if self.over else "amber" if self.amber else "ok"

    @property
    def filled(self) -> float:
        """The oldest wait as a part of the limit, at most 1."""
        return min(1.0, (self.oldest_min or 0) / self.limit_min)


class Kept(msgspec.Struct, frozen=True):
    """Today's promises of one kind and class; ``broken`` of them were not kept."""

    kind: str
    matter_class: str
    limit_min: int
    share: Share
    broken: int


class Window(msgspec.Struct, frozen=True):
    """``state``: serving, called, free, paused or closed. ``since_min``: how long the one at the window is there."""

    id: str
    name_zh: str
    name_en: str
    state: str
    general: bool
    """A 综合 window: every matter."""
    number: str
    ticket: str
    since_min: int
    over: bool
    """The service clock has passed its limit."""


class Soon(msgspec.Struct, frozen=True):
    """Somebody whose promise runs out or has run out: whole minutes, ``left_min`` below 0 once it has."""

    number: str
    ticket: str
    kind: str
    matter_class: str
    waited_min: int
    limit_min: int
    left_min: int
    over: bool


class Called(msgspec.Struct, frozen=True):
    number: str
    ticket: str
    counter: str
    at: datetime


class ManagerView(msgspec.Struct, frozen=True):
    now: datetime
    open: bool
    waiting: int
    oldest_min: int | None
    cells: list[Cell]
    kept: list[Kept]
    appointments: Share
    walk_ins: Share
    priorities: Share
    service: Share
    service_limit_min: int
    windows: list[Window]
    general_windows: Share
    """综合 windows among those open; among all where none is open."""
    broken: int
    broken_by: dict[str, int]
    tickets: int
    priority: Share
    """Tickets given with priority among all of today; ``kept`` counts them."""
    priority_by: dict[str, int]
    """Declared reasons; none while so few ask for priority that a reason would point at somebody."""
    soon: list[Soon]
    calls: list[Called]

    @property
    def windows_open(self) -> int:
        return sum(1 for window in self.windows if window.state != "closed")

    @property
    def level(self) -> str:
        """The hall in one word: over (somebody waits beyond the promise), amber (soon), ok."""
        levels = {cell.level for cell in self.cells}
        return "over" if "over" in levels else "amber" if "amber" in levels else "ok"


def manager_view(hall: Hall, now: datetime) -> ManagerView:
    plan = hall.plan
    waiting = [hall.tickets[entry[2]] for line in hall.lines.values() for entry in line]
    day = today(hall, now)
    cells = [_cell(hall, kind, which, waiting, now) for kind in KINDS for which in CLASSES]
    kept = [_kept(hall, kind, which, day, now) for kind in KINDS for which in CLASSES]
    windows = [window(hall, furnished, now) for furnished in plan.counters.values()]
    at_work = [one for one in windows if one.state != "closed"] or windows
    broken = [ticket for ticket in day if ticket.broken]
    privileged = [ticket for ticket in day if ticket.kind is Kind.PRIORITY]
    reasons = Tally(ticket.priority_reason or "" for ticket in privileged)
    return ManagerView(
        now=now,
        open=not hall.day_closed and calendar.is_open(plan, now),
        waiting=len(waiting),
        oldest_min=max((waited_min(ticket, now) for ticket in waiting), default=None),
        cells=cells,
        kept=kept,
        appointments=_sum(kept, Kind.APPOINTMENT),
        walk_ins=_sum(kept, Kind.WALK_IN),
        priorities=_sum(kept, Kind.PRIORITY),
        service=service_share(day, plan.rules.service_limit_s),
        service_limit_min=plan.rules.service_limit_s // 60,
        windows=windows,
        general_windows=Share(sum(1 for one in at_work if one.general), len(at_work)),
        broken=len(broken),
        broken_by=dict(Tally(ticket.promise.kind.value for ticket in broken)),
        tickets=len(day),
        priority=Share(len(privileged), len(day)),
        priority_by=dict(reasons) if len(privileged) >= FEW else {},
        soon=[_soon(ticket, now) for ticket in running_out(waiting, now)[:SOON]],
        calls=[
            Called(ticket.number, ticket.id, ticket.counter or "", ticket.called_at)
            for ticket in latest_calls(hall)[:RECENT]
            if ticket.called_at is not None
        ],
    )


def service_share(day: Iterable[Ticket], limit_s: int) -> Share:
    """Services at the window within the limit; one that is still running beyond it counts as late already."""
    kept = n = 0
    for ticket in day:
        took = service_s(ticket)
        if took is not None:
            n += 1
            kept += took <= limit_s
        elif ticket.service_over:
            n += 1
    return Share(kept, n)


def window(hall: Hall, furnished: CounterPlan, now: datetime) -> Window:
    counter = hall.counters.get(furnished.id) or Counter(furnished.id)
    ticket = hall.tickets.get(counter.ticket_id) if counter.ticket_id else None
    if ticket is not None:
        state = "called" if ticket.state is State.CALLED else "serving"
    else:
        state = "closed" if not counter.is_open else "paused" if counter.paused else "free"
    since = None if ticket is None else ticket.identity_at or ticket.called_at
    return Window(
        id=furnished.id,
        name_zh=furnished.name_zh,
        name_en=furnished.name_en,
        state=state,
        general=ALL_SKILLS in furnished.skills,
        number="" if ticket is None else ticket.number,
        ticket="" if ticket is None else ticket.id,
        since_min=0 if since is None else max(0, int((now - since).total_seconds())) // 60,
        over=ticket is not None and ticket.service_over and ticket.accepted_at is None,
    )


def _cell(hall: Hall, kind: Kind, which: MatterClass, waiting: list[Ticket], now: datetime) -> Cell:
    here = [t for t in waiting if t.kind is kind and t.matter_class is which]
    return Cell(
        kind=kind.value,
        matter_class=which.value,
        waiting=len(here),
        oldest_min=max((waited_min(ticket, now) for ticket in here), default=None),
        limit_min=limit_of(hall.plan.rules, kind, which).limit_s // 60,
        amber=sum(1 for ticket in here if is_amber(ticket, now)),
        over=sum(1 for ticket in here if is_over(ticket, now)),
    )


def _kept(hall: Hall, kind: Kind, which: MatterClass, day: list[Ticket], now: datetime) -> Kept:
    decided = [
        kept
        for ticket in day
        if ticket.promise.kind is kind and ticket.promise.matter_class is which
        if (kept := kept_promise(ticket, now)) is not None
    ]
    return Kept(
        kind=kind.value,
        matter_class=which.value,
        limit_min=limit_of(hall.plan.rules, kind, which).limit_s // 60,
        share=Share(sum(decided), len(decided)),
        broken=len(decided) - sum(decided),
    )


def _sum(kept: list[Kept], kind: Kind) -> Share:
    ours = [one.share for one in kept if one.kind == kind.value]
    return Share(sum(share.kept for share in ours), sum(share.n for share in ours))


def _soon(ticket: Ticket, now: datetime) -> Soon:
    left_s = (ticket.due - now).total_seconds()
    return Soon(
        number=ticket.number,
        ticket=ticket.id,
        kind=ticket.kind.value,
        matter_class=ticket.matter_class.value,
        waited_min=waited_min(ticket, now),
        limit_min=ticket.promise.limit_s // 60,
        left_min=int(abs(left_s)) // 60 * (1 if left_s >= 0 else -1),
        over=is_over(ticket, now),
    )
