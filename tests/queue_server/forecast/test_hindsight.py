"""What a hall's days teach its forecast, and its own measured error."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.domain.messages import CloseDay, DayClosed
from queue_server.domain.model import Kind, MatterClass
from queue_server.forecast import arrivals, tables
from queue_server.forecast.guest import AtIssue
from queue_server.forecast.hindsight import Hindsight
from queue_server.forecast.memory import BINS, Memory
from queue_server.forecast.span import Span
from queue_server.store.database import metadata, open_engine

MakeMorning = Callable[..., Any]
ONE = {"1": ("*",)}


def served(here: Any, minutes: float) -> None:
    here.take()
    here.call("1")
    here.wait(minutes)
    here.finish("1")


def test_a_window_that_takes_twice_as_long_is_believed_in_time(morning: MakeMorning) -> None:
    here = morning(ONE)
    here.open("1")
    before, _ = here.memory.spread(MatterClass.GENERAL)
    for _ in range(20):
        served(here, 16)
    mean, sd = here.memory.spread(MatterClass.GENERAL)
    assert before < mean < math.log(2)
    assert sd > 0


def test_a_day_becomes_the_profile_of_the_next(morning: MakeMorning) -> None:
    here = morning(ONE)
    for _ in range(6):
        here.take()
    here.wait(60)
    for _ in range(2):
        here.take()
    assert here.memory.today[18] == 6, "nine o'clock is the nineteenth half hour"
    here.do(CloseDay, by="system", business_date=here.hall.business_date)
    assert here.memory.profile[18] == 6
    assert here.memory.profile[20] == 2
    assert sum(here.memory.today) == 0


def test_who_stays_away_is_counted_at_the_end_of_the_day(morning: MakeMorning) -> None:
    here = morning(ONE)
    here.book(here.now + timedelta(minutes=30))
    code = here.book(here.now + timedelta(minutes=45))
    here.check_in(code)
    here.do(CloseDay, by="system", business_date=here.hall.business_date)
    assert here.memory.comes == pytest.approx(18.6 / (18.6 + 3.4))


def test_a_busier_morning_than_usual_makes_a_busier_noon(morning: MakeMorning) -> None:
    here = morning(ONE)
    here.memory = Memory(days=10, profile=[4.0] * BINS)
    here.now = here.now.replace(hour=4)
    shape, scale = arrivals.rate(here.hall, here.now, here.memory)
    here.memory.today = [8] * 24 + [0] * 24
    busier, _ = arrivals.rate(here.hall, here.now, here.memory)
    assert busier * scale > shape * scale
    minutes, expected = zip(*arrivals.expected_until(here.hall, here.now, here.memory, 90), strict=True)
    assert minutes[-1] == 90
    assert expected[-1] == pytest.approx(12)


def test_after_closing_time_nobody_is_expected(morning: MakeMorning) -> None:
    here = morning(ONE)
    here.now = here.now.replace(hour=8, minute=20)
    assert arrivals.expected_until(here.hall, here.now, Memory(days=5, profile=[6.0] * BINS), 120)[-1][0] == 10


def test_the_error_is_measured_when_the_call_comes(morning: MakeMorning) -> None:
    here, hindsight = morning(ONE), Hindsight()
    here.open("1")
    ticket = here.take()
    hindsight.gave(ticket, Span(5, 9), Span(5, 10), by_forecast=True)
    here.wait(8)
    here.call("1")
    hindsight.note(here.events, here.hall)
    right = hindsight.accuracy()[Kind.WALK_IN]
    assert (right.n, right.mae_min, right.coverage, right.width_min) == (1, 3, 1, 5)
    assert hindsight.stretch[Kind.WALK_IN].seen == 1
    hindsight.note([DayClosed(at=here.now, by="system", business_date=here.hall.business_date)], here.hall)
    assert hindsight.accuracy()[Kind.WALK_IN].n == 0
    assert hindsight.accuracy(7)[Kind.WALK_IN].n == 1


def test_what_was_learned_stands_again_after_a_restart(morning: MakeMorning, tmp_path: Any) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'side.db'}")
    metadata.create_all(engine)
    here, hindsight = morning(ONE), Hindsight()
    here.open("1")
    for _ in range(5):
        served(here, 12)
    hindsight.note(here.events, here.hall)
    hindsight.gave("waits", Span(3, math.inf), Span(3, math.inf), by_forecast=True)
    tables.save(engine, {"hall": tables.pack(hindsight)})
    assert tables.load(engine, "hall") == hindsight
    assert tables.load(engine, "another") == Hindsight()
    with engine.begin() as connection:
        connection.execute(sa.update(tables.kept).values(known=b"\xc1"))
    assert tables.load(engine, "hall") == Hindsight(), "what cannot be read has not been learned"
    engine.dispose()


def test_at_issue_an_early_citizen_waits_from_the_slot(morning: MakeMorning) -> None:
    here, guest = morning(ONE), AtIssue(futures=20)
    here.open("1")
    code = here.book(here.now + timedelta(minutes=30))
    for _ in range(4):
        here.take()
    ticket = here.check_in(code)
    p50, p90 = guest.at_issue(here.hall, ticket, here.now)
    assert 0 <= p50 <= p90 < 35
    assert guest.hindsight.given[ticket].shown_p50 == p50
