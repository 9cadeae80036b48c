"""Motion is for displays that have the time for it."""

from __future__ import annotations

import pytest

from kiosk.frame_cost import LEAST, FrameCost
from kiosk.theme import FADE_FROM, PALETTES, colour


def after(*costs_s: float) -> FrameCost:
    cost, now_s = FrameCost(), 0.0
    for taken_s in costs_s:
        cost.begins(now_s)
        cost.ends(now_s + taken_s)
        now_s += 1
    return cost


def test_a_display_at_sixty_frames_has_time_for_motion() -> None:
    assert after(*[0.017] * LEAST).cheap


def test_one_that_a_processor_draws_has_not() -> None:
    assert not after(*[0.045] * LEAST).cheap
    assert not after(*[0.034] * LEAST).cheap


def test_before_enough_frames_have_been_drawn_nothing_is_cheap() -> None:
    assert not after(*[0.001] * (LEAST - 1)).cheap


def test_a_single_dear_frame_is_forgiven_and_a_run_of_them_is_not() -> None:
    assert after(*[0.01] * LEAST, 0.3).cheap
    assert not after(*[0.01] * LEAST, *[0.05] * (LEAST + 1)).cheap


def test_an_end_without_a_beginning_is_no_frame() -> None:
    cost = FrameCost()
    for at_s in range(LEAST):
        cost.ends(at_s)
    assert not cost.cheap


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(("ink", "ground"), [("ink", "card"), ("soft", "card"), ("on_primary", "primary")])
def test_a_page_that_comes_can_be_read_in_its_first_frame(ink: str, ground: str, palette: str) -> None:
    over = colour("ground", palette)[:3]

    def light(token: str) -> float:
        mixed = (x * (1 - FADE_FROM) + y * FADE_FROM for x, y in zip(colour(token, palette)[:3], over, strict=True))
        parts = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in mixed)
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    low, high = sorted((light(ink), light(ground)))
    assert (high + 0.05) / (low + 0.05) >= 4
