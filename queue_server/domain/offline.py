"""Tickets that a kiosk has given without the server: they have happened and cannot be refused.

A *token* is one visit. A kiosk that asked, heard nothing and then gave a number of its own hands in that number
under the token it had asked with: whatever of the two the hall meets first, there is one ticket in the end, and it
is the one on the citizen's paper. So a ticket that was given for the unheard request is taken back (unless somebody
is being served under it), its earlier check-in counts, and the request itself, when it comes late, is answered with
the off-line ticket.

A ticket from the kiosk's own leased block keeps its number and belongs to the block's date, whatever the
kiosk's clock says. Anything else (a number outside the block, a block of another kiosk, a number taken)
is *disputed*: it gets a fresh number of that date, and an event says what stands on the paper. The promise
counts from the check-in on the paper, which cannot lie in the future nor before the block was leased.
A ticket of a day that has closed is recorded as abandoned on that day, or with a number of today where
the hall no longer remembers which numbers that day gave.

Who says to be booked is matched with the booking (``claims``): the ticket on the paper becomes its check-in, under
the number on the paper, and there is never a second one. A ticket that a window has taken in meanwhile, by the code
on the paper, which says nothing of a booking, is completed by what its kiosk tells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from queue_server.domain import calendar, pace
from queue_server.domain.claims import Came, Met, Unmet, judged, matched
from queue_server.domain.issuing import number_text, today
from queue_server.domain.messages import (
    AppointmentMet,
    Event,
    OfflineTicketCompleted,
    OfflineTicketDisputed,
    RecordOfflineTicket,
    TicketAbandoned,
    TicketCancelled,
    TicketIssued,
)
from queue_server.domain.model import Block, Kind, State, Ticket
from queue_server.domain.promises import promise, want_whatever
from queue_server.domain.state import Hall

_INSTANT = timedelta(microseconds=1)
_UNHEARD = frozenset({State.WAITING, State.PAUSED, State.MISSED, State.CALLED})
"""A ticket whose number nobody has ever seen can be taken back in these states."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """On which date a ticket stands, and with which number; ``problem`` if not the printed one."""

    day: date
    number: int
    problem: str | None
    leased_at: datetime | None
    is_over: bool
    """The day of the check-in has closed: nobody waits for this number any more."""


def recorded(hall: Hall, command: RecordOfflineTicket) -> Ticket | None:
    """The ticket, if this very one (by its token) stands in the hall already: synchronised, or scanned at a window."""
    return by_token(hall, command.token)


def by_token(hall: Hall, token: str) -> Ticket | None:
    """The off-line ticket of the visit ``token``, where the hall has it."""
    known = hall.papers.get(token)
    return None if known is None else hall.tickets.get(known)


def unheard(hall: Hall, token: str) -> Ticket | None:
    """The ticket that was given for the same visit and whose number never reached the kiosk."""
    return next((t for t in hall.tickets.values() if t.token == token and t.state in _UNHEARD and not t.offline), None)


def record_offline_ticket(hall: Hall, command: RecordOfflineTicket, now: datetime) -> list[Event]:
    known = recorded(hall, command)
    if known is not None:
        return _completed(hall, command, known, now)
    ground = _ground(hall, command, now)
    given = unheard(hall, command.token)
    checked_in_at = _checked_in(hall, command, ground, now, given)
    met = _booking(hall, command, checked_in_at, given)
    ticket = _ticket(hall, command, ground, checked_in_at, now, met)
    events: list[Event] = [TicketIssued(at=now, by=command.by, ticket=ticket, source="offline")]
    if given is not None:
        events.append(TicketCancelled(at=now, by=command.by, ticket_id=given.id))
    events += _arrived(command, met, ticket.id, now)
    if ground.problem is not None:
        printed = number_text(command.group, command.number)
        events.append(
            OfflineTicketDisputed(
                at=now, by=command.by, ticket_id=ticket.id, printed_number=printed, problem=ground.problem
            )
        )
    if ground.is_over:
        events.append(TicketAbandoned(at=now, by=command.by, ticket_id=ticket.id, reason="day-closed"))
    return events


def _ground(hall: Hall, command: RecordOfflineTicket, now: datetime) -> _Ground:
    block = _block(hall, command.block_id)
    if block is None:
        day = calendar.business_date(hall.plan, min(command.checked_in_at, now))
        return _fresh(hall, command, day, "unknown-block", None)
    problem = None
    if block.kiosk != command.kiosk:
        problem = "block-of-another-kiosk"
    elif block.group != command.group or not block.first <= command.number <= block.last:
        problem = "number-outside-block"
    elif command.number in block.used:
        problem = "number-taken"
    if problem is not None:
        return _fresh(hall, command, block.business_date, problem, block.leased_at)
    return _Ground(block.business_date, command.number, None, block.leased_at, _is_over(hall, block.business_date))


def _block(hall: Hall, block_id: str) -> Block | None:
    running = hall.blocks.get(block_id)
    if running is not None:
        return running
    return next((b for day in hall.past for b in day.blocks if b.id == block_id), None)


def _fresh(hall: Hall, command: RecordOfflineTicket, day: date, problem: str, leased_at: datetime | None) -> _Ground:
    """The date's next number; of a date nobody remembers, today's."""
    over = _is_over(hall, day)
    past = next((past for past in hall.past if past.business_date == day), None)
    if past is None:
        return _Ground(today(hall), hall.next_number.get(command.group, 1), problem, leased_at, over)
    return _Ground(day, past.next_number.get(command.group, 1), problem, leased_at, over)


def _is_over(hall: Hall, day: date) -> bool:
    return day != hall.business_date or hall.day_closed


def _checked_in(
    hall: Hall, command: RecordOfflineTicket, ground: _Ground, now: datetime, unseen: Ticket | None
) -> datetime:
    """``unseen``: the unheard ticket of the same visit, whose check-in may have been earlier."""
    checked_in_at = min(command.checked_in_at, now)
    if unseen is not None:
        checked_in_at = min(checked_in_at, unseen.checked_in_at)
    if ground.leased_at is not None:
        checked_in_at = max(checked_in_at, ground.leased_at)
    if ground.day != hall.business_date:
        checked_in_at = min(checked_in_at, calendar.day_end(hall.plan, ground.day) - _INSTANT)
    return checked_in_at


def _ticket(
    hall: Hall,
    command: RecordOfflineTicket,
    ground: _Ground,
    checked_in_at: datetime,
    now: datetime,
    met: Met | Unmet | None,
) -> Ticket:
    wanted = want_whatever(hall.plan, command.matters, command.group)
    kind = Kind.WALK_IN if command.priority_reason is None else Kind.PRIORITY
    given = promise(hall.plan.rules, kind, wanted.matter_class, checked_in_at)
    number = number_text(command.group, ground.number)
    ticket = Ticket(
        id=f"{ground.day.isoformat()}-{number}",
        number=number,
        group=command.group,
        business_date=ground.day,
        seq=hall.seq + 1,
        matters=wanted.matters,
        skills=wanted.skills,
        service_min=pace.of_visit(hall.plan, hall.tempos, wanted.matters, wanted.service_min, now),
        kind=kind,
        matter_class=wanted.matter_class,
        place=command.place,
        token=command.token,
        lang=command.lang,
        checked_in_at=checked_in_at,
        promise=given,
        state=State.WAITING,
        due=given.due,
        priority_reason=command.priority_reason,
        offline=True,
        clock_uncertainty_s=command.clock_uncertainty_s,
    )
    return _told(hall, command, ticket, met, now)


# --- who is booked, and who comes for whom -------------------------------------------------------------------


def _booking(
    hall: Hall, command: RecordOfflineTicket, checked_in_at: datetime, unseen: Ticket | None
) -> Met | Unmet | None:
    """What the citizen's word to be booked comes to; None if there was none.

    The unheard ticket may have been the check-in itself: then its booking goes over to the paper.
    """
    came = Came(checked_in_at, checked_in_at - timedelta(seconds=command.clock_uncertainty_s))
    if unseen is not None and unseen.appointment_id is not None:
        appointment = hall.appointments.get(unseen.appointment_id)
        if appointment is not None:
            return judged(hall.plan, appointment, came)
    if command.claim is None:
        return None
    return matched(hall, command.claim, command.matters, came)


def _arrived(command: RecordOfflineTicket, met: Met | Unmet | None, ticket_id: str, now: datetime) -> list[Event]:
    if not isinstance(met, Met):
        return []
    return [
        AppointmentMet(at=now, by=command.by, appointment_id=met.appointment.id, ticket_id=ticket_id, late=met.late)
    ]


def _told(hall: Hall, command: RecordOfflineTicket, ticket: Ticket, met: Met | Unmet | None, now: datetime) -> Ticket:
    """The ticket with what its kiosk says beside the number: for whom somebody came, and the booking.

    In time it is the appointment's check-in, as if there had been a line. Too late, it is in line as a walk-in from
    its check-in; too early as well, for nobody had said to come again later.
    """
    ticket = replace(
        ticket,
        proxy=command.proxy,
        person_ref=command.person_ref,
        agent_ref=command.agent_ref,
        authorisation=command.authorisation,
        unmet=met.value if isinstance(met, Unmet) else "",
    )
    if not isinstance(met, Met):
        return ticket
    booked = met.appointment
    ticket = replace(ticket, appointment_id=booked.id, person_ref=booked.person_ref or ticket.person_ref)
    if ticket.first_called_at is not None or ticket.state is not State.WAITING:
        return ticket  # it was called by its paper: what was promised then is what was kept or not
    wanted = want_whatever(hall.plan, booked.matters, ticket.group)
    kind = Kind.APPOINTMENT if met.in_time else ticket.kind
    start = max(ticket.checked_in_at, booked.slot_start) if met.in_time else ticket.checked_in_at
    given = promise(hall.plan.rules, kind, wanted.matter_class, start)
    return replace(
        ticket,
        matters=wanted.matters,
        skills=wanted.skills,
        service_min=pace.of_visit(hall.plan, hall.tempos, wanted.matters, wanted.service_min, now),
        kind=kind,
        matter_class=wanted.matter_class,
        slot_start=None if met.early else booked.slot_start,
        promise=given,
        due=given.due,
    )


def _completed(hall: Hall, command: RecordOfflineTicket, known: Ticket, now: datetime) -> list[Event]:
    """A ticket that a window took in by its code, which says neither of the two. Told twice, it is told once."""
    told_already = known.appointment_id is not None or bool(known.unmet or known.proxy)
    if told_already or (command.claim is None and not command.proxy):
        return []
    met = _booking(hall, command, known.checked_in_at, None)
    ticket = _told(hall, command, known, met, now)
    events: list[Event] = [OfflineTicketCompleted(at=now, by=command.by, ticket_id=known.id, ticket=ticket)]
    return events + _arrived(command, met, known.id, now)
