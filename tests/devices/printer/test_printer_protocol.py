"""What a printer answers, told apart by fixed bits; golden bytes from the published tables."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer import protocol
from devices.printer.protocol import (
    Answers,
    Fence,
    ProcessDone,
    RealTime,
    Status,
    StatusBack,
    Strange,
    Text,
    status_from,
)


def heard(data: str) -> list[protocol.Answer]:
    return Answers().feed(bytes.fromhex(data))


def test_requests_as_published() -> None:
    assert protocol.status_request(4) == bytes.fromhex("10 04 04")
    assert bytes.fromhex("1D 72 01") == protocol.FENCE
    assert protocol.process_id_request(b"a1b2") == bytes.fromhex("1D 28 48 06 00 30 30 61 31 62 32")
    assert protocol.text_request(67) == bytes.fromhex("1D 49 43")
    with pytest.raises(ValueError, match="four bytes"):
        protocol.process_id_request(b"\x00\x00\x00\x00")


@given(st.integers(0, 94**4 - 2))
def test_process_ids_are_printable_and_differ_from_the_next(number: int) -> None:
    ident = protocol.process_id(number)
    assert protocol.process_id_request(ident)[7:] == ident
    assert ident != protocol.process_id(number + 1)


@pytest.mark.parametrize(
    ("four", "reason"),
    [
        ("12 12 12 12", ""),
        ("1A 16 12 12", "cover-open"),
        ("1A 32 12 72", "paper-out"),
        ("1A 52 1A 12", "cutter"),
        ("1A 52 32 12", "printer-fault"),
        ("1A 52 52 12", "overheated"),
        ("1A 12 12 12", "offline"),
        ("1A 36 12 72", "cover-open"),
    ],
)
def test_the_most_telling_cause_is_the_reason(four: str, reason: str) -> None:
    assert status_from(*bytes.fromhex(four)).stopped_by == reason


def test_paper_near_its_end_stops_nothing() -> None:
    status = status_from(*bytes.fromhex("12 12 12 1E"))
    assert status == Status(paper_low=True)
    assert status.stopped_by == ""


@pytest.mark.parametrize("four", ["00 12 12 12", "12 12 12 0C", "13 12 12 12", "12 92 12 12"])
def test_a_status_with_wrong_fixed_bits_is_no_status(four: str) -> None:
    with pytest.raises(ValueError, match="fixed bits"):
        status_from(*bytes.fromhex(four))


def test_answers_on_one_line_are_told_apart() -> None:
    assert heard("12 00 0C 37 22 61 31 62 32 00 10 00 03 00 5F 54 50 00 16") == [
        RealTime(0x12),
        Fence(paper_low=False, paper_out=False),
        Fence(paper_low=False, paper_out=True),
        ProcessDone(b"a1b2"),
        StatusBack(Status(paper_low=True)),
        Text("TP"),
        RealTime(0x16),
    ]


def test_a_pushed_status_tells_all_it_can() -> None:
    (answer,) = heard("38 28 0F 00")
    assert answer == StatusBack(
        Status(offline=True, cover_open=True, paper_out=True, paper_low=True, cutter=True, fault=True)
    )


def test_flow_control_is_no_answer_even_within_one() -> None:
    assert heard("11 37 22 13 61 31 62 32 11 00 13") == [ProcessDone(b"a1b2")]


def test_noise_before_an_answer_does_not_swallow_it() -> None:
    assert heard("37 12")[-1] == RealTime(0x12)
    assert heard("5F FF 12")[-1] == RealTime(0x12)
    assert heard("10 12")[-1] == RealTime(0x12)
    assert heard("5F 41 37 22 61 31 62 32 00")[-1] == ProcessDone(b"a1b2")
    assert heard("5F 37 22 61 31 62 32 00")[-1] == ProcessDone(b"a1b2")
    assert heard("37 37 22 61 31 62 32 00") == [Strange(0x37), ProcessDone(b"a1b2")]


@given(st.binary(max_size=300))
def test_any_bytes_are_survived_and_little_is_kept(data: bytes) -> None:
    answers = Answers()
    answers.feed(data)
    assert len(answers._left) <= protocol.TEXT_MAX


@given(st.binary(max_size=120), st.lists(st.integers(0, 120), max_size=6))
def test_how_bytes_are_split_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    whole, split = Answers(), Answers()
    parts: list[protocol.Answer] = []
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        parts += split.feed(data[start:end])
    assert parts == whole.feed(data)
