"""A display of its own, a terminal on it, and a finger that notes when it came down and when it was lifted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.public import PrivateKey

from tests.kiosk.lending import lend

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "var" / "fonts"
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that reached the panel at ``at_ns`` (monotonic)."""

    at_ns: int
    screen: str
    views: int
    down: int


@contextmanager
def display(width: int, height: int) -> Iterator[str]:
    """An X server without a screen, on a free number."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


class Finger:
    """The pointer of the display ``at``."""

    def __init__(self, at: str) -> None:
        self._hand = subprocess.Popen(
            ["xdotool", "-"], env={**os.environ, "DISPLAY": at}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )

    def touch(self, x: int, y: int, held_s: float = 0.12) -> tuple[int, int]:
        """Nanoseconds (monotonic) of coming down at a place and of being lifted."""
        self._say(f"mousemove {x} {y}")
        down = time.monotonic_ns()
        self._say("mousedown 1")
        time.sleep(held_s)
        up = time.monotonic_ns()
        self._say("mouseup 1")
        return down, up

    def _say(self, line: str) -> None:
        assert self._hand.stdin is not None
        self._hand.stdin.write(line.encode() + b"\n")
        self._hand.stdin.flush()

    def close(self) -> None:
        self._hand.terminate()
        self._hand.wait(10)


class Robot:
    """One terminal without a hall, with numbers of its own as after a day with one, and the finger before it."""

    def __init__(self, at: str, var: Path, profile: str, settings: dict[str, Any] | None = None) -> None:
        var.mkdir(parents=True, exist_ok=True)
        key = var / "server.pub"
        key.write_text(bytes(PrivateKey.generate().public_key).hex())
        self.probe, self.frames_file = var / "probe.json", var / "frames"
        self.frames_file.touch()
        chosen = {
            "var.path": var / "kiosk",
            "kiosk.server_key_file": key,
            "broker.port": 9,
            "broker.password_file": key,
            "idcard.port": "",
            "printer.port": "",
            "scanner.port": "",
            **(settings or {}),
        }
        lend(var / "kiosk")
        self.began_ns = time.monotonic_ns()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "kiosk", "--profile", profile),
                *(f"--set={name}={value}" for name, value in chosen.items()),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "DISPLAY": at,
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "JIAOHAO_FONTS": str(FONTS),
                "JIAOHAO_KIOSK_PROBE": str(self.probe),
                "JIAOHAO_KIOSK_FRAMES": str(self.frames_file),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._finger = Finger(at)

    def screen(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.probe.read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def frames(self) -> list[Frame]:
        lines = self.frames_file.read_text(encoding="ascii").splitlines()
        return [Frame(int(at), screen, int(views), int(down)) for at, screen, views, down in map(str.split, lines)]

    def wait(self, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while not wanted(now := self.screen()):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"still on {now}")
            time.sleep(0.005)
        return now

    def touch(self, target: str) -> tuple[int, int]:
        """Nanoseconds of the finger's coming down on ``target`` and of its being lifted."""
        x, y, width, height = self.wait(lambda now: target in now.get("targets", {}))["targets"][target]
        return self._finger.touch(x + width // 2, y + height // 2)

    def close(self) -> None:
        self._finger.close()
        self.process.terminate()
        self.process.wait(20)
