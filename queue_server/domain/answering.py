"""What the hall answers, once the events of a command have happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from queue_server.domain import booking, estimate, helping, risks, strain
from queue_server.domain.answers import (
    Answer,
    BlockAnswer,
    BookedAnswer,
    CalledAnswer,
    DoneAnswer,
    HelpAnswer,
    LeftAnswer,
    RecordedAnswer,
    RefusedAnswer,
    RiskAnswer,
    TicketAnswer,
    WaitingAnswer,
)
from queue_server.domain.errors import Refused
from queue_server.domain.issuing import number_text
from queue_server.domain.messages import (
    WATCH_EVENTS,
    BlockLeased,
    BookSlot,
    CallAgain,
    CallHelp,
    CallNext,
    CallTicket,
    CheckIn,
    Command,
    EndHelp,
    Event,
    JoinWaitingList,
    LeaseBlock,
    NoteRisk,
    RecordOfflineTicket,
    ReportLeft,
    SlotBooked,
    TakeTicket,
    TicketCalled,
    TicketCalledAgain,
    TicketIssued,
    WaitingListJoined,
)
from queue_server.domain.model import Kind, Ticket
from queue_server.domain.offline import by_token, recorded
from queue_server.domain.state import Hall


def refusal(refused: Refused) -> RefusedAnswer:
    """The answer that stands for a refusal."""
    return RefusedAnswer(code=refused.code.value, facts=refused.facts, choices=refused.choices)


def answer(hall: Hall, command: Command, events: Sequence[Event]) -> Answer:
    """The answer to ``command`` in the ``hall`` after its ``events`` (those that ``decide`` returned)."""
    for event in reversed(events):
        if isinstance(event, TicketIssued) and isinstance(command, TakeTicket | CheckIn):
            return _ticket(hall, event.ticket, event.at)
        if isinstance(event, TicketIssued) and isinstance(command, RecordOfflineTicket):
            return _recorded(hall, command, event.ticket)
        if isinstance(event, TicketCalled) and isinstance(command, CallNext | CallTicket):
            number = hall.tickets[event.ticket_id].number
            return CalledAnswer(
                ticket_id=event.ticket_id, number=number, counter=event.counter, calls=1, why=dict(event.why)
            )
        if isinstance(event, TicketCalledAgain) and isinstance(command, CallAgain):
            number = hall.tickets[event.ticket_id].number
            return CalledAnswer(ticket_id=event.ticket_id, number=number, counter=event.counter, calls=event.calls)
        if isinstance(event, SlotBooked) and isinstance(command, BookSlot):
            return BookedAnswer(appointment=event.appointment)
        if isinstance(event, WaitingListJoined) and isinstance(command, JoinWaitingList):
            return WaitingAnswer(wish=event.wish, ahead=hall.book.ahead_of(event.wish))
        if isinstance(event, BlockLeased) and isinstance(command, LeaseBlock):
            return BlockAnswer(block=event.block)
    if isinstance(command, RecordOfflineTicket):
        ticket = recorded(hall, command)
        if ticket is not None:
            return _recorded(hall, command, ticket)
    if isinstance(command, TakeTicket | CheckIn):
        ticket = by_token(hall, command.token)
        if ticket is not None:
            return _ticket(hall, ticket, hall.now or ticket.checked_in_at)
    if isinstance(command, CallHelp):
        call = helping.open_call(hall, command.kiosk)
        if call is not None:
            return HelpAnswer(help_id=call.id, answered=call.answered_at is not None)
    if isinstance(command, EndHelp):
        return HelpAnswer(help_id=command.help_id, ended=True)
    if isinstance(command, ReportLeft):
        return LeftAnswer(gone=command.gone)
    if isinstance(command, NoteRisk):
        return RiskAnswer(ticket_id=command.ticket_id, noted=risks.noted(hall, command, tuple(events)).value)
    return DoneAnswer(ticket_id=_touched(command, events))


def _recorded(hall: Hall, command: RecordOfflineTicket, ticket: Ticket) -> RecordedAnswer:
    met = hall.appointments.get(ticket.appointment_id or "")
    booked = "unmet" if ticket.unmet else ""
    if ticket.appointment_id is not None:
        as_booked = ticket.kind is Kind.APPOINTMENT or ticket.first_called_at is not None
        booked = "met" if as_booked else "early" if ticket.slot_start is None else "late"
    return RecordedAnswer(
        ticket_id=ticket.id,
        number=ticket.number,
        printed_number=number_text(command.group, command.number),
        booked=booked,
        slot_start=None if met is None else met.slot_start,
    )


def _ticket(hall: Hall, ticket: Ticket, at: datetime) -> TicketAnswer:
    found = estimate.of_ticket(hall, ticket.id)
    p50, p90 = found.wait_p50_s, found.wait_p90_s
    late = False
    if ticket.slot_start is not None:
        p50, p90 = estimate.wait_range(hall, ticket.id, at)
        late = ticket.kind is not Kind.APPOINTMENT
    return TicketAnswer(
        ticket_id=ticket.id,
        number=ticket.number,
        group=ticket.group,
        business_date=ticket.business_date,
        token=ticket.token,
        matters=ticket.matters,
        kind=ticket.kind,
        checked_in_at=ticket.checked_in_at,
        due=ticket.due,
        ahead=found.ahead,
        wait_p50_s=p50,
        wait_p90_s=p90,
        slot_start=ticket.slot_start,
        late=late,
        next_slot=booking.next_free(hall, ticket.matters, at) if late else None,
        nobody=strain.nobody_for_ticket(hall, ticket),
        for_other=bool(ticket.proxy),
    )


def _touched(command: Command, events: Sequence[Event]) -> str | None:
    """The ticket of the command's own (last) event, if it has one; what ran out before is not its own."""
    own = next((event for event in reversed(events) if not isinstance(event, WATCH_EVENTS)), None)
    if own is None or own.by != command.by:
        return None
    ticket_id = getattr(own, "ticket_id", None)
    return ticket_id if isinstance(ticket_id, str) else None
