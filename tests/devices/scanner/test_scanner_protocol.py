"""Codes out of bytes: every suffix, every prefix, no suffix, and what must not become a code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.scanner.protocol import (
    CALM_S,
    FLOOD_CODES,
    GAP_S,
    LONGEST,
    SAME_CODE_S,
    Code,
    CodeSplitter,
    Sieve,
    TooLong,
    text_of,
)


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("piece", [1, 3, 100])
def test_a_code_ends_with_whatever_the_factory_set(suffix: bytes, piece: int) -> None:
    splitter = CodeSplitter()
    wire = b"T-1" + suffix + b"T-2" + suffix
    out = [event for at in range(0, len(wire), piece) for event in splitter.feed(wire[at : at + piece], 0.0)]
    assert out == [Code(b"T-1"), Code(b"T-2")]
    assert splitter.gap_at_s is None


def test_without_a_suffix_a_pause_ends_the_code() -> None:
    splitter = CodeSplitter()
    assert splitter.feed(b"T-", 1.0) == []
    assert splitter.quiet(1.0 + GAP_S / 2) == []
    assert splitter.feed(b"1", 1.0 + GAP_S / 2) == []
    assert splitter.gap_at_s == pytest.approx(1.0 + 1.5 * GAP_S)
    assert splitter.quiet(1.0 + GAP_S) == []
    assert splitter.quiet(1.0 + 1.5 * GAP_S) == [Code(b"T-1")]
    assert splitter.quiet(9.0) == []


def test_bytes_that_waited_for_a_busy_reader_are_not_torn_apart() -> None:
    splitter = CodeSplitter()
    splitter.feed(b"T-", 1.0)
    assert splitter.feed(b"1\r", 5.0) == [Code(b"T-1")]


def test_the_longest_prefix_that_fits_is_taken_off() -> None:
    splitter = CodeSplitter(prefixes=(b"]Q", b"]Q3", b"\x02"))
    assert splitter.feed(b"]Q3abc\r]Qabc\r\x02abc\rabc\r", 0.0) == [Code(b"abc")] * 4


@pytest.mark.parametrize("answer", ["02000001003331", "02000101000401", "02000301006A61"])
def test_an_engine_s_answer_to_a_command_is_no_code(answer: str) -> None:
    splitter = CodeSplitter()
    assert splitter.feed(bytes.fromhex(answer) + b"T-1\r", 0.0) == [Code(b"T-1")]
    splitter.feed(bytes.fromhex(answer), 1.0)
    assert splitter.quiet(2.0) == []


def test_too_long_is_told_once_and_the_next_code_is_whole() -> None:
    splitter = CodeSplitter(prefixes=(b"]Q3",))
    whole = b"x" * LONGEST
    assert splitter.feed(b"]Q3" + whole + b"\r", 0.0) == [Code(whole)]
    assert splitter.feed(whole + b"x\r", 0.0) == [TooLong()]
    for _ in range(100):
        assert splitter.feed(whole, 0.0) == []
        assert len(splitter._kept) <= LONGEST + 3
    assert splitter.feed(b"\rT-1\r", 0.0) == [TooLong(), Code(b"T-1")]


def test_a_code_does_not_show_what_it_says() -> None:
    assert "secret" not in repr(Code(b"secret"))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"http://127.0.0.1/t/AbC-_1", "http://127.0.0.1/t/AbC-_1"),
        ("办理:社会保险登记".encode(), "办理:社会保险登记"),
        ("办理:社会保险登记".encode("gb18030"), "办理:社会保险登记"),
        ("张𠮷".encode("gb18030"), "张𠮷"),
        ("é".encode(), "é"),
        (b"\x02T\x00-\x1b1\x7f\x03", "T-1"),
        ("\ufeffT\u202e-1".encode(), "T-1"),
        (b"  T-1 ", "T-1"),
        (b"\xff\xfe\xfd", None),
        (b"\xd5\xc5\xff", None),
        (b"\x00\x02\x03", None),
        (b"   ", None),
    ],
)
def test_text_is_utf8_or_gb18030_or_refused(data: bytes, text: str | None) -> None:
    assert text_of(data) == text


def test_a_code_held_before_the_window_is_told_once() -> None:
    sieve = Sieve()
    assert sieve.passes("a", 0.0) is True
    assert [sieve.passes("a", 0.5 * n) for n in range(1, 40)] == [False] * 39
    assert sieve.passes("a", 19.5 + SAME_CODE_S) is True


def test_another_code_is_told_at_once() -> None:
    sieve = Sieve()
    assert [sieve.passes(text, 0.1) for text in "abab"] == [True] * 4


def test_a_flood_is_told_once_and_over_after_a_calm() -> None:
    sieve = Sieve()
    told = [sieve.passes(f"code {n}", 0.01 * n) for n in range(200)]
    assert told[: FLOOD_CODES + 1] == [True] * FLOOD_CODES + ["flood"]
    assert told[FLOOD_CODES + 1 :] == [False] * (199 - FLOOD_CODES)
    assert sieve.passes("late", 2.0 + CALM_S) is True


def test_a_person_with_a_stack_of_codes_is_no_flood() -> None:
    sieve = Sieve()
    assert all(sieve.passes(f"code {n}", 0.5 * n) is True for n in range(50))


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.one_of(st.binary(max_size=700), st.just(b"\r\n")), max_size=20))
def test_any_bytes_in_any_pieces_are_bounded_codes(pieces: list[bytes]) -> None:
    splitter = CodeSplitter()
    out = []
    for at, piece in enumerate(pieces):
        out += splitter.feed(piece, float(at))
        assert len(splitter._kept) <= LONGEST
    out += splitter.quiet(1e9)
    assert splitter.gap_at_s is None
    whole = CodeSplitter()
    assert out == whole.feed(b"".join(pieces), 0.0) + whole.quiet(1e9)
    for code in out:
        if isinstance(code, Code):
            assert 0 < len(code.data) <= LONGEST
            assert len(text_of(code.data) or "") <= LONGEST


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100))
def test_utf8_text_comes_out_as_it_went_in(text: str) -> None:
    assert text_of(text.encode()) == text
