"""What a code says, and what is news: UTF-8, GB18030 or refused; held codes once; floods bounded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.scanner.text import CALM_S, FLOOD_CODES, LONGEST, SAME_CODE_S, Sieve, text_of


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"http://127.0.0.1/t/AbC-_1", "http://127.0.0.1/t/AbC-_1"),
        ("办理:社会保险登记".encode(), "办理:社会保险登记"),
        ("办理:社会保险登记".encode("gb18030"), "办理:社会保险登记"),
        ("张𠮷".encode("gb18030"), "张𠮷"),
        ("é".encode(), "é"),
        (b"\x02T\x00-\x1b1\x7f\x03", "T-1"),
        ("\ufeffT\u202e-1\u2028".encode(), "T-1"),
        (b"  T-1 ", "T-1"),
        (b"\xff\xfe\xfd", None),
        (b"\xd5\xc5\xff", None),
        (b"\xed\xa0\x80", None),  # half of a surrogate pair
        (b"\x00\x02\x03", None),
        (b"   ", None),
        (b"", None),
    ],
)
def test_text_is_utf8_or_gb18030_or_refused(data: bytes, text: str | None) -> None:
    assert text_of(data) == text


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100))
def test_utf8_text_comes_out_as_it_went_in(text: str) -> None:
    assert text_of(text.encode()) == text


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=100))
def test_gb18030_text_is_never_read_as_something_else_where_it_is_no_utf8(text: str) -> None:
    data = text.encode("gb18030")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        assert text_of(data) == text


def test_a_code_held_before_the_window_is_told_once() -> None:
    sieve = Sieve()
    assert sieve.passes("a", 0.0) is True
    assert [sieve.passes("a", 0.5 * n) for n in range(1, 40)] == [False] * 39
    assert sieve.passes("a", 19.5 + SAME_CODE_S) is True


def test_two_codes_that_are_read_in_turns_are_told_once_each() -> None:
    sieve = Sieve()
    assert [sieve.passes("ab"[n % 2], 0.1 * n) for n in range(100)] == [True, True] + [False] * 98


def test_a_flood_is_told_once_and_over_after_a_calm() -> None:
    sieve = Sieve()
    told = [sieve.passes(f"code {n}", 0.01 * n) for n in range(200)]
    assert told[: FLOOD_CODES + 1] == [True] * FLOOD_CODES + ["flood"]
    assert told[FLOOD_CODES + 1 :] == [False] * (199 - FLOOD_CODES)
    assert sieve.flooded(1.99 + CALM_S - 0.001)
    assert not sieve.flooded(1.99 + CALM_S)
    assert sieve.passes("late", 1.99 + CALM_S) is True


def test_a_code_held_through_a_flood_is_told_when_it_is_shown_again() -> None:
    sieve = Sieve()
    assert sieve.passes("ticket", 0.0) is True
    assert [sieve.passes(f"code {n}", 0.0) for n in range(FLOOD_CODES)][-1] == "flood"
    assert [sieve.passes("ticket", 0.5 * n) for n in range(1, 20)] == [False] * 19
    assert sieve.passes("ticket", 9.5 + CALM_S) is True


def test_a_person_with_a_stack_of_codes_is_no_flood() -> None:
    sieve = Sieve()
    assert all(sieve.passes(f"code {n}", 0.5 * n) is True for n in range(50))


def test_the_sieve_remembers_nothing_that_was_written_in_a_code() -> None:
    sieve = Sieve()
    sieve.passes("somebody's health code", 0.0)
    assert "somebody" not in repr(vars(sieve))


@settings(max_examples=200, deadline=None)
@given(
    codes=st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 30)), max_size=200),
)
def test_however_codes_come_what_is_told_and_kept_is_bounded(codes: list[tuple[float, int]]) -> None:
    sieve = Sieve()
    now_s = 0.0
    told: list[float] = []
    for rest_s, number in codes:
        now_s += rest_s
        if sieve.passes(str(number), now_s):
            told.append(now_s)
        assert len(sieve._seen) <= FLOOD_CODES + 1
        assert len(sieve._passed_at_s) <= FLOOD_CODES + 1
    for at_s in told:
        assert sum(at_s <= other < at_s + CALM_S for other in told) <= FLOOD_CODES + 1


def test_text_is_no_longer_than_a_code() -> None:
    assert len(text_of(b"x" * (LONGEST + 100)) or "") == LONGEST
