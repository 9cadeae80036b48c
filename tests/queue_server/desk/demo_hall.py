"""An invented hall that never closes, and the commands people put to it. Shared by tests and their child processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import uuid6

from queue_server.domain.messages import (
    AcceptMaterials,
    BeginIdentityCheck,
    BookSlot,
    CallNext,
    CheckIn,
    Finish,
    LeaseBlock,
    OpenCounter,
    RecordOfflineTicket,
    TakeTicket,
)
from queue_server.domain.model import Calendar, CounterPlan, HallPlan, Hours, Matter, MatterClass, Outcome
from queue_server.domain.rules import Rules

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday, 09:00 in Shanghai."""
ALL_DAY = Hours(time(0), time(0))
WORKDAY = Hours(time(8, 30), time(16, 30))


def plan(name: str = "hall", *, windows: int = 8, hours: Hours = ALL_DAY, **rules: Any) -> HallPlan:
    """``windows`` 综合 windows named 1, 2, ...; matters ``card`` (A, general) and ``house`` (B, complex)."""
    matters = (
        Matter("card", "社保卡", "Social card", "A", "综合", "General", MatterClass.GENERAL, None, 8.0),
        Matter("house", "住房", "Housing", "B", "住房", "Housing", MatterClass.COMPLEX, None, 30.0),
    )
    counters = {str(n): CounterPlan(str(n), f"{n}号窗口", f"Window {n}") for n in range(1, windows + 1)}
    return HallPlan(
        id=name,
        site="site",
        name_zh="测试大厅",
        name_en="Test hall",
        address_zh="虚构路1号",
        tz="Asia/Shanghai",
        calendar=Calendar(week=((hours,),) * 7),
        counters=counters,
        matters={matter.id: matter for matter in matters},
        rules=replace(Rules(), **rules),
    )


def new_id() -> str:
    return str(uuid6.uuid7())


def take(matter: str = "card", request: str | None = None, **more: Any) -> TakeTicket:
    return TakeTicket(id=request or new_id(), by="kiosk:k1", matters=(matter,), token="t" * 22, **more)


def sit(counter: str) -> OpenCounter:
    return OpenCounter(id=new_id(), by=f"staff:s{counter}", counter=counter, staff=f"s{counter}")


def call(counter: str) -> CallNext:
    return CallNext(id=new_id(), by=f"staff:s{counter}", counter=counter)


def check_identity(counter: str) -> BeginIdentityCheck:
    return BeginIdentityCheck(id=new_id(), by=f"staff:s{counter}", counter=counter)


def accept(counter: str) -> AcceptMaterials:
    return AcceptMaterials(id=new_id(), by=f"staff:s{counter}", counter=counter)


def finish(counter: str, outcome: Outcome = Outcome.ACCEPTED) -> Finish:
    return Finish(id=new_id(), by=f"staff:s{counter}", counter=counter, outcome=outcome)


def serve(counter: str) -> tuple[BeginIdentityCheck, AcceptMaterials, Finish]:
    """Everything a clerk does with the citizen who has come to the window."""
    return check_identity(counter), accept(counter), finish(counter)


def book(slot: datetime, appointment: str, code: str, person: str | None = None) -> BookSlot:
    return BookSlot(
        id=new_id(),
        by="phone",
        appointment_id=appointment,
        code=code,
        matters=("card",),
        slot_start=slot,
        person_ref=person,
    )


def check_in(code: str) -> CheckIn:
    return CheckIn(id=new_id(), by="kiosk:k1", token="c" * 22, code=code)


def lease_block(block: str, size: int, group: str = "A") -> LeaseBlock:
    return LeaseBlock(id=new_id(), by="kiosk:k1", block_id=block, kiosk="k1", group=group, size=size)


def offline(block: str, number: int, at: datetime) -> RecordOfflineTicket:
    return RecordOfflineTicket(
        id=new_id(),
        by="kiosk:k1",
        block_id=block,
        kiosk="k1",
        group="A",
        number=number,
        matters=("card",),
        token=f"o{number:021d}",
        checked_in_at=at,
    )
