"""Between the wire and the hall: a request becomes a command, an answer becomes a reply.

Wire and domain never import each other; this is where they meet. A sealed person is opened here and becomes
an opaque reference; from here on nobody knows a name or number. ``DoorRefused`` is what cannot even be put
to the hall. Nothing here waits for the network; opening a person asks the vault's database, so the doors
call ``to_command`` for such a request off their own thread (``needs_vault``).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Literal

from queue_server.domain import answers, calendar, messages
from queue_server.domain.model import HallPlan, Place
from queue_server.domain.state import Hall
from queue_server.sealed import DoorRefused, Persons, claimed, here, here_if_readable, known, remembered
from queue_server.wire import messages as wire
from queue_server.wire.paths import ticket_path, wish_path
from queue_server.wire.sentences import DoorCode, Facts, sentence
from queue_server.wire.watch_words import HELP

GENERAL_ZH, GENERAL_EN = "综合", "General"
"""What paper and phone say instead of a sensitive group (product.md §4.9)."""
CODE_DIGITS = 8
SANE = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""Times outside are a broken clock: they would only make arithmetic fail further in."""

Command = (
    messages.TakeTicket
    | messages.CheckIn
    | messages.BookSlot
    | messages.JoinWaitingList
    | messages.LeaseBlock
    | messages.RecordOfflineTicket
    | messages.CallHelp
    | messages.EndHelp
    | messages.ReportLeft
)


def needs_vault(request: wire.AnyRequest) -> bool:
    """Whether ``to_command`` will ask the vault's database for this request."""
    match request:
        case wire.TakeTicket(for_other=wire.ForOther(agent=agent, person=person)):
            return agent is not None or person is not None
        case wire.CheckIn() | wire.Book() | wire.JoinWaitingList():
            return request.person is not None
        case wire.OfflineTicket(claim=claim, for_other=other):
            boxes = (claim and claim.person, other and other.agent, other and other.person)
            return any(box is not None for box in boxes)
    return False


def to_command(request: wire.AnyRequest, hall: Hall, device: str, vault: Persons, new_id: Callable[[], str]) -> Command:
    """The command that ``device`` asks of ``hall``. ``new_id`` makes ids of bookings and blocks.

    Raises DoorRefused: ``who-is-it``, ``bad-seal``, ``no-appointment`` (nobody known), ``bad-value``.
    AskDays, AskSlots and AskTime are questions, not commands: see ``questions``.
    """
    by = f"kiosk:{device}"
    match request:
        case wire.TakeTicket():
            other = request.for_other
            return messages.TakeTicket(
                id=request.id,
                by=by,
                matters=tuple(request.matters),
                token=request.token,
                place=Place(request.place),
                lang=request.lang,
                priority_reason=request.priority_reason,
                proxy="" if other is None else other.relation,
                person_ref=here(vault, None if other is None else other.person),
                agent_ref=here(vault, None if other is None else other.agent),
                authorisation="" if other is None else other.authorisation or "",
            )
        case wire.CheckIn():
            if (request.code is not None) + (request.person is not None) + (request.appointment is not None) != 1:
                raise DoorRefused(DoorCode.WHO_IS_IT)
            return messages.CheckIn(
                id=request.id,
                by=by,
                token=request.token,
                appointment_id=request.appointment,
                code=request.code,
                person_ref=None if request.person is None else known(vault, request.person),
                lang=request.lang,
                place=Place(request.place),
            )
        case wire.Book():
            return messages.BookSlot(
                id=request.id,
                by=by,
                appointment_id=new_id(),
                code=new_code(hall),
                matters=tuple(request.matters),
                slot_start=_sane(request.slot_start),
                origin=request.origin,
                person_ref=None if request.person is None else remembered(vault, request.person, request.slot_start),
            )
        case wire.JoinWaitingList():
            return messages.JoinWaitingList(
                id=request.id,
                by=by,
                wish_id=new_id(),
                code=new_code(hall),
                matters=tuple(request.matters),
                day=request.day,
                slot_start=None if request.slot_start is None else _sane(request.slot_start),
                origin=request.origin,
                person_ref=None if request.person is None else remembered(vault, request.person, _visit_of(request)),
            )
        case wire.CallHelp():
            return messages.CallHelp(
                id=request.id, by=by, kiosk=device, screen=request.screen, lang=request.lang, again=request.again
            )
        case wire.EndHelp():
            return messages.EndHelp(id=request.id, by=by, help_id=request.call, because=request.because)
        case wire.ReportLeft():
            return messages.ReportLeft(id=request.id, by=by, kiosk=device, what=request.what, gone=request.gone)
        case wire.LeaseBlock():
            return messages.LeaseBlock(
                id=request.id, by=by, block_id=new_id(), kiosk=device, group=request.group, size=request.size
            )
        case wire.OfflineTicket():
            other = request.for_other
            return messages.RecordOfflineTicket(
                id=request.id,
                by=by,
                block_id=request.block,
                kiosk=device,
                group=request.group,
                number=request.number,
                matters=tuple(request.matters),
                token=request.token,
                checked_in_at=_sane(request.checked_in_at),
                clock_uncertainty_s=request.clock_uncertainty_s,
                lang=request.lang,
                place=Place(request.place),
                priority_reason=request.priority_reason,
                claim=claimed(vault, request.claim),
                proxy="" if other is None else other.relation,
                person_ref=here_if_readable(vault, None if other is None else other.person),
                agent_ref=here_if_readable(vault, None if other is None else other.agent),
                authorisation="" if other is None else other.authorisation or "",
            )
    raise DoorRefused(DoorCode.UNKNOWN_KIND)


