"""A day through the domain itself: the door of ``play`` that asks ``decide`` and applies ``evolve``, and nothing else.

Two kinds of guest may look on. A *forecaster* sees every event as a server's listeners do and is asked for the wait
at the moment each number is given, so it can know nothing of the future. An *adviser* (a look ahead) is asked before
each call; the hall follows its advice where it fits, as it does a server's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.errors import Code, Refused
from queue_server.domain.hall import decide, empty, evolve
from queue_server.domain.messages import (
    AcceptMaterials,
    Advice,
    BeginIdentityCheck,
    BookSlot,
    CallNext,
    CheckIn,
    Command,
    Event,
    Finish,
    OpenCounter,
    PauseCounter,
    ResumeCounter,
    TakeTicket,
    TicketIssued,
)
from queue_server.domain.model import HallPlan, Outcome
from queue_server.domain.state import Hall
from queue_server.simulate.moments import micros_of, moment_of
from queue_server.simulate.plan import matter_of, plan_of
from queue_server.simulate.play import Call, play
from queue_server.simulate.traces import DayTrace, HallTrace, Person

PRIORITY_REASON = "age-80"
LONG_SERVICE = "many-materials"
"""Why a service ran over its limit: a clerk must say (R007)."""


class Forecaster(Protocol):
    """Says at issue how long it will be, as a server would: from what has happened in this hall and before."""

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        """What one command did to the hall."""

    def at_issue(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[float, float]:
        """P50 and P90 of the wait of the ticket just given: minutes from max(``now``, slot) to its first call."""


class Adviser(Protocol):
    """Advises a free window before it calls, as a look ahead would in time; None: the index chooses."""

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        """What one command did to the hall."""

    def __call__(self, hall: Hall, counter: str, now: datetime) -> Advice | None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a forecast CSV."""

    person: int
    p50_min: float
    p90_min: float


@dataclass(slots=True)
class Played:
    """What came of a day: its calls in order, what was foretold, and the hall at the end."""

    calls: list[Call]
    told: list[Told]
    hall: Hall


def run_day(
    hall: HallTrace,
    day: DayTrace,
    *,
    dispatch: DispatchRules | None = None,
    plan: HallPlan | None = None,
    forecaster: Forecaster | None = None,
    adviser: Adviser | None = None,
    passed: Callable[[int], None] = lambda _n: None,
) -> Played:
    """Play ``day`` through the domain from an empty hall; ``plan`` None: made for this day with ``dispatch``."""
    door = _Domain(plan or plan_of(hall, day.persons, dispatch), forecaster, adviser)
    return Played(play(hall, day, door, passed), door.told, door.hall)


@dataclass(slots=True)
class _Domain:
    """The door: one hall, its clock, and which ticket is whose."""

    plan: HallPlan
    forecaster: Forecaster | None
    adviser: Adviser | None
    hall: Hall = field(init=False)
    told: list[Told] = field(default_factory=list)
    _now: datetime = field(init=False)
    _persons: dict[str, int] = field(default_factory=dict)
    """Person's id per ticket id."""
    _asked: int = 0

    def __post_init__(self) -> None:
        self.hall = empty(self.plan)
        self._now = moment_of(0)

    def at(self, micros: int) -> None:
        self._now = moment_of(micros)

    def book(self, person: Person) -> None:
        assert person.slot_min is not None  # noqa: S101  (the reader has seen to it)
        slot = moment_of(micros_of(person.slot_min))
        self._do(
            BookSlot(
                id=self._id(),
                by="phone",
                appointment_id=f"a{person.id}",
                code=f"c{person.id}",
                matters=(matter_of(person),),
                slot_start=slot,
            )
        )

    def arrive(self, person: Person) -> None:
        command: Command
        token = f"{person.id:022d}"
        if person.kind == "appointment":
            command = CheckIn(id=self._id(), by="kiosk:k1", token=token, code=f"c{person.id}")
        else:
            reason = PRIORITY_REASON if person.priority else None
            matters = (matter_of(person),)
            command = TakeTicket(id=self._id(), by="kiosk:k1", token=token, matters=matters, priority_reason=reason)
        issued = next(event for event in self._do(command) if isinstance(event, TicketIssued))
        self._persons[issued.ticket.id] = person.id
        if self.forecaster is not None:
            p50, p90 = self.forecaster.at_issue(self.hall, issued.ticket.id, self._now)
            self.told.append(Told(person.id, p50, p90))

    def open(self, window: str) -> None:
        self._do(OpenCounter(id=self._id(), by=_clerk(window), counter=window, staff=f"s{window}"))

    def pause(self, window: str) -> None:
        self._do(PauseCounter(id=self._id(), by=_clerk(window), counter=window))

    def resume(self, window: str) -> None:
        self._do(ResumeCounter(id=self._id(), by=_clerk(window), counter=window))

    def call(self, window: str) -> int | None:
        try:
            advice = None if self.adviser is None else self.adviser(self.hall, window, self._now)
            self._do(CallNext(id=self._id(), by=_clerk(window), counter=window, advice=advice))
        except Refused as no:
            if no.code is Code.NOBODY_WAITING:
                return None
            raise
        self._do(BeginIdentityCheck(id=self._id(), by=_clerk(window), counter=window))
        return self._persons[self.hall.counters[window].ticket_id or ""]

    def finish(self, window: str) -> None:
        self._do(AcceptMaterials(id=self._id(), by=_clerk(window), counter=window))
        ticket = self.hall.tickets[self.hall.counters[window].ticket_id or ""]
        reason = LONG_SERVICE if ticket.service_over else None
        who = _clerk(window)
        self._do(Finish(id=self._id(), by=who, counter=window, outcome=Outcome.ACCEPTED, reason=reason))

    def _id(self) -> str:
        self._asked += 1
        return f"{self._asked}"

    def _do(self, command: Command) -> list[Event]:
        before = self.hall
        events = decide(before, command, self._now)
        for event in events:
            self.hall = evolve(self.hall, event)
        for guest in (self.forecaster, self.adviser):
            if guest is not None and events:
                guest.moved(before, events, self.hall)
        return events


def _clerk(window: str) -> str:
    return f"staff:s{window}"
