"""A day through the domain: what the hall may never do to the people of a trace, whatever the trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.domain.dispatch_rules import POLICIES
from queue_server.domain.messages import Advice, Event
from queue_server.domain.model import MatterClass, State
from queue_server.domain.state import Hall
from queue_server.simulate import files, generate, swift
from queue_server.simulate.day import run_day
from queue_server.simulate.moments import MINUTE_US, micros_of, minute_of
from queue_server.simulate.plan import rules_of
from queue_server.simulate.play import Call, least_flexible_first
from queue_server.simulate.score import score_day
from queue_server.simulate.traces import DayTrace, HallTrace, Person, Trace

HALL = generate.hall_of(generate.Recipe(windows=4))
MINUTE = st.integers(0, 47_900).map(lambda hundredth: hundredth / 100)


@st.composite
def people(draw: st.DrawFn) -> tuple[Person, ...]:
    """Up to 25 people whom windows 1 to 4 can serve, at any hundredth of a minute."""
    made = []
    for number in range(1, draw(st.integers(1, 25)) + 1):
        booked = draw(st.booleans())
        slot = float(draw(st.integers(0, 30)) * 15) if booked else None
        arrive = draw(MINUTE | st.none()) if booked else draw(MINUTE)
        made.append(
            Person(
                id=number,
                kind="appointment" if booked else "walkin",
                priority=not booked and draw(st.booleans()),
                matter_class=draw(st.sampled_from(MatterClass)),
                matter_mean_min=draw(st.sampled_from([3.0, 7.5, 22.0])),
                skill=draw(st.sampled_from([None, None, "A", "B"])),
                slot_min=slot,
                arrive_min=arrive,
                service_min=None if arrive is None else draw(st.integers(0, 4000)) / 100,
            )
        )
    return tuple(made)


def faults(hall: HallTrace, day: DayTrace, calls: Sequence[Call]) -> list[str]:
    """What no day may hold."""
    persons = {person.id: person for person in day.persons}
    windows = {window.id: window for window in hall.windows}
    found = []
    if sorted(call.person for call in calls) != sorted(p.id for p in day.persons if p.came):
        found.append("not everybody who came was called exactly once")
    for call in calls:
        person, window = persons[call.person], windows[call.window]
        if call.at_us < micros_of(person.arrive_min or 0.0):
            found.append(f"{call} before arrival")
        if person.skill is not None and person.skill not in window.skills:
            found.append(f"{call} without the skill")
        begins, ends = window.break_min or (0.0, 0.0)
        if begins * MINUTE_US <= call.at_us < ends * MINUTE_US:
            found.append(f"{call} in the break")
    for window in hall.windows:
        mine = [call for call in calls if call.window == window.id]
        for one, after in pairwise(mine):
            if after.at_us < one.at_us + micros_of(persons[one.person].service_min or 0.0):
                found.append(f"{after} while {one} was served")
    return found


@pytest.mark.parametrize("policy", POLICIES)
def test_a_recorded_day_is_played_by_every_policy(recorded: Trace, policy: str) -> None:
    (day,) = recorded.days
    played = run_day(recorded.hall, day, dispatch=rules_of(recorded.hall, policy))
    assert faults(recorded.hall, day, played.calls) == []
    assert {ticket.state for ticket in played.hall.tickets.values()} == {State.DONE}


@settings(max_examples=40, deadline=None)
@given(persons=people(), policy=st.sampled_from(POLICIES))
def test_whoever_comes_is_called_once_not_early_and_alone(persons: tuple[Person, ...], policy: str) -> None:
    day = DayTrace("day-1", persons)
    played = run_day(HALL, day, dispatch=rules_of(HALL, policy))
    assert faults(HALL, day, played.calls) == []


def test_the_halls_own_clock_and_the_score_agree_on_every_ticket(recorded: Trace, invented: Trace) -> None:
    for trace, day in ((recorded, recorded.days[0]), *((invented, day) for day in invented.days)):
        played = run_day(trace.hall, day)
        score = score_day(trace.hall, day, {call.person: call.at_us for call in played.calls})
        waits = {wait.person: wait for wait in score.waits}
        tickets = {int(ticket.token): ticket for ticket in played.hall.tickets.values()}
        assert tickets.keys() == waits.keys()
        for person, ticket in tickets.items():
            wait = waits[person]
            assert ticket.kind == wait.kind
            assert ticket.wait_net_s == int(wait.wait_min * 60)
            assert ticket.broken == wait.late


def test_the_same_day_makes_the_same_bytes(invented: Trace) -> None:
    day = invented.days[0]
    one, two = (files.calls_csv(run_day(invented.hall, day).calls) for _ in range(2))
    assert one == two
    assert one.startswith("id,called_min,window\n")
    assert files.calls_csv(files.read_calls(one)) == one


@pytest.mark.parametrize("minute", [0.0, 12.34, 30.1, 1 / 3, 479.999, 0.07, -3.25])
def test_a_minute_is_the_same_number_before_and_after(minute: float) -> None:
    back = minute_of(micros_of(minute))
    assert 0 <= back - minute < 2e-8, "a minute with no whole microsecond is rounded up"
    if round(minute, 2) == minute:
        assert back == minute


def test_the_least_flexible_window_chooses_first(recorded: Trace) -> None:
    assert [window.id for window in least_flexible_first(recorded.hall.windows)] == ["3", "4", "1", "2"]
    ten = generate.hall_of(generate.Recipe(windows=10))
    assert [window.id for window in least_flexible_first(ten.windows)] == [
        "7",
        "8",
        "9",
        "10",
        "1",
        "2",
        "3",
        "5",
        "6",
        "4",
    ]


class Listener:
    """Foretells what has been called so far, and notes whether anything came from the future."""

    def __init__(self) -> None:
        self.events = 0
        self.asked: list[tuple[int, datetime]] = []

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        assert after.seq == before.seq + len(events)
        self.events += len(events)

    def at_issue(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[float, float]:
        assert hall.tickets[ticket_id].checked_in_at == now
        assert hall.seq == self.events, "it has heard everything up to now and nothing more"
        self.asked.append((hall.seq, now))
        return (1.0, 2.0)


def test_a_forecaster_is_asked_once_a_number_and_hears_what_happened(invented: Trace) -> None:
    day, listener = invented.days[0], Listener()
    played = run_day(invented.hall, day, forecaster=listener)
    came = [person.id for person in day.persons if person.came]
    assert sorted(one.person for one in played.told) == sorted(came)
    assert len(listener.asked) == len(came)
    assert listener.events == played.hall.seq
    assert files.forecasts_csv(played.told[:1]) == f"id,p50_min,p90_min\n{played.told[0].person},1.000,2.000\n"


class LastComer:
    """Advises every window to call who came last; most of the time that does not fit, and the hall knows it."""

    def __init__(self) -> None:
        self.events = 0

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        self.events += len(events)

    def __call__(self, hall: Hall, counter: str, now: datetime) -> Advice | None:
        assert hall.seq == self.events
        waiting = [ticket for ticket in hall.tickets.values() if ticket.state is State.WAITING]
        return Advice(max(waiting, key=lambda ticket: ticket.seq).id, {"tried": 1}) if waiting else None


def test_the_hall_follows_an_adviser_only_where_it_fits(invented: Trace) -> None:
    day = invented.days[0]
    advised = run_day(invented.hall, day, adviser=LastComer()).calls
    assert faults(invented.hall, day, advised) == []
    assert advised != run_day(invented.hall, day).calls


@pytest.mark.parametrize("policy", POLICIES)
def test_the_twin_calls_whom_the_domain_calls(recorded: Trace, invented: Trace, policy: str) -> None:
    for trace in (recorded, invented):
        rules = rules_of(trace.hall, policy)
        for day in trace.days:
            real = run_day(trace.hall, day, dispatch=rules).calls
            swiftly = swift.run_day(trace.hall, day, rules)
            assert sorted(swiftly, key=lambda c: c.person) == sorted(real, key=lambda c: c.person)
