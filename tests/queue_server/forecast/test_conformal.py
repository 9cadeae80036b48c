"""Nine of ten waits end within the range that is shown, whatever the simulation gets wrong."""

from __future__ import annotations

import math
import random

import msgspec
import pytest

from queue_server.forecast.conformal import Stretch
from queue_server.forecast.span import Span


def coverage(stretch: Stretch, truth: float, people: int, seed: int = 1) -> float:
    """Waits about ``truth`` times what was foretold; the share within what was shown over the second half."""
    chance = random.Random(seed)
    hits = 0
    for n in range(people):
        raw = Span(10.0, 18.0)
        wait = truth * 10 * chance.lognormvariate(0, 0.45)
        inside = wait <= stretch.shown(raw).p90
        assert stretch.learn(raw, wait) is inside
        hits += inside and n >= people // 2
    return hits / (people - people // 2)


@pytest.mark.parametrize("truth", [0.7, 1.0, 1.4, 2.0])
def test_the_range_finds_its_width(truth: float) -> None:
    assert 0.88 <= coverage(Stretch(), truth, 2000) <= 0.94


def test_after_a_shift_it_finds_its_width_again() -> None:
    stretch = Stretch()
    coverage(stretch, 1.0, 1000)
    before = stretch.factor
    assert 0.88 <= coverage(stretch, 1.6, 2000) <= 0.94
    assert stretch.factor > before


def test_certainty_is_not_stretched_and_no_range_is_turned_round() -> None:
    stretch = Stretch(factor=4.0)
    assert stretch.shown(Span(0, 0)) == (0, 0)
    assert stretch.shown(Span(3, math.inf)) == (3, math.inf)
    for factor in (0.15, 1.0, 6.0):
        low, high = Stretch(factor).shown(Span(5, 5))
        assert low == 5 <= high


def test_the_seconds_until_a_clerk_has_pressed_the_key_are_no_wait() -> None:
    stretch = Stretch()
    assert stretch.learn(Span(0, 0), 0.3)
    assert not stretch.learn(Span(0, 0), 1.0)
    assert not stretch.learn(Span(4, 6), 9.5)


def test_what_was_learned_is_kept() -> None:
    stretch = Stretch()
    coverage(stretch, 1.4, 300)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(stretch), type=Stretch) == stretch
