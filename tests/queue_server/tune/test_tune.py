"""Looking for better parameters: found by seed, judged on days that the search has not seen."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from queue_server.__main__ import main
from queue_server.domain.dispatch_rules import DispatchRules, from_table
from queue_server.simulate import generate, swift, traces
from queue_server.simulate.plan import rules_of
from queue_server.simulate.score import score_day
from queue_server.tune.command import snippet, summed
from queue_server.tune.days import Days, days_of
from queue_server.tune.points import Cost, cost
from queue_server.tune.search import BOUNDS, Fold, cross_validate, goal_of, search
from queue_server.twin.kernel import Parameters

BAD = Parameters(k1=2.0, k1_walk_in=2.0, k2=4.0, gamma=0.1, w2=0.8)
"""Far from anything sensible: whoever searches must find better."""


@cache
def trace() -> traces.Trace:
    return generate.trace(generate.Recipe(windows=5, load=1.0, seed=7), 6)


@cache
def hall() -> Days:
    return days_of(trace())


def test_points_are_those_of_the_score_day_by_day() -> None:
    rules = rules_of(trace().hall)
    found = cost(hall(), Parameters.of(rules))
    for day, points, persons in zip(trace().days, found.points, found.persons, strict=True):
        calls = {call.person: call.at_us for call in swift.run_day(trace().hall, day, rules)}
        score = score_day(trace().hall, day, calls)
        assert (score.points, score.tickets) == (pytest.approx(points), persons)


def test_a_better_rule_is_found_and_the_same_one_from_the_same_seed() -> None:
    goal = goal_of([hall()], BAD)
    found = search(goal, BAD, 40, seed=3)
    assert found.goal < 0.9
    assert search(goal, BAD, 40, seed=3) == found
    assert search(goal, BAD, 40, seed=4) != found
    numbers = {**found.parameters._asdict(), "lead": -found.parameters.margin}
    for name, (least, most) in BOUNDS.items():
        assert least * 0.99 <= numbers[name] <= most * 1.01


def test_each_day_is_once_unseen() -> None:
    folds = cross_validate([hall()], BAD, folds=3, trials=10, seed=1)
    before = np.concatenate([cost.points for fold in folds for cost in fold.present])
    assert sorted(before) == pytest.approx(sorted(cost(hall(), BAD).points))
    assert all(len(one.points) == 2 for fold in folds for one in (*fold.present, *fold.tuned))


def _costs(*points: float, beyond: float = 0.0) -> tuple[Cost, ...]:
    return (Cost(np.array(points), np.full(len(points), 100.0), np.array([beyond] * len(points))),)


def test_only_what_is_clearly_better_on_unseen_days_is_recommended() -> None:
    assert summed([Fold(_costs(9, 9, 8), _costs(7, 6, 6))]).adopt
    assert not summed([Fold(_costs(9, 1, 8), _costs(7, 6, 2))]).adopt
    assert not summed([Fold(_costs(9, 9, 8), _costs(7, 6, 6, beyond=40))]).adopt
    assert summed([Fold(_costs(9, 9, 8, beyond=50), _costs(7, 6, 6, beyond=40))]).adopt


def test_the_snippet_is_what_a_halls_configuration_takes() -> None:
    rules = from_table(tomllib.loads(snippet(Parameters(k1=0.123)))["site"]["hall"]["rules"]["dispatch"])
    assert rules == DispatchRules(k1=0.123)


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    traces.write(tmp_path / "days", trace().hall, trace().days)
    assert main(["tune", str(tmp_path / "days"), "--trials", "5", "--folds", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["halls"][0]["days"] == 6
    assert found["halls"][0]["j_seen"]["in_force"] >= found["halls"][0]["j_seen"]["found"] > 0
    assert found["unseen"]["days"] == 6
    assert main(["tune", str(tmp_path / "days"), "--trials", "2", "--folds", "2"]) == 0
    assert "[site.hall.rules.dispatch]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--folds", "9"], "--folds must lie from 2 to 6"),
        (["--plans", "demo", "--hall", "nowhere"], "--hall must be one of"),
        (["nowhere"], "unreadable"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    from queue_server import config  # noqa: PLC0415

    traces.write(tmp_path / "days", trace().hall, trace().days)
    given = [str(config.DEMO) if option == "demo" else option for option in options]
    assert main(["tune", str(tmp_path / "days"), *given]) == 2
    assert says in capsys.readouterr().err
