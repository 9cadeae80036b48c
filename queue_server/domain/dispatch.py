"""Who is called next: one function, for every window, for the console's preview and for the forecast.

The policy today is *earliest promise first*: of those the window can serve and who are ready, the one whose
due time comes first; ties go to who came first. Two kinds of people wait without being ready, and are
called only when nobody else is: who has just come back from a no-show or a pause (behind the next two
called), and a booked citizen who is here before the slot. Each choice says why, in a few quantised numbers,
so that a clerk or an auditor can read "why this one" and a replay never has to decide again.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from queue_server.domain.line import Entry
from queue_server.domain.model import Counter, Ticket
from queue_server.domain.state import Hall, lane_of, reach

POLICY = "earliest-promise-first"

Why = dict[str, str | int | float]


class Readiness(IntEnum):
    """Lower is called first."""

    READY = 0
    HELD_BACK = 1  # returned; two others are to be called before
    EARLY = 2  # the slot has not begun


@dataclass(frozen=True, slots=True)
class Choice:
    """The ticket to call and what decided it."""

    ticket: Ticket
    why: Why


def readiness(ticket: Ticket, calls: int, now: datetime) -> Readiness:
    """Whether ``ticket`` may be called before others; ``calls`` is the hall's count of calls so far."""
    if ticket.not_before_call > calls:
        return Readiness.HELD_BACK
    if ticket.slot_start is not None and ticket.slot_start > now:
        return Readiness.EARLY
    return Readiness.READY


def choose(hall: Hall, counter_id: str, now: datetime) -> Choice | None:
    """The next citizen for the window, whether or not it is open; None if nobody waits whom it can serve."""
    return _choose(hall, counter_id, now, hall.calls, ())


def preview(hall: Hall, counter_id: str, now: datetime, limit: int) -> list[Choice]:
    """The next ``limit`` choices if this window alone called, one after the other, at ``now``."""
    choices: list[Choice] = []
    taken: set[str] = set()
    while len(choices) < limit:
        choice = _choose(hall, counter_id, now, hall.calls + len(choices), taken)
        if choice is None:
            break
        choices.append(choice)
        taken.add(choice.ticket.id)
    return choices


def _choose(hall: Hall, counter_id: str, now: datetime, calls: int, taken: Container[str]) -> Choice | None:
    window = hall.floor.bits.get(counter_id, 0)
    best: tuple[Readiness, Entry] | None = None
    waiting = 0
    lines = [line for lane, line in hall.lines.items() if reach(hall, lane) & window]
    for line in lines:
        waiting += len(line)
        for entry in line:
            if entry[2] in taken:
                continue
            candidate = (readiness(hall.tickets[entry[2]], calls, now), entry)
            if best is None or candidate < best:
                best = candidate
            if candidate[0] is Readiness.READY:
                break
    if best is None:
        return None
    ready, entry = best
    ticket = hall.tickets[entry[2]]
    passed = sum(line.before(entry) for line in lines)
    why: Why = {
        "policy": POLICY,
        "kind": ticket.kind.value,
        "due": ticket.due.isoformat(timespec="seconds"),
        "left_s": int((ticket.due - now).total_seconds()),
        "waited_s": int((now - ticket.checked_in_at).total_seconds()),
        "readiness": ready.name.lower().replace("_", "-"),
        "passed": passed,
        "waiting": waiting,
    }
    return Choice(ticket, why)


def named(ticket: Ticket, now: datetime, reason: str) -> Why:
    """The same record for a ticket that a person chose."""
    return {
        "policy": "named",
        "kind": ticket.kind.value,
        "due": ticket.due.isoformat(timespec="seconds"),
        "left_s": int((ticket.due - now).total_seconds()),
        "waited_s": int((now - ticket.checked_in_at).total_seconds()),
        "reason": reason,
    }


def can_serve(hall: Hall, counter: Counter, ticket: Ticket) -> bool:
    """Whether the window is furnished for this ticket (a wish for another window aside)."""
    lane = lane_of(ticket)
    return bool(hall.floor.able(lane.skills, remote=lane.remote) & hall.floor.bits.get(counter.id, 0))
