"""What a look ahead says of a hall: the waits of those who are here, and of somebody who would come now."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.domain.dispatch_rules import POLICIES, DispatchRules
from queue_server.domain.errors import Refused
from queue_server.domain.messages import PauseCounter
from queue_server.domain.model import Kind, MatterClass
from queue_server.forecast import look
from queue_server.forecast.keys import probe_key
from queue_server.forecast.look import Sight
from queue_server.forecast.scene import TooFull
from queue_server.forecast.sketch import scene_of

MakeMorning = Callable[..., Any]
ALL = {"1": ("*",), "2": ("*",)}


def probe(sight: Sight, scene: Any, windows: int, kind: Kind = Kind.WALK_IN) -> Any:
    key = probe_key(windows, kind, MatterClass.GENERAL)
    return sight.probes[[one.key for one in scene.probes].index(key)]


def test_an_empty_hall_and_one_that_nobody_has_opened_make_no_nonsense(morning: MakeMorning) -> None:
    assert morning(ALL).look().waits == []
    closed = morning(ALL)
    closed.take()
    sight = closed.look()
    assert sight.waits == [(math.inf, math.inf)], "nobody can say when a closed hall calls"
    assert sight.late == [1.0]
    assert not any(math.isnan(x) for span in sight.probes for x in span)


def test_an_idle_window_with_the_skill_means_no_wait(morning: MakeMorning) -> None:
    here = morning({"1": ("*",), "2": ("*",)})
    here.open("1", "2")
    ticket = here.take("medical")
    sight = here.look()
    assert here.hall.tickets[ticket].state == "waiting"
    assert sight.waits == [(0, 0)]
    assert sight.late == [0]
    assert probe(sight, here.scene(), 3) == (0, 0), "and a second window stands idle for the next"


def test_a_skill_that_no_open_window_has(morning: MakeMorning) -> None:
    here = morning({"1": (), "2": ("medical",)})
    here.open("1")
    here.take("medical")
    here.take("card")
    medical, card = here.look().waits
    assert not medical.known
    assert card.known


def test_who_is_served_longer_than_ever_goes_on_for_a_while(morning: MakeMorning) -> None:
    here = morning({"1": ("*",)})
    here.open("1")
    here.take()
    here.call("1")
    here.wait(500)
    here.now = here.now.replace(hour=7)
    here.take()
    (wait,) = here.look().waits
    assert 0 < wait.p50 <= wait.p90 < math.inf


def test_a_paused_window_is_expected_back(morning: MakeMorning) -> None:
    here = morning({"1": ("*",)})
    here.open("1")
    here.do(PauseCounter, by="staff:1", counter="1")
    here.take()
    assert here.look().waits[0].known
    planned = {"1": (here.now, here.now + timedelta(minutes=7))}
    assert here.look(breaks=planned).waits == [(7, 7)]


def test_before_the_slot_a_booked_citizen_is_called_if_nobody_else_is_ready(morning: MakeMorning) -> None:
    here = morning({"1": ("*",)})
    here.open("1")
    code = here.book(here.now + timedelta(minutes=30))
    here.check_in(code)
    assert here.look().waits == [(0, 0)]


def test_who_is_booked_and_absent_holds_walk_ins_up(morning: MakeMorning) -> None:
    def third(*, booked: bool) -> float:
        here = morning({"1": ("*",)}, slot_capacity=50)
        for _ in range(6 if booked else 0):
            here.book(here.now + timedelta(minutes=30))
        here.open("1")
        for _ in range(5):
            here.take()
        return here.look(100).waits[-1].p50

    assert third(booked=True) > third(booked=False)


def test_the_same_hall_gives_the_same_forecast(morning: MakeMorning) -> None:
    here = morning(ALL)
    here.open("1")
    for _ in range(8):
        here.take()
    assert here.look() == here.look()


def test_a_hall_that_is_too_full_is_not_played(morning: MakeMorning, monkeypatch: pytest.MonkeyPatch) -> None:
    here = morning(ALL)
    for _ in range(4):
        here.take()
    monkeypatch.setattr("queue_server.forecast.sketch.MOST_WAITING", 3)
    with pytest.raises(TooFull):
        here.scene()


def test_one_ticket_alone_is_foretold_as_among_all(morning: MakeMorning) -> None:
    here = morning(ALL)
    here.open("1")
    tickets = [here.take() for _ in range(6)]
    together = here.look(100).waits[3]
    alone = look.look_at(here.scene(probe=False), tickets[3], 100)
    assert abs(alone.p50 - together.p50) < 6


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.sampled_from(["card", "house", "medical"]), st.booleans()),
        st.tuples(st.just("call"), st.sampled_from(["1", "2", "3"])),
        st.tuples(st.just("finish"), st.sampled_from(["1", "2", "3"])),
        st.tuples(st.just("wait"), st.floats(0, 20)),
        st.tuples(st.just("pause"), st.sampled_from(["1", "2", "3"])),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=40)
@given(steps=STEPS, open_windows=st.sets(st.sampled_from(["1", "2", "3"])), policy=st.sampled_from(POLICIES))
def test_whatever_happens_the_forecast_stays_in_order(
    morning: MakeMorning, steps: Any, open_windows: set[str], policy: str
) -> None:
    """P50 <= P90, nothing negative, no NaN; of two alike, who came first is called first where the policy says so.

    (The deadline index may call the later one first: the one whose promise can still be kept.)
    """
    here = morning({"1": ("*",), "2": (), "3": ("medical",)}, dispatch=DispatchRules(policy=policy))
    here.open(*sorted(open_windows))
    for step in steps:
        _try(here, step)
    scene = scene_of(here.hall, here.now, here.memory)
    sight = look.look(scene, 20)
    for span in (*sight.waits, *sight.probes):
        assert 0 <= span.p50 <= span.p90
    assert all(0 <= share <= 1 for share in (*sight.late, *sight.probes_late))
    alike: dict[tuple[Any, ...], Any] = {}
    for row, wait in zip(scene.rows, sight.waits, strict=True):
        twin = alike.get(row[4:])
        assert policy == "sla" or twin is None or (twin.p50 <= wait.p50 and twin.p90 <= wait.p90)
        alike[row[4:]] = wait


def _try(here: Any, step: tuple[Any, ...]) -> None:
    """Do it if the hall allows it."""
    with contextlib.suppress(Refused):
        match step:
            case ("take", matter, priority):
                here.take(matter, priority_reason="age-80" if priority else None)
            case ("call", window):
                here.call(window)
            case ("finish", window):
                here.finish(window)
            case ("pause", window):
                here.do(PauseCounter, by=f"staff:{window}", counter=window)
            case ("wait", minutes):
                here.wait(minutes)
