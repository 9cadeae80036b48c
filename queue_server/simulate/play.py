"""A recorded day as a sequence of moments, played to a door: the domain itself, or a server that runs.

At each moment first whoever is served out goes, then who arrives comes in, then breaks begin and end; then every free
window calls, the one that can serve the fewest matters first, as long as anybody waits. A window on its break finishes
whom it serves and calls nobody. A window is busy exactly as long as the trace says.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from queue_server.simulate.moments import BOOKING_US, MIDNIGHT_US, micros_of
from queue_server.simulate.plan import opening_us
from queue_server.simulate.traces import DayTrace, HallTrace, Person, Window

T = TypeVar("T")


class Door(Protocol):
    """Where a day is played. Each method is over when the hall has answered; none of them may be refused."""

    def at(self, micros: int) -> None:
        """The clock shows ``micros`` from minute 0; never less than before."""

    def book(self, person: Person) -> None:
        """Book the person's slot."""

    def arrive(self, person: Person) -> None:
        """Check in, or take a number."""

    def open(self, window: str) -> None:
        """Somebody sits down at the window."""

    def pause(self, window: str) -> None:
        """Its break begins."""

    def resume(self, window: str) -> None:
        """Its break is over."""

    def call(self, window: str) -> int | None:
        """Call the next and begin the service; the person's id, or None if nobody waits whom it can serve."""

    def finish(self, window: str) -> None:
        """The service is over."""


@dataclass(frozen=True, slots=True)
class Call:
    """One line of a day's CSV."""

    person: int
    at_us: int
    window: str


class NobodyCalled(RuntimeError):  # noqa: N818  (named for the condition)
    """The day came to an end with people whom no window had called or served."""


def least_flexible_first(windows: Sequence[Window]) -> list[Window]:
    """The order in which windows that are free at one moment choose: fewest skills, then number."""
    return sorted(windows, key=lambda w: (len(w.skills), int(w.id) if w.id.isdecimal() else 1 << 30, w.id))


def play(hall: HallTrace, day: DayTrace, door: Door, passed: Callable[[int], None] = lambda _n: None) -> list[Call]:
    """Play ``day``; the calls in the order in which they were made. ``passed`` hears how many have been called."""
    return _Day(hall, day, door, passed).run()


class _Day:
    """One day under way."""

    def __init__(self, hall: HallTrace, day: DayTrace, door: Door, passed: Callable[[int], None]) -> None:
        self._hall, self._day, self._door, self._passed = hall, day, door, passed
        self._came = [person for person in day.persons if person.arrive_min is not None]
        self._service_us = {p.id: micros_of(p.service_min or 0.0) for p in self._came}
        self._order = least_flexible_first(hall.windows)
        self._serving: dict[str, int] = {}
        """Until when each busy window serves."""
        self._on_break: set[str] = set()
        self._waiting = 0
        self._calls: list[Call] = []

    def run(self) -> list[Call]:
        self._door.at(BOOKING_US)
        for person in self._day.persons:
            if person.kind == "appointment":
                self._door.book(person)
        opening = opening_us(self._hall, self._came)
        self._door.at(opening)
        for window in self._order:
            self._door.open(window.id)
        came = sorted(self._came, key=lambda p: p.id)
        arrivals = _by_time((micros_of(p.arrive_min), p) for p in came if p.arrive_min is not None)
        breaks = [
            (max(micros_of(w.break_min[0]), opening), micros_of(w.break_min[1]), w.id)
            for w in self._order
            if w.break_min is not None
        ]
        pauses = _by_time((begins, name) for begins, ends, name in breaks if begins < ends)
        resumes = _by_time((ends, name) for begins, ends, name in breaks if begins < ends)
        slots = (micros_of(p.slot_min) for p in self._came if p.slot_min is not None)
        moments = sorted(at for at in {*arrivals, *pauses, *resumes, *slots, opening} if at >= opening)
        last: int | None = None
        while moments:
            now = heapq.heappop(moments)
            if now == last:
                continue
            last = now
            if now >= MIDNIGHT_US:
                raise NobodyCalled(f"{self._day.name}: {self._waiting + len(self._serving)} people at midnight")
            self._door.at(now)
            self._finish(now)
            for person in arrivals.get(now, ()):
                self._door.arrive(person)
                self._waiting += 1
            for name in pauses.get(now, ()):
                self._door.pause(name)
                self._on_break.add(name)
            for name in resumes.get(now, ()):
                self._door.resume(name)
                self._on_break.discard(name)
            for until in self._call(now):
                heapq.heappush(moments, until)
        if self._waiting:
            raise NobodyCalled(f"{self._day.name}: {self._waiting} people whom no window calls")
        return self._calls

    def _finish(self, now: int) -> None:
        for window in [w for w, until in self._serving.items() if until <= now]:
            del self._serving[window]
            self._door.finish(window)

    def _call(self, now: int) -> Iterable[int]:
        """Let every free window call; yields when each of those called will be served out."""
        for window in self._order:
            while self._waiting and window.id not in self._serving and window.id not in self._on_break:
                person = self._door.call(window.id)
                if person is None:
                    break
                self._waiting -= 1
                self._calls.append(Call(person, now, window.id))
                self._passed(len(self._calls))
                self._serving[window.id] = now + self._service_us[person]
                if self._service_us[person]:
                    yield self._serving[window.id]
                else:
                    self._finish(now)


def _by_time(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for at, thing in pairs:
        found.setdefault(at, []).append(thing)
    return found
