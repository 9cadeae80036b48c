"""From a report to what the hall is told: whose promise is in danger, how likely, and what would keep it.

The hall itself damps (``domain.risks``) and says what a note came to; only those that would do something are made.
Of the cures tried the one that leaves the least danger is named; a slot only if it can still be booked, another hall
with the wait that its own forecast gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from queue_server.domain import calendar, risks
from queue_server.domain.booking import offers
from queue_server.domain.errors import Refused
from queue_server.domain.messages import NoteRisk
from queue_server.domain.model import Kind, Ticket
from queue_server.domain.state import Hall
from queue_server.domain.watch import Cure
from queue_server.forecast.foretold import Foretold
from queue_server.forecast.scene import Report

BY = "forecast"
MOST = 8
"""Notes of one report; those in the greatest danger first, the others with the next."""
WORTH = 0.1
"""By so much another hall must lower the share."""


def notes(
    hall: Hall, report: Report, now: datetime, new_id: Callable[[], str], others: Iterable[Hall], foretold: Foretold
) -> Iterator[NoteRisk]:
    """The commands that ``report`` gives rise to; ``others``: halls to which a citizen might go instead."""
    rules = hall.plan.rules.escalation.risk
    elsewhere = tuple(others)
    told = 0
    for p_late, ticket_id, wait in sorted(zip(report.late, report.ids, report.waits, strict=True), reverse=True):
        level = risks.level_of(rules, p_late)
        nobody_serves = not math.isfinite(wait[0])  # an alarm about the hall says that already
        if told >= MOST or nobody_serves or not risks.would_matter(hall, ticket_id, level, p_late, now):
            continue
        told += 1
        ticket = hall.tickets[ticket_id]
        cure = None
        if level is not None:
            tried = [*_tried(hall, ticket, report, now), *_elsewhere(ticket, p_late, elsewhere, foretold, now)]
            cure = min(tried, key=lambda one: one.p_after, default=None)
        yield NoteRisk(id=new_id(), by=BY, ticket_id=ticket_id, level=level, p_late=round(p_late, 3), cure=cure)


def _tried(hall: Hall, ticket: Ticket, report: Report, now: datetime) -> Iterator[Cure]:
    """What was tried in the hall itself; of the slots the best that has a place."""
    slot_named = False
    for cure in report.cures.get(ticket.id, ()):
        if cure.kind != "offer-slot":
            yield Cure(cure.kind, cure.argument, cure.before, cure.after)
        elif not slot_named:
            slot = _with_a_place(hall, ticket, report.at + timedelta(minutes=float(cure.argument)), now)
            if slot is not None:
                slot_named = True
                yield Cure(cure.kind, calendar.clock_text(hall.plan, slot), cure.before, cure.after)


def _with_a_place(hall: Hall, ticket: Ticket, start: datetime, now: datetime) -> datetime | None:
    """The start of the slot meant by ``start``, which has lost its fractions of a second on the way; if it has room."""
    try:
        found = offers(hall, ticket.matters, calendar.business_date(hall.plan, start), now)
    except Refused:
        return None
    near = (o.start for o in found if abs(o.start - start) < timedelta(seconds=1) and o.free > 0)
    return next(near, None)


def _elsewhere(
    ticket: Ticket, p_late: float, others: tuple[Hall, ...], foretold: Foretold, now: datetime
) -> Iterator[Cure]:
    """Another hall, for a walk-in with one matter that it knows too."""
    if ticket.kind is not Kind.WALK_IN or len(ticket.matters) != 1:
        return
    for other in others:
        matter = other.plan.matters.get(ticket.matters[0])
        seen = None if matter is None or other.day_closed else foretold.walk_in(other, matter, now)
        if seen is None or not seen[0].known or seen[1] > p_late - WORTH:
            continue
        low, high = int(seen[0].p50), -int(-seen[0].p90 // 1)
        name = f"{other.plan.name_zh} {other.plan.name_en}, {low}–{high} min"
        yield Cure("offer-hall", name, p_late, seen[1])
