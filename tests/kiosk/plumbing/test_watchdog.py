"""The guard of the screen, with a real socket; and the backlight, with real files."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.backlight import Backlight
from kiosk.watchdog import Watchdog


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(systemd: socket.socket) -> list[bytes]:
    said = []
    while True:
        try:
            said.append(systemd.recv(100))
        except BlockingIOError:
            return said


def test_it_is_fed_only_when_a_frame_was_drawn_since(systemd: socket.socket) -> None:
    dog = Watchdog({"NOTIFY_SOCKET": str(systemd.getsockname()), "WATCHDOG_USEC": "15000000"})
    dog.ready()
    dog.drawn()
    assert dog.feed(100.0), "and a frame is asked for, for the next time"
    assert heard(systemd) == [b"READY=1", b"WATCHDOG=1"]
    assert not dog.feed(101.0)
    assert dog.feed(106.0)
    assert heard(systemd) == [], "a frozen picture feeds nobody"
    dog.drawn()
    assert dog.feed(107.0)
    dog.ending()
    assert heard(systemd) == [b"WATCHDOG=1", b"STOPPING=1"]


def test_it_is_fed_three_times_within_its_limit(systemd: socket.socket) -> None:
    dog = Watchdog({"NOTIFY_SOCKET": str(systemd.getsockname()), "WATCHDOG_USEC": "6000000"})
    for second in range(9):
        dog.drawn()
        dog.feed(float(second))
    dog.ending()
    assert heard(systemd).count(b"WATCHDOG=1") >= 4


def test_an_abstract_address_is_one_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0jiaohao-test-watchdog")
        dog = Watchdog({"NOTIFY_SOCKET": "@jiaohao-test-watchdog"})
        dog.ready()
        dog.ending()
        listening.settimeout(2)
        assert listening.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "nonsense", "/nowhere/at/all"])
def test_without_systemd_it_is_silent(address: str) -> None:
    dog = Watchdog({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "x"})
    dog.ready()
    dog.drawn()
    assert dog.feed(1.0)


def test_who_stops_listening_ends_nothing(tmp_path: Path) -> None:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(tmp_path / "notify"))
    dog = Watchdog({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    listening.close()
    dog.ready()
    dog.ending()


def test_the_backlight_is_dimmed_and_comes_back(tmp_path: Path) -> None:
    panel = tmp_path / "panel0"
    panel.mkdir()
    (panel / "max_brightness").write_text("200\n")
    (panel / "brightness").write_text("200\n")
    light = Backlight(tmp_path)
    light.set(dim=True)
    assert (panel / "brightness").read_text() == "60"
    light.set(dim=False)
    assert (panel / "brightness").read_text() == "200"
    Backlight(tmp_path / "none").set(dim=True)
