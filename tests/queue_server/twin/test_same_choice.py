"""The twin calls whom ``dispatch`` calls: in whatever hall, under whatever rule, at each window that is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.domain import dispatch
from queue_server.domain.breaks import next_break
from queue_server.domain.dispatch_rules import POLICIES, DispatchRules
from queue_server.domain.errors import Refused
from queue_server.domain.hall import decide, empty, evolve
from queue_server.domain.messages import (
    BookSlot,
    CallAgain,
    CallNext,
    CheckIn,
    Command,
    MarkNoShow,
    OpenCounter,
    PauseCounter,
    PauseTicket,
    ResumeTicket,
    ReturnAfterNoShow,
    TakeTicket,
)
from queue_server.domain.model import ALL_SKILLS, Calendar, CounterPlan, HallPlan, Hours, Matter, MatterClass, State
from queue_server.domain.rules import Rules
from queue_server.domain.state import Hall
from queue_server.twin.arrays import from_hall
from queue_server.twin.kernel import Parameters, play

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
GENERAL, COMPLEX = MatterClass.GENERAL, MatterClass.COMPLEX
MATTERS = {
    m: Matter(m, m, m, "A", "A", "A", matter_class, skill, minutes)
    for m, matter_class, skill, minutes in (
        ("card", GENERAL, None, 4.0),
        ("residence", GENERAL, None, 12.0),
        ("medical", GENERAL, "medical", 7.5),
        ("housing", COMPLEX, "housing", 22.0),
        ("register", COMPLEX, None, 0.1),
    )
}
SKILLS = (frozenset({ALL_SKILLS}), frozenset[str](), frozenset({"medical"}), frozenset({"medical", "housing"}))
BREAKS = (
    (Hours(time(9, 40), time(10, 10)), Hours(time(11, 0), time(11, 30))),
    (),
    (Hours(time(10, 0), time(10, 30)),),
    (),
)
COUNTERS = {
    str(k): CounterPlan(str(k), f"{k}号", str(k), skills, breaks=breaks)
    for k, (skills, breaks) in enumerate(zip(SKILLS, BREAKS, strict=True), start=8)
}


def plan_of(rules: DispatchRules) -> HallPlan:
    doors = Calendar(week=((Hours(time(0), time(0)),),) * 7)
    return HallPlan(
        "h", "s", "大厅", "Hall", "路1号", "Asia/Shanghai", doors, COUNTERS, MATTERS, rules=Rules(dispatch=rules)
    )


class Doings:
    """A hall in which things are tried one after the other; what is refused did not happen."""

    def __init__(self, rules: DispatchRules) -> None:
        self.hall: Hall = empty(plan_of(rules))
        self.now = NINE
        self.ids = map(str, count())

    def do(self, kind: type[Command], by: str = "kiosk:k", **fields: object) -> bool:
        try:
            events = decide(self.hall, kind(id=next(self.ids), by=by, **fields), self.now)
        except Refused:
            return False
        for event in events:
            self.hall = evolve(self.hall, event)
        return True

    def at(self, kind: type[Command], window: str, **fields: object) -> bool:
        return self.do(kind, by=f"staff:s{window}", counter=window, **fields)

    def one(self, state: State, place: int) -> str | None:
        found = [t.id for t in self.hall.tickets.values() if t.state is state]
        return found[place % len(found)] if found else None


def happen(doings: Doings, what: str, matter: str, place: int) -> None:
    """One thing that may happen in a hall."""
    windows = list(COUNTERS)
    window = windows[place % len(windows)]
    token = f"{place:022d}"
    match what:
        case "walk-in":
            doings.do(TakeTicket, matters=(matter,), token=token)
        case "priority":
            doings.do(TakeTicket, matters=(matter,), token=token, priority_reason="age-80")
        case "booked":
            code = next(doings.ids)
            slot = NINE + timedelta(minutes=15 * (place % 8))
            doings.do(BookSlot, matters=(matter,), slot_start=slot, appointment_id=code, code=code)
            doings.do(CheckIn, token=token, code=code)
        case "call":
            doings.at(CallNext, window)
        case "no-show":
            for _ in range(2):
                doings.now += timedelta(seconds=20)
                doings.at(CallAgain, window)
            doings.at(MarkNoShow, window)
        case "return" if ticket_id := doings.one(State.MISSED, place):
            doings.do(ReturnAfterNoShow, ticket_id=ticket_id)
        case "pause" if ticket_id := doings.one(State.WAITING, place):
            doings.do(PauseTicket, ticket_id=ticket_id)
        case "resume" if ticket_id := doings.one(State.PAUSED, place):
            doings.do(ResumeTicket, ticket_id=ticket_id)
        case "break":
            doings.at(PauseCounter, window)
        case _:
            doings.now += timedelta(seconds=60 * place + place % 7)


def calls_now(doings: Doings) -> Iterator[tuple[str, str]]:
    """Every free window calls, the least flexible first, until none finds anybody."""
    again = True
    while again:
        again = False
        for window in dispatch.window_order(doings.hall):
            if doings.at(CallNext, window):
                again = True
                yield doings.hall.counters[window].ticket_id or "", window


def twin_calls(hall: Hall, now: datetime, rules: DispatchRules) -> list[tuple[str, str]]:
    begins = {counter: next_break(hall.plan, counter, now) for counter in hall.plan.counters}
    breaks = {counter: (at, at + timedelta(minutes=30)) for counter, at in begins.items() if at is not None}
    live = from_hall(hall, now, breaks)
    busy = np.where(np.isnan(live.serving.elapsed), live.windows.free, np.inf)
    calls = play(
        Parameters.of(rules), live.people, live.windows._replace(free=busy), np.full(len(live.ids), 999.0), until_min=0
    )
    made = [(live.ids[j], live.counters[calls.window[0, j]]) for j in np.flatnonzero(calls.called[0] == 0)]
    return sorted(made)


STEPS = st.tuples(
    st.sampled_from(["walk-in", "walk-in", "walk-in", "priority", "booked", "booked", "call", "no-show", "return"])
    | st.sampled_from(["pause", "resume", "break", "time", "time", "time"]),
    st.sampled_from(list(MATTERS)),
    st.integers(0, 50),
)
RULES = st.builds(
    DispatchRules,
    policy=st.sampled_from(("sla", *POLICIES)),
    gamma=st.sampled_from([0.0, 0.61, 1.3]),
    k1=st.floats(0.05, 3),
    w2=st.sampled_from([0.0, 4.0, 40.0]),
    eta=st.floats(0, 2),
    guard_margin_s=st.sampled_from([-240, 0, 600]),
    break_overrun_s=st.sampled_from([None, 0, 300]),
)


@settings(max_examples=150, deadline=None)
@given(RULES, st.lists(STEPS, min_size=3, max_size=60), st.integers(0, 180))
def test_in_any_hall_the_twin_calls_whom_dispatch_calls(
    rules: DispatchRules, steps: list[tuple[str, str, int]], later_min: int
) -> None:
    doings = Doings(rules)
    for window in list(COUNTERS)[:3]:
        doings.at(OpenCounter, window, staff=f"s{window}")
    for what, matter, place in steps:
        happen(doings, what, matter, place)
    doings.now += timedelta(minutes=later_min)
    doings.do(TakeTicket, matters=("card",), token="t" * 22)  # and with it all that has run out
    twin = twin_calls(doings.hall, doings.now, rules)
    assert twin == sorted(calls_now(doings))


def test_rules_mean_the_same_to_both() -> None:
    """Every number of the configuration is one of the twin's, in minutes."""
    rules = DispatchRules("edf", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 90)
    assert Parameters.of(rules) == Parameters(3, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.5)
    assert Parameters.of(replace(rules, policy="sla")).policy == 0
    assert Parameters.of(replace(rules, break_overrun_s=30)).overrun == 0.5
    assert Parameters.of(DispatchRules())[1:] == pytest.approx(Parameters()[1:])
