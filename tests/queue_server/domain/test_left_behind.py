"""A card on the reader whose owner has gone: told once, over when it is gone, and a second ring for help."""

from __future__ import annotations

from typing import Any

import pytest

from queue_server.domain.escalation_rules import AlarmKind, To
from queue_server.domain.messages import CallHelp, CloseDay, HelpAmber, ReportLeft, ThingLeft, ThingTaken, Tick
from queue_server.domain.snapshot import freeze, thaw


def kinds(scene: Any) -> list[AlarmKind]:
    return [alarm.kind for alarm in scene.hall.watch.alarms.values()]


def left(scene: Any, what: str = "card", *, gone: bool = False, kiosk: str = "k1") -> None:
    scene.do(ReportLeft, by=f"kiosk:{kiosk}", kiosk=kiosk, what=what, gone=gone)


def test_a_card_left_behind_is_told_once_and_over_when_it_is_taken(scene: Any) -> None:
    left(scene)
    left(scene)
    (alarm,) = scene.hall.watch.alarms.values()
    assert (alarm.kind, alarm.kiosk, alarm.to) == (AlarmKind.CARD_LEFT, "k1", (To.COUNTER, To.MANAGER))
    left(scene, gone=True, kiosk="k2")
    assert kinds(scene) == [AlarmKind.CARD_LEFT], "another terminal says nothing of this one"
    left(scene, gone=True)
    assert kinds(scene) == []
    assert scene.hall.watch.past[0].cleared_because == "taken"
    assert [type(e) for e in scene.log if isinstance(e, ThingLeft | ThingTaken)] == [ThingLeft, ThingTaken]
    left(scene, gone=True)
    assert sum(isinstance(e, ThingTaken) for e in scene.log) == 1


@pytest.mark.parametrize(("what", "kind"), [("card", AlarmKind.CARD_LEFT), ("print", AlarmKind.PRINT_LEFT)])
def test_what_lies_is_known_after_a_restart_and_forgotten_with_the_day(scene: Any, what: str, kind: AlarmKind) -> None:
    left(scene, what)
    assert thaw(freeze(scene.hall), scene.plan) == scene.hall
    assert kinds(scene) == [kind]
    scene.do(CloseDay, by="manager:m", business_date=scene.hall.business_date)
    assert kinds(scene) == []
    assert scene.hall.watch.left == {}


def test_a_second_ring_makes_an_unanswered_call_amber_at_once_and_only_once(scene: Any) -> None:
    scene.do(CallHelp, by="kiosk:k1", kiosk="k1")
    scene.wait(seconds=20)
    scene.do(CallHelp, by="kiosk:k1", kiosk="k1")
    assert kinds(scene) == [], "who presses again means the same call"
    scene.do(CallHelp, by="kiosk:k1", kiosk="k1", again=True)
    scene.do(CallHelp, by="kiosk:k1", kiosk="k1", again=True)
    scene.wait(seconds=30)
    scene.do(Tick, by="system")
    assert sum(isinstance(e, HelpAmber) for e in scene.log) == 1
    assert kinds(scene) == [AlarmKind.HELP_AMBER]
