"""What a row of frames says: frozen, dark, somebody moving; and how often it is worth looking."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pytest

from devices.camera import scenes
from devices.camera.sight import (
    DARK_S,
    FROZEN_S,
    LOOK_OFTEN_S,
    LOOK_SELDOM_S,
    STAYS_AWAKE_S,
    Sight,
)

EVERY_S = 0.25


@lru_cache(maxsize=32)
def hall_with_grain(grain: int, shown: scenes.Shown | None) -> npt.NDArray[np.uint8]:
    return scenes.noisy(scenes.draw(640, 480, shown), 3.0, grain)


def hall(number: int, shown: scenes.Shown | None = None) -> npt.NDArray[np.uint8]:
    """The same hall with another pattern of a sensor's noise for each ``number`` in a row."""
    return hall_with_grain(number % 7, shown)


def watch(sight: Sight, seconds: float, frame: object, begin_s: float = 0.0) -> float:
    """Show ``frame``, or the frames that it makes, for so long; return the time of the last."""
    count = int(seconds / EVERY_S)
    for number in range(count + 1):
        sight.look(frame(number) if callable(frame) else frame, begin_s + number * EVERY_S)
    return begin_s + count * EVERY_S


def test_a_quiet_hall_is_no_trouble_and_is_looked_at_seldom() -> None:
    sight = Sight()
    sight.look(hall(0), 0.0)
    assert sight.rest_s == LOOK_OFTEN_S  # whoever switched it on is about to show something
    watch(sight, FROZEN_S * 2, hall)
    assert (sight.trouble, sight.rest_s) == ("", LOOK_SELDOM_S)


def test_who_comes_with_a_sheet_is_looked_at_often_and_seldom_again_when_all_is_still() -> None:
    sight = Sight()
    end_s = watch(sight, 10.0, hall)
    held = scenes.Shown(b"T-1")
    sight.look(hall(7, held), end_s + EVERY_S)
    assert sight.rest_s == LOOK_OFTEN_S
    watch(sight, STAYS_AWAKE_S + 1, lambda number: hall(number, held), end_s + EVERY_S)
    assert sight.rest_s == LOOK_SELDOM_S


def test_the_same_picture_for_ten_seconds_is_frozen_until_it_changes() -> None:
    sight = Sight()
    still = hall(0)
    end_s = watch(sight, FROZEN_S - EVERY_S, still)
    assert sight.trouble == ""
    sight.look(still, end_s + EVERY_S)
    assert sight.trouble == "camera-frozen"
    assert sight.frozen_s == pytest.approx(FROZEN_S)
    sight.look(hall(1), end_s + 2 * EVERY_S)
    assert sight.trouble == ""


@pytest.mark.parametrize("black", [np.zeros((480, 640), np.uint8), np.full((480, 640), 16, np.uint8)])
def test_a_covered_lens_is_dark_and_not_frozen_however_long(black: npt.NDArray[np.uint8]) -> None:
    sight = Sight()
    end_s = watch(sight, 10.0, hall)
    watch(sight, DARK_S - 2 * EVERY_S, black, end_s + EVERY_S)
    assert sight.trouble == ""  # somebody passes close by
    watch(sight, 4 * FROZEN_S, black, end_s + EVERY_S)
    assert sight.trouble == "camera-dark"
    sight.look(hall(3), end_s + 60)
    assert sight.trouble == ""


def test_a_bright_spot_in_the_dark_is_enough_to_see_by() -> None:
    sight = Sight()
    night = np.full((480, 640), 8, np.uint8)
    night[200:300, 250:350] = 90  # a telephone's screen

    watch(sight, 20.0, lambda number: scenes.noisy(night, 3.0, number))
    assert sight.trouble == ""


def test_another_size_of_picture_begins_anew() -> None:
    sight = Sight()
    watch(sight, FROZEN_S - EVERY_S, hall(0))
    sight.look(np.full((240, 320), 128, np.uint8), FROZEN_S)
    assert sight.trouble == ""


def test_forgotten_it_begins_anew() -> None:
    sight = Sight()
    watch(sight, 2 * FROZEN_S, hall(0))
    sight.forget()
    sight.look(hall(0), 100.0)
    assert (sight.trouble, sight.rest_s) == ("", LOOK_OFTEN_S)
