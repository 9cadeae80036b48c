"""Looking things up without disturbing anybody: every query reads one consistent view and takes no lock.

For pages and consoles: one ticket and all that happened to it, a day's list, bookings by code or by slot. The
running day's state is better asked of the desk (``Desk.hall``); these also know the days gone by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from queue_server.domain.messages import Event, TicketIssued
from queue_server.domain.model import Booking, Kind, MatterClass, Outcome, Place, State
from queue_server.store import tables
from queue_server.store.codec import micros, moment, read_event
from queue_server.store.database import reading
from queue_server.store.log import translated

_QUARTER_US = 900_000_000
"""Every zone's hours begin at a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One line of the day's record. Times are aware UTC; waits in seconds, as product.md §4.1 defines them."""

    hall: str
    business_date: date
    number: str
    group: str
    kind: Kind
    matter_class: MatterClass
    matters: tuple[str, ...]
    place: Place
    token: str
    lang: str
    offline: bool
    state: State
    checked_in_at: datetime
    slot_start: datetime | None
    limit_s: int
    promised_at: datetime
    due_at: datetime
    first_called_at: datetime | None
    wait_net_s: int | None
    wait_gross_s: int | None
    amber_at: datetime | None
    broken_at: datetime | None
    counter: str | None
    identity_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    reason: str | None
    misses: int
    pauses: int
    paused_s: int
    transfers: int
    priority_reason: str | None
    appointment_id: str | None

    @property
    def id(self) -> str:
        return f"{self.business_date.isoformat()}-{self.number}"


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    id: str
    hall: str
    code: str
    slot_start: datetime
    state: Booking
    matters: tuple[str, ...]
    origin: str
    booked_at: datetime
    person_ref: str | None
    ticket_id: str | None
    moved_from: str | None
    moved_to: str | None


@dataclass(frozen=True, slots=True)
class Came:
    """``count`` walk-ins for the same matters within the quarter of an hour from ``at``."""

    at: datetime
    matters: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with its number in the hall's log."""

    seq: int
    event: Event


class Reports:
    """Read-only, any thread. All methods raise StoreDown when the database cannot be reached."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def ticket(self, hall: str, business_date: date, number: str) -> TicketRow | None:
        c = tables.tickets.c
        query = sa.select(tables.tickets).where(
            c.hall == hall, c.business_date == business_date.isoformat(), c.number == number
        )
        with self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _ticket(row)

    def day(self, hall: str, business_date: date) -> list[TicketRow]:
        """All tickets of the hall's business date in order of arrival in the log."""
        c = tables.tickets.c
        query = (
            sa.select(tables.tickets)
            .where(c.hall == hall, c.business_date == business_date.isoformat())
            .order_by(c.seq)
        )
        with self._reading() as connection:
            return [_ticket(row) for row in connection.execute(query).mappings()]

    def walk_ins(self, hall: str, first: date, before: date) -> list[Came]:
        """What was come for without a booking on the business dates from ``first`` up to and without ``before``."""
        c = tables.tickets.c
        quarter = c.checked_in_at // _QUARTER_US
        query = (
            sa.select(quarter, c.matters, sa.func.count())
            .where(c.hall == hall, c.business_date >= first.isoformat(), c.business_date < before.isoformat())
            .where(c.slot_at.is_(None))
            .group_by(quarter, c.matters)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Came(moment(int(at) * _QUARTER_US), _words(matters), count) for at, matters, count in rows]

    def history(self, hall: str, business_date: date, number: str) -> list[Happened]:
        """All events of one ticket, oldest first; empty for an unknown ticket."""
        t, e = tables.tickets.c, tables.events.c
        ticket_id = f"{business_date.isoformat()}-{number}"
        span = sa.select(t.seq, t.last_seq).where(
            t.hall == hall, t.business_date == business_date.isoformat(), t.number == number
        )
        with self._reading() as connection:
            found = connection.execute(span).one_or_none()
            if found is None:
                return []
            first, last = found
            query = (
                sa.select(e.seq, e.kind, e.body)
                .where(e.hall == hall, e.seq.between(first, last))
                .where(e.body.contains(ticket_id, autoescape=True))
                .order_by(e.seq)
            )
            rows = connection.execute(query).all()
        events = (Happened(seq, read_event(kind, body)) for seq, kind, body in rows)
        return [happened for happened in events if _concerns(happened.event, ticket_id)]

    def latest(self, hall: str, kind: type[Event]) -> int:
        """The number of the latest event of this kind in the hall's log; 0 if there is none."""
        c = tables.events.c
        query = sa.select(c.seq).where(c.hall == hall, c.kind == kind.__name__).order_by(c.seq.desc()).limit(1)
        with self._reading() as connection:
            return connection.scalar(query) or 0

    def of_kinds(self, hall: str, kinds: Iterable[type[Event]], after: int) -> list[Happened]:
        """The hall's events of these kinds beyond the number ``after``, oldest first."""
        c = tables.events.c
        names = [kind.__name__ for kind in kinds]
        query = sa.select(c.seq, c.kind, c.body).where(c.hall == hall, c.seq > after, c.kind.in_(names)).order_by(c.seq)
        with self._reading() as connection:
            return [Happened(seq, read_event(kind, body)) for seq, kind, body in connection.execute(query)]

    def open_appointment(self, hall: str, code: str) -> AppointmentRow | None:
        """The booking that may still be checked in with this code."""
        c = tables.appointments.c
        query = sa.select(tables.appointments).where(c.hall == hall, c.code == code, c.state == Booking.BOOKED.value)
        with self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _appointment(row)

    def appointments(self, hall: str, start: datetime, end: datetime) -> list[AppointmentRow]:
        """Bookings, whatever has become of them, with a slot from ``start`` up to and without ``end``."""
        c = tables.appointments.c
        query = (
            sa.select(tables.appointments)
            .where(c.hall == hall, c.slot_at >= micros(start), c.slot_at < micros(end))
            .order_by(c.slot_at, c.id)
        )
        with self._reading() as connection:
            return [_appointment(row) for row in connection.execute(query).mappings()]

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with translated(), reading(self._engine) as connection:
            yield connection


