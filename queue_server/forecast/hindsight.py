"""What was shown and what came of it: the forecast's own measured error, and what it learns from that.

One record a hall, kept in the side database: what the past has taught (``memory``), a stretch for each kind of
citizen, what waiting people have been shown, and a tally a day of how far off it was. A wait counts as the promise
counts it (sla.md §1): first call less max(check-in, slot) less pauses, in minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from queue_server.domain.messages import DayClosed, Event, TicketCalled
from queue_server.domain.model import Kind
from queue_server.domain.state import Hall
from queue_server.forecast.conformal import Stretch, within
from queue_server.forecast.memory import Memory
from queue_server.forecast.span import Span

DAYS_KEPT = 31
MOST_GIVEN = 20_000
"""Shown and not yet called: more than any hall holds; beyond it the oldest are forgotten."""


class Given(msgspec.Struct, frozen=True, array_like=True):
    """What one person was shown at issue, and what the simulation had said; ``by_forecast`` False: the plain sum."""

    raw_p50: float
    raw_p90: float
    shown_p50: float
    shown_p90: float
    by_forecast: bool


class Tally(msgspec.Struct):
    """How right the waits shown were: sums over ``n`` people who were then called."""

    n: int = 0
    error_min: float = 0.0
    hits: int = 0
    width_min: float = 0.0

    def note(self, given: Given, wait: float) -> None:
        self.n += 1
        self.error_min += abs(given.shown_p50 - wait)
        self.hits += within(wait, given.shown_p90)
        self.width_min += given.shown_p90 - given.shown_p50

    def add(self, other: Tally) -> None:
        self.n += other.n
        self.error_min += other.error_min
        self.hits += other.hits
        self.width_min += other.width_min

    def of(self) -> Accuracy:
        n = max(1, self.n)
        return Accuracy(self.n, self.error_min / n, self.hits / n, self.width_min / n)


class Accuracy(msgspec.Struct, frozen=True):
    """Mean absolute error, share of waits within P90, and mean width of the range; minutes."""

    n: int
    mae_min: float
    coverage: float
    width_min: float


class DayTally(msgspec.Struct):
    day: date | None
    kinds: dict[Kind, Tally] = {}


class Hindsight(msgspec.Struct):
    """All that one hall's forecast keeps."""

    memory: Memory = msgspec.field(default_factory=Memory)
    stretch: dict[Kind, Stretch] = msgspec.field(default_factory=lambda: {kind: Stretch() for kind in Kind})
    given: dict[str, Given] = {}
    today: DayTally = msgspec.field(default_factory=lambda: DayTally(None))
    days: list[DayTally] = []

    def shown(self, kind: Kind, raw: Span) -> Span:
        """What a person of this kind is shown for what the simulation says."""
        return self.stretch[kind].shown(raw)

    def gave(self, ticket_id: str, raw: Span, shown: Span, *, by_forecast: bool) -> None:
        """This is what the holder of a new ticket was foretold. Any thread: one step of a dict."""
        if len(self.given) >= MOST_GIVEN:
            self.given.pop(next(iter(self.given)), None)
        self.given[ticket_id] = Given(*raw, *shown, by_forecast)

    def note(self, events: Iterable[Event], hall: Hall) -> None:
        """Learn from what happened; ``hall`` is the one after it."""
        events = tuple(events)
        self.memory.note(events, hall)
        for event in events:
            match event:
                case TicketCalled(wait_net_s=int(wait_s), ticket_id=ticket_id):
                    ticket, given = hall.tickets.get(ticket_id), self.given.pop(ticket_id, None)
                    if ticket is not None and given is not None:
                        self._came_true(ticket.kind, given, wait_s / 60)
                case DayClosed(business_date=day):
                    self._day_over(day)
                case _:
                    pass

    def accuracy(self, days: int = 0) -> Mapping[Kind, Accuracy]:
        """Of today and the last ``days`` days."""
        total = {kind: Tally() for kind in Kind}
        for tally in [self.today, *(self.days[-days:] if days else [])]:
            for kind, one in tally.kinds.items():
                total[kind].add(one)
        return {kind: tally.of() for kind, tally in total.items()}

    def _came_true(self, kind: Kind, given: Given, wait: float) -> None:
        self.today.kinds.setdefault(kind, Tally()).note(given, wait)
        if given.by_forecast:
            self.stretch[kind].learn(Span(given.raw_p50, given.raw_p90), wait)

    def _day_over(self, day: date) -> None:
        self.today.day = day
        self.days = [*self.days, self.today][-DAYS_KEPT:]
        self.today = DayTally(None)
        self.given = {}
