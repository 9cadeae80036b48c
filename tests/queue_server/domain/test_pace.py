"""How long a matter really takes here is learned from the visits that end, carefully, and replayed alike."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.domain import estimate, pace
from queue_server.domain.hall import empty, replay
from queue_server.domain.messages import AcceptMaterials, BeginIdentityCheck, Finish, Transfer
from queue_server.domain.model import Outcome, Ticket
from queue_server.domain.pace import Tempo
from queue_server.domain.snapshot import Snapshot, freeze, thaw

NORM = 10.0
FEW_DOZEN = 36


def visits(chance: random.Random, truth: float, count: int, matters: int = 1, spread: float = 0.7) -> list[Tempo]:
    """What is expected of matter ``m0`` (as a share of the norm) after each of so many lognormal visits."""
    tempos: dict[str, Tempo] = {}
    expected = []
    sigma = math.sqrt(math.log1p(spread * spread))
    for n in range(count):
        took = NORM * truth * math.exp(chance.gauss(-sigma * sigma / 2, sigma))
        tempos = pace.learned(tempos, [f"m{n % matters}"], [NORM], round(took * 60), 9 + n % 6, str(n % 4))
        expected.append(pace.expected_min(tempos, ["m0"], [NORM], 10) / NORM)
    return expected


@settings(max_examples=40, deadline=None, derandomize=True)
@given(truth=st.floats(0.5, 2.0), matters=st.integers(1, 3))
def test_a_wrong_norm_is_mended_within_a_few_dozen_visits(truth: float, matters: int) -> None:
    steady = visits(random.Random(1), truth, FEW_DOZEN * matters, matters, spread=0.0)
    errors = [abs(expected - truth) for expected in steady]
    assert errors == sorted(errors, reverse=True), "each visit brings it nearer"
    assert errors[-1] <= 0.3 * abs(truth - 1) + 0.001


@pytest.mark.parametrize("truth", [0.75, 1.25])
def test_a_norm_wrong_by_a_quarter_is_learned_though_no_two_visits_are_alike(truth: float) -> None:
    learned = [visits(random.Random(seed), truth, FEW_DOZEN)[-1] for seed in range(200)]
    error = statistics.mean(abs(expected - truth) for expected in learned)
    assert error < 0.5 * 0.25
    assert abs(statistics.mean(learned) - truth) < 0.06


def test_right_norms_are_left_alone() -> None:
    learned = [visits(random.Random(seed), 1.0, 240, matters=6) for seed in range(100)]
    for after in (12, FEW_DOZEN, 240):
        expected = [one[after - 1] for one in learned]
        assert abs(statistics.mean(expected) - 1) < 0.03
        assert statistics.pstdev(expected) < 0.12


def test_a_slow_hall_is_noticed_for_a_matter_that_nobody_came_for_yet() -> None:
    tempos: dict[str, Tempo] = {}
    for n in range(80):
        tempos = pace.learned(tempos, [f"m{n % 8}"], [NORM], round(1.5 * NORM * 60), 9, "1")
    assert pace.expected_min(tempos, ["new"], [20.0], 9) > 1.35 * 20


def test_an_hour_and_a_window_count_once_there_is_enough_to_go_by() -> None:
    tempos: dict[str, Tempo] = {}
    for n in range(600):
        busy, slow = n % 2, n // 2 % 2
        took = NORM * (1.2 if busy else 0.8) * (1.1 if slow else 0.9)
        tempos = pace.learned(tempos, ["m"], [NORM], round(took * 60), 9 + busy, str(slow))
        if n < 2 * pace.PRIOR_FINE - 2:
            assert pace.of_hour(tempos, 9) == pace.of_window(tempos, "0") == 1.0
    assert pace.of_hour(tempos, 9) == pytest.approx(0.8, abs=0.05)
    assert pace.of_hour(tempos, 10) == pytest.approx(1.2, abs=0.05)
    assert pace.of_window(tempos, "0") == pytest.approx(0.9, abs=0.03)
    assert pace.of_window(tempos, "1") == pytest.approx(1.1, abs=0.03)
    assert pace.of_hour(tempos, 15) == 1.0
    quick = pace.expected_min(tempos, ["m"], [NORM], 9, "0")
    assert quick < pace.expected_min(tempos, ["m"], [NORM], 9) < pace.expected_min(tempos, ["m"], [NORM], 10)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    lasted=st.lists(st.integers(-(10**9), 10**12), max_size=30),
    norms=st.lists(st.sampled_from([0.0, 0.1, 8.0, 30.0, 1e6]), min_size=1, max_size=3),
)
def test_whatever_a_clerk_forgets_to_press_the_expectation_stays_within_reason(
    lasted: list[int], norms: list[float]
) -> None:
    matters = [f"m{n}" for n in range(len(norms))]
    tempos: dict[str, Tempo] = {}
    for occupied_s in lasted:
        tempos = pace.learned(tempos, matters, norms, occupied_s, 9, "1")
    expected = pace.expected_min(tempos, matters, norms, 9, "1")
    assert math.isfinite(expected)
    assert sum(norms) * pace.LEAST - 0.01 <= expected <= sum(norms) * pace.MOST + 0.01


def test_one_forgotten_key_moves_little() -> None:
    tempos = pace.learned({}, ["m"], [NORM], 5 * 3600, 9, "1")
    assert pace.expected_min(tempos, ["m"], [NORM], 9) < 1.35 * NORM


def test_several_matters_of_one_visit_are_taught_by_their_share() -> None:
    tempos: dict[str, Tempo] = {}
    for _ in range(60):
        tempos = pace.learned(tempos, ["long", "short"], [30.0, 10.0], 80 * 60, 9, "1")
    assert 1.6 * 40 < pace.expected_min(tempos, ["long", "short"], [30.0, 10.0], 9) < 2 * 40
    assert tempos["matter:long"].seen == pytest.approx(3 * tempos["matter:short"].seen)


# --- in the hall -------------------------------------------------------------------------------------


def serve(scene: Any, minutes: float, *matters: str) -> Ticket:
    ticket = scene.take(*matters)
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    scene.do(AcceptMaterials, counter="1")
    scene.wait(minutes=minutes)
    reason = "系统缓慢" if scene.ticket(ticket).service_over else None
    scene.do(Finish, counter="1", outcome=Outcome.ACCEPTED, reason=reason)
    return ticket


def test_a_ticket_records_what_was_expected_when_it_was_given(scene: Any) -> None:
    scene.open("1")
    assert serve(scene, 12).service_min == 8
    for _ in range(20):
        serve(scene, 12)
    later = scene.take()
    assert 10 < later.service_min < 12
    assert scene.take("residence").service_min > 12, "the whole hall seems slower"
    assert scene.log[-1].ticket.service_min == scene.hall.tickets[scene.log[-1].ticket.id].service_min
    scene.call("1")
    scene.do(Transfer, counter="1", to_matters=("housing",))
    assert scene.ticket(later).service_min > 30


def test_a_visit_that_was_transferred_teaches_nothing(scene: Any) -> None:
    scene.open("1", "2")
    scene.take()
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    scene.wait(minutes=14)
    scene.do(Transfer, counter="1", to_counter="2")
    scene.call("2")
    scene.do(BeginIdentityCheck, counter="2")
    scene.do(Finish, counter="2", outcome=Outcome.CONSULTED)
    assert scene.hall.tempos == {}
    assert scene.log[-1].norms_min == ()


def test_a_hall_that_does_not_learn_keeps_to_the_catalogue(make_scene: Callable[..., Any]) -> None:
    scene = make_scene(learn_service=False)
    scene.open("1")
    for _ in range(5):
        serve(scene, 20)
    assert scene.hall.tempos == {}
    assert scene.take().service_min == 8


def test_what_was_learned_is_replayed_and_survives_the_night_and_the_snapshot(scene: Any) -> None:
    scene.open("1")
    for _ in range(8):
        serve(scene, 13, "residence", "elder-card")
    scene.at("09:00", scene.hall.business_date + timedelta(days=1))
    scene.tick()
    assert scene.hall.tempos["hall"].seen > 7
    stored = msgspec.json.decode(msgspec.json.encode(freeze(scene.hall)), type=Snapshot)
    assert thaw(stored, scene.plan) == scene.hall
    norms = {name: replace(matter, service_min=99.0) for name, matter in scene.plan.matters.items()}
    other = replace(scene.plan, matters=norms)
    assert replay(empty(other), scene.log).tempos == scene.hall.tempos, "the log says what the norm was"


def test_a_snapshot_of_before_still_thaws(scene: Any) -> None:
    scene.open("1")
    serve(scene, 13)
    old = msgspec.json.decode(msgspec.json.encode(freeze(scene.hall)))
    del old["tempos"]
    hall = thaw(msgspec.convert(old, Snapshot), scene.plan)
    assert hall.tempos == {}
    assert hall.tickets == scene.hall.tickets


def test_the_shown_wait_follows_what_was_learned(scene: Any) -> None:
    scene.open("1")
    first, second = scene.take(), scene.take()
    fresh = estimate.wait_range(scene.hall, second.id, scene.now)
    for ticket in (first, second):
        scene.call("1")
        scene.do(BeginIdentityCheck, counter="1")
        scene.wait(minutes=16)
        scene.do(Finish, counter="1", outcome=Outcome.CONSULTED, reason="系统缓慢")
        assert scene.ticket(ticket).outcome is Outcome.CONSULTED
    scene.take()
    third = scene.take()
    assert estimate.wait_range(scene.hall, third.id, scene.now) > fresh