def _concerns(event: Event, ticket_id: str) -> bool:
    if isinstance(event, TicketIssued):
        return event.ticket.id == ticket_id
    return getattr(event, "ticket_id", None) == ticket_id or ticket_id in getattr(event, "abandoned", ())


def _at(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def _ticket(row: sa.RowMapping) -> TicketRow:
    return TicketRow(
        hall=row["hall"],
        business_date=date.fromisoformat(row["business_date"]),
        number=row["number"],
        group=row["group_letter"],
        kind=Kind(row["kind"]),
        matter_class=MatterClass(row["matter_class"]),
        matters=_words(row["matters"]),
        place=Place(row["place"]),
        token=row["token"],
        lang=row["lang"],
        offline=bool(row["offline"]),
        state=State(row["state"]),
        checked_in_at=moment(row["checked_in_at"]),
        slot_start=_at(row["slot_at"]),
        limit_s=row["limit_s"],
        promised_at=moment(row["promised_at"]),
        due_at=moment(row["due_at"]),
        first_called_at=_at(row["first_called_at"]),
        wait_net_s=row["wait_net_s"],
        wait_gross_s=row["wait_gross_s"],
        amber_at=_at(row["amber_at"]),
        broken_at=_at(row["broken_at"]),
        counter=row["counter"],
        identity_at=_at(row["identity_at"]),
        accepted_at=_at(row["accepted_at"]),
        ended_at=_at(row["ended_at"]),
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        reason=row["reason"],
        misses=row["misses"],
        pauses=row["pauses"],
        paused_s=row["paused_s"],
        transfers=row["transfers"],
        priority_reason=row["priority_reason"],
        appointment_id=row["appointment_id"],
    )


def _appointment(row: sa.RowMapping) -> AppointmentRow:
    return AppointmentRow(
        id=row["id"],
        hall=row["hall"],
        code=row["code"],
        slot_start=moment(row["slot_at"]),
        state=Booking(row["state"]),
        matters=_words(row["matters"]),
        origin=row["origin"],
        booked_at=moment(row["booked_at"]),
        person_ref=row["person_ref"],
        ticket_id=row["ticket_id"],
        moved_from=row["moved_from"],
        moved_to=row["moved_to"],
    )


def _words(text: Any) -> tuple[str, ...]:
    return tuple(str(text).split())
