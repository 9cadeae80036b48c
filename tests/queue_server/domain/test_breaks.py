"""A window whose planned break is near leaves long visits to others, where a hall asks for it and nobody is harmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from queue_server.domain import breaks, dispatch
from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.hall import empty
from queue_server.domain.messages import PauseCounter
from queue_server.domain.model import Hours
from queue_server.http.why import explain

LUNCH = Hours(time(12, 0), time(12, 45))


@pytest.fixture
def noon(make_scene: Callable[..., Any]) -> Callable[..., Any]:
    """At 11:50 a long visit that is a little more urgent and a short one wait; window 1 goes to lunch at 12:00."""

    def make(overrun_s: int | None, long_waits_min: float = 40) -> Any:
        scene = make_scene(dispatch=DispatchRules(break_overrun_s=overrun_s))
        windows = {**scene.plan.counters, "1": replace(scene.plan.counters["1"], breaks=(LUNCH,))}
        scene.plan = replace(scene.plan, counters=windows)
        scene.hall = empty(scene.plan)
        scene.at("11:50")
        scene.wait(minutes=-long_waits_min)
        scene.long = scene.take("housing")
        scene.at("11:50")
        scene.short = scene.take("elder-card")
        scene.open("1", "2")
        return scene

    return make


def called(scene: Any, counter: str) -> Any:
    return dispatch.choose(scene.hall, counter, scene.now).ticket.id


def test_unless_a_hall_asks_for_it_breaks_are_not_looked_at(noon: Any) -> None:
    scene = noon(None)
    assert called(scene, "1") == scene.long.id


def test_a_long_visit_is_left_to_another_window(noon: Any) -> None:
    scene = noon(300)
    assert called(scene, "1") == scene.short.id
    assert called(scene, "2") == scene.long.id, "whose own break is not near"
    why = dispatch.choose(scene.hall, "1", scene.now).why
    assert why["break_near"] == 1
    said = explain(why)
    assert "本窗口即将暂停，办理时间长的 1 人留给其他窗口" in said[0]
    assert "this one's break is near" in said[1]


def test_a_visit_that_ends_soon_after_the_break_has_begun_is_taken(noon: Any) -> None:
    scene = noon(1500)
    assert called(scene, "1") == scene.long.id


def test_it_is_taken_where_no_other_window_could(noon: Any) -> None:
    scene = noon(300)
    scene.do(PauseCounter, counter="2")
    assert called(scene, "1") == scene.long.id


def test_it_is_taken_where_its_promise_does_not_bear_the_wait(noon: Any) -> None:
    scene = noon(300, long_waits_min=50)
    assert called(scene, "1") == scene.long.id


def test_nobody_past_the_never_line_is_left_for_a_break(noon: Any) -> None:
    scene = noon(300, long_waits_min=121)
    assert called(scene, "1") == scene.long.id
    assert "past_never_s" in dispatch.choose(scene.hall, "1", scene.now).why


def test_who_waits_alone_is_called(noon: Any) -> None:
    scene = noon(300)
    scene.call("2")
    scene.miss("2")
    assert called(scene, "1") == scene.short.id
    scene.call("1")
    scene.miss("1")
    alone = scene.take("housing")
    assert called(scene, "1") == alone.id
    assert "break_near" not in dispatch.choose(scene.hall, "1", scene.now).why


def test_the_next_break_is_todays(noon: Any) -> None:
    scene = noon(300)
    assert breaks.next_break(scene.plan, "1", scene.now) == scene.local("12:00")
    assert breaks.next_break(scene.plan, "1", scene.now + timedelta(hours=1)) is None
    assert breaks.next_break(scene.plan, "2", scene.now) is None
    assert breaks.next_break(scene.plan, "9", scene.now) is None
