"""A hall to play in: invented matters, three windows, a clock on the wall that the test moves by hand.

Every command goes through ``decide`` and ``evolve``, and after each one the hall is rebuilt from its whole
log and from its snapshot: whatever a test does, both must give the very same hall.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from queue_server.domain.answers import Answer, TicketAnswer
from queue_server.domain.errors import Code, Refused
from queue_server.domain.hall import answer, decide, empty, evolve, replay
from queue_server.domain.messages import (
    WATCH_EVENTS,
    BookSlot,
    CallAgain,
    CallNext,
    Command,
    Event,
    MarkNoShow,
    OpenCounter,
    TakeTicket,
    Tick,
)
from queue_server.domain.model import (
    ALL_SKILLS,
    Appointment,
    Calendar,
    CounterPlan,
    HallPlan,
    Hours,
    Matter,
    MatterClass,
    Ticket,
)
from queue_server.domain.rules import Rules
from queue_server.domain.snapshot import freeze, thaw
from queue_server.domain.state import Hall

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)


def _matter(name: str, group: str, minutes: float, **more: object) -> Matter:
    base = Matter(name, name, name, group, group, group, MatterClass.GENERAL, None, minutes)
    return replace(base, **more)  # type: ignore[arg-type]  # test data


MATTERS = {
    m.id: m
    for m in (
        _matter("elder-card", "A", 8),
        _matter("residence", "A", 12),
        _matter("medical", "B", 10, skill="medical"),
        _matter("housing", "C", 30, skill="housing", matter_class=MatterClass.COMPLEX),
        _matter("archive", "D", 10, remote_ok=False, bookable=False),
    )
}
COUNTERS = {
    c.id: c
    for c in (
        CounterPlan("1", "1号", "1", frozenset({ALL_SKILLS})),
        CounterPlan("2", "2号", "2", frozenset({ALL_SKILLS}), remote_ok=False),
        CounterPlan("3", "3号", "3", frozenset({"medical"})),
    )
}
WORKDAY = (Hours(time(8, 30), time(16, 30)),)
WEEKEND = (Hours(time(8, 30), time(11, 30)),)
ALL_DAY = (Hours(time(0), time(0)),)


def make_plan(*, round_the_clock: bool = False, **rules: object) -> HallPlan:
    week = (ALL_DAY,) * 7 if round_the_clock else (WORKDAY,) * 5 + (WEEKEND,) * 2
    return HallPlan(
        id="hall",
        site="site",
        name_zh="示例大厅",
        name_en="Example hall",
        address_zh="示例路1号",
        tz="Asia/Shanghai",
        calendar=Calendar(
            week, holidays=frozenset({date(2026, 3, 5)}), workdays=frozenset({date(2026, 3, 8)}), workday_hours=WORKDAY
        ),
        counters=COUNTERS,
        matters=MATTERS,
        rules=Rules(**rules),  # type: ignore[arg-type]  # test data
    )


class Scene:
    """A hall, its log and the clock on its wall."""

    def __init__(self, plan: HallPlan) -> None:
        self.plan = plan
        self.hall: Hall = empty(plan)
        self.log: list[Event] = []
        self.watched: list[Event] = []
        self.now = self.local("09:00")
        self._ids = 0

    @staticmethod
    def local(clock: str, day: date = MONDAY) -> datetime:
        return datetime.combine(day, time.fromisoformat(clock), SHANGHAI).astimezone(UTC)

    def at(self, clock: str, day: date = MONDAY) -> None:
        self.now = self.local(clock, day)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def new_id(self) -> str:
        self._ids += 1
        return f"id-{self._ids}"

    def do(self, kind: Callable[..., Command], /, by: str | None = None, **fields: object) -> list[Event]:
        """Send a command; returns its events but those of the watch, which ``watched`` holds then.

        By default the clerk of the window or a kiosk asks.
        """
        command = self.command(kind, by, **fields)
        events = decide(self.hall, command, self.now)
        for event in events:
            self.hall = evolve(self.hall, event)
        self.log += events
        self.check()
        self.watched = [event for event in events if isinstance(event, WATCH_EVENTS)]
        return [event for event in events if not isinstance(event, WATCH_EVENTS)]

    def command(self, kind: Callable[..., Command], /, by: str | None = None, **fields: object) -> Command:
        if by is None:
            by = f"staff:clerk-{fields['counter']}" if "counter" in fields else "kiosk:k1"
        return kind(id=self.new_id(), by=by, **fields)

    def check(self) -> None:
        assert replay(empty(self.plan), self.log) == self.hall
        assert thaw(freeze(self.hall), self.plan) == self.hall

    def ask(self, kind: Callable[..., Command], /, by: str | None = None, **fields: object) -> Answer:
        command = self.command(kind, by, **fields)
        events = decide(self.hall, command, self.now)
        for event in events:
            self.hall = evolve(self.hall, event)
        self.log += events
        return answer(self.hall, command, events)

    def refuses(
        self, because: Code, kind: Callable[..., Command], /, by: str | None = None, **fields: object
    ) -> Refused:
        """The hall says no ``because``, and stays what it was."""
        before = freeze(self.hall)
        with pytest.raises(Refused) as no:
            decide(self.hall, self.command(kind, by, **fields), self.now)
        assert no.value.code is because
        assert freeze(self.hall) == before
        return no.value

    @property
    def last(self) -> Event:
        """What happened last, alarms that followed from it aside."""
        return next(event for event in reversed(self.log) if not isinstance(event, WATCH_EVENTS))

    # --- the usual moves

    def ticket(self, ticket: Ticket | str) -> Ticket:
        return self.hall.tickets[ticket if isinstance(ticket, str) else ticket.id]

    def take(self, *matters: str, **fields: object) -> Ticket:
        fields.setdefault("token", "t" * 22)
        given = self.ask(TakeTicket, matters=matters or ("elder-card",), **fields)
        assert isinstance(given, TicketAnswer)
        return self.hall.tickets[given.ticket_id]

    def open(self, *counters: str) -> None:
        for counter in counters:
            self.do(OpenCounter, counter=counter, staff=f"clerk-{counter}")

    def call(self, counter: str) -> Ticket:
        self.do(CallNext, counter=counter)
        return self.at_window(counter)

    def at_window(self, counter: str) -> Ticket:
        ticket_id = self.hall.counters[counter].ticket_id
        assert ticket_id is not None
        return self.hall.tickets[ticket_id]

    def miss(self, counter: str) -> Ticket:
        """Three calls 20 s apart and nobody comes."""
        missed = self.at_window(counter)
        for _ in range(2):
            self.wait(seconds=20)
            self.do(CallAgain, counter=counter)
        self.wait(seconds=20)
        self.do(MarkNoShow, counter=counter)
        return self.ticket(missed)

    def book(self, clock: str, *matters: str, day: date = MONDAY, **fields: object) -> Appointment:
        name = self.new_id()
        fields.setdefault("appointment_id", name)
        fields.setdefault("code", f"code-{name}")
        self.do(BookSlot, matters=matters or ("elder-card",), slot_start=self.local(clock, day), **fields)
        return self.hall.appointments[str(fields["appointment_id"])]

    def tick(self) -> list[Event]:
        return self.do(Tick, by="system")


@pytest.fixture
def make_scene() -> Callable[..., Scene]:
    def make(**rules: object) -> Scene:
        return Scene(make_plan(**rules))  # type: ignore[arg-type]  # test data

    return make


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene()
