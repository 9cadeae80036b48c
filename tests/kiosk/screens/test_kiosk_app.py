"""The kiosk as it is started: a real window on a real X server, a real pointer, and no hall to be reached."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey

from tests.kiosk.lending import lend

pytestmark = pytest.mark.journey

ROOT = Path(__file__).parents[3]
DEADLINE_S = 40.0


@dataclass
class Running:
    """A kiosk on its own display, and a finger to touch it with."""

    process: subprocess.Popen[bytes]
    display: str
    probe: Path
    var: Path
    systemd: socket.socket
    """What the unit's supervisor would hear."""

    def screen(self) -> dict[str, Any]:
        return dict(json.loads(self.probe.read_text(encoding="utf-8"))) if self.probe.exists() else {}

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + DEADLINE_S
        while not wanted(now := self.screen()):
            assert self.process.poll() is None, "the kiosk has ended"
            assert time.monotonic() < end, f"still on {now}"
            time.sleep(0.02)
        return now

    def touch(self, target: str) -> None:
        x, y, w, h = self.wait(lambda now: target in now.get("targets", {}))["targets"][target]
        place = [str(x + w // 2), str(y + h // 2)]
        command = ["xdotool", "mousemove", *place, "click", "1"]
        subprocess.run(command, env={"DISPLAY": self.display, "PATH": "/usr/bin:/bin"}, check=True, timeout=20)


@pytest.fixture
def display() -> Iterator[str]:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1080x1920x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def kiosk(tmp_path: Path, display: str) -> Iterator[Running]:
    key = tmp_path / "server.pub"
    key.write_text(bytes(PrivateKey.generate().public_key).hex())
    probe = tmp_path / "probe.json"
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(tmp_path / "notify"))
    systemd.settimeout(DEADLINE_S)
    settings = {
        "var.path": tmp_path / "var",
        "kiosk.server_key_file": key,
        "broker.port": 9,
        "broker.password_file": key,
        "idcard.port": "",
        "printer.port": "",
        "scanner.port": "",
        "camera.port": "",
        "panel.pins": "",
    }
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kiosk",
            "--profile",
            "demo",
            *(f"--set={name}={value}" for name, value in settings.items()),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DISPLAY": display,
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "3000000",
            "JIAOHAO_KIOSK_PROBE": str(probe),
            "LIBGL_ALWAYS_SOFTWARE": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    running = Running(process, display, probe, tmp_path / "var", systemd)
    yield running
    if process.poll() is None:
        process.kill()
    process.communicate()
    systemd.close()


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def test_the_supervisor_hears_that_it_is_ready_and_alive_as_long_as_frames_are_drawn(kiosk: Running) -> None:
    assert [kiosk.systemd.recv(100) for _ in range(4)] == [b"READY=1", *[b"WATCHDOG=1"] * 3]
    kiosk.process.send_signal(signal.SIGTERM)
    kiosk.process.wait(DEADLINE_S)
    kiosk.systemd.setblocking(False)
    last = b""
    while last != b"STOPPING=1":
        last = kiosk.systemd.recv(100)


def test_a_terminal_without_line_or_numbers_says_so_and_the_end_is_clean(kiosk: Running) -> None:
    # The first page of a fault: nothing leads to what would fail.
    shown = kiosk.wait(lambda now: "guide" in now.get("targets", {}))
    assert not {"take-ticket", "check-in", "services"} & set(shown["targets"])
    kiosk.touch("guide")
    kiosk.wait(lambda now: now["screen"] == "Hot")
    kiosk.touch("back")
    lend(kiosk.var)
    kiosk.wait(lambda now: now["screen"] == "Start" and "take-ticket" in now["targets"])  # by itself
    kiosk.touch("language")
    kiosk.touch("set-language:en")
    # Words are not in the probe: that the same screen was drawn anew is not visible there, so go on by touch.
    kiosk.touch("check-in")
    kiosk.touch("type-number")
    kiosk.wait(lambda now: now["screen"] == "TypeNumber")
    for digit in "110":
        kiosk.touch(f"key:{digit}")
    kiosk.wait(lambda now: "key:enter" in now["targets"])  # it is enabled by what the reading process has counted
    left = children(kiosk.process.pid)
    assert left
    kiosk.process.send_signal(signal.SIGTERM)
    said, _ = kiosk.process.communicate(timeout=DEADLINE_S)
    assert kiosk.process.returncode == 0, said.decode(errors="replace")
    assert b"Traceback" not in said
    for pid in left:
        assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split(")")[1]


def test_a_wrong_profile_is_said_and_nothing_starts() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "kiosk", "--profile", "demo", "--set=screen.width=3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "screen.width" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_panel_that_is_wired_by_no_known_layout_is_said_and_nothing_starts(tmp_path: Path) -> None:
    key = tmp_path / "server.pub"
    key.write_text(bytes(PrivateKey.generate().public_key).hex())
    settings = (f"var.path={tmp_path}", f"kiosk.server_key_file={key}", "panel.pins=mock", "panel.layout=dmeo")
    run = subprocess.run(
        [sys.executable, "-m", "kiosk", "--profile", "demo", *(f"--set={setting}" for setting in settings)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "did you mean demo" in run.stderr
    assert "Traceback" not in run.stderr
