"""Codes out of bytes: every suffix, every prefix, no suffix, answers between them, and what must not become a code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.scanner.answers import Answer, Make
from devices.scanner.protocol import GAP_S, LONG_GAP_S, LONGEST, Code, CodeSplitter, Part, TooLong

# Typed from the makers' manuals (NLS-EM3095 p. 19, GM65 8.2, NLS-HR42 p. 16, N86 ch. 10).
EM3095_OK = bytes.fromhex("02 00 00 01 00 33 31")
EM3095_CRC = bytes.fromhex("02 00 01 01 00 04 01")
EM3095_BAD = bytes.fromhex("02 00 03 01 00 6A 61")
GM65_READ_3E = bytes.fromhex("02 00 00 01 3E E4 AC")
EM3095_READ_0F = bytes.fromhex("02 00 00 01 0F C2 DE")
NEWLAND_C11 = bytes.fromhex(
    "02 01 30 30 30 30 40 43 31 31 45 4E 41 31 06 2C 4D 49 4E 31 32 06 2C 4D 41 58 32 32 06 3B 03"
)
NEWLAND_LIGHT = bytes.fromhex("02 01 30 30 30 30 23 53 43 4E 54 52 47 31 06 3B 03")
NEWLAND_LINES = b"\x02\x010000#QRYSYSProduct Name: X\r\nFirmware Version: 1\r\n\x06;\x03"
HONEYWELL_MODE = b"TRGMOD0\x06!"

ANSWERS: list[tuple[Make, bytes, Answer]] = [
    ("gm65", EM3095_OK, Answer("gm65", "", b"\0")),
    ("gm65", EM3095_CRC, Answer("gm65", "garbled", b"\0")),
    ("gm65", EM3095_BAD, Answer("gm65", "refused", b"\0")),
    ("gm65", GM65_READ_3E, Answer("gm65", "", b"\x3e")),
    ("gm65", EM3095_READ_0F, Answer("gm65", "", b"\x0f")),
    ("newland", NEWLAND_LIGHT, Answer("newland", "", b"SCNTRG1")),
    ("newland", NEWLAND_LIGHT.replace(b"\x06", b"\x15"), Answer("newland", "refused", b"SCNTRG1")),
    ("newland", NEWLAND_LIGHT.replace(b"\x06", b"\x05"), Answer("newland", "refused", b"SCNTRG1")),
    ("newland", NEWLAND_C11, Answer("newland", "", b"C11ENA1\x06,MIN12\x06,MAX22")),
    ("newland", NEWLAND_LINES, Answer("newland", "", NEWLAND_LINES[7:-3])),
    ("honeywell", HONEYWELL_MODE, Answer("honeywell", "", b"TRGMOD0")),
    ("honeywell", b"TRGSTO10000\x15!", Answer("honeywell", "refused", b"TRGSTO10000")),
]
each_answer = pytest.mark.parametrize(("make", "wire", "answer"), ANSWERS)
each_piece = pytest.mark.parametrize("piece", [1, 3, 100])


def fed(splitter: CodeSplitter, wire: bytes, piece: int, now_s: float = 0.0) -> list[Part]:
    return [part for at in range(0, len(wire), piece) for part in splitter.feed(wire[at : at + piece], now_s)]


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n"])
@each_piece
def test_a_code_ends_with_whatever_the_factory_set(suffix: bytes, piece: int) -> None:
    splitter = CodeSplitter()
    assert fed(splitter, b"T-1" + suffix + b"T-2" + suffix, piece) == [Code(b"T-1"), Code(b"T-2")]
    assert splitter.quiet(9.0) == []
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


def test_an_engine_that_sends_suffixes_is_waited_for_longer_and_may_still_stop_sending_them() -> None:
    splitter = CodeSplitter()
    splitter.feed(b"T-1\rT-", 0.0)
    assert splitter.quiet(GAP_S) == []
    assert splitter.feed(b"2\rT-3", 0.3) == [Code(b"T-2")]
    assert splitter.quiet(0.3 + LONG_GAP_S) == [Code(b"T-3")]
    splitter.feed(b"T-4", 1.0)
    assert splitter.quiet(1.0 + GAP_S) == [Code(b"T-4")]


def test_bytes_that_waited_for_a_busy_reader_are_not_torn_apart() -> None:
    splitter = CodeSplitter()
    splitter.feed(b"T-", 1.0)
    assert splitter.feed(b"1\r", 5.0) == [Code(b"T-1")]


@each_piece
def test_the_longest_prefix_that_fits_is_taken_off(piece: int) -> None:
    splitter = CodeSplitter(prefixes=(b"]Q", b"]Q3", b"\x02"))
    assert fed(splitter, b"]Q3abc\r]Qabc\r\x02abc\rabc\r]Q\r", piece) == [Code(b"abc")] * 4


@pytest.mark.parametrize("prefix", [b"", b"a\r", b"\n", b"x" * 65])
def test_a_prefix_that_cannot_be_is_refused_at_once(prefix: bytes) -> None:
    with pytest.raises(ValueError, match="prefix"):
        CodeSplitter(prefixes=(prefix,))


@each_answer
@each_piece
@pytest.mark.parametrize("suffix", [b"\r", b"\r\n", b""])
def test_an_answer_is_no_code_wherever_it_falls(
    make: Make, wire: bytes, answer: Answer, piece: int, suffix: bytes
) -> None:
    splitter = CodeSplitter(spoken_to=make)
    parts = fed(splitter, wire + b"T-1" + suffix + wire, piece)
    parts += splitter.quiet(1.0)
    parts += fed(splitter, wire + wire + b"T-2" + suffix, piece, 2.0) + splitter.quiet(3.0)
    parts += fed(splitter, b"T-3" + suffix + wire, piece, 4.0) + splitter.quiet(5.0)
    parts += fed(splitter, wire, piece, 6.0) + splitter.quiet(7.0)
    code = [Code(b"T-1"), Code(b"T-2"), Code(b"T-3")]
    assert parts == [answer, code[0], answer, answer, answer, code[1], code[2], answer, answer]


@pytest.mark.parametrize(("make", "wire"), [(make, wire) for make, wire, _answer in ANSWERS if b"\r" not in wire])
@each_piece
def test_a_code_that_holds_such_bytes_is_not_damaged(make: Make, wire: bytes, piece: int) -> None:
    whole = b"T-1" + wire + b"T-2"
    nobody = CodeSplitter()
    assert fed(nobody, whole + b"\r", piece) == [Code(whole)]
    assert fed(nobody, whole, piece) + nobody.quiet(1.0) == [Code(whole)]
    assert fed(nobody, b"T-1" + wire, piece, 2.0) + nobody.quiet(3.0) == [Code(b"T-1" + wire)]
    suffixed = CodeSplitter(spoken_to=make)
    assert fed(suffixed, b"T-0\r" + whole + b"\r", piece) == [Code(b"T-0"), Code(whole)]


@each_answer
@each_piece
@pytest.mark.parametrize("prefix", [b"", b"]Q3"])
def test_an_answer_directly_behind_the_longest_code_is_still_found(
    make: Make, wire: bytes, answer: Answer, piece: int, prefix: bytes
) -> None:
    splitter = CodeSplitter((b"]Q3",), spoken_to=make)
    longest = b"x" * LONGEST
    parts = fed(splitter, prefix + longest + wire, piece) + splitter.quiet(LONG_GAP_S)
    assert parts == [Code(longest), answer]


@each_piece
def test_answers_to_somebody_before_us_are_no_codes_either(piece: int) -> None:
    splitter = CodeSplitter()
    parts = fed(splitter, EM3095_OK + NEWLAND_LIGHT + b"T-1\r" + EM3095_BAD, piece)
    assert [part for part in parts if isinstance(part, Code)] == [Code(b"T-1")]
    assert len(parts) == 4


def test_with_nobody_speaking_what_only_begins_like_an_answer_is_a_code() -> None:
    splitter = CodeSplitter(prefixes=(b"\x02",))
    assert splitter.feed(b"\x02\x00T-1\r\x02\x01T-2\r\x02T-3\r", 0.0) == [
        Code(b"\x00T-1"),
        Code(b"\x01T-2"),
        Code(b"T-3"),
    ]
    splitter.feed(b"\x02", 1.0)
    assert splitter.quiet(1.0 + LONG_GAP_S) == []  # a prefix without a code


def test_an_answer_may_dawdle_longer_than_a_code() -> None:
    splitter = CodeSplitter(spoken_to="gm65")
    splitter.feed(b"T-1" + EM3095_OK[:3], 0.0)
    assert splitter.quiet(GAP_S) == []
    assert splitter.feed(EM3095_OK[3:], 0.3) == [Code(b"T-1"), Answer("gm65", "", b"\0")]


@pytest.mark.parametrize(
    ("make", "wire"), [("gm65", EM3095_OK), ("newland", NEWLAND_LIGHT), ("honeywell", HONEYWELL_MODE)]
)
def test_the_wreck_of_an_answer_is_dropped_and_the_next_code_is_whole(make: Make, wire: bytes) -> None:
    for left in (wire[:-1], wire[:-2], wire[:6], wire[1:]):
        splitter = CodeSplitter(spoken_to=make)
        parts = splitter.feed(left, 0.0) + splitter.quiet(LONG_GAP_S)
        assert [part for part in parts if isinstance(part, Code)] == []
        assert splitter.feed(b"T-1\r", 1.0) == [Code(b"T-1")]


def test_an_answer_with_a_wrong_checksum_is_told_as_damaged() -> None:
    splitter = CodeSplitter(spoken_to="gm65")
    assert splitter.feed(EM3095_OK[:-1] + b"\x30T-1\r", 0.0) == [Answer("gm65", "garbled", b"\0"), Code(b"T-1")]


@each_piece
def test_a_honeywell_describes_itself_in_lines(piece: int) -> None:
    splitter = CodeSplitter(spoken_to="honeywell")
    splitter.awaits_description = True
    wire = b"Product Name: N8680\r\nSoftware Revision: 16345\r\nREVINF\x06."
    assert fed(splitter, wire, piece) == [Answer("honeywell", "", b"REVINF" + wire[:-8])]
    splitter.awaits_description = False
    assert fed(splitter, b"T-1\rTRG-2\r", piece) == [Code(b"T-1"), Code(b"TRG-2")]


@each_piece
def test_too_long_is_told_once_at_once_and_the_next_code_is_whole(piece: int) -> None:
    splitter = CodeSplitter(prefixes=(b"]Q3",))
    whole = b"x" * LONGEST
    assert fed(splitter, b"]Q3" + whole + b"\r", piece) == [Code(whole)]
    assert fed(splitter, whole + b"x\r", piece) == [TooLong()]
    assert fed(splitter, whole * 100, piece) == [TooLong()]
    assert len(splitter._kept) <= LONGEST + 3
    assert fed(splitter, b"x\rT-1\r", piece) == [Code(b"T-1")]
    splitter.feed(whole * 2, 1.0)
    assert splitter.quiet(1.0 + LONG_GAP_S) == []
    assert splitter.feed(b"T-2\r", 2.0) == [Code(b"T-2")]


def test_a_code_does_not_show_what_it_says() -> None:
    assert "secret" not in repr(Code(b"secret"))
    assert "secret" not in repr(Answer("gm65", "", b"secret"))


PIECES = st.lists(
    st.one_of(
        st.binary(max_size=700),
        st.sampled_from([b"\r\n", b"\r", b"\x02", b"\x02\x00", b"\x02\x010000", b"TRGMOD", b"]Q3"]),
        st.sampled_from([wire for _make, wire, _answer in ANSWERS]),
    ),
    max_size=20,
)


@settings(max_examples=400, deadline=None)
@given(pieces=PIECES, make=st.sampled_from([None, "newland", "gm65", "honeywell"]))
def test_any_bytes_in_any_pieces_are_the_same_bounded_codes(pieces: list[bytes], make: Make | None) -> None:
    splitter = CodeSplitter((b"]Q3",), spoken_to=make)
    out = []
    for at, piece in enumerate(pieces):
        out += splitter.feed(piece, float(at))
        assert len(splitter._kept) <= CodeSplitter.MOST_KEPT
    out += splitter.quiet(1e9)
    assert splitter.gap_at_s is None
    whole = CodeSplitter((b"]Q3",), spoken_to=make)
    assert out == whole.feed(b"".join(pieces), 0.0) + whole.quiet(1e9)
    single = CodeSplitter((b"]Q3",), spoken_to=make)
    assert out == fed(single, b"".join(pieces), 1) + single.quiet(1e9)
    for part in out:
        if isinstance(part, Code):
            assert 0 < len(part.data) <= LONGEST
