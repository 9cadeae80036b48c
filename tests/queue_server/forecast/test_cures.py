"""What would save a promise in danger is tried in the same futures before it is proposed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from queue_server.domain.messages import PauseCounter
from queue_server.forecast import cures, look

MakeMorning = Callable[..., Any]


def tried(here: Any, **more: Any) -> dict[str, list[cures.Cure]]:
    scene = here.scene(**more)
    return cures.cures(scene, look.look(scene, 60).late)


def kinds(found: list[cures.Cure]) -> set[tuple[str, str]]:
    return {(cure.kind, cure.argument) for cure in found}


def test_nobody_in_danger_needs_no_cure(morning: MakeMorning) -> None:
    here = morning({"1": ("*",), "2": ("*",)})
    here.open("1", "2")
    here.take()
    assert tried(here) == {}


def test_a_closed_window_would_save_those_who_wait_too_long(morning: MakeMorning) -> None:
    here = morning({"1": ("*",), "2": ("*",)})
    here.open("1")
    last = [here.take() for _ in range(6)][-1]
    found = tried(here)[last]
    assert ("open-window", "2") in kinds(found)
    opened = next(cure for cure in found if cure.kind == "open-window")
    assert opened.after <= opened.before - cures.WORTH
    assert [cure.after for cure in found] == sorted(cure.after for cure in found), "the best first"


def test_a_skill_lent_saves_those_who_need_it(morning: MakeMorning) -> None:
    here = morning({"1": (), "2": ("medical",), "3": ()})
    here.open("1", "2", "3")
    last = [here.take("medical") for _ in range(7)][-1]
    assert ("lend-skill", "1:medical") in kinds(tried(here)[last])


def test_a_break_that_is_near_may_be_put_off_and_one_under_way_ended(morning: MakeMorning) -> None:
    here = morning({"1": ("*",), "2": ("*",)})
    here.open("1", "2")
    last = [here.take() for _ in range(7)][-1]
    near = {"2": (here.now + timedelta(minutes=5), here.now + timedelta(minutes=50))}
    assert ("move-break", "2") in kinds(tried(here, breaks=near)[last])
    here.do(PauseCounter, by="staff:2", counter="2")
    away = {"2": (here.now, here.now + timedelta(minutes=45))}
    assert ("move-break", "2") in kinds(tried(here, breaks=away)[last])


def test_a_walk_in_may_be_offered_a_slot_of_today(morning: MakeMorning) -> None:
    here = morning({"1": ("*",)})
    here.open("1")
    last = [here.take() for _ in range(8)][-1]
    found = tried(here)[last]
    slots = [cure for cure in found if cure.kind == "offer-slot"]
    assert slots
    assert all(float(cure.argument) >= 20 for cure in slots)


def test_a_booked_citizen_is_not_offered_a_slot(morning: MakeMorning) -> None:
    here = morning({"1": ("*",), "2": ()}, slot_capacity=50)
    here.open("1")
    codes = [here.book(here.now + timedelta(minutes=15), "house") for _ in range(6)]
    last = [here.check_in(code) for code in codes][-1]
    assert not {cure.kind for cure in tried(here)[last]} & {"offer-slot"}
