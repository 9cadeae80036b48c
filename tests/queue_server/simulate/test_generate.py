"""Invented days resemble recorded ones, follow from their seed, and mean what their recipe says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import mean, pstdev

import pytest

from queue_server.simulate import generate
from queue_server.simulate.generate import BadRecipe, Recipe, capacity_min
from queue_server.simulate.traces import Person, Trace

MANY = generate.trace(Recipe(windows=10, load=0.95, seed=11), 40)
PEOPLE = [person for day in MANY.days for person in day.persons]
CAME = [person for person in PEOPLE if person.came]


def share(of: list[Person], what: Callable[[Person], bool]) -> float:
    return sum(map(what, of)) / len(of)


def test_the_same_recipe_makes_the_same_days_whichever_are_made_together() -> None:
    recipe = Recipe(windows=5, seed=3)
    assert generate.trace(recipe, 3) == generate.trace(recipe, 3)
    assert generate.trace(recipe, 1, first=2).days[0] == generate.trace(recipe, 3).days[2]
    assert generate.trace(replace(recipe, seed=4), 1).days != generate.trace(recipe, 1).days


def test_load_is_the_work_of_those_who_come_over_the_windows_minutes() -> None:
    expected = sum(person.matter_mean_min for person in CAME) / len(MANY.days) / capacity_min(MANY.hall)
    taken = sum(person.service_min or 0.0 for person in CAME) / len(MANY.days) / capacity_min(MANY.hall)
    assert expected == pytest.approx(0.95, abs=0.04)
    assert taken == pytest.approx(expected, rel=0.02)
    assert capacity_min(MANY.hall) == 10 * (480 - 45)


def test_people_are_as_punctual_and_as_mixed_as_in_recorded_days() -> None:
    booked = [person for person in PEOPLE if person.slot_min is not None]
    walk_ins = [person for person in PEOPLE if person.slot_min is None]
    assert share(booked, lambda p: not p.came) == pytest.approx(0.12, abs=0.01)
    off = [p.arrive_min - p.slot_min for p in booked if p.arrive_min is not None and p.slot_min]
    assert mean(off) == pytest.approx(-5, abs=0.5)
    assert 0.002 < sum(late > 15 for late in off) / len(off) < 0.015
    assert share(walk_ins, lambda p: p.priority) == pytest.approx(0.12, abs=0.015)
    assert share(PEOPLE, lambda p: p.matter_class == "general") == pytest.approx(0.7, abs=0.01)
    assert share(PEOPLE, lambda p: p.skill is not None) == pytest.approx(0.11, abs=0.01)
    spread = [(p.service_min or 0) / p.matter_mean_min for p in CAME]
    assert pstdev(spread) == pytest.approx(0.47, abs=0.03)


@pytest.mark.parametrize("windows", [2, 3, 4, 10, 24])
def test_every_skill_has_a_window_and_breaks_come_in_two_shifts(windows: int) -> None:
    hall = generate.hall_of(Recipe(windows=windows))
    assert len(hall.windows) == windows
    assert {skill for window in hall.windows for skill in window.skills} == {"A", "B"}
    assert {window.break_min for window in hall.windows} == {(150.0, 195.0), (195.0, 240.0)}


def test_a_hall_of_ten_and_of_four_are_furnished_as_the_recorded_ones(recorded: Trace) -> None:
    assert generate.hall_of(Recipe(windows=4, load=0.95)) == recorded.hall
    assert [w.skills for w in generate.hall_of(Recipe(windows=10)).windows] == [
        ["A"], ["A"], ["A"], ["A", "B"], ["B"], ["B"], [], [], [], [],
    ]  # fmt: skip


def test_wrong_means_change_what_is_known_and_nothing_that_happens() -> None:
    right, wrong = (generate.trace(Recipe(windows=4, means_wrong=off), 2) for off in (0.0, 0.25))
    for day, other in zip(right.days, wrong.days, strict=True):
        known = {(a.matter_mean_min, b.matter_mean_min) for a, b in zip(day.persons, other.persons, strict=True)}
        assert all(abs(b / a - 1) == pytest.approx(0.25, abs=0.005) for a, b in known)
        happened = [[(p.arrive_min, p.service_min, p.skill) for p in one.persons] for one in (day, other)]
        assert happened[0] == happened[1]


def test_wrong_rates_bring_more_walk_ins_than_the_load_says() -> None:
    def walk_ins(wrong: float) -> int:
        days = generate.trace(Recipe(windows=10, rates_wrong=wrong), 10).days
        return sum(person.kind == "walkin" for day in days for person in day.persons)

    assert walk_ins(0.2) == pytest.approx(1.2 * walk_ins(0.0), rel=0.05)


@pytest.mark.parametrize("wrong", [{"windows": 1}, {"windows": 25}, {"load": 3}, {"appointments": 2}, {"skills": 3}])
def test_a_recipe_that_makes_no_hall_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadRecipe, match=next(iter(wrong))):
        Recipe(**wrong)  # type: ignore[arg-type]
