"""What a clerk sees: one window's line and the ticket in front of it, as plain values for the page.

Pure: hall and time in, a small record out. No name and no number of a person is in it, only whether there
is one; the masked name is asked for apart (``counter``), the whole one on a click that is logged.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from queue_server import translate
from queue_server.domain import calendar, dispatch
from queue_server.domain.model import Booking, HallPlan, State, Ticket
from queue_server.domain.state import Hall
from queue_server.forecast.foretold import PLAIN, Foretold
from queue_server.http import words
from queue_server.http.alarms_view import ConsoleAlarms
from queue_server.http.why import Why, explain

NEXT_SHOWN = 8


class Waiting(msgspec.Struct, frozen=True):
    """One line of the next-due list, in the order this window would call."""

    number: str
    kind: str
    kind_zh: str
    kind_en: str
    class_zh: str
    class_en: str
    matter_zh: str
    due: datetime
    amber_at: datetime
    state: str
    """ready, held-back or early."""
    offline: bool
    remote: bool
    priority: bool
    returned: bool
    proxy_zh: str = ""
    """代办 and the relation, where somebody has come for somebody else."""
    unmet_zh: str = ""
    """Said off line to be booked, and why that could not be matched; empty where nothing is to be cleared up."""
    wait_zh: str = ""
    """When it is foretold to be called; empty without a fresh forecast."""


class Current(msgspec.Struct, frozen=True):
    """The ticket at the window; times from which the page runs its two clocks."""

    ticket: str
    number: str
    state: str
    kind_zh: str
    kind_en: str
    class_zh: str
    class_en: str
    matters_zh: list[str]
    matters_en: list[str]
    lang: str
    offline: bool
    remote: bool
    priority: bool
    has_person: bool
    checked_in_at: datetime
    called_at: datetime | None
    announced_at: datetime | None
    calls: int
    wait_net_s: int | None
    wait_gross_s: int | None
    limit_s: int
    broken: bool
    identity_at: datetime | None
    accepted_at: datetime | None
    service_over: bool
    transfers: int
    misses: int
    why_zh: str
    why_en: str
    proxy_zh: str = ""
    proxy_en: str = ""
    authorisation: str = ""
    unmet_zh: str = ""
    unmet_en: str = ""
    """The number of the outlet's authorisation, to be compared with the paper."""


class Desk(msgspec.Struct, frozen=True):
    """Another window, as a target of a transfer."""

    id: str
    name_zh: str
    name_en: str
    open: bool
    able: bool
    """Furnished for the current ticket."""


class CounterView(msgspec.Struct, frozen=True):
    now: datetime
    open: bool
    """The window, by anybody."""
    mine: bool
    stand_in: bool
    """A manager before a colleague's open window: may bring the visit there to an end and close it."""
    paused: bool
    hall_open: bool
    waiting: int
    waiting_hall: int
    next: list[Waiting]
    next_booking: datetime | None
    current: Current | None
    desks: list[Desk]
    calls_limit: int
    call_gap_s: int
    service_limit_s: int
    service_amber_s: int
    watch: ConsoleAlarms


def counter_view(
    hall: Hall,
    counter_id: str,
    staff: str,
    now: datetime,
    why: Why | None,
    watch: ConsoleAlarms,
    *,
    stand_in: bool = False,
    foretold: Foretold = PLAIN,
) -> CounterView:
    """The view of window ``counter_id`` for account ``staff``. ``why``: the record of its latest call, if known."""
    plan, rules = hall.plan, hall.plan.rules
    counter = hall.counters[counter_id]
    ticket = hall.tickets.get(counter.ticket_id) if counter.ticket_id else None
    choices = dispatch.preview(hall, counter_id, now, NEXT_SHOWN)
    return CounterView(
        now=now,
        open=counter.is_open,
        mine=counter.staff == staff,
        stand_in=stand_in,
        paused=counter.paused,
        hall_open=calendar.is_open(plan, now),
        waiting=int(choices[0].why["waiting"]) if choices else 0,
        waiting_hall=sum(hall.waiting.values()),
        next=[_waiting(plan, choice, foretold.fresh(hall, choice.ticket.id, now)) for choice in choices],
        next_booking=_next_booking(hall, now) if not choices else None,
        current=_current(plan, ticket, why) if ticket is not None else None,
        desks=[
            Desk(
                id=c.id,
                name_zh=plan.counters[c.id].name_zh,
                name_en=plan.counters[c.id].name_en,
                open=c.is_open,
                able=ticket is None or dispatch.can_serve(hall, c, ticket),
            )
            for c in hall.counters.values()
            if c.id != counter_id and c.id in plan.counters
        ],
        calls_limit=rules.calls_before_no_show,
        call_gap_s=rules.call_gap_s,
        service_limit_s=rules.service_limit_s,
        service_amber_s=rules.service_amber_s,
        watch=watch,
    )


