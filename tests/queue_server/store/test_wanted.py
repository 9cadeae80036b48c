"""What most people come for at this hour: counted from the tickets, the same after a restart, and slow to move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.messages import Command
from queue_server.store.log import EventLog
from queue_server.store.reports import Came, Reports
from queue_server.wanted import LEAD, MORE, TILES, Habits, Wanted, habits, hottest, settled

OWN = ("a", "b", "c", "d", "e", "f")
Ask = Callable[[Command], Any]


def day(*hours: tuple[int, dict[str, float]]) -> Habits:
    """Habits in which something is known of these hours only."""
    known = dict(hours)
    return Habits(datetime(2026, 3, 2).date(), tuple(known.get(hour, {}) for hour in range(24)))  # noqa: DTZ001


# --- from the store -----------------------------------------------------------------------------------------


@pytest.fixture
def clock(demo: ModuleType) -> SetClock:
    return SetClock(demo.MORNING)


@pytest.fixture
def ask(engine: sa.Engine, clock: SetClock, demo: ModuleType) -> Iterator[Ask]:
    desk = Desk(EventLog(engine), {"hall": demo.plan()}, clock)
    desk.start()
    yield lambda command: desk.ask("hall", command).result(30)[0]
    desk.stop()


def test_walk_ins_of_the_days_before_are_counted_by_hour_and_bookings_are_not(
    demo: ModuleType, ask: Ask, clock: SetClock, engine: sa.Engine
) -> None:
    plan, reports = demo.plan(), Reports(engine)
    ask(demo.book(demo.MORNING + timedelta(minutes=30), "ap1", "20471234"))
    for _ in range(9):
        ask(demo.take("house"))
    clock.forward(minutes=20)
    ask(demo.check_in("20471234"))
    clock.forward(hours=6)
    ask(demo.take("card"))
    clock.forward(days=1)
    ask(demo.take("card"))  # today says nothing yet
    wanted = Wanted(reports, {"hall": plan}, clock)
    assert wanted.tiles(plan, demo.MORNING, ("card",)) == (), "nothing was read so far"
    wanted.look()
    today = clock().date()
    assert sum(one.count for one in reports.walk_ins("hall", today - timedelta(weeks=4), today)) == 10
    assert wanted.tiles(plan, demo.MORNING, ("card",)) == ("house", "card")
    assert wanted.tiles(plan, demo.MORNING - timedelta(hours=3), ("card",))[0] == "card"


def test_after_a_restart_the_same_is_said(demo: ModuleType, ask: Ask, clock: SetClock, engine: sa.Engine) -> None:
    for _ in range(9):
        ask(demo.take("house"))
    clock.forward(days=1)
    said = []
    for _ in range(2):
        wanted = Wanted(Reports(engine), {"hall": demo.plan()}, clock)
        wanted.look()
        said.append(wanted.tiles(demo.plan(), clock(), ("card",)))
    assert said == [("house", "card")] * 2


def test_a_fresh_hall_says_nothing(demo: ModuleType, ask: Ask, clock: SetClock, engine: sa.Engine) -> None:
    wanted = Wanted(Reports(engine), {"hall": demo.plan()}, clock)
    wanted.look()
    assert wanted.tiles(demo.plan(), clock(), ("card",)) == ()


def test_hours_are_those_of_the_halls_own_clock_and_the_hours_beside_count_half(demo: ModuleType) -> None:
    nine = demo.MORNING + timedelta(minutes=45)  # 09:45 in Shanghai
    known = habits(demo.plan(), demo.MORNING.date(), [Came(nine, ("card", "gone"), 4)])
    assert [dict(known.hours[hour]) for hour in (7, 8, 9, 10, 11)] == [{}, {"card": 2}, {"card": 4}, {"card": 2}, {}]


# --- how tiles move -----------------------------------------------------------------------------------------


def test_with_little_known_the_catalogues_list_stands() -> None:
    assert hottest(day((9, {"z": MORE})), 9, OWN) == OWN
    assert hottest(day(), 9, OWN) == ()


def test_what_is_clearly_more_wanted_goes_first_and_the_last_tile_leaves() -> None:
    assert hottest(day((9, {"z": 50})), 9, OWN) == ("z", *OWN[:5])


def test_two_that_are_about_as_wanted_do_not_change_places_every_hour() -> None:
    swinging = day(*((hour, {"a": 20.0 + hour % 2, "b": 20.0 + (hour + 1) % 2}) for hour in range(24)))
    assert {hottest(swinging, hour, OWN) for hour in range(24)} == {OWN}


def test_what_the_morning_has_put_in_front_stays_there_until_something_else_is_wanted() -> None:
    known = day((9, {"z": 50}), (10, {"z": 1, "a": 3}), (14, {"a": 50, "z": 1}))
    assert hottest(known, 9, OWN)[0] == "z"
    assert hottest(known, 13, OWN)[0] == "z"
    assert hottest(known, 14, OWN)[0] == "a"


SCORES = st.dictionaries(st.sampled_from("abcdefgxyz"), st.floats(0, 1000, allow_nan=False), max_size=10)


@given(SCORES)
def test_settling_twice_changes_nothing_more_and_loses_no_tile(scores: dict[str, float]) -> None:
    once = settled(OWN, scores)
    assert len(once) == len(set(once)) == TILES
    assert set(once) <= {*OWN, *scores}
    for one, other in pairwise(once):
        assert scores.get(other, 0.0) <= scores.get(one, 0.0) * LEAD + MORE
    assert settled(once, scores) == once
