"""Citizen numbers: GB 11643's own examples, and what people type instead."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.idcard.numbers import check_character, compact_date, is_number, typed_number_trouble

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_standard_s_examples_are_right(number: str) -> None:
    assert is_number(number)


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(first17: str, at: int, by: int) -> None:
    number = first17 + check_character(first17)
    wrong = str((int(number[at]) + by) % 10)
    assert is_number(number)
    assert not is_number(number[:at] + wrong + number[at + 1 :])


@pytest.mark.parametrize(
    "text", ["20230229", "20231301", "00010101", "2023010", "长期", "２０２３０１０１", "2023-1-1", ""]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert compact_date(text) is None


def test_a_leap_day_is_a_date() -> None:
    assert compact_date("20240229") == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("typed", "trouble"),
    [
        ("110199199207152022", None),
        ("11010519491231002x", None),
        ("110199199207152023", "bad-number"),
        ("1101991992071520222", "bad-number"),
        ("110199920715202", "fifteen-digits"),
        ("1101991992", "too-short"),
        ("", "too-short"),
        ("110199199202302028", "bad-date"),
        ("110199202603031016", "bad-date"),  # born tomorrow
    ],
)
def test_a_typed_number_is_told_what_is_wrong_with_it(typed: str, trouble: str | None) -> None:
    assert typed_number_trouble(typed, TODAY) == trouble


@given(st.text(max_size=25))
def test_whatever_is_typed_gets_an_answer(typed: str) -> None:
    assert typed_number_trouble(typed, TODAY) in {None, "too-short", "fifteen-digits", "bad-number", "bad-date"}
