"""Rollouts on whole days: what they know, what they do not, and that a late answer is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import pytest

from queue_server.domain.messages import Advice
from queue_server.domain.state import Hall
from queue_server.forecast.memory import Memory
from queue_server.rollouts.adviser import advise
from queue_server.rollouts.beside import Beside
from queue_server.rollouts.guest import Rollouts
from queue_server.rollouts.look import Look
from queue_server.simulate import generate
from queue_server.simulate.day import run_day
from queue_server.simulate.guests import advising
from queue_server.simulate.score import score_day, together
from queue_server.simulate.traces import DayTrace, Trace

LOOK = Look(futures=16, horizon_min=40)


@cache
def trace(days: int = 1) -> Trace:
    return generate.trace(generate.Recipe(windows=4, load=1.0, seed=5), days)


class Recording(Rollouts):
    """Keeps each hall in which it was asked, and what it said."""

    def __init__(self) -> None:
        super().__init__(look=LOOK)
        self.said: list[tuple[Hall, str, datetime, Advice | None]] = []

    def __call__(self, hall: Hall, counter: str, now: datetime) -> Advice | None:
        advice = super().__call__(hall, counter, now)
        self.said.append((hall, counter, now, advice))
        return advice


@cache
def recorded() -> tuple[Recording, list[Any]]:
    adviser = Recording()
    return adviser, run_day(trace().hall, trace().days[0], adviser=adviser).calls


def test_advice_is_followed_and_says_what_it_found() -> None:
    adviser, _ = recorded()
    followed = [(hall, advice) for hall, _, _, advice in adviser.said if advice is not None]
    assert adviser.advised == len(followed) > 0
    for hall, advice in followed:
        assert advice.ticket_id in hall.tickets
        assert float(advice.why["spared"]) > 2 * float(advice.why["error"])
        assert advice.why["tried"] >= 2


def test_the_same_day_gets_the_same_advice() -> None:
    _, calls = recorded()
    assert run_day(trace().hall, trace().days[0], adviser=Recording()).calls == calls


def test_nothing_is_known_of_who_comes_later_or_how_long_they_take() -> None:
    """Up to any call, days with the same past get the same advice, whatever follows."""
    adviser, calls = recorded()
    day = trace().days[0]
    at = calls[40].at_us
    begun = {call.person for call in calls if call.at_us < at}
    noon = at / 60_000_000

    def otherwise(person: Any) -> Any:
        if person.arrive_min is not None and person.arrive_min > noon and person.kind == "appointment":
            return msgspec.structs.replace(person, arrive_min=None, service_min=None)
        if person.service_min is not None and person.id not in begun:
            return msgspec.structs.replace(person, service_min=person.service_min + 7)
        return person

    later = [p for p in day.persons if p.kind == "walkin" and (p.arrive_min or 0) > noon]
    changed = DayTrace(day.name, tuple(otherwise(p) for p in day.persons if p not in later[::2]))
    known = {p.arrive_min for p in day.persons}
    assert len(known) > 10
    other = Recording()
    run_day(trace().hall, changed, adviser=other)
    past = [(window, now, advice) for _, window, now, advice in adviser.said][:40]
    assert [(window, now, advice) for _, window, now, advice in other.said][:40] == past


def test_a_hall_with_another_policy_or_nobody_to_choose_from_is_left_alone() -> None:
    adviser, _ = recorded()
    hall, window, now, _ = next(said for said in adviser.said if said[-1] is not None)
    fifo = replace(hall.plan.rules, dispatch=replace(hall.plan.rules.dispatch, policy="fifo"))
    assert advise(replace(hall, plan=replace(hall.plan, rules=fifo)), window, now, Memory(), look=LOOK) is None
    quiet, window, now, _ = adviser.said[0]
    assert advise(replace(quiet, lines={}), window, now, Memory(), look=LOOK) is None


@pytest.mark.soak
def test_fewer_promises_are_broken_than_by_the_index_alone() -> None:
    made = trace(12)
    both = []
    for adviser in (None, advising(made.hall)):
        scores = [
            score_day(made.hall, day, {c.person: c.at_us for c in run_day(made.hall, day, adviser=adviser).calls})
            for day in made.days
        ]
        both.append(together(scores).j)
    assert both[1] < 0.95 * both[0]


# --- beside a server -----------------------------------------------------------------------------------


@pytest.fixture
def helper() -> Iterator[Beside]:
    made = Beside(lambda _hall: Memory(), look=LOOK, deadline_s=60)
    made.start()
    yield made
    made.stop()


def test_a_server_gets_the_same_advice(helper: Beside) -> None:
    adviser, _ = recorded()
    hall, window, now, _ = next(said for said in adviser.said if said[-1] is not None)
    assert helper.advice(hall, window, now) == advise(hall, window, now, Memory(), look=LOOK)
    assert helper.figures()["asked"] == 1


def test_a_late_answer_is_none() -> None:
    adviser, _ = recorded()
    hall, window, now, _ = next(said for said in adviser.said if said[-1] is not None)
    slow = Beside(lambda _hall: Memory(), look=Look(futures=4000), deadline_s=0.001)
    answers = [slow.advice(hall, window, now) for _ in range(6)]
    assert answers == [None] * 6
    assert slow.late == slow.asked == 6
    slow.stop()
    assert slow.advice(hall, window, now) is None, "a server that ends asks nobody"


def test_a_fault_leaves_the_index_to_decide() -> None:
    spoiled = msgspec.structs.replace(Memory(), walks=[None])  # type: ignore[list-item]  # what must not be there
    helper = Beside(lambda _hall: spoiled, look=LOOK, deadline_s=60)
    adviser, _ = recorded()
    hall, window, now, _ = next(said for said in adviser.said if said[-1] is not None)
    assert helper.advice(hall, window, now) is None
    assert helper.figures()["late"] == 0
    helper.stop()


def test_a_hall_of_which_nothing_is_known_is_not_looked_at() -> None:
    stranger = Beside(lambda _hall: None)
    adviser, _ = recorded()
    hall, window, now, _ = adviser.said[-1]
    assert stranger.advice(hall, window, now) is None
    assert stranger.asked == 0
    stranger.stop()
