"""Alarms by the real clock, desk and database: raised and passed on by themselves, once, also over restarts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.hall import replay
from queue_server.domain.messages import (
    AcknowledgeAlarm,
    AlarmCleared,
    AlarmEscalated,
    AlarmRaised,
    AnswerHelp,
    CallHelp,
)
from queue_server.domain.state import furnish

OpenDesk = Callable[..., Desk]
Ask = Callable[..., Any]
Until = Callable[..., None]


def call_help(name: str) -> CallHelp:
    return CallHelp(id=name, by="kiosk:k1", kiosk="k1")


def told(desk: Desk, since: datetime) -> list[tuple[str, str, int]]:
    """Raised, passed on and cleared alarms of help, with the seconds at which it was so."""
    kinds: dict[str, str] = {}
    said = []
    for event in desk.log.events_after("hall", 0):
        match event:
            case AlarmRaised(alarm=alarm):
                kinds[alarm.id] = alarm.kind.value
                said.append(("raised", alarm.kind.value, event.at))
            case AlarmEscalated(alarm_id=name):
                said.append(("further", kinds[name], event.at))
            case AlarmCleared(alarm_id=name, because=because):
                said.append((because, kinds[name], event.at))
    return [(what, kind, round((at - since).total_seconds())) for what, kind, at in said if kind.startswith("help")]


def test_a_call_for_help_turns_amber_red_and_goes_to_the_district_without_anybody_asking(
    open_desk: OpenDesk, ask: Ask, clock: SetClock, keep_time: Any, until: Until
) -> None:
    desk = open_desk()
    keep_time(desk)
    start = clock()
    ask(desk, call_help("h1"))
    clock.forward(seconds=46)
    until(lambda: told(desk, start) == [("raised", "help-amber", 45)], "amber at 45 s")
    clock.forward(seconds=15)
    until(lambda: ("raised", "help-over", 60) in told(desk, start), "over after 60 s")
    clock.forward(seconds=130)
    until(lambda: told(desk, start)[-1] == ("further", "help-over", 180), "two minutes nobody took it")
    ask(desk, AnswerHelp(id="a1", by="staff:li", help_id="h1"))
    assert told(desk, start)[-1][:2] == ("answered", "help-over")


@pytest.mark.parametrize("down_at_s", [10, 50, 90, 200])
def test_whenever_the_server_was_down_each_alarm_is_told_once_with_its_true_time(
    open_desk: OpenDesk, ask: Ask, clock: SetClock, keep_time: Any, until: Until, down_at_s: int
) -> None:
    desk = open_desk()
    keeper = keep_time(desk)
    start = clock()
    ask(desk, call_help("h1"))
    ended = False
    for second in (10, 50, 90, 200, 400):
        clock.set(start + timedelta(seconds=second))
        if second >= down_at_s and not ended:
            keeper.stop()
            desk.stop()
            ended = True
    expected = [
        ("raised", "help-amber", 45),
        ("raised", "help-over", 60),
        ("worse", "help-amber", 60),
        ("further", "help-over", 180),
    ]
    for _ in range(2):  # however often it starts again
        desk = open_desk()
        keeper = keep_time(desk)
        until(lambda d=desk: len(told(d, start)) >= 4, "all of it")
        assert told(desk, start) == expected
        stored = replay(furnish(desk.plans["hall"]), desk.log.events_after("hall", 0))
        assert stored == desk.hall("hall"), "what is loaded is what was said"
        keeper.stop()
        desk.stop()


def test_an_acknowledgement_survives_a_restart_too(
    open_desk: OpenDesk, ask: Ask, clock: SetClock, keep_time: Any, until: Until, demo: ModuleType
) -> None:
    desk = open_desk()
    keeper = keep_time(desk)
    start = clock()
    ask(desk, call_help("h1"))
    clock.forward(seconds=61)
    until(lambda: ("raised", "help-over", 60) in told(desk, start), "over")
    (alarm,) = desk.hall("hall").watch.alarms.values()
    ask(desk, AcknowledgeAlarm(id="k1", by="manager:wu", alarm_id=alarm.id))
    keeper.stop()
    desk.stop()
    clock.forward(minutes=10)
    desk = open_desk()
    keep_time(desk)
    ask(desk, demo.take())
    clock.forward(minutes=1)
    until(lambda: "no-window" in {a.kind for a in desk.hall("hall").watch.alarms.values()}, "the keeper has looked")
    assert not [one for one in told(desk, start) if one[0] == "further"]
    assert desk.hall("hall").watch.alarms[alarm.id].acknowledged_by == "manager:wu"
