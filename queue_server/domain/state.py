"""The hall: everything ``decide`` may read, and the only thing ``evolve`` returns.

The log's events are the truth; a hall is what they add up to. It is frozen, so any thread may keep and read
one. Beside the records themselves (tickets, appointments, counters, blocks) it keeps the orders that would
otherwise need a walk over everybody: who waits in which lane, whose promise runs out next, who is away.
``placed`` is the one function that moves a ticket through all of them, for evolve and thaw alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from queue_server.domain.book import Book
from queue_server.domain.deadline_index import Candidate, candidate_of
from queue_server.domain.floor import Floor, Lane, Windows
from queue_server.domain.line import Entry, Line
from queue_server.domain.model import Appointment, Block, Counter, HallPlan, Kind, Place, State, Ticket
from queue_server.domain.pace import Tempo
from queue_server.domain.shelf import Shelf
from queue_server.domain.watch import Watch

RECENT_CALLS = 6
PAST_DAYS = 31
"""Closed days whose numbers are remembered for off-line tickets that come late."""

OPEN_STATES = frozenset({State.WAITING, State.CALLED, State.SERVING, State.PAUSED, State.MISSED})
AT_COUNTER = frozenset({State.CALLED, State.SERVING})


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the board: ``number`` to window ``counter``; ``times`` counts announcements."""

    number: str
    counter: str
    at: datetime
    times: int
    lang: str


