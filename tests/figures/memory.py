"""What a terminal's process weighs after many citizens: one after the other takes a number by touch and goes.

The whole hall runs beside it: broker, server, simulated devices. The first sessions, in which screens and their
textures are made, are not counted as growth.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tests.figures.robot import Finger
from tests.journeys.conftest import Hall, daytime, free_ports
from tests.journeys.memory import children, command

HELD_S = 0.04
PATIENCE_S = 30.0


def weights(sessions: int, every: int, var: Path) -> Iterator[tuple[int, float]]:
    """(sessions so far, MiB resident) each ``every`` sessions, of the demonstration's tall terminal."""
    names = ("http", "bench", "screen", "vnc", "mqtt")
    var.mkdir(parents=True, exist_ok=True)
    hall = Hall(var / "var", dict(zip(names, free_ports(len(names)), strict=True)), daytime(var / "city.toml"))
    hall.start()
    try:
        assert hall.process is not None
        (kiosk,) = [pid for pid in children(hall.process.pid) if command(pid)[1:3] == ["-m", "kiosk"]]
        finger = Finger((hall.var / "run" / "display").read_text())
        _until(hall, "Start")
        for session in range(1, sessions + 1):
            _touch(hall, finger, "take-ticket", "Hot")
            matter = next(name for name in hall.screen()["targets"] if name.startswith("matter:"))
            _touch(hall, finger, matter, "Confirm")
            _touch(hall, finger, "take-without-paper", "Given")
            _touch(hall, finger, "leave", "Start")
            if session % every == 0:
                yield session, resident_mib(kiosk)
        finger.close()
    finally:
        hall.stop()


def resident_mib(pid: int) -> float:
    """The resident memory of ``pid``."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def _touch(hall: Hall, finger: Finger, target: str, leads_to: str) -> None:
    """Touch until it has been felt: a touch on a page that is just being drawn is the next page's."""
    end = time.monotonic() + PATIENCE_S
    while hall.screen().get("screen") != leads_to:
        place = hall.screen().get("targets", {}).get(target)
        if place:
            x, y, width, height = place
            finger.touch(x + width // 2, y + height // 2, HELD_S)
        again = time.monotonic() + 2
        while time.monotonic() < again and hall.screen().get("screen") != leads_to:
            time.sleep(0.01)
        if time.monotonic() > end:
            raise RuntimeError(f"{target} does not lead to {leads_to}: {hall.screen()}")


def _until(hall: Hall, screen: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while hall.screen().get("screen") != screen:
        if time.monotonic() > end:
            raise RuntimeError(f"no {screen}")
        time.sleep(0.05)
