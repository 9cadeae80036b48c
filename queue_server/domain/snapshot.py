"""A hall as plain records, so that a start reads one snapshot and the few events after it.

Everything ``evolve`` has made stands in it, in a fixed order; the orders a hall keeps beside its records are
left out and built again. ``thaw(freeze(hall), hall.plan) == hall``, and two halls are the same exactly when
their snapshots are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from queue_server.domain import book
from queue_server.domain.book import Wish
from queue_server.domain.evolving_days import booked
from queue_server.domain.model import Appointment, Block, Counter, HallPlan, Ticket
from queue_server.domain.pace import Tempo
from queue_server.domain.sheet import BookingSheet
from queue_server.domain.shelf import Shelf
from queue_server.domain.state import Call, Hall, PastDay, changed, furnish, placed
from queue_server.domain.watch import WatchPicture, pictured, watch_of

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All of a hall but its plan. ``version`` names this layout."""

    hall: str
    seq: int
    now: datetime | None
    business_date: date | None
    day_closed: bool
    calls: int
    tickets: tuple[Ticket, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    counters: tuple[Counter, ...] = ()
    """Only those somebody sits at, or that the plan may have forgotten."""
    blocks: tuple[Block, ...] = ()
    past: tuple[PastDay, ...] = ()
    next_number: dict[str, int] = field(default_factory=dict)
    recent_calls: tuple[Call, ...] = ()
    absences: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    sheets: tuple[BookingSheet, ...] = ()
    wishes: tuple[Wish, ...] = ()
    watch: WatchPicture = field(default_factory=WatchPicture)
    tempos: dict[str, Tempo] = field(default_factory=dict)
    version: int = VERSION


def freeze(hall: Hall) -> Snapshot:
    """The hall as plain records."""
    return Snapshot(
        hall=hall.plan.id,
        seq=hall.seq,
        now=hall.now,
        business_date=hall.business_date,
        day_closed=hall.day_closed,
        calls=hall.calls,
        tickets=tuple(sorted(hall.tickets.values(), key=lambda t: (t.seq, t.id))),
        appointments=tuple(sorted(hall.appointments.values(), key=lambda a: a.id)),
        counters=tuple(c for c in sorted(hall.counters.values(), key=lambda c: c.id) if c != Counter(c.id)),
        blocks=tuple(sorted(hall.blocks.values(), key=lambda b: b.id)),
        past=hall.past,
        next_number=dict(sorted(hall.next_number.items())),
        recent_calls=hall.recent_calls,
        absences=dict(sorted(hall.absences.items())),
        sheets=tuple(sheet for _, sheet in sorted(hall.book.sheets.items())),
        tempos=dict(sorted(hall.tempos.items())),
        wishes=tuple(sorted(hall.book.wishes.values(), key=lambda w: (w.seq, w.id))),
        watch=pictured(hall.watch),
    )


def thaw(snapshot: Snapshot, plan: HallPlan) -> Hall:
    """The hall again, furnished by ``plan``, which may have changed since."""
    hall = furnish(plan)
    hall = changed(
        hall,
        seq=snapshot.seq,
        now=snapshot.now,
        business_date=snapshot.business_date,
        day_closed=snapshot.day_closed,
        calls=snapshot.calls,
        counters={**hall.counters, **{c.id: c for c in snapshot.counters}},
        blocks={b.id: b for b in snapshot.blocks},
        past=snapshot.past,
        next_number=dict(snapshot.next_number),
        recent_calls=snapshot.recent_calls,
        absences=Shelf(snapshot.absences),
        tempos=dict(snapshot.tempos),
        book=book.opened(snapshot.sheets, snapshot.wishes),
        watch=watch_of(snapshot.watch),
    )
    for appointment in snapshot.appointments:
        hall = changed(hall, **booked(hall, None, appointment))
    for ticket in snapshot.tickets:
        hall = changed(hall, **placed(hall, None, ticket))
    return hall
