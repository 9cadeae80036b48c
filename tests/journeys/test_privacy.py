"""When a citizen has gone, nothing of their card is left: not in a process, not in a file."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.memory import Trace, _in_address, children, command, in_files, in_memory

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

NAME, NUMBER = "䶮𠮷㛃", "110199200102283021"  # an invented person of the bench, with a name that nothing else has
MASKED = "䶮*"


def kiosk_of(hall: Any) -> int:
    (kiosk,) = [pid for pid in children(hall.process.pid) if command(pid)[1:3] == ["-m", "kiosk"]]
    return kiosk


def readers_of(kiosk: int) -> set[int]:
    return {pid for pid in children(kiosk) if "kiosk.card_child" in command(pid)}


def test_the_search_finds_what_is_there() -> None:
    """The instrument itself: a word that a process holds is found in its memory."""
    word = "王二小" + "0" * 3
    assert in_memory(os.getpid(), [word])


def test_an_address_is_no_word_and_a_word_is_no_address() -> None:
    """The bytes of ``䶮*`` stand in every address of a heap that happens to begin so."""
    here = ctypes.create_string_buffer(64)
    at = ctypes.addressof(here)
    address, word = at.to_bytes(8, sys.byteorder), "䶮*".encode()
    assert _in_address(address, 2, 4, [(at, at + 64)])
    assert not _in_address(address, 6, 4, [(at, at + 64)]), "it goes on beyond the address"
    assert not _in_address(word + bytes(4), 0, 4, [(at, at + 64)])


def test_nothing_of_a_card_outlives_its_session(hall: Any, until: Callable[..., Any]) -> None:
    hall.reaches("Start")
    kiosk = kiosk_of(hall)
    readers = until("a reading process and one in reserve", lambda: len(r := readers_of(kiosk)) == 2 and r)
    hall.lay("rare")
    until("an answer to the card", lambda: hall.screen().get("screen") in {"Given", "Refusal", "Several"})
    assert in_memory(kiosk, [MASKED]), "the card was read, so its masked name is held while its session lasts"
    assert in_memory(kiosk, [NAME, NUMBER]) == []
    hall.lift()
    hall.home()
    until("the reading process to be gone", lambda: readers - readers_of(kiosk))
    left: list[Trace] = []

    def nothing() -> bool:
        left[:] = in_memory(kiosk, [NAME, NUMBER, MASKED])
        return not left

    until("nothing of the card in memory", nothing, said=left)
    assert in_files(hall.var, [NAME, NUMBER, MASKED], without=["fonts"]) == []
