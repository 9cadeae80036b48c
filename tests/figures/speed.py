"""How soon a touch is seen, how soon the next page stands, and how soon a cold start is of use.

A touch is *seen* when a frame in which its control is drawn as held down has been handed to the display; the next
page *stands* when a frame of it has been, counted from the lifting of the finger (WCAG 2.5.2: that is when it acts).
Beside them stand Kivy's own button and an empty Kivy window, on the same display in the same run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.figures.robot import PATIENCE_S, ROOT, Finger, Frame, Robot, display

SIZES = {"demo": (1080, 1920), "outlet-7in": (800, 480)}
WALK = ("take-ticket", "matter:M034", "back", "back", "check-in", "type-code", "key:2", "key:4", "key:erase", "back")
"""Pages of every kind that need no hall, over and over."""


@dataclass
class Times:
    """Milliseconds of each kind."""

    seen: list[float] = field(default_factory=list)
    next: list[float] = field(default_factory=list)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def touches(profile: str, rounds: int, var: Path) -> Times:
    """Walk the terminal of ``profile`` round and round; the first round, in which screens are made, counts too."""
    times = Times()
    with display(*SIZES[profile]) as at:
        robot = Robot(at, var, profile)
        try:
            robot.wait(lambda now: now.get("screen") == "Start" and robot.frames())
            while robot.screen()["screen"] == "Start":  # the display's pointer is felt a moment after the first frame
                robot.touch("check-in")
                time.sleep(0.5)
            _to_start(robot)
            for _ in range(rounds):
                for target in WALK:
                    drawn = robot.screen()["drawn"]
                    down, up = robot.touch(target)
                    if not target.startswith("key"):  # a pad's key changes no control
                        robot.wait(lambda now, drawn=drawn: now["drawn"] > drawn)
                    _note(robot, times, down, up)
                _to_start(robot)
        finally:
            robot.close()
    return times


def _to_start(robot: Robot) -> None:
    while (shown := robot.screen())["screen"] != "Start":
        robot.touch("home" if "home" in shown["targets"] else "back")
        robot.wait(lambda now, drawn=shown["drawn"]: now["drawn"] > drawn)


def _note(robot: Robot, times: Times, down: int, up: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        frames = robot.frames()
        before = [frame for frame in frames if frame.at_ns < up] or [Frame(0, "", 0, 0)]
        held = next((frame for frame in frames if frame.at_ns > down and frame.down), None)
        changed = next((frame for frame in frames if frame.at_ns > up and frame.views > before[-1].views), None)
        if held and changed:
            times.seen.append((held.at_ns - down) / 1e6)
            times.next.append((changed.at_ns - up) / 1e6)
            return
        time.sleep(0.01)
    raise RuntimeError("a touch was not seen")


def bare_button(profile: str, count: int, var: Path) -> tuple[float, Times]:
    """Kivy's own button filling the same window: milliseconds to its first frame, and of its touches."""
    var.mkdir(parents=True, exist_ok=True)
    size, out, times = SIZES[profile], var / "bare", Times()
    with display(*size) as at:
        environment = {**os.environ, "DISPLAY": at, "LIBGL_ALWAYS_SOFTWARE": "1"}
        command = [sys.executable, "-m", "tests.figures.bare", *map(str, size), str(out), str(var / "home")]
        began = time.monotonic_ns()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        finger = Finger(at)
        try:
            first = _bare(out, 1)[0][0]
            begun = 0
            while not begun:  # the display's pointer is felt a moment after the first frame
                finger.touch(size[0] // 2, size[1] // 2)
                time.sleep(0.5)
                begun = _bare(out, 1)[-1][2] - 1
            for n in range(begun, begun + count):
                down, up = finger.touch(size[0] // 2, size[1] // 2)
                rows = _bare(out, n + 2)
                times.seen.append((next(at for at, state, _ in rows if at > down and state == "down") - down) / 1e6)
                times.next.append((next(at for at, _, text in rows if at > up and text == n + 2) - up) / 1e6)
        finally:
            finger.close()
            process.terminate()
            process.wait(20)
    return (first - began) / 1e6, times


def _bare(out: Path, count: int) -> list[tuple[int, str, int]]:
    """The bare window's frames, once its button says ``count``."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        lines = out.read_text(encoding="ascii").splitlines() if out.exists() else []
        rows = [(int(at), state, int(text)) for at, state, text in map(str.split, lines)]
        if any(text == count for _, _, text in rows):
            return rows
        time.sleep(0.01)
    raise RuntimeError("the bare window does not answer")


def cold_start(profile: str, var: Path) -> float:
    """Milliseconds from the start of the program to the first page that can be touched, with its fonts prepared."""
    with display(*SIZES[profile]) as at:
        robot = Robot(at, var, profile)
        try:
            robot.wait(lambda now: now.get("screen") == "Start" and "take-ticket" in now["targets"] and robot.frames())
            return (robot.frames()[0].at_ns - robot.began_ns) / 1e6
        finally:
            robot.close()


def median(values: list[float]) -> float:
    return statistics.median(values)
