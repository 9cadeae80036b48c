"""Slots sold by a sheet: minutes, not heads; each slot that is not offered says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.domain import booking
from queue_server.domain.errors import Code
from queue_server.domain.messages import BookSlot, SetBookingSheet
from queue_server.domain.sheet import BookingSheet, parts, room

TUESDAY = date(2026, 3, 3)
SHEET = BookingSheet(
    weekday=1,
    slot_min=15,
    starts=(600, 615, 630, 645),
    minutes=(24.0, 24.0, 0.0, 60.0),
    lanes={"housing": (15.0, 15.0, 0.0, 0.0)},
)


def offer(scene: Any, clock: str, *matters: str) -> tuple[int, str | None]:
    day = booking.day_offer(scene.hall, matters or ("elder-card",), TUESDAY, scene.now)
    return next((o.free, o.why) for o in day.slots if o.start == scene.local(clock, TUESDAY))


@pytest.fixture
def sheeted(scene: Any) -> Any:
    scene.do(SetBookingSheet, sheet=SHEET)
    return scene


def test_before_any_sheet_the_plain_rule_stands(scene: Any) -> None:
    assert offer(scene, "10:00") == (2, None)
    scene.do(SetBookingSheet, sheet=SHEET)
    assert offer(scene, "10:00") == (3, None)  # 24 minutes, 8 each
    assert offer(scene, "10:00", "residence") == (2, None)  # 12 each
    assert offer(scene, "12:00") == (2, None)  # a slot the sheet does not know
    monday = booking.offers(scene.hall, ("elder-card",), scene.now.date(), scene.now)
    assert monday[0].free == 2  # another weekday


def test_short_and_long_matters_share_the_same_minutes(sheeted: Any) -> None:
    sheeted.book("10:00", "residence", day=TUESDAY)
    assert offer(sheeted, "10:00") == (1, None)
    sheeted.book("10:00", day=TUESDAY)
    assert offer(sheeted, "10:00") == (0, "full")
    taken = {"appointment_id": "x", "code": "x", "matters": ("elder-card",)}
    sheeted.refuses(Code.SLOT_FULL, BookSlot, slot_start=sheeted.local("10:00", TUESDAY), **taken)


def test_a_long_matter_takes_from_the_slots_that_follow(scene: Any) -> None:
    scene.do(SetBookingSheet, sheet=replace(SHEET, lanes={}))
    scene.book("10:00", "housing", day=TUESDAY)  # 30 minutes: 15 here, 15 in the next
    assert offer(scene, "10:00") == (1, None)
    assert offer(scene, "10:15") == (1, None)
    assert offer(scene, "10:45") == (7, None)


def test_a_skill_has_minutes_of_its_own(sheeted: Any) -> None:
    assert offer(sheeted, "10:00", "housing") == (1, None)
    sheeted.book("10:00", "housing", day=TUESDAY)
    assert offer(sheeted, "10:00", "housing") == (0, "promise")
    assert offer(sheeted, "10:45", "housing") == (0, "no-window")


def test_why_a_slot_is_not_offered(sheeted: Any) -> None:
    assert offer(sheeted, "10:30") == (0, "promise")  # kept for walk-ins
    sheeted.book("10:00", "residence", day=TUESDAY)
    sheeted.book("10:00", day=TUESDAY)
    assert offer(sheeted, "10:00", "housing") == (0, "full")
    sheeted.at("10:05", TUESDAY)
    assert offer(sheeted, "10:00") == (0, "begun")
    closed = booking.day_offer(sheeted.hall, ("elder-card",), date(2026, 3, 5), sheeted.now)
    assert (closed.slots, closed.why) == ((), "closed")
    far = booking.day_offer(sheeted.hall, ("elder-card",), date(2026, 4, 30), sheeted.now)
    assert (far.slots, far.why) == ((), "beyond-horizon")
    sheeted.at("16:20", TUESDAY)
    assert booking.day_offer(sheeted.hall, ("elder-card",), TUESDAY, sheeted.now).why == "begun"


def test_a_visit_longer_than_the_slot_bears_still_finds_an_empty_one(scene: Any) -> None:
    scene.do(SetBookingSheet, sheet=replace(SHEET, minutes=(5.0, 5.0, 5.0, 5.0), lanes={}))
    assert offer(scene, "10:00", "residence") == (1, None)
    scene.book("10:00", "residence", day=TUESDAY)
    assert offer(scene, "10:00", "residence") == (0, "full")


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": 7},
        {"slot_min": 0.0},
        {"starts": (615, 600, 630, 645)},
        {"minutes": (1.0,)},
        {"minutes": (1.0, 2.0, -1.0, 0.0)},
        {"minutes": (1.0, 2.0, float("nan"), 0.0)},
        {"lanes": {"housing": (1.0,)}},
        {"no_show": 1.0},
    ],
)
def test_a_sheet_that_does_not_add_up_is_not_adopted(scene: Any, wrong: dict[str, Any]) -> None:
    scene.refuses(Code.BAD_SHEET, SetBookingSheet, sheet=replace(SHEET, **wrong))


def test_a_sheet_for_another_slot_length_is_not_used(make_scene: Any) -> None:
    scene = make_scene(slot_s=1800)
    before = offer(scene, "10:00")
    scene.do(SetBookingSheet, sheet=SHEET)
    assert offer(scene, "10:00") == before


def test_what_is_sold_stays_sold_under_a_narrower_sheet(sheeted: Any) -> None:
    for _ in range(3):
        sheeted.book("10:00", day=TUESDAY)
    sheeted.do(SetBookingSheet, sheet=replace(SHEET, minutes=(8.0, 8.0, 8.0, 8.0)))
    assert offer(sheeted, "10:00") == (0, "full")
    assert len(sheeted.hall.slots[sheeted.local("10:00", TUESDAY)]) == 3


minutes = st.lists(st.floats(0, 200), min_size=4, max_size=4).map(tuple)
visits = st.lists(st.tuples(st.integers(0, 3), st.floats(1, 60)), max_size=30)


@given(bears=minutes, wishes=visits)
def test_however_visits_come_no_slot_is_sold_beyond_its_minutes(
    bears: tuple[float, ...], wishes: list[tuple[int, float]]
) -> None:
    sheet = replace(SHEET, minutes=bears, lanes={})
    load = [0.0] * 4
    count = [0] * 4
    for place, length in wishes:
        fits = room(sheet, bears, load, place, length)
        if fits:
            for slot, part in parts(sheet.starts, 15, place, length):
                load[slot] += part
                count[slot] += 1
    for slot in range(4):
        assert count[slot] <= 1 or load[slot] <= bears[slot] + 1e-3
