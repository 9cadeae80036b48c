"""Who is called next: one function, for every window, for the console's preview, the simulator and the forecast.

The policy of the hall (``rules.dispatch``) decides. ``sla`` calls the largest *deadline index*
(``deadline_index``), with one guard before it: a walk-in past the never-line goes before everybody else a
window can serve, the longest past first. Two kinds of people wait without being ready, and are called only
when nobody else is: who has just come back from a no-show or a pause (behind the next two called; the guard
lifts this after a pause, not after a no-show), and a booked citizen who is here before the slot. The three
policies of other systems stay for comparison; they know no slot and no guard. Ties go to the
promise that runs out first, then to who came first.

Each choice says why, in a few rounded numbers, so that a clerk or an auditor can read "why this one" and a
replay never has to decide again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from heapq import nsmallest

from queue_server.domain import breaks, deadline_index
from queue_server.domain.commands import Advice
from queue_server.domain.deadline_index import Candidate
from queue_server.domain.model import ALL_SKILLS, Counter, CounterPlan, HallPlan, Kind, Ticket
from queue_server.domain.state import Hall, entry_of, lane_of, reach, work_of

Why = dict[str, str | int | float]
_KIND_ORDER = {Kind.APPOINTMENT.value: 0, Kind.PRIORITY.value: 1, Kind.WALK_IN.value: 2}
_WALK_IN = Kind.WALK_IN.value
_AGES_MIN = 1e9
"""Longer than any two people's check-ins lie apart."""


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


def choose(hall: Hall, counter_id: str, now: datetime, advice: Advice | None = None) -> Choice | None:
    """The next citizen for the window, whether or not it is open; None if nobody waits whom it can serve.

    ``advice`` (of a look ahead) is followed if its ticket still waits, is ready, can be served here and no walk-in
    past the never-line stands before it, in a hall whose policy is ``sla``; otherwise the index decides.
    """
    return _choose(hall, counter_id, now, (), advice)


def preview(hall: Hall, counter_id: str, now: datetime, limit: int) -> list[Choice]:
    """The next ``limit`` choices if this window alone called, one after the other, at ``now``."""
    choices: list[Choice] = []
    while len(choices) < limit:
        choice = _choose(hall, counter_id, now, [choice.ticket for choice in choices])
        if choice is None:
            break
        choices.append(choice)
    return choices


def window_order(hall: Hall) -> tuple[str, ...]:
    """The windows that are free to call now, in the order in which they choose."""
    free = {c.id for c in hall.counters.values() if c.is_open and not c.paused and c.ticket_id is None}
    return tuple(window for window in choosing_order(hall.plan) if window in free)


def choosing_order(plan: HallPlan) -> tuple[str, ...]:
    """All windows, least flexible first: when several are free, those that can take fewest kinds choose first.

    Flexible is who has more of the skills the catalogue asks for; ties go to the lower number.
    """
    needed = {matter.skill for matter in plan.matters.values() if matter.skill is not None}

    def key(counter: CounterPlan) -> tuple[int, int, str]:
        skills = needed if ALL_SKILLS in counter.skills else counter.skills & needed
        return len(skills), int(counter.id) if counter.id.isdecimal() else 1 << 30, counter.id

    return tuple(counter.id for counter in sorted(plan.counters.values(), key=key))


def mean_service_min(hall: Hall, taken: Iterable[Ticket] = ()) -> float:
    """Mean expected minutes at the window of all who wait in the hall, those ``taken`` aside."""
    work, count = sum(hall.work.values()), sum(hall.waiting.values())
    for ticket in taken:
        work -= work_of(ticket)
        count -= 1
    return deadline_index.service(work / 60 / count if count > 0 else deadline_index.NOT_KNOWN_MIN)


# --- the choice --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pool:
    """Those among whom the choice falls, and why the others are not in it."""

    candidates: list[Candidate]
    readiness: Readiness
    guard: bool = False
    long_ones: int = 0
    """Left to other windows, because this one's break is near."""


def _choose(
    hall: Hall, counter_id: str, now: datetime, taken: Sequence[Ticket], advice: Advice | None = None
) -> Choice | None:
    window = hall.floor.bits.get(counter_id, 0)
    lanes = [lane for lane in hall.candidates if reach(hall, lane) & window]
    gone = {ticket.id for ticket in taken}
    now_min = deadline_index.minutes(now)
    mean_min = mean_service_min(hall, taken)
    everybody = [c for lane in lanes for c in hall.candidates[lane].values() if c.ticket_id not in gone]
    if not everybody:
        return None
    pool = _pool(hall, everybody, hall.calls + len(taken), now_min)
    if pool.readiness is Readiness.READY and not pool.guard:
        fitting = breaks.fitting(hall, counter_id, pool.candidates, now, mean_min)
        pool = replace(pool, candidates=fitting, long_ones=len(pool.candidates) - len(fitting))
    keys = _keys(hall, pool, now_min, mean_min)
    best = _first_two(keys, pool.candidates)
    ticket = hall.tickets[best[0].ticket_id]
    policy = hall.plan.rules.dispatch.policy
    advised = None if advice is None or policy != "sla" else _followed(pool, advice)
    if advice is not None and advised is not None:
        instead: Why = {} if advised is best[0] else {"instead_of": ticket.number}
        ticket = hall.tickets[advised.ticket_id]
        policy, found = "rollout", {**advice.why, **instead}
    else:
        found = _reckoning(hall, pool, best, now_min, mean_min)
    why: Why = {
        **found,
        "policy": policy,
        **_facts(ticket, now),
        "readiness": pool.readiness.name.lower().replace("_", "-"),
        "passed": sum(hall.lines[lane].before(entry_of(ticket)) for lane in lanes),
        "waiting": len(everybody) + len(gone),
    }
    return Choice(ticket, why)


