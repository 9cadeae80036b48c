"""Printer profiles are data, read strictly."""

from __future__ import annotations

import pytest

from devices.printer.profile import ProfileError, load_profile, parse_profile, shipped

GOOD = """
paper_mm = 80
width_dots = 576
columns = 48
encoding = "gbk"
native_qr = true
cut = "partial"
line_dots = 30
slice_dots = 96
roll_m = 80
offline_bit = true
status_back = false
"""


def test_every_shipped_profile_loads() -> None:
    for full in shipped():
        name, _, paper = full.rpartition("-")
        assert load_profile(name, int(paper.removesuffix("mm"))).name == full


def test_the_common_papers_are_known() -> None:
    wide, small = load_profile("generic", 80), load_profile("generic", 58)
    assert (wide.width_dots, wide.columns) == (576, 48)
    assert (small.width_dots, small.columns) == (384, 32)


def test_an_unknown_profile_is_answered_with_a_near_one() -> None:
    with pytest.raises(ProfileError, match="did you mean generic-80mm"):
        load_profile("generik")


def test_all_mistakes_are_told_at_once() -> None:
    text = GOOD.replace("columns = 48", "colums = 48").replace('"partial"', '"sideways"').replace("= 80\n", "= 0\n", 1)
    with pytest.raises(ProfileError) as said:
        parse_profile("mine", text)
    for mistake in ("columns is missing", "did you mean columns", "cut must be", "paper_mm must be"):
        assert mistake in str(said.value)


@pytest.mark.parametrize(
    "text", ["columns = ", GOOD.replace("= 48", "= 49"), GOOD.replace("true", "1"), GOOD.replace("gbk", "utf-8")]
)
def test_a_profile_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ProfileError):
        parse_profile("mine", text)
