"""Numbers are given: to a walk-in, to a booked citizen who is here, in blocks to a kiosk, and off line.

A number is the group's letter and at least three digits (``A007``, ``A1000``, ``A10000``), counted per hall,
group and business date, never twice. What one kiosk has printed without the server has happened: it is
recorded whatever the rules say (``offline.py``).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from queue_server.domain import calendar, pace
from queue_server.domain.errors import Code, Refused
from queue_server.domain.messages import (
    AppointmentMet,
    BlockLeased,
    CheckIn,
    Event,
    LeaseBlock,
    TakeTicket,
    TicketIssued,
)
from queue_server.domain.model import Appointment, Block, Booking, Kind, State, Ticket
from queue_server.domain.promises import Want, can_be_served, promise, want
from queue_server.domain.state import Hall

LAST_NUMBER = 99_999
"""Beyond five digits a group gives no more numbers that day."""
MAX_BLOCK = 500


def number_text(group: str, number: int) -> str:
    """What is printed and called: letter and three digits, more where they are needed."""
    return f"{group}{number:03d}"


def today(hall: Hall) -> date:
    """The running business date; ``decide`` has opened it before any command is looked at."""
    if hall.business_date is None:
        raise RuntimeError("a day is opened before a command is decided")
    return hall.business_date


def doors_open(hall: Hall, now: datetime) -> None:
    """Refused: hall-closed, with the next opening (local) where there is one."""
    if not hall.day_closed and hall.floor.is_open(today(hall), now):
        return
    opening = calendar.next_opening(hall.plan, now)
    if opening is None:
        raise Refused(Code.HALL_CLOSED)
    raise Refused(Code.HALL_CLOSED, next_opening=calendar.local_text(hall.plan, opening))


def take_number(hall: Hall, group: str) -> int:
    """The group's next number. Refused: numbers-exhausted."""
    number = hall.next_number.get(group, 1)
    if number > LAST_NUMBER:
        raise Refused(Code.NUMBERS_EXHAUSTED, group=group)
    return number


def new_ticket(
    hall: Hall,
    command: TakeTicket | CheckIn,
    wanted: Want,
    kind: Kind,
    now: datetime,
    appointment: Appointment | None = None,
    seq_ahead: int = 1,
) -> Ticket:
    """A waiting ticket with its number and promise; ``seq_ahead`` events from now its event is the hall's latest."""
    day = today(hall)
    number = number_text(wanted.group, take_number(hall, wanted.group))
    slot = None if appointment is None else appointment.slot_start
    start = now if slot is None else max(now, slot)
    given = promise(hall.plan.rules, kind, wanted.matter_class, start)
    taken = command if isinstance(command, TakeTicket) else None
    return Ticket(
        id=f"{day.isoformat()}-{number}",
        number=number,
        group=wanted.group,
        business_date=day,
        seq=hall.seq + seq_ahead,
        matters=wanted.matters,
        skills=wanted.skills,
        service_min=pace.of_visit(hall.plan, hall.tempos, wanted.matters, wanted.service_min, now),
        kind=kind,
        matter_class=wanted.matter_class,
        place=command.place,
        token=command.token,
        lang=command.lang,
        checked_in_at=now,
        promise=given,
        state=State.WAITING,
        due=given.due,
        person_ref=command.person_ref if appointment is None else appointment.person_ref,
        appointment_id=None if appointment is None else appointment.id,
        slot_start=slot,
        priority_reason=None if taken is None else taken.priority_reason,
        proxy="" if taken is None else taken.proxy,
        agent_ref=None if taken is None else taken.agent_ref,
        authorisation="" if taken is None else taken.authorisation,
    )


def take_ticket(hall: Hall, command: TakeTicket, now: datetime) -> list[Event]:
    """Nothing new where the kiosk has meanwhile given this very visit an off-line number (``offline``)."""
    if command.token in hall.papers:
        return []
    wanted = want(hall.plan, command.matters)
    if command.proxy and not all(hall.plan.matters[name].proxy_ok for name in command.matters):
        raise Refused(Code.NOT_FOR_OTHERS)
    doors_open(hall, now)
    can_be_served(hall.floor, wanted, command.place)
    kind = Kind.WALK_IN if command.priority_reason is None else Kind.PRIORITY
    ticket = new_ticket(hall, command, wanted, kind, now)
    return [TicketIssued(at=now, by=command.by, ticket=ticket, source="walk-in")]


