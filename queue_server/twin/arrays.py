"""People and windows as arrays: what the compiled twin reads.

Times are minutes as float64 from any origin the caller likes (a live hall: ``now`` is 0). Each array has one
column a person, or one row a future and one column a person, where futures differ. The order of columns is
the order of arrival in the hall's log: it breaks every tie, as the ticket's ``seq`` does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queue_server.domain.model import ALL_SKILLS, Kind, Ticket
from queue_server.domain.state import Hall, lane_of, reach

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

KINDS = (Kind.APPOINTMENT, Kind.PRIORITY, Kind.WALK_IN)
"""What the numbers in ``People.kind`` stand for."""
MOST_WINDOWS = 62
"""One bit a window, in a signed whole number."""
NEVER = float("inf")
LONG_AGO = float("-inf")


class People(NamedTuple):
    """Everybody who is here or will come, ``[n]`` or ``[futures, n]`` each."""

    ready: Floats
    """When they join the queue; ``NEVER`` for who does not come."""
    came: Floats
    """Check-in: what first-come-first-served goes by."""
    clock: Floats
    """Since when the promise counts: due = clock + limit."""
    slot: Floats
    """Start of the booked slot; ``LONG_AGO`` without one."""
    kind: Whole
    limit: Floats
    never: Floats
    weight: Floats
    expected: Floats
    """Minutes at the window that dispatch reckons with."""
    windows: Whole
    """Bit *k*: window *k* can serve them."""
    scarce: Flags
    """They need a skill that not every window has."""
    behind: Whole
    """Calls to be made before they are ready (back from a no-show or a pause); 0 for nearly all."""
    soft: Flags
    """Back from a no-show: no guard lifts them out of their place."""

    def only(self, rows: slice | Whole) -> People:
        """Some of the futures, or some of the columns of one."""
        columns: list[Any] = [column[rows] for column in self]
        return People(*columns)


class Windows(NamedTuple):
    """``free`` may be ``[k]`` or ``[futures, k]``, the others are ``[k]``."""

    free: Floats
    """From when the window may call: opening, or the end of whom it serves; ``NEVER``: closed."""
    break_from: Floats
    break_to: Floats
    """Calls nobody from ``break_from`` until just before ``break_to``; whom it serves is finished."""
    closes: Floats
    """Calls nobody at this moment or later."""
    order: Whole
    """Who chooses first when several are free: the least flexible, then the lower number."""


class Serving(NamedTuple):
    """Whom each window of a live hall serves: NaN in both where it serves nobody."""

    elapsed: Floats
    """Minutes since the call."""
    expected: Floats


class LiveHall(NamedTuple):
    """A hall at one moment, its ``now`` being minute 0: who waits (``ids``), and the windows (``counters``)."""

    people: People
    ids: tuple[str, ...]
    windows: Windows
    counters: tuple[str, ...]
    serving: Serving


def choosing_order(names: Sequence[str], skills: Sequence[Collection[str]], all_skills: int) -> Whole:
    """Window indices as ``dispatch.window_order`` has them: the fewest skills first, then the lower number.

    ``skills``: those of each window that some matter needs; a window with all of them counts ``all_skills``.
    """
    flexible = [all_skills if ALL_SKILLS in own else len(own) for own in skills]
    order = sorted(range(len(names)), key=lambda k: (flexible[k], number_of(names[k])))
    return np.array(order, dtype=np.int64)


def number_of(name: str) -> tuple[int, str]:
    """Windows in the order people count them: 2 before 10, names last."""
    return (int(name) if name.isdecimal() else 1 << 30, name)


def people_of(rows: Sequence[Sequence[float]]) -> People:
    """From one row a person, in the order of the fields of ``People``."""
    columns = list(zip(*rows, strict=True)) or [()] * len(People._fields)
    return People(*(np.array(c, dtype=_TYPES.get(f, np.float64)) for f, c in zip(People._fields, columns, strict=True)))


_TYPES: dict[str, type] = {
    "scarce": np.bool_,
    "soft": np.bool_,
    "kind": np.int64,
    "windows": np.int64,
    "behind": np.int64,
}


def grid(array: Any, shape: tuple[int, ...], kind: type = np.float64) -> NDArray[Any]:
    """A copy of this shape, type and layout, whatever came: the compiled code exists once, for such arrays."""
    return np.array(np.broadcast_to(array, shape), dtype=kind, order="C")


def people_in(people: People, shape: tuple[int, int]) -> People:
    """Everybody in each of so many futures."""
    return People(*(grid(a, shape, _TYPES.get(f, np.float64)) for f, a in zip(People._fields, people, strict=True)))


def padded(days: Sequence[People], windows: Windows, service: Sequence[Floats]) -> tuple[People, Windows, Floats]:
    """Days of different length as one ``[days, n]``: whoever fills a row up never comes."""
    n = max((len(took) for took in service), default=0)
    nobody = People(NEVER, NEVER, NEVER, LONG_AGO, 2, 1, 1, 0, 1, 0, False, 0, False)  # type: ignore[arg-type]  # one value each
    columns = [
        np.array([np.concatenate([day[f], np.full(n - len(day[f]), nobody[f], dtype=day[f].dtype)]) for day in days])
        for f in range(len(People._fields))
    ]
    return People(*columns), windows, np.array([np.concatenate([s, np.zeros(n - len(s))]) for s in service])


def minutes(moment: datetime, origin: datetime) -> float:
    return (moment - origin).total_seconds() / 60


def row_of(hall: Hall, ticket: Ticket, now: datetime, bits: Mapping[str, int]) -> tuple[float, ...]:
    """A waiting ticket as ``People`` has it; ``bits`` gives each window its bit here."""
    limit, never = ticket.promise.limit_s / 60, ticket.promise.never_s / 60
    reached = reach(hall, lane_of(ticket))
    came = min(0.0, minutes(ticket.checked_in_at, now))
    early = ticket.slot_start is not None and ticket.slot_start > now
    return (
        came,
        came,
        minutes(ticket.due, now) - limit,
        minutes(ticket.slot_start, now) if early and ticket.slot_start is not None else LONG_AGO,
        KINDS.index(ticket.kind),
        limit,
        never,
        hall.plan.rules.dispatch.weights[ticket.kind],
        ticket.service_min,
        sum(bit for counter, bit in bits.items() if reached & hall.floor.bits.get(counter, 0)),
        bool(ticket.skills),
        max(0, ticket.not_before_call - hall.calls),
        ticket.soft,
    )


WEIGHTS = {Kind.APPOINTMENT: 3.0, Kind.PRIORITY: 2.0, Kind.WALK_IN: 1.0}


def from_hall(
    hall: Hall,
    now: datetime,
    breaks: Mapping[str, tuple[datetime, datetime]] | None = None,
    closes: Mapping[str, datetime] | None = None,
) -> LiveHall:
    """The hall as it stands: all who wait, in the log's order, and every furnished window.

    A closed window never calls (``free`` is ``NEVER``); a paused one is on a break whose end nobody knows,
    unless ``breaks`` says so; a busy one is free at once in ``free``: the caller draws when it ends, from
    ``serving``. Beyond ``MOST_WINDOWS`` those that are open come first and the rest is left out.
    """
    names = list(hall.plan.counters)
    if len(names) > MOST_WINDOWS:
        names = sorted(names, key=lambda c: not hall.counters[c].is_open)[:MOST_WINDOWS]
    bits = {counter: 1 << k for k, counter in enumerate(names)}
    waiting = sorted((e[1], e[2]) for line in hall.lines.values() for e in line)
    people = people_of([row_of(hall, hall.tickets[ticket_id], now, bits) for _, ticket_id in waiting])
    count = len(names)
    needed = {matter.skill for matter in hall.plan.matters.values() if matter.skill is not None}
    skills = [hall.plan.counters[c].skills & (needed | {ALL_SKILLS}) for c in names]
    windows = Windows(
        free=np.array([0.0 if hall.counters[c].is_open else NEVER for c in names]),
        break_from=np.full(count, NEVER),
        break_to=np.full(count, NEVER),
        closes=np.full(count, NEVER),
        order=choosing_order(names, skills, len(needed)),
    )
    serving = Serving(np.full(count, np.nan), np.full(count, np.nan))
    for k, counter_id in enumerate(names):
        counter = hall.counters[counter_id]
        if counter.paused:
            windows.break_from[k] = LONG_AGO
        if breaks and counter_id in breaks:
            begins, ends = breaks[counter_id]
            windows.break_from[k] = LONG_AGO if counter.paused else minutes(begins, now)
            windows.break_to[k] = minutes(ends, now)
        if closes and counter_id in closes:
            windows.closes[k] = minutes(closes[counter_id], now)
        served = None if counter.ticket_id is None else hall.tickets.get(counter.ticket_id)
        if served is not None and served.called_at is not None:
            serving.elapsed[k] = max(0.0, minutes(now, served.called_at))
            serving.expected[k] = served.service_min
    return LiveHall(people, tuple(ticket_id for _, ticket_id in waiting), windows, tuple(names), serving)