@dataclass(frozen=True, slots=True)
class PastDay:
    """What must be remembered of a closed day so that no number of it is ever given twice."""

    business_date: date
    next_number: dict[str, int]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall at one point of its log.

    ``seq`` counts events applied; ``now`` is the latest time any of them bore (None before the first).
    ``tickets`` are those of the running day (and, in a 24-hour hall, still open ones of the day before).
    """

    plan: HallPlan
    floor: Floor = field(compare=False, repr=False)
    seq: int = 0
    now: datetime | None = None
    business_date: date | None = None
    day_closed: bool = False
    tickets: Shelf[str, Ticket] = field(default_factory=Shelf)
    appointments: Shelf[str, Appointment] = field(default_factory=Shelf)
    counters: dict[str, Counter] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    past: tuple[PastDay, ...] = ()
    calls: int = 0
    """Calls made since the hall began: the clock of "behind the next two called"."""
    next_number: dict[str, int] = field(default_factory=dict)
    recent_calls: tuple[Call, ...] = ()
    absences: Shelf[str, tuple[datetime, ...]] = field(default_factory=Shelf)
    """Per person: slot starts of bookings nobody came to, in order."""
    watch: Watch = field(default_factory=Watch)
    """Alarms, calls for help, risks, and states of the whole hall."""

    book: Book = field(default_factory=Book)
    """The booking sheets, and who waits for a place."""

    tempos: dict[str, Tempo] = field(default_factory=dict)
    """What visits have taught about time at the window (``pace``)."""

    # Orders kept from the above; equal halls have equal ones, snapshots leave them out.
    lines: dict[Lane, Line] = field(default_factory=dict)
    """Who is WAITING: ``(due, seq, id)`` per lane."""
    candidates: dict[Lane, dict[str, Candidate]] = field(default_factory=dict)
    """The same people as dispatch weighs them, by ticket id."""
    work: dict[Lane, int] = field(default_factory=dict)
    """Expected seconds at the window of all in the lane."""
    waiting: dict[str, int] = field(default_factory=dict)
    """How many are WAITING per group."""
    promises: Line = field(default_factory=Line)
    """The next moment of each open promise: amber, then due."""
    paused: Line = field(default_factory=Line)
    missed: Line = field(default_factory=Line)
    serving: Line = field(default_factory=Line)
    """Since when somebody is away, is missed, or has the service clock running."""
    slots: Shelf[datetime, tuple[str, ...]] = field(default_factory=Shelf)
    """Appointment ids that hold a place, per slot start, sorted."""
    bookings: Shelf[str, tuple[str, ...]] = field(default_factory=Shelf)
    """Appointment ids per person, sorted."""
    codes: Shelf[str, str] = field(default_factory=Shelf)
    """Appointment id per check-in code."""
    papers: dict[str, str] = field(default_factory=dict)
    """Ticket id per token of the off-line tickets among ``tickets``: one token is one visit."""


class Changes(TypedDict, total=False):
    """Fields of a hall that differ in the next one."""

    seq: int
    now: datetime | None
    business_date: date | None
    day_closed: bool
    tickets: Shelf[str, Ticket]
    appointments: Shelf[str, Appointment]
    counters: dict[str, Counter]
    blocks: dict[str, Block]
    past: tuple[PastDay, ...]
    calls: int
    next_number: dict[str, int]
    recent_calls: tuple[Call, ...]
    absences: Shelf[str, tuple[datetime, ...]]
    book: Book
    watch: Watch
    tempos: dict[str, Tempo]
    lines: dict[Lane, Line]
    candidates: dict[Lane, dict[str, Candidate]]
    work: dict[Lane, int]
    waiting: dict[str, int]
    promises: Line
    paused: Line
    missed: Line
    serving: Line
    slots: Shelf[datetime, tuple[str, ...]]
    bookings: Shelf[str, tuple[str, ...]]
    codes: Shelf[str, str]
    papers: dict[str, str]


_FIELDS = tuple(f.name for f in fields(Hall))
_set = object.__setattr__


def changed(hall: Hall, **changes: Unpack[Changes]) -> Hall:
    """``dataclasses.replace`` for the hall, three times as fast: this runs for every event."""
    new = object.__new__(Hall)
    given: Mapping[str, object] = changes
    for name in _FIELDS:
        _set(new, name, given[name] if name in given else getattr(hall, name))
    return new


def furnish(plan: HallPlan) -> Hall:
    """A hall with its windows, before anything has happened."""
    return Hall(plan=plan, floor=Floor(plan), counters={c: Counter(c) for c in plan.counters})


# --- where a ticket stands ---------------------------------------------------------------------------


def lane_of(ticket: Ticket) -> Lane:
    return Lane(ticket.skills, ticket.place is Place.REMOTE, ticket.only_counter)


def entry_of(ticket: Ticket) -> Entry:
    return (ticket.due, ticket.seq, ticket.id)


def _weight_of(ticket: Ticket) -> tuple[datetime, float, int, bool, Kind]:
    """What can change, while a ticket waits in one lane, of how dispatch weighs it."""
    return (ticket.due, ticket.service_min, ticket.not_before_call, ticket.soft, ticket.kind)


def work_of(ticket: Ticket) -> int:
    return round(ticket.service_min * 60)


def next_promise_moment(ticket: Ticket) -> datetime | None:
    """When the promise next changes colour: amber, then due; None once decided, broken or paused."""
    if ticket.state is not State.WAITING or ticket.soft or ticket.broken or ticket.first_called_at is not None:
        return None
    if ticket.amber:
        return ticket.due
    return ticket.promise.amber_at + timedelta(seconds=ticket.paused_s)


def _away(line: Line, since_old: datetime | None, since_new: datetime | None, old: Ticket | None, new: Ticket) -> Line:
    if old is not None and since_old is not None:
        line = line.leave((since_old, old.seq, old.id))
    if since_new is not None:
        line = line.join((since_new, new.seq, new.id))
    return line


def _serving_since(ticket: Ticket) -> datetime | None:
    running = ticket.state is State.SERVING and ticket.accepted_at is None
    return ticket.identity_at if running else None


def placed(hall: Hall, old: Ticket | None, new: Ticket) -> Changes:
    """What changes in the hall when ``old`` becomes ``new`` (or ``new`` arrives): every order follows."""
    changes: Changes = {"tickets": hall.tickets.put(new.id, new)}
    if old is None and new.offline:
        changes["papers"] = {**hall.papers, new.token: new.id}
    before = old is not None and old.state is State.WAITING
    after = new.state is State.WAITING
    if before or after:
        _move_in_lanes(hall, changes, old if before else None, new if after else None)
    at_old = None if old is None else next_promise_moment(old)
    at_new = next_promise_moment(new)
    if at_old != at_new:
        changes["promises"] = _away(hall.promises, at_old, at_new, old, new)
    if old is None and after:
        return changes
    for state, name, since in (
        (State.PAUSED, "paused", "paused_at"),
        (State.MISSED, "missed", "missed_at"),
    ):
        was = getattr(old, since) if old is not None and old.state is state else None
        now = getattr(new, since) if new.state is state else None
        if was != now:
            changes[name] = _away(getattr(hall, name), was, now, old, new)  # type: ignore[literal-required]  # of two
    was = None if old is None else _serving_since(old)
    now = _serving_since(new)
    if was != now:
        changes["serving"] = _away(hall.serving, was, now, old, new)
    return changes


def _move_in_lanes(hall: Hall, changes: Changes, old: Ticket | None, new: Ticket | None) -> None:
    lane = None if old is None else lane_of(old)
    if old is not None and new is not None and lane == lane_of(new) and _weight_of(old) == _weight_of(new):
        return
    lines, work, waiting = hall.lines.copy(), hall.work.copy(), hall.waiting.copy()
    candidates = hall.candidates.copy()
    if old is not None and lane is not None:
        rest = lines[lane].leave(entry_of(old))
        if rest:
            lines[lane] = rest
            work[lane] -= work_of(old)
            others = candidates[lane] = candidates[lane].copy()
            del others[old.id]
        else:
            del lines[lane], work[lane], candidates[lane]
        if waiting[old.group] == 1:
            del waiting[old.group]
        else:
            waiting[old.group] -= 1
    if new is not None:
        lane = lane_of(new)
        line = lines.get(lane)
        lines[lane] = (line or Line()).join(entry_of(new))
        candidates[lane] = {**candidates.get(lane, {}), new.id: candidate_of(new)}
        work[lane] = work.get(lane, 0) + work_of(new)
        waiting[new.group] = waiting.get(new.group, 0) + 1
    changes["lines"], changes["candidates"] = lines, candidates
    changes["work"], changes["waiting"] = work, waiting


# --- which windows -----------------------------------------------------------------------------------


def reach(hall: Hall, lane: Lane) -> Windows:
    """The windows that may call from ``lane``. A wish for one window holds while that window is open."""
    windows = hall.floor.able(lane.skills, remote=lane.remote)
    if lane.only_counter is not None:
        counter = hall.counters.get(lane.only_counter)
        if counter is not None and counter.is_open:
            windows &= hall.floor.bits.get(lane.only_counter, 0)
    return windows


def staffed(hall: Hall) -> Windows:
    """The windows at work now; if all pause, those paused; if none is open, all there are."""
    bits = hall.floor.bits
    working = pausing = 0
    for counter in hall.counters.values():
        if counter.staff is not None:
            if counter.paused:
                pausing |= bits.get(counter.id, 0)
            else:
                working |= bits.get(counter.id, 0)
    return working or pausing
