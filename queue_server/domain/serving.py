"""At the window: identity check, materials, outcome; or on to another window.

The service clock runs from "identity check begun" to "materials accepted" and no longer (沪府办发〔2022〕1号
四(三)); what the back office does is not in it. An outcome is always required (R046), and a reason where
the clock ran over its limit (R007).
"""

from __future__ import annotations

from datetime import datetime

from queue_server.domain import calendar, pace
from queue_server.domain.calling import current
from queue_server.domain.errors import Code, Refused
from queue_server.domain.messages import (
    AcceptMaterials,
    BeginIdentityCheck,
    Event,
    Finish,
    IdentityCheckBegun,
    MaterialsAccepted,
    TicketFinished,
    TicketTransferred,
    Transfer,
)
from queue_server.domain.model import Outcome, Place, State
from queue_server.domain.promises import want
from queue_server.domain.state import Hall

WITHOUT_MATERIALS = frozenset({Outcome.CONSULTED, Outcome.DECLINED, Outcome.SUPPLEMENT})
"""Outcomes that need no accepted materials: asked only, refused, or sent away for what is missing."""


def begin_identity_check(hall: Hall, command: BeginIdentityCheck, now: datetime) -> list[Event]:
    counter, ticket = current(hall, command, command.counter)
    if ticket.state is not State.CALLED:
        raise Refused(Code.WRONG_STATE, state=ticket.state.value, number=ticket.number)
    return [IdentityCheckBegun(at=now, by=command.by, ticket_id=ticket.id, counter=counter.id)]


def accept_materials(hall: Hall, command: AcceptMaterials, now: datetime) -> list[Event]:
    counter, ticket = current(hall, command, command.counter)
    if ticket.identity_at is None:
        raise Refused(Code.IDENTITY_FIRST, number=ticket.number)
    if ticket.accepted_at is not None:
        raise Refused(Code.WRONG_STATE, state="materials-accepted", number=ticket.number)
    took = int((now - ticket.identity_at).total_seconds())
    return [MaterialsAccepted(at=now, by=command.by, ticket_id=ticket.id, counter=counter.id, service_s=took)]


def finish(hall: Hall, command: Finish, now: datetime) -> list[Event]:
    counter, ticket = current(hall, command, command.counter)
    if command.outcome is None:
        raise Refused(Code.OUTCOME_MISSING, number=ticket.number)
    if ticket.identity_at is None:
        raise Refused(Code.IDENTITY_FIRST, number=ticket.number)
    if ticket.accepted_at is None and command.outcome not in WITHOUT_MATERIALS:
        raise Refused(Code.MATERIALS_FIRST, number=ticket.number, outcome=command.outcome.value)
    reason = (command.reason or "").strip() or None
    if ticket.service_over and reason is None:
        raise Refused(Code.REASON_MISSING, minutes=hall.plan.rules.service_limit_s // 60)
    called_at = ticket.called_at or now
    whole = hall.plan.rules.learn_service and not ticket.transfers
    done = TicketFinished(
        at=now,
        by=command.by,
        ticket_id=ticket.id,
        counter=counter.id,
        outcome=command.outcome,
        reason=reason,
        occupied_s=max(0, int((now - called_at).total_seconds())),
        hour=calendar.local_hour(hall.plan, called_at),
        norms_min=pace.norms_of(hall.plan, ticket.matters) if whole else (),
    )
    return [done]


def transfer(hall: Hall, command: Transfer, now: datetime) -> list[Event]:
    """转窗: to a window, to other matters, or both; number, place, check-in and promise stay."""
    counter, ticket = current(hall, command, command.counter)
    if command.to_counter is None and command.to_matters is None:
        raise Refused(Code.BAD_VALUE, field="to_counter or to_matters")
    matters, skills, service_min = ticket.matters, ticket.skills, ticket.service_min
    if command.to_matters is not None:
        wanted = want(hall.plan, command.to_matters)
        matters, skills = wanted.matters, wanted.skills
        service_min = pace.of_visit(hall.plan, hall.tempos, matters, wanted.service_min, now)
    able = hall.floor.able(skills, remote=ticket.place is Place.REMOTE)
    if command.to_counter is not None:
        there = hall.counters.get(command.to_counter)
        if there is None or there.id == counter.id:
            raise Refused(Code.UNKNOWN_COUNTER, counter=command.to_counter)
        if not able & hall.floor.bits.get(there.id, 0):
            raise Refused(Code.NO_SKILL, counter=there.id, number=ticket.number)
        if not there.is_open:
            raise Refused(Code.COUNTER_CLOSED, counter=there.id)
    elif not able:
        raise Refused(Code.NO_SKILL, number=ticket.number)
    moved = TicketTransferred(
        at=now,
        by=command.by,
        ticket_id=ticket.id,
        from_counter=counter.id,
        to_counter=command.to_counter,
        matters=matters,
        skills=skills,
        service_min=service_min,
        reason=command.reason,
    )
    return [moved]
