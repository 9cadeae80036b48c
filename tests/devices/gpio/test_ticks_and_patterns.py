"""Stamps of the pin libraries as our seconds; lamps that blink no faster than is safe."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gpio.patterns import ONCE_S, is_on, next_flip_s
from devices.gpio.record import BuzzPattern
from devices.gpio.ticks import TickClock

WRAP = 2**32


def daemon_clock() -> TickClock:
    return TickClock(lambda later, earlier: ((later - earlier) % WRAP) / 1e6, WRAP / 1e6)


def test_a_counter_that_runs_over_does_not_turn_time_back() -> None:
    clock = daemon_clock()
    clock.anchor(WRAP - 500_000, 100.0)
    assert clock.time_of(WRAP - 400_000, 100.2) == pytest.approx(100.1)
    assert clock.time_of(100_000, 101.0) == pytest.approx(100.6)  # 0.6 s later, past the border
    clock.anchor(500_000, 101.0)
    assert clock.time_of(WRAP - 100_000, 101.1) == pytest.approx(100.4)  # an old one, from before it


def test_an_edge_never_lies_in_the_future_and_an_impossible_stamp_counts_as_its_arrival() -> None:
    clock = daemon_clock()
    assert clock.time_of(5, 7.0) == 7.0  # not anchored yet
    clock.anchor(0, 10.0)
    assert clock.time_of(1_010_000, 11.0) == 11.0
    assert clock.time_of(60_000_000, 11.0) == 11.0
    assert clock.time_of(WRAP - 60_000_000, 11.0) == 11.0


def test_anchors_that_took_their_time_do_not_shake_the_clock() -> None:
    clock = daemon_clock()
    clock.anchor(0, 10.0)
    clock.anchor(1_000_000, 11.015)  # the answer came late
    assert clock.time_of(1_500_000, 12.0) == pytest.approx(11.5)
    clock.anchor(2_000_000, 14.0)  # the machine slept: the old count is worth nothing
    assert clock.time_of(2_100_000, 15.0) == pytest.approx(14.1)


@given(st.integers(0, WRAP - 1), st.integers(0, WRAP - 1), st.floats(0, 1e6))
def test_any_stamp_is_at_most_five_seconds_old(anchor: int, tick: int, now_s: float) -> None:
    clock = daemon_clock()
    clock.anchor(anchor, now_s)
    assert now_s - 5.001 <= clock.time_of(tick, now_s) <= now_s


@pytest.mark.parametrize("pattern", get_args(BuzzPattern))
def test_nothing_flashes_more_than_three_times_a_second(pattern: BuzzPattern) -> None:
    """WCAG 2.3.1: more than three flashes within one second can start a seizure."""
    lit = [is_on(pattern, ms / 1000) for ms in range(10_000)]
    for begin in range(0, 9000, 50):
        second = lit[begin : begin + 1000]
        assert sum(after and not before for before, after in pairwise(second)) <= 3


@pytest.mark.parametrize("pattern", get_args(BuzzPattern))
def test_waking_at_each_flip_is_enough(pattern: BuzzPattern) -> None:
    at_s = 0.0
    for _ in range(10):
        flip_s = next_flip_s(pattern, at_s)
        if flip_s is None:
            assert len({is_on(pattern, at_s + more) for more in (0.001, 0.3, 0.7, 5.0)}) == 1
            return
        assert flip_s > 0
        assert is_on(pattern, at_s + flip_s * 0.9) is is_on(pattern, at_s + flip_s * 0.01)
        assert is_on(pattern, at_s + flip_s + 1e-6) is not is_on(pattern, at_s + flip_s * 0.9)
        at_s += flip_s + 1e-6


def test_once_is_one_short_sound() -> None:
    assert is_on("once", 0.0)
    assert not is_on("once", ONCE_S)
    assert not is_on("once", 60.0)
