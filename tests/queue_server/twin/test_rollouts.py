"""A call is tried in the same futures as its rivals; only what is surely better is called instead."""

from __future__ import annotations

import numpy as np
import pytest

from queue_server.twin.arrays import LONG_AGO, NEVER, People, Windows, people_of
from queue_server.twin.kernel import Parameters, futures
from queue_server.twin.rollouts import Verdict, contested, cost_of, decide

RULE = Parameters()


def row(kind: int, waited: float, limit: float, never: float, minutes: float, windows: int = 1, **more: float) -> tuple:
    """One who has waited so long at minute 0; ``slot`` and ``behind`` by name."""
    weight = (3.0, 2.0, 1.0)[kind]
    slot, behind = more.get("slot", LONG_AGO), more.get("behind", 0)
    return (-waited, -waited, -waited, slot, kind, limit, never, weight, minutes, windows, False, behind, False)


def windows(count: int) -> Windows:
    none = np.full(count, NEVER)
    return Windows(np.zeros(count), none, none, none, np.arange(count))


def crowd(*rows: tuple) -> People:
    return people_of(rows)


WALK_IN = row(2, 5, 30, 90, 20)
BOOKED = row(0, 2, 10, 20, 6)


def test_only_the_best_of_each_group_is_tried_the_index_choice_first() -> None:
    people = crowd(WALK_IN, row(2, 9, 30, 90, 20), BOOKED, row(2, 40, 30, 90, 20), row(2, 3, 60, 120, 20))
    tried = contested(RULE, people, windows(1), 0)
    assert tried[0] == 2
    assert sorted(tried) == [1, 2, 3, 4], "of two alike only the one whose promise presses"


def test_nothing_is_tried_where_there_is_no_choice() -> None:
    assert contested(RULE, crowd(WALK_IN), windows(1), 0) == []
    assert contested(RULE, crowd(WALK_IN, row(2, 5, 30, 90, 20, windows=2)), windows(2), 0) == []
    assert len(contested(RULE, crowd(WALK_IN, WALK_IN), windows(1), 0)) == 1
    assert contested(RULE._replace(policy=1), crowd(WALK_IN, BOOKED), windows(1), 0) == []


def test_the_guard_is_not_up_for_trial_and_who_is_not_ready_neither() -> None:
    assert contested(RULE, crowd(BOOKED, row(2, 91, 30, 90, 20)), windows(1), 0) == []
    early = row(0, 2, 10, 20, 6, slot=5)
    assert contested(RULE, crowd(early, row(2, 1, 30, 90, 6, behind=1)), windows(1), 0) == []
    assert contested(RULE, crowd(early, WALK_IN, BOOKED), windows(1), 0) == contested(
        RULE, crowd(early, WALK_IN, BOOKED), windows(1), 0
    )
    assert 0 not in contested(RULE, crowd(early, WALK_IN, BOOKED), windows(1), 0)


def trial(*rows: tuple, service: float | np.ndarray, futures_tried: int = 16) -> tuple:
    people = crowd(*rows)
    lasts = np.broadcast_to(service, (futures_tried, len(rows)))
    return people, futures(people, windows(1), np.array(lasts))


def test_a_promise_that_another_order_would_keep_is_kept() -> None:
    """One has 3 minutes left, the other 8, both take 5: whoever is called second must be the one with 8."""
    pressed, other = row(0, 7, 10, 20, 5), row(0, 2, 10, 20, 5)
    people, laid_out = trial(other, pressed, service=5.0)
    assert cost_of(RULE, laid_out, 0, 0, 60).tolist() == [3.0] * 16
    assert cost_of(RULE, laid_out, 0, 1, 60).tolist() == [0.0] * 16
    assert decide(RULE, laid_out, 0, [0, 1], 60, 2) == Verdict(1, 3.0, 0.0, 2, 16)
    assert decide(RULE, laid_out, 0, [1, 0], 60, 2).column == 1
    assert people.kind.tolist() == [0, 0]


def test_what_may_as_well_be_chance_changes_nothing() -> None:
    chance = np.random.default_rng(1)
    lasts = chance.choice([2.0, 2.0, 30.0], size=(16, 2))
    _, laid_out = trial(row(0, 7, 10, 20, 5), row(0, 7.5, 10, 20, 5), service=lasts)
    verdict = decide(RULE, laid_out, 0, [0, 1], 60, 2)
    assert verdict.column == 0


def test_who_is_not_called_by_the_end_of_the_look_counts_with_the_wait_so_far() -> None:
    _, laid_out = trial(row(2, 0, 30, 90, 100), row(2, 0, 30, 90, 100), service=100.0, futures_tried=2)
    assert cost_of(RULE, laid_out, 0, 0, 20).tolist() == [0, 0]
    assert cost_of(RULE, laid_out, 0, 0, 60).tolist() == [1, 1]
    assert cost_of(RULE, laid_out, 0, 0, 99).tolist() == [pytest.approx(1 + 4 * (1 + 9 / 30))] * 2
