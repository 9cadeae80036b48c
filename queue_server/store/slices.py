"""One hall's part of a batch, turned into rows: what happened, what was answered, and what became of whom.

The desk adds command after command; each is encoded at once, so that a record that cannot be written is found
while only its own command is at stake. The read models follow from the same events: a ticket's row is its
record in the hall after the batch, plus the moments only events know (amber, broken).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from queue_server.domain.answers import Answer
from queue_server.domain.messages import (
    AppointmentCancelled,
    AppointmentMet,
    DayClosed,
    Event,
    OfflineTicketCompleted,
    PromiseAmber,
    PromiseBroken,
    SlotBooked,
    TicketAbandoned,
    TicketIssued,
)
from queue_server.domain.model import Appointment, Booking, State, Ticket
from queue_server.store.codec import micros, micros_or_none, write_answer, write_event

Row = tuple[Any, ...]


class HallRead(Protocol):
    """What of a hall the read models look at."""

    @property
    def seq(self) -> int: ...
    @property
    def tickets(self) -> Mapping[str, Ticket]: ...
    @property
    def appointments(self) -> Mapping[str, Appointment]: ...


@dataclass(slots=True)
class Touched:
    """A ticket as the batch leaves it, and the moments that only its events know."""

    ticket: Ticket
    last_seq: int
    amber_at: int | None = None
    broken_at: int | None = None


@dataclass(slots=True)
class Slice:
    """Rows of one hall for one transaction. ``seq`` is the hall's before the batch; ``epoch`` None: unfenced."""

    hall: str
    epoch: int | None
    seq: int
    events: list[Row] = field(default_factory=list)
    replies: list[Row] = field(default_factory=list)
    issued: dict[str, Touched] = field(default_factory=dict)
    changed: dict[str, Touched] = field(default_factory=dict)
    restated: dict[str, Ticket] = field(default_factory=dict)
    """Given as something else than was known at first: an off-line ticket whose citizen is booked."""
    booked: dict[str, Row] = field(default_factory=dict)
    moved: dict[str, Row] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.events and not self.replies

    def add(
        self,
        request_id: str | None,
        now: datetime,
        steps: Sequence[tuple[Event, HallRead]],
        before: HallRead,
        answer: Answer | None,
    ) -> None:
        """Add one command: its events, each with the hall after it, and its answer (None: not kept).

        All or nothing. Raises what the codec raises for a value that cannot be written.
        """
        seq = self.seq + len(self.events)
        rows: list[Row] = []
        for event, _ in steps:
            seq += 1
            kind, body = write_event(event)
            rows.append((self.hall, seq, micros(event.at), kind, body, request_id))
        if answer is not None:
            kind, body = write_answer(answer)
            self.replies.append((request_id, self.hall, micros(now), kind, body))
        seq -= len(rows)
        self.events += rows
        for event, after in steps:
            seq += 1
            self._follow(event, seq, before, after)
            before = after

    def _follow(self, event: Event, seq: int, before: HallRead, after: HallRead) -> None:
        if type(event) is TicketIssued:
            ticket = event.ticket
            self.issued[ticket.id] = Touched(after.tickets.get(ticket.id, ticket), seq)
            return
        ticket_id: str | None = getattr(event, "ticket_id", None)
        if ticket_id is not None:
            touched = self._touch(ticket_id, seq, before, after)
            if touched is not None and isinstance(event, PromiseAmber):
                touched.amber_at = micros(event.at)
            elif touched is not None and isinstance(event, PromiseBroken):
                touched.broken_at = micros(event.at)
            elif touched is not None and isinstance(event, TicketAbandoned):
                touched.ticket = _ended(touched.ticket, event.at, event.reason)
        if isinstance(event, OfflineTicketCompleted) and ticket_id in self.changed:
            self.restated[event.ticket_id] = event.ticket
        if isinstance(event, SlotBooked):
            self.booked[event.appointment.id] = appointment_row(self.hall, event.appointment)
        elif isinstance(event, AppointmentMet):
            self._move(event.appointment_id, Booking.CHECKED_IN, event.ticket_id, None)
        elif isinstance(event, AppointmentCancelled):
            self._move(event.appointment_id, Booking.CANCELLED, None, event.moved_to)
        elif isinstance(event, DayClosed):
            for gone in event.abandoned:
                touched = self._touch(gone, seq, before, before)
                if touched is not None:
                    touched.ticket = _ended(touched.ticket, event.at, "day-closed")
            for expired in event.expired:
                self._move(expired, Booking.EXPIRED, None, None)

    def _touch(self, ticket_id: str, seq: int, before: HallRead, after: HallRead) -> Touched | None:
        ticket = after.tickets.get(ticket_id) or before.tickets.get(ticket_id)
        touched = self.issued.get(ticket_id) or self.changed.get(ticket_id)
        if touched is None:
            if ticket is None:
                return None
            touched = self.changed[ticket_id] = Touched(ticket, seq)
        elif ticket is not None:
            touched.ticket = ticket
        touched.last_seq = seq
        return touched

    def _move(self, appointment_id: str, state: Booking, ticket_id: str | None, moved_to: str | None) -> None:
        row = self.booked.get(appointment_id)
        if row is None:
            self.moved[appointment_id] = (state.value, ticket_id, moved_to, appointment_id)
        else:
            self.booked[appointment_id] = (*row[:4], state.value, *row[5:9], ticket_id, row[10], moved_to)