def check_in(hall: Hall, command: CheckIn, now: datetime) -> list[Event]:
    """The booked citizen is here: on time an appointment, too late a walk-in, too early asked to come again.

    Nothing new where the kiosk has meanwhile given this very visit an off-line number (``offline``).
    """
    if command.token in hall.papers:
        return []
    rules = hall.plan.rules
    appointment = _find(hall, command)
    slot = appointment.slot_start
    day = calendar.business_date(hall.plan, slot)
    if appointment.state is Booking.CHECKED_IN:
        ticket = hall.tickets.get(appointment.ticket_id or "")
        raise Refused(Code.APPOINTMENT_USED, number="" if ticket is None else ticket.number)
    if day != today(hall):
        raise Refused(Code.WRONG_DAY, day=day.isoformat(), slot=calendar.local_text(hall.plan, slot))
    if appointment.state is not Booking.BOOKED:
        raise Refused(Code.NO_APPOINTMENT, state=appointment.state.value)
    doors_open(hall, now)
    earliest = slot - timedelta(seconds=rules.early_check_in_s)
    if now < earliest:
        raise Refused(
            Code.TOO_EARLY,
            earliest=calendar.clock_text(hall.plan, earliest),
            slot=calendar.clock_text(hall.plan, slot),
        )
    wanted = want(hall.plan, appointment.matters)
    can_be_served(hall.floor, wanted, command.place)
    late = now > slot + timedelta(seconds=rules.late_after_s)
    kind = Kind.WALK_IN if late else Kind.APPOINTMENT
    ticket = new_ticket(hall, command, wanted, kind, now, appointment)
    return [
        TicketIssued(at=now, by=command.by, ticket=ticket, source="check-in"),
        AppointmentMet(at=now, by=command.by, appointment_id=appointment.id, ticket_id=ticket.id, late=late),
    ]


def _find(hall: Hall, command: CheckIn) -> Appointment:
    given = [command.appointment_id, command.code, command.person_ref]
    if sum(one is not None for one in given) != 1:
        raise Refused(Code.BAD_VALUE, field="appointment_id, code or person_ref")
    if command.person_ref is not None:
        return _of_person(hall, command.person_ref)
    wanted = command.appointment_id if command.code is None else hall.codes.get(command.code)
    appointment = None if wanted is None else hall.appointments.get(wanted)
    if appointment is None:
        raise Refused(Code.UNKNOWN_APPOINTMENT)
    return appointment


def _of_person(hall: Hall, person_ref: str) -> Appointment:
    theirs = [hall.appointments[a] for a in hall.bookings.get(person_ref, ())]
    theirs.sort(key=lambda a: (a.slot_start, a.id))
    here = [a for a in theirs if calendar.business_date(hall.plan, a.slot_start) == hall.business_date]
    booked = [a for a in here if a.state is Booking.BOOKED]
    if len(booked) == 1:
        return booked[0]
    if booked:
        raise Refused(Code.SEVERAL_APPOINTMENTS, count=len(booked)).choose(tuple(a.id for a in booked))
    met = [a for a in here if a.state is Booking.CHECKED_IN]
    if met:
        return met[-1]
    later = [a for a in theirs if a.state is Booking.BOOKED]
    if later:
        return later[0]
    raise Refused(Code.NO_APPOINTMENT)


def lease_block(hall: Hall, command: LeaseBlock, now: datetime) -> list[Event]:
    """Reserve the next numbers of a group for one kiosk; they end with the day."""
    if hall.day_closed:
        doors_open(hall, now)
    if command.group not in hall.floor.groups:
        raise Refused(Code.BAD_VALUE, field="group", group=command.group)
    if not 1 <= command.size <= MAX_BLOCK:
        raise Refused(Code.BAD_BLOCK_SIZE, most=MAX_BLOCK)
    if command.block_id in hall.blocks or any(b.id == command.block_id for p in hall.past for b in p.blocks):
        raise Refused(Code.BAD_VALUE, field="block_id")
    held = [
        b
        for b in hall.blocks.values()
        if b.kiosk == command.kiosk and b.group == command.group and len(b.used) <= b.last - b.first
    ]
    most = hall.plan.rules.blocks_per_kiosk
    if len(held) >= most:
        raise Refused(Code.TOO_MANY_BLOCKS, most=most)
    first = take_number(hall, command.group)
    last = first + command.size - 1
    if last > LAST_NUMBER:
        raise Refused(Code.NUMBERS_EXHAUSTED, group=command.group)
    block = Block(
        id=command.block_id,
        kiosk=command.kiosk,
        group=command.group,
        business_date=today(hall),
        first=first,
        last=last,
        leased_at=now,
    )
    return [BlockLeased(at=now, by=command.by, block=block)]
