"""The twin over small halls that can be checked by hand: who is called, when, at which window."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from queue_server.twin.arrays import LONG_AGO, NEVER, People, Windows, people_of
from queue_server.twin.kernel import EARLY_NEVER, Parameters, jitted, play

RULE = Parameters()


class Person(NamedTuple):
    came: float = 0
    slot: float = LONG_AGO
    kind: int = 2
    limit: float = 30
    never: float = 90
    windows: int = 1
    behind: int = 0
    clock: float | None = None


def crowd(*persons: Person) -> People:
    weights = (3.0, 2.0, 1.0)
    return people_of(
        [
            (
                p.came,
                p.came,
                max(p.came, p.slot) if p.clock is None else p.clock,
                p.slot,
                p.kind,
                p.limit,
                p.never,
                weights[p.kind],
                10.0,
                p.windows,
                False,
                p.behind,
                False,
            )
            for p in persons
        ]
    )


def hall(*free: float, break_from: float = NEVER, break_to: float = NEVER, closes: float = NEVER) -> Windows:
    """Only the first window has the break."""
    n = len(free)
    begins, ends = np.full(n, NEVER), np.full(n, NEVER)
    begins[0], ends[0] = break_from, break_to
    return Windows(np.array(free, float), begins, ends, np.full(n, closes), np.arange(n))


def times(people: People, windows: Windows, *, rule: Parameters = RULE, service: float = 10, **more: object) -> list:
    calls = play(rule, people, windows, np.full(people.ready.shape, service), **more)  # type: ignore[arg-type]
    return [None if np.isnan(t) else float(t) for t in calls.called[0]]


def test_alike_people_are_called_as_they_came() -> None:
    assert times(crowd(Person(0), Person(1), Person(2)), hall(0)) == [0, 10, 20]


def test_a_booked_citizen_is_called_before_a_walk_in_who_has_time() -> None:
    booked = Person(1, slot=1, kind=0, limit=10, never=20)
    assert times(crowd(Person(0), Person(0.5), booked), hall(0)) == [0, 20, 10]


def test_a_walk_in_past_the_never_line_goes_first() -> None:
    booked = Person(0, slot=-9, kind=0, limit=10, never=20)
    assert times(crowd(booked, Person(0, clock=-91), Person(0, clock=-99)), hall(0)) == [20, 10, 0]


def test_before_the_slot_one_is_called_only_if_nobody_else_is_ready() -> None:
    people = crowd(Person(0, slot=30, kind=0, limit=10, never=20), Person(0), Person(0))
    assert times(people, hall(0)) == [20, 0, 10]
    assert times(people, hall(0), rule=Parameters(early=EARLY_NEVER)) == [30, 0, 10]


def test_who_is_held_back_waits_for_two_calls_unless_nobody_else_is_there() -> None:
    assert times(crowd(Person(behind=2), Person(1), Person(1)), hall(5)) == [25, 5, 15]
    assert times(crowd(Person(behind=2), Person(9)), hall(0)) == [0, 10]


def test_a_window_on_break_calls_nobody_and_one_that_closes_neither() -> None:
    people = crowd(Person(0), Person(0), Person(0))
    assert times(people, hall(0, break_from=10, break_to=55)) == [0, 55, 65]
    assert times(people, hall(0, closes=20)) == [0, 10, None]


def test_the_least_flexible_window_chooses_first() -> None:
    calls = play(RULE, crowd(Person(windows=3)), hall(0, 0)._replace(order=np.array([1, 0])), np.array([10.0]))
    assert calls.window.tolist() == [[1]]


def test_nobody_is_called_past_the_horizon_or_by_a_window_without_the_skill() -> None:
    assert times(crowd(Person(), Person()), hall(0), until_min=9) == [0, None]
    assert times(crowd(Person(windows=2)), hall(0)) == [None]


def test_futures_differ_in_who_comes_and_how_long_each_takes() -> None:
    people = crowd(Person(0), Person(1))
    comes = np.array([[0.0, 1.0], [0.0, NEVER]])
    calls = play(RULE, people._replace(ready=comes), hall(0), np.array([[5.0, 5.0], [7.0, 7.0]]))
    assert calls.called[0].tolist() == [0, 5]
    assert calls.called[1, 0] == 0
    assert np.isnan(calls.called[1, 1])


def test_the_first_choice_may_be_forced() -> None:
    people = crowd(Person(0), Person(0), Person(0))
    calls = play(RULE, people, hall(0, 0), np.full((2, 3), 10.0), force=(0, np.array([2, -1])))
    assert calls.called.tolist() == [[10, 10, 0], [0, 10, 10]] or calls.called[0, 2] == 0
    assert calls.window[0, 2] == 0
    assert calls.window[1].tolist()[:1] == [0]


def test_a_shadow_is_called_when_its_turn_has_come_and_takes_nothing() -> None:
    real = [Person(0), Person(1), Person(2)]
    alone = times(crowd(*real), hall(0))
    booked = Person(0.5, kind=0, limit=10, never=20)
    seen = times(crowd(*real, Person(0.5), booked), hall(0), shadows=(3, 5))
    assert seen[:3] == alone
    assert seen[3:] == [10, 10], "both would have been next, each if it came alone"
    assert times(crowd(Person(0)), hall(0, 0), shadows=(0, 1)) == [0]


def test_a_future_ends_when_those_watched_are_called() -> None:
    assert times(crowd(Person(0), Person(1), Person(2)), hall(0), watch=(1, 2)) == [0, 10, None]


def test_where_no_machine_code_can_be_kept_it_is_made_anew() -> None:
    spaces: dict[str, Any] = {}
    exec(compile("def twice(x):\n    return 2 * x\n", "<of no file>", "exec"), spaces)  # noqa: S102  (ours, above)
    assert jitted(spaces["twice"])(21) == 42