def _ended(ticket: Ticket, at: datetime, reason: str) -> Ticket:
    """Abandoned, also where the hall itself no longer keeps the ticket (its day is over)."""
    return replace(ticket, state=State.ABANDONED, ended_at=ticket.ended_at or at, reason=ticket.reason or reason)


def appointment_row(hall: str, appointment: Appointment) -> Row:
    """In the order of ``tables.appointments``."""
    return (
        appointment.id,
        hall,
        appointment.code,
        micros(appointment.slot_start),
        appointment.state.value,
        " ".join(appointment.matters),
        appointment.origin,
        micros(appointment.booked_at),
        appointment.person_ref,
        appointment.ticket_id,
        appointment.moved_from,
        None,
    )


def ticket_row(hall: str, touched: Touched) -> Row:
    """In the order of ``tables.tickets``: key, what it was given as, what has become of it."""
    ticket = touched.ticket
    return (
        hall,
        ticket.business_date.isoformat(),
        ticket.number,
        ticket.seq,
        ticket.group,
        ticket.kind.value,
        ticket.matter_class.value,
        ticket.place.value,
        ticket.token,
        ticket.lang,
        micros(ticket.checked_in_at),
        micros_or_none(ticket.slot_start),
        ticket.promise.limit_s,
        micros(ticket.promise.due),
        ticket.priority_reason,
        ticket.appointment_id,
        ticket.offline,
        *_fate(touched),
    )


def ticket_restated(hall: str, ticket: Ticket) -> Row:
    """In the order of ``statements.TICKET_WORD``, then its key."""
    return (
        ticket.kind.value,
        ticket.matter_class.value,
        micros_or_none(ticket.slot_start),
        ticket.promise.limit_s,
        micros(ticket.promise.due),
        ticket.appointment_id,
        *(hall, ticket.business_date.isoformat(), ticket.number),
    )


def ticket_change(hall: str, touched: Touched) -> Row:
    """What has become of it, then its key."""
    ticket = touched.ticket
    return (*_fate(touched), hall, ticket.business_date.isoformat(), ticket.number)


def _fate(touched: Touched) -> Row:
    ticket = touched.ticket
    return (
        touched.last_seq,
        ticket.state.value,
        " ".join(ticket.matters),
        micros(ticket.due),
        micros_or_none(ticket.first_called_at),
        ticket.wait_net_s,
        ticket.wait_gross_s,
        touched.amber_at,
        touched.broken_at,
        ticket.counter,
        micros_or_none(ticket.identity_at),
        micros_or_none(ticket.accepted_at),
        micros_or_none(ticket.ended_at),
        None if ticket.outcome is None else ticket.outcome.value,
        ticket.reason,
        ticket.misses,
        ticket.pauses,
        ticket.paused_s,
        ticket.transfers,
    )