def _followed(pool: _Pool, advice: Advice) -> Candidate | None:
    """Who is advised, if he still waits for this window and is ready, and nobody must go before him."""
    if pool.guard or pool.readiness is not Readiness.READY:
        return None
    return next((c for c in pool.candidates if c.ticket_id == advice.ticket_id), None)


def _pool(hall: Hall, everybody: list[Candidate], calls: int, now_min: float) -> _Pool:
    """Whoever goes before all others; else those who are ready; else those held back; else who is early."""
    rules = hall.plan.rules.dispatch
    by_slot = rules.policy == "sla"
    held = [c for c in everybody if c.not_before_call > calls]
    here = [c for c in everybody if c.not_before_call <= calls] if held else everybody
    ready = [c for c in here if c.slot_min <= now_min] if by_slot else here
    if by_slot:
        margin = rules.guard_margin_s / 60
        may = [*ready, *(c for c in held if not c.soft)]
        past = [c for c in may if c.kind == _WALK_IN and deadline_index.past_never(c, now_min) > margin]
        if past:
            return _Pool(past, Readiness.READY, guard=True)
    if ready:
        return _Pool(ready, Readiness.READY)
    return _Pool(held, Readiness.HELD_BACK) if held else _Pool(here, Readiness.EARLY)


def _keys(hall: Hall, pool: _Pool, now_min: float, mean_min: float) -> list[float]:
    """What each of the pool is called by, smallest first."""
    rules, those = hall.plan.rules.dispatch, pool.candidates
    if pool.guard:
        return [-deadline_index.past_never(c, now_min) for c in those]
    if pool.readiness is Readiness.EARLY:
        return [c.slot_min for c in those]
    match rules.policy:
        case "fifo":
            return [c.checked_in_min for c in those]
        case "appointments-first":
            return [_KIND_ORDER[c.kind] * _AGES_MIN + c.checked_in_min for c in those]
        case "edf":
            return [c.due_min for c in those]
        case _:
            return [-units for units in deadline_index.indices(rules, those, now_min, mean_min)]


def _first_two(keys: list[float], those: list[Candidate]) -> list[Candidate]:
    """Whose turn it is, and whose then (if there is anybody). Equal keys go by promise, then by arrival."""
    bar = nsmallest(2, keys)[-1]
    near = [(key, c.due_min, c.seq, c) for key, c in zip(keys, those, strict=True) if key <= bar]
    return [one[-1] for one in sorted(near)[:2]]


# --- the record --------------------------------------------------------------------------------------


def _facts(ticket: Ticket, now: datetime) -> Why:
    said: Why = {} if ticket.priority_reason is None else {"priority": ticket.priority_reason}
    return {
        **said,
        "kind": ticket.kind.value,
        "due": ticket.due.isoformat(timespec="seconds"),
        "left_s": int((ticket.due - now).total_seconds()),
        "waited_s": int((now - ticket.checked_in_at).total_seconds()),
    }


def _reckoning(hall: Hall, pool: _Pool, best: list[Candidate], now_min: float, mean_min: float) -> Why:
    """The winner's index and its parts (see ``deadline_index.parts``), and the next after it with its own index."""
    rules = hall.plan.rules.dispatch
    why: Why = {}
    if len(best) > 1:
        why["next"] = hall.tickets[best[1].ticket_id].number
    if pool.long_ones:
        why["break_near"] = pool.long_ones
    if pool.guard:
        why["past_never_s"] = round(deadline_index.past_never(best[0], now_min) * 60)
    if pool.guard or rules.policy != "sla" or pool.readiness is Readiness.EARLY:
        return why
    found = deadline_index.parts(rules, best[0], now_min, mean_min)
    why |= {
        "index": round(found.units * deadline_index.UNIT, 9),
        "for_limit": found.limit,
        "for_never": found.never,
        "for_wait": found.waited,
        "service_min": round(best[0].service_min, 2),
        "mean_min": round(mean_min, 2),
        "scarce": int(best[0].scarce),
    }
    if len(best) > 1:
        (second,) = deadline_index.indices(rules, [best[1]], now_min, mean_min)
        why["next_index"] = round(second * deadline_index.UNIT, 9)
    return why


def named(ticket: Ticket, now: datetime, reason: str) -> Why:
    """The same record for a ticket that a person chose."""
    return {"policy": "named", **_facts(ticket, now), "reason": reason}


def can_serve(hall: Hall, counter: Counter, ticket: Ticket) -> bool:
    """Whether the window is furnished for this ticket (a wish for another window aside)."""
    lane = lane_of(ticket)
    return bool(hall.floor.able(lane.skills, remote=lane.remote) & hall.floor.bits.get(counter.id, 0))
