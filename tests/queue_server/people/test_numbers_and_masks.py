"""Identity numbers by GB 11643-1999, and what of a name may be shown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.people.masking import mask_name
from queue_server.people.numbers import BadNumber, check, check_character

TODAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("440524188001010014", "440524188001010014"),
        ("11010519491231002x", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("110105 19491231 002X", "11010519491231002X"),
        ("usa110099010101", "USA110099010101"),
    ],
)
def test_a_right_number_is_taken_however_it_is_typed(typed: str, number: str) -> None:
    assert check(typed, TODAY) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("110105194912310021", "bad-number"),
        ("11010519490230002X", "bad-date"),
        ("110105202503040029", "bad-date"),
        ("110105000112310029", "bad-date"),
        ("110105491231002", "fifteen-digits"),
        ("1101051949123100", "too-short"),
        ("", "too-short"),
        ("11010519491231002X1", "too-long"),
        ("X1010519491231002X", "bad-number"),
        ("01010519491231002X", "bad-number"),
        ("110105194912310甲2X", "bad-number"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason(typed: str, code: str) -> None:
    with pytest.raises(BadNumber) as caught:
        check(typed, TODAY)
    assert caught.value.code == code


@given(
    place=st.integers(110_000, 659_999),
    born=st.dates(date(1900, 1, 1), TODAY),
    order=st.integers(0, 999),
    at=st.integers(0, 16),
    by=st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(place: int, born: date, order: int, at: int, by: int) -> None:
    digits = f"{place:06d}{born:%Y%m%d}{order:03d}"
    number = digits + check_character(digits)
    assert check(number, TODAY) == number
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    with pytest.raises(BadNumber):
        check(wrong, TODAY)


@given(st.text(max_size=40))
def test_nothing_typed_crashes(text: str) -> None:
    try:
        code = f"{len(check(text, TODAY))} characters"
    except BadNumber as bad:
        code = bad.code
    assert code in {"too-short", "too-long", "fifteen-digits", "bad-date", "bad-number", "18 characters"}


@pytest.mark.parametrize(
    ("name", "kiosk", "counter"),
    [
        ("张晓明", "张*", "张*明"),
        ("张明", "张*", "张*"),
        ("张", "张*", "张*"),
        ("欧阳小明", "欧*", "欧**明"),
        ("阿卜杜拉·买买提", "阿*", "阿***·**提"),
        ("SMITH JOHN", "S*", "S* J*"),
        ("", "", ""),
        ("  ", "", ""),
        ("𠮷田美", "𠮷*", "𠮷*美"),
        ("葛\U000e0100晓\U000e0101明\U000e0102", "葛\U000e0100*", "葛\U000e0100*明\U000e0102"),
    ],
)
def test_a_name_is_masked_as_the_place_allows(name: str, kiosk: str, counter: str) -> None:
    assert mask_name(name, "kiosk") == kiosk
    assert mask_name(name, "counter") == counter
    assert mask_name(name, "outlet") == counter


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=20))
def test_no_mask_shows_a_whole_chinese_name(name: str) -> None:
    for style in ("kiosk", "counter"):
        shown = mask_name(name, style)
        assert "*" in shown
        assert len(shown.replace("*", "")) <= 2
