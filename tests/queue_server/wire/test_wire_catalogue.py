"""A catalogue's body: plain or packed, never larger than what is carried, never trusted."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_cfg.scale_catalogue import scaled
from queue_server.wire import catalogue as wire

SMALL = wire.Catalogue(version="1-a", groups=[], matters=[])


@pytest.mark.parametrize("count", [77, 1000, 5000])
def test_any_size_is_carried_and_comes_out_as_it_went_in(count: int) -> None:
    whole = msgspec.convert({**scaled(count), "themes": None}, wire.Catalogue)
    body = wire.packed(whole)
    assert len(body) < wire.BODY_MAX_BYTES / 2
    assert wire.unpacked(body) == whole


def test_a_small_one_is_what_older_terminals_read() -> None:
    assert msgspec.json.decode(wire.packed(SMALL), type=wire.Catalogue) == SMALL


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"z",
        b"zzzz",
        b"z" + zlib.compress(b"{}"),
        b"z" + zlib.compress(msgspec.json.encode(SMALL))[:-4],
        b"z" + zlib.compress(bytes(wire.UNPACKED_MAX_BYTES + 1)),
        b"z" * (wire.BODY_MAX_BYTES + 1),
    ],
    ids=["nothing", "empty", "a letter", "letters", "no fields", "cut off", "too much inside", "too much"],
)
def test_what_is_no_catalogue_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        wire.unpacked(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_catalogue_or_refused(body: bytes) -> None:
    for text in (body, b"z" + body):
        try:
            wire.unpacked(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("1-b", "2-a", True),
        ("2-a", "1-b", False),
        ("2-a", "10-b", True),
        ("of-this-site", "1-a", False),
        ("1-a", "", False),
    ],
)
def test_an_edition_is_older_by_the_number_before_the_dash(version: str, than: str, *, older: bool) -> None:
    assert wire.older(version, than) is older
