"""A card reader that hangs has its power cycled by the desk, however many reading processes come and go."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.idcard.sim import IdCardSim
from firmware_cfg.profile import IdcardSection, Profile
from kiosk.card_desk import CardDesk
from kiosk.events import DeviceChanged
from kiosk.workers import Workers

pytestmark = pytest.mark.wire

Eventually = Callable[[Callable[[], bool], str], None]
HANGS = json.dumps({"say": "hangs"})


def switch(tmp_path: Path, seconds: float = 0.0) -> tuple[str, ...]:
    """A hub's command that writes a line each time it is run, and takes so long."""
    return ("sh", "-c", f"echo cycled >> {tmp_path / 'cycles'}; sleep {seconds}")


def cycles(tmp_path: Path) -> int:
    said = tmp_path / "cycles"
    return len(said.read_text().splitlines()) if said.exists() else 0


@pytest.fixture
def desk_with(tmp_path: Path) -> Iterator[Callable[[tuple[str, ...]], CardDesk]]:
    desks: list[CardDesk] = []

    def make(command: tuple[str, ...]) -> CardDesk:
        section = IdcardSection(port=str(tmp_path / "nothing"), power_cycle=command)
        desk = CardDesk(section, bytes(32), lambda *_: None, lambda *_: None)
        desk.start("citizen-1")
        desks.append(desk)
        return desk

    yield make
    for desk in desks:
        desk.stop()


def heard(desk: CardDesk, line: str, eventually: Eventually) -> None:
    eventually(lambda: desk._current is not None, "a process reads")
    assert desk._current is not None
    desk._heard(desk._current, line)


def test_the_command_is_run_once_however_often_a_process_asks_meanwhile(
    desk_with: Callable[..., CardDesk], tmp_path: Path, eventually: Eventually
) -> None:
    desk = desk_with(switch(tmp_path, seconds=0.5))
    for _ in range(3):
        heard(desk, HANGS, eventually)
    eventually(lambda: cycles(tmp_path) == 1, "the command is run")
    assert desk._cycling is not None
    desk._cycling.join(10)
    assert cycles(tmp_path) == 1


def test_the_next_process_is_told_when_it_was_done_last(
    desk_with: Callable[..., CardDesk], tmp_path: Path, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_with(switch(tmp_path))
    heard(desk, HANGS, eventually)
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr("kiosk.card_desk._Child.ask", lambda _child, words: asked.append(dict(words)))
    before = time.monotonic()
    desk.next_session("citizen-2")
    eventually(lambda: any(words["do"] == "start" for words in asked), "the next process starts")
    (start,) = [words for words in asked if words["do"] == "start"]
    assert start["power"] is True
    assert start["cycled_s"] <= before


def test_a_terminal_that_cannot_cycle_never_tries(
    desk_with: Callable[..., CardDesk], tmp_path: Path, eventually: Eventually
) -> None:
    desk = desk_with(())
    heard(desk, HANGS, eventually)
    assert desk._cycling is None


@pytest.mark.soak
def test_a_reader_that_hangs_is_switched_off_and_on_and_reads_again(
    profile: Profile, inbox: Any, tmp_path: Path, eventually: Eventually
) -> None:
    with IdCardSim(tmp_path / "idcard") as reader:
        section = IdcardSection(port=str(tmp_path / "idcard"), power_cycle=switch(tmp_path))
        workers = Workers(dataclasses.replace(profile, idcard=section), inbox)
        workers.start("citizen-1")
        try:
            inbox.expect(DeviceChanged, lambda e: (e.device, e.condition) == ("idcard", "ok"))
            reader.line.faults.silence = True
            end = time.monotonic() + 60
            while cycles(tmp_path) == 0:
                assert time.monotonic() < end, "its power was never cycled"
                time.sleep(0.05)
            reader.line.faults.silence = False
            inbox.expect(DeviceChanged, lambda e: (e.device, e.condition) == ("idcard", "ok"))
            assert cycles(tmp_path) == 1
        finally:
            workers.stop()
