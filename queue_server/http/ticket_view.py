"""One ticket as its holder sees it. Pure: hall, ticket and time in, words and numbers out; nothing personal.

A sensitive matter is shown as 综合 (product.md §4.9), as on the paper.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from queue_server import translate
from queue_server.domain import booking, calendar, estimate, strain
from queue_server.domain.calendar import clock_text as wall
from queue_server.domain.model import HallPlan, Kind, State, Ticket
from queue_server.domain.state import Hall
from queue_server.forecast.foretold import PLAIN, Foretold
from queue_server.http import words
from queue_server.wire.paths import ticket_path
from queue_server.wire.sentences import sentence

CANCELLABLE = frozenset({State.WAITING, State.PAUSED, State.MISSED})


class TicketView(msgspec.Struct, frozen=True):
    """Times are already the hall's wall clock, ``HH:MM``; minutes are whole."""

    path: str
    hall_zh: str
    hall_en: str
    area_zh: str
    area_en: str
    number: str
    number_spoken: str
    matter_zh: str
    matter_en: str
    state: str
    state_zh: str
    state_en: str
    ahead: int | None
    low: int
    high: int
    due: str
    broken: bool
    nobody_zh: str
    nobody_en: str
    """Why nobody can serve this citizen now; then no minutes are shown, for they would be invented."""
    window_zh: str
    window_en: str
    calls: int
    until: str
    pause_min: int
    may_pause: bool
    may_resume: bool
    may_return: bool
    may_cancel: bool
    at: str
    too_late: bool = False
    """Came too late for the booking, so a walk-in."""
    next_slot: str = ""
    """For such a one: the next slot that could be booked instead, with its day where that is not today."""
    rebook: str = ""


def ticket_view(hall: Hall, ticket: Ticket, now: datetime, foretold: Foretold = PLAIN) -> TicketView:
    plan, rules, state = hall.plan, hall.plan.rules, ticket.state
    matter_zh, matter_en = matter_names(plan, ticket.matters)
    state_zh, state_en = words.STATES[state.value]
    waits = state is State.WAITING
    low, high = translate.minutes(*foretold.wait_range(hall, ticket.id, now)) if waits else (0, 0)
    nobody = strain.nobody_for_ticket(hall, ticket) if waits else ""
    nobody_zh, nobody_en = sentence(nobody) if nobody else ("", "")
    window = plan.counters.get(ticket.counter or "")
    until = now
    if state is State.PAUSED and ticket.paused_at is not None:
        until = ticket.paused_at + timedelta(seconds=rules.pause_limit_s)
    elif state is State.MISSED and ticket.missed_at is not None:
        until = ticket.missed_at + timedelta(seconds=rules.return_window_s)
    too_late = waits and ticket.slot_start is not None and ticket.kind is not Kind.APPOINTMENT
    slot = booking.next_free(hall, ticket.matters, now) if too_late else None
    return TicketView(
        too_late=too_late,
        next_slot="" if slot is None else _soon(plan, slot, now),
        rebook="" if slot is None or len(ticket.matters) > 1 else f"/book?hall={plan.id}&m={ticket.matters[0]}",
        path=ticket_path(plan.id, ticket.business_date, ticket.number, ticket.token),
        hall_zh=plan.name_zh,
        hall_en=plan.name_en,
        area_zh=plan.area_zh,
        area_en=plan.area_en,
        number=ticket.number,
        number_spoken=words.number_spoken(ticket.number),
        matter_zh=matter_zh,
        matter_en=matter_en,
        state=state.value,
        state_zh=state_zh,
        state_en=state_en,
        ahead=estimate.ahead(hall, ticket.id) if waits else None,
        low=low,
        high=high,
        due=wall(plan, ticket.due),
        broken=ticket.broken,
        nobody_zh=nobody_zh,
        nobody_en=nobody_en,
        window_zh=window.name_zh if window else ticket.counter or "",
        window_en=window.name_en if window else ticket.counter or "",
        calls=ticket.calls,
        until=wall(plan, until),
        pause_min=rules.pause_limit_s // 60,
        may_pause=waits and ticket.pauses < rules.pauses_per_ticket,
        may_resume=state is State.PAUSED,
        may_return=state is State.MISSED and now <= until,
        may_cancel=state in CANCELLABLE,
        at=wall(plan, now),
    )


def _soon(plan: HallPlan, slot: datetime, now: datetime) -> str:
    """``11:15`` today, ``11/23 11:15`` on another day."""
    day = calendar.business_date(plan, slot)
    clock = wall(plan, slot)
    return clock if day == calendar.business_date(plan, now) else f"{day.month}/{day.day} {clock}"


def matter_names(plan: HallPlan, matters: tuple[str, ...]) -> tuple[str, str]:
    known = [plan.matters[m] for m in matters if m in plan.matters]
    if not known or any(m.sensitive for m in known):
        return translate.GENERAL_ZH, translate.GENERAL_EN
    return "、".join(m.name_zh for m in known), ", ".join(m.name_en for m in known)


def awaits_synchronisation(hall: Hall, day: date, number: str) -> bool:
    """Whether an unknown number may be an off-line ticket that its kiosk has not sent yet.

    Only if it lies in a block leased for that day and has not come back: that is all a stranger could learn.
    """
    digits = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 5:
        return False
    group, value = number[: len(number) - len(digits)], int(digits)
    return any(
        b.group == group and b.business_date == day and b.first <= value <= b.last and value not in b.used
        for b in hall.blocks.values()
    )