def new_code(hall: Hall) -> str:
    """A check-in code that no booking of this hall holds: eight digits, to be typed or scanned, no meaning."""
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        if code not in hall.codes:
            return code


def to_reply(request_id: str, answer: answers.Answer, hall: Hall) -> wire.AnyReply:
    """What the terminal is told; ``hall`` gives names and, for several appointments, their times."""
    plan = hall.plan
    match answer:
        case answers.TicketAnswer():
            group_zh, group_en = group_names(plan, answer.matters, answer.group)
            low, high = minutes(answer.wait_p50_s, answer.wait_p90_s)
            return wire.TicketReply(
                id=request_id,
                number=answer.number,
                group=answer.group,
                group_zh=group_zh,
                group_en=group_en,
                ticket=answer.ticket_id,
                business_date=answer.business_date,
                token=answer.token,
                matters=list(answer.matters),
                ticket_kind=answer.kind.value,
                checked_in_at=answer.checked_in_at,
                promised_by=answer.due,
                ahead=answer.ahead,
                wait_min_low=low,
                wait_min_high=high,
                hall_zh=plan.name_zh,
                hall_en=plan.name_en,
                area_zh=plan.area_zh,
                area_en=plan.area_en,
                path=ticket_path(plan.id, answer.business_date, answer.number, answer.token),
                slot_start=answer.slot_start,
                late=answer.late,
                nobody=answer.nobody,
                next_slot=answer.next_slot,
                for_other=answer.for_other,
            )
        case answers.BookedAnswer(appointment=booked):
            return wire.BookedReply(
                id=request_id,
                appointment=booked.id,
                code=booked.code,
                matters=list(booked.matters),
                slot_start=booked.slot_start,
                hall_zh=plan.name_zh,
                hall_en=plan.name_en,
                address_zh=plan.address_zh,
                early_min=plan.rules.early_check_in_s // 60,
                late_min=plan.rules.late_after_s // 60,
                cancel_min=plan.rules.cancel_until_s // 60,
            )
        case answers.WaitingAnswer(wish=wish):
            return wire.WaitingReply(
                id=request_id,
                wish=wish.id,
                code=wish.code,
                matters=list(wish.matters),
                day=wish.day,
                slot_start=wish.slot_start,
                ahead=answer.ahead,
                hold_min=plan.rules.waiting_list_hold_s // 60,
                path=wish_path(plan.id, wish.id, wish.code),
                hall_zh=plan.name_zh,
                hall_en=plan.name_en,
            )
        case answers.BlockAnswer(block=block):
            return wire.BlockReply(
                id=request_id,
                block=block.id,
                group=block.group,
                business_date=block.business_date,
                first=block.first,
                last=block.last,
                until=last_closing(plan, block.business_date),
            )
        case answers.RecordedAnswer():
            return wire.RecordedReply(
                id=request_id,
                number=answer.number,
                ticket=answer.ticket_id,
                printed=answer.printed_number,
                booked=answer.booked,  # type: ignore[arg-type]  # one of the wire's words
                slot_start=answer.slot_start,
            )
        case answers.HelpAnswer():
            return _help(request_id, answer)
        case answers.LeftAnswer():
            return wire.LeftReply(id=request_id)
        case answers.RefusedAnswer():
            choices = [
                wire.Choice(appointment=found.id, slot_start=found.slot_start, matters=list(found.matters))
                for found in (hall.appointments.get(choice) for choice in answer.choices)
                if found is not None
            ]
            return refused(request_id, answer.code, answer.facts, choices)
        case answers.CalledAnswer() | answers.DoneAnswer() | answers.RiskAnswer():
            # Only windows ask for these, over HTTP. A terminal that re-used a window's request id gets no news of it.
            return refused(request_id, DoorCode.MALFORMED)


