"""Penalty points are those of sla.md §1, counted from the trace and the calls alone."""

from __future__ import annotations

from typing import Any

import pytest

from queue_server.simulate import generate, traces
from queue_server.simulate.moments import micros_of
from queue_server.simulate.score import Score, score_day

HALL = generate.hall_of(generate.Recipe(windows=4))


def person(number: int = 1, **fields: Any) -> traces.Person:
    plain = {"kind": "walkin", "priority": False, "matter_class": "general", "matter_mean_min": 6.0, "skill": None}
    times = {"slot_min": None, "arrive_min": 0.0, "service_min": 5.0}
    return traces.Person(id=number, **{**plain, **times, **fields})


def scored(*called: tuple[traces.Person, float]) -> Score:
    day = traces.DayTrace("day-1", tuple(one for one, _ in called))
    return score_day(HALL, day, {one.id: micros_of(at) for one, at in called})


@pytest.mark.parametrize(
    ("fields", "called", "wait", "points"),
    [
        ({}, 30, 30, 0),  # exactly on the limit is kept
        ({}, 30.01, 30.01, 1),
        ({}, 90, 90, 1),  # exactly on the never-line
        ({}, 120, 120, 1 + 4 * 2),
        ({"matter_class": "complex"}, 60.5, 60.5, 1),
        ({"priority": True}, 16, 16, 2),
        ({"priority": True, "matter_class": "complex"}, 75, 75, 2 + 4 * 1.5),
        ({"kind": "appointment", "slot_min": 30.0, "arrive_min": 20.0}, 25, 0, 0),  # before the slot: no wait
        ({"kind": "appointment", "slot_min": 30.0, "arrive_min": 20.0}, 41, 11, 3),
        ({"kind": "appointment", "slot_min": 30.0, "arrive_min": 45.0}, 56, 11, 3),
        ({"kind": "appointment", "slot_min": 30.0, "arrive_min": 46.0}, 76, 30, 0),  # too late: a walk-in
    ],
)
def test_the_points_of_one_ticket(fields: dict[str, Any], called: float, wait: float, points: float) -> None:
    score = scored((person(**fields), called))
    assert score.waits[0].wait_min == pytest.approx(wait)
    assert score.points == pytest.approx(points)
    assert score.j == pytest.approx(100 * points)


def test_a_day_counts_those_who_came() -> None:
    score = scored(
        (person(1), 10.0),
        (person(2), 95.0),
        (person(3, matter_class="complex"), 130.0),
        (person(4, kind="appointment", slot_min=0.0, arrive_min=None, service_min=None), 0.0),
        (person(5, kind="appointment", slot_min=0.0), 10.0),
    )
    assert score.tickets == 4
    assert score.points == pytest.approx(1 + 4 * (1 + 5 / 30) + 1 + 4 * (1 + 10 / 30))
    late = score.late_by_class()
    assert late == {
        "appointment": 0.0,
        "appointment-general": 0.0,
        "walkin": pytest.approx(200 / 3),
        "walkin-complex": 100.0,
        "walkin-general": 50.0,
    }
    assert score.walk_in_worst_min() == 130
    assert score.walk_in_beyond_min() == pytest.approx(10)
    assert score.walk_in_p95_min() == 130


def test_who_was_never_called_cannot_be_scored() -> None:
    with pytest.raises(KeyError):
        score_day(HALL, traces.DayTrace("day-1", (person(),)), {})
