"""An invented hall on a clock that the test moves, and looks ahead from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from queue_server.domain.hall import decide, empty, evolve
from queue_server.domain.messages import (
    BeginIdentityCheck,
    BookSlot,
    CallNext,
    CheckIn,
    Command,
    Event,
    Finish,
    OpenCounter,
    TakeTicket,
    TicketIssued,
)
from queue_server.domain.model import Calendar, CounterPlan, HallPlan, Hours, Matter, MatterClass, Outcome
from queue_server.domain.rules import Rules
from queue_server.domain.state import Hall
from queue_server.forecast import look
from queue_server.forecast.memory import Memory
from queue_server.forecast.scene import Scene
from queue_server.forecast.sketch import scene_of

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday, 09:00 in Shanghai."""


def plan(windows: dict[str, tuple[str, ...]], **rules: Any) -> HallPlan:
    """``windows``: the skills of each; matters ``card`` (general), ``house`` (complex), ``medical`` (needs a skill)."""
    matters = (
        Matter("card", "社保卡", "Card", "A", "综合", "General", MatterClass.GENERAL, None, 8.0),
        Matter("house", "住房", "Housing", "B", "住房", "Housing", MatterClass.COMPLEX, None, 30.0),
        Matter("medical", "医保", "Medical", "C", "医保", "Medical", MatterClass.GENERAL, "medical", 10.0),
    )
    return HallPlan(
        id="hall",
        site="site",
        name_zh="示例大厅",
        name_en="Example hall",
        address_zh="示例路1号",
        tz="Asia/Shanghai",
        calendar=Calendar(week=((Hours(time(8, 30), time(16, 30)),),) * 7),
        counters={name: CounterPlan(name, name, name, frozenset(skills)) for name, skills in windows.items()},
        matters={m.id: m for m in matters},
        rules=replace(Rules(), **rules),
    )


def _issued(events: list[Event]) -> str:
    return next(event.ticket.id for event in events if isinstance(event, TicketIssued))


class Morning:
    """A hall, its clock, and everything that has happened."""

    def __init__(self, windows: dict[str, tuple[str, ...]], **rules: Any) -> None:
        self.plan = plan(windows, **rules)
        self.hall: Hall = empty(self.plan)
        self.now = MORNING
        self.memory = Memory()
        self.events: list[Event] = []
        self._asked = 0

    def do(self, kind: Callable[..., Command], /, by: str = "kiosk:k1", **more: Any) -> list[Event]:
        self._asked += 1
        events = decide(self.hall, kind(id=f"{self._asked}", by=by, **more), self.now)
        for event in events:
            self.hall = evolve(self.hall, event)
        self.memory.note(events, self.hall)
        self.events += events
        return events

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def open(self, *windows: str) -> None:
        for window in windows:
            self.do(OpenCounter, by=f"staff:{window}", counter=window, staff=window)

    def take(self, matter: str = "card", **more: Any) -> str:
        """A number; its ticket's id."""
        return _issued(self.do(TakeTicket, matters=(matter,), token="t" * 22, **more))

    def book(self, slot: datetime, matter: str = "card") -> str:
        self.do(BookSlot, appointment_id=f"a{self._asked}", code=f"c{self._asked}", matters=(matter,), slot_start=slot)
        return f"c{self._asked - 1}"

    def check_in(self, code: str) -> str:
        return _issued(self.do(CheckIn, token="c" * 22, code=code))

    def call(self, window: str) -> None:
        self.do(CallNext, by=f"staff:{window}", counter=window)
        self.do(BeginIdentityCheck, by=f"staff:{window}", counter=window)

    def finish(self, window: str) -> None:
        self.do(Finish, by=f"staff:{window}", counter=window, outcome=Outcome.CONSULTED)

    def scene(self, **more: Any) -> Scene:
        return scene_of(self.hall, self.now, self.memory, **more)

    def look(self, futures: int = 60, **more: Any) -> look.Sight:
        return look.look(self.scene(**more), futures)


@pytest.fixture(scope="session")
def morning() -> Callable[..., Morning]:
    """``morning({"1": ("*",)}, **rules)``: an empty hall at nine."""
    return Morning