def _help(request_id: str, answer: answers.HelpAnswer) -> wire.HelpReply:
    state: Literal["called", "coming", "ended"] = "called"
    if answer.ended or answer.answered:
        state = "ended" if answer.ended else "coming"
    zh, en = sentence(HELP[state])
    return wire.HelpReply(id=request_id, call=answer.help_id, state=state, zh=zh, en=en)


def refused(
    request_id: str, code: str, facts: Facts | None = None, choices: list[wire.Choice] | None = None
) -> wire.RefusedReply:
    """No, with its sentence."""
    zh, en = sentence(code, facts)
    return wire.RefusedReply(
        id=request_id, code=str(code), zh=zh, en=en, facts=dict(facts or {}), choices=choices or []
    )


def last_closing(plan: HallPlan, day: date) -> datetime:
    """When the doors close for the last time on ``day``; its end where they do not open."""
    return max((closes for _, closes in calendar.openings(plan, day)), default=calendar.day_end(plan, day))


def group_names(plan: HallPlan, matters: tuple[str, ...], letter: str) -> tuple[str, str]:
    """The words beside a number, zh and en: the group's own, or 综合 where one of the matters is sensitive."""
    known = [plan.matters[m] for m in matters if m in plan.matters]
    if any(m.sensitive for m in known):
        return GENERAL_ZH, GENERAL_EN
    for matter in known:
        if matter.group == letter:
            return matter.group_zh, matter.group_en
    return GENERAL_ZH, GENERAL_EN


def minutes(low_s: int, high_s: int) -> tuple[int, int]:
    """A range of seconds as whole minutes that still holds it: down, and up."""
    low = max(0, low_s) // 60
    return low, max(low, -(-max(0, high_s) // 60))


def _visit_of(request: wire.JoinWaitingList) -> datetime:
    """When the person would come: until then they are remembered."""
    if request.slot_start is not None:
        return _sane(request.slot_start)
    if request.day is None:
        raise DoorRefused("bad-value")
    return _sane(datetime.combine(request.day, time(), UTC))


def _sane(moment: datetime) -> datetime:
    """In UTC. Raises DoorRefused for a time that only a broken clock can give."""
    try:
        at = moment.astimezone(UTC)
    except OverflowError:
        raise DoorRefused("bad-value") from None
    if not SANE[0] < at < SANE[1]:
        raise DoorRefused("bad-value")
    return at