def _names(plan: HallPlan, ticket: Ticket) -> tuple[list[str], list[str]]:
    known = [plan.matters[m] for m in ticket.matters if m in plan.matters]
    return [m.name_zh for m in known], [m.name_en for m in known]


def _waiting(plan: HallPlan, choice: dispatch.Choice, wait_s: tuple[int, int] | None) -> Waiting:
    ticket = choice.ticket
    matters, _ = _names(plan, ticket)
    kind, matter_class = words.KINDS[ticket.kind.value], words.CLASSES[ticket.matter_class.value]
    room = ticket.promise.limit_s * (1 - plan.rules.amber_share)
    return Waiting(
        number=ticket.number,
        kind=ticket.kind.value,
        kind_zh=kind[0],
        kind_en=kind[1],
        class_zh=matter_class[0],
        class_en=matter_class[1],
        matter_zh=" + ".join(matters),
        due=ticket.due,
        amber_at=ticket.due - timedelta(seconds=room),
        state=str(choice.why["readiness"]),
        offline=ticket.offline,
        remote=ticket.place.value == "remote",
        priority=ticket.priority_reason is not None,
        returned=ticket.misses > 0 or ticket.pauses > 0,
        proxy_zh=_proxy(ticket)[0],
        unmet_zh=_unmet(ticket)[0],
        wait_zh="" if wait_s is None else "约 {}–{} 分后".format(*translate.minutes(*wait_s)),
    )


def _current(plan: HallPlan, ticket: Ticket, why: Why | None) -> Current:
    names_zh, names_en = _names(plan, ticket)
    kind, matter_class = words.KINDS[ticket.kind.value], words.CLASSES[ticket.matter_class.value]
    why_zh, why_en = explain(why) if why else ("", "")
    return Current(
        ticket=ticket.id,
        number=ticket.number,
        state=ticket.state.value,
        kind_zh=kind[0],
        kind_en=kind[1],
        class_zh=matter_class[0],
        class_en=matter_class[1],
        matters_zh=names_zh,
        matters_en=names_en,
        lang=ticket.lang,
        offline=ticket.offline,
        remote=ticket.place.value == "remote",
        priority=ticket.priority_reason is not None,
        has_person=ticket.person_ref is not None,
        checked_in_at=ticket.checked_in_at,
        called_at=ticket.called_at,
        announced_at=ticket.announced_at,
        calls=ticket.calls,
        wait_net_s=ticket.wait_net_s,
        wait_gross_s=ticket.wait_gross_s,
        limit_s=ticket.promise.limit_s,
        broken=ticket.broken,
        identity_at=ticket.identity_at,
        accepted_at=ticket.accepted_at,
        service_over=ticket.service_over,
        transfers=ticket.transfers,
        misses=ticket.misses,
        why_zh=why_zh,
        why_en=why_en,
        proxy_zh=_proxy(ticket)[0],
        proxy_en=_proxy(ticket)[1],
        authorisation=ticket.authorisation,
        unmet_zh=_unmet(ticket)[0],
        unmet_en=_unmet(ticket)[1],
    )


def _proxy(ticket: Ticket) -> words.Pair:
    """Empty where the person has come."""
    if not ticket.proxy:
        return "", ""
    zh, en = words.RELATIONS.get(ticket.proxy, (ticket.proxy, ticket.proxy))
    return f"代办·{zh}", f"for another: {en}"


def _unmet(ticket: Ticket) -> words.Pair:
    """Empty unless somebody said off line to be booked and is in line as a walk-in."""
    if not ticket.unmet:
        return "", ""
    zh, en = words.UNMET.get(ticket.unmet, (ticket.unmet, ticket.unmet))
    return f"自称有预约·{zh}", f"says to be booked: {en}"


def _next_booking(hall: Hall, now: datetime) -> datetime | None:
    """The next slot of today that somebody has booked: what an empty console waits for."""
    today = calendar.business_date(hall.plan, now)
    ahead = [
        a.slot_start
        for a in hall.appointments.values()
        if a.state is Booking.BOOKED and a.slot_start > now and calendar.business_date(hall.plan, a.slot_start) == today
    ]
    return min(ahead, default=None)


def at_window(hall: Hall, counter_id: str) -> Ticket | None:
    """The ticket called to or served at the window."""
    counter = hall.counters.get(counter_id)
    ticket = hall.tickets.get(counter.ticket_id) if counter is not None and counter.ticket_id else None
    return ticket if ticket is not None and ticket.state in (State.CALLED, State.SERVING) else None
