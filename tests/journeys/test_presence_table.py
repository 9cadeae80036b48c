"""The 2^5 table for real: the kiosk's process on simulators of which some are there and some are not.

A small terminal of the running hall is started with every combination of reader, printer, scanner, camera and panel,
absent in both ways: never fitted, or fitted and unplugged. Each time the fleet is told the truth, a walk-in number is
taken by touch to its end, and every way without a touch that is there is tried. All 32 in both ways run in soak; the
normal run takes four. Through flow and views alone: ``tests/kiosk/views/test_kiosk_presence_table.py``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from devices.camera.sim import CameraSim
from devices.gpio.sim import PanelSim
from devices.idcard.people import PEOPLE
from devices.idcard.sim import IdCardSim
from devices.printer.sim import PrinterSim
from devices.scanner.sim import ScannerSim

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
DEVICES = ("idcard", "printer", "scanner", "camera", "panel")
PRESENT = [frozenset(some) for count in range(6) for some in combinations(DEVICES, count)]
HOW = ("not-fitted", "unplugged")
SAMPLE = {
    (frozenset[str](), "not-fitted"),
    (frozenset[str](), "unplugged"),
    (frozenset({"printer", "camera", "panel"}), "unplugged"),
    (frozenset({"idcard", "scanner"}), "not-fitted"),
}
TABLE = [
    pytest.param(
        present,
        how,
        id=f"{'+'.join(sorted(present)) or 'nothing'}-{how}",
        marks=() if (present, how) in SAMPLE else pytest.mark.soak,
    )
    for present in PRESENT
    for how in HOW
]
FOREIGN = "https://example.org/not-ours"
SETTING = {
    "idcard": "idcard.port",
    "printer": "printer.port",
    "scanner": "scanner.port",
    "camera": "camera.port",
    "panel": "panel.pins",
}


@dataclass
class Terminal:
    """One kiosk process on a display of its own, the simulators it may find, and a finger."""

    sims: dict[str, Any]
    display: str
    probe: Path
    until: Callable[..., Any]
    printed: list[Any] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def screen(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.poll() is None, "the kiosk has ended"
        try:
            return dict(json.loads(self.probe.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def reaches(self, name: str) -> dict[str, Any]:
        shown: dict[str, Any] = {}

        def there() -> dict[str, Any]:
            shown.clear()
            shown.update(self.screen())
            return shown if shown.get("screen") == name else {}

        return dict(self.until(f"the terminal to show {name}", there, said=shown))

    def touch(self, target: str) -> None:
        place = self.until(f"{target} on the screen", lambda: self.screen().get("targets", {}).get(target))
        x, y, width, height = place
        point = [str(x + width // 2), str(y + height // 2)]
        command = ["xdotool", "mousemove", *point, "mousedown", "1", "sleep", "0.12", "mouseup", "1"]
        subprocess.run(command, env={**os.environ, "DISPLAY": self.display}, check=True, timeout=20)

    def home(self) -> None:
        """Back to the first page, by whatever way the page offers."""
        targets = self.screen()["targets"]
        for way in ("leave", "home", "back"):
            if way in targets:
                self.touch(way)
                break
        self.reaches("Start")


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x480x24", "-nolisten", "tcp", "-noreset"],
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
def terminal(hall: Any, until: Any, display: str, tmp_path: Path) -> Iterator[Terminal]:
    printed: list[Any] = []
    sims: dict[str, Any] = {
        "idcard": IdCardSim(tmp_path / "idcard"),
        "printer": PrinterSim(tmp_path / "printer", paper_mm=58, on_ticket=printed.append),
        "scanner": ScannerSim(tmp_path / "scanner"),
        "camera": CameraSim(),
        "panel": PanelSim(),
    }
    one = Terminal(sims, display, tmp_path / "screen.json", until, printed)
    yield one
    if one.process is not None and one.process.poll() is None:
        one.process.kill()
    if one.process is not None:
        one.process.communicate()
    for sim in sims.values():
        sim.close()


def start(terminal: Terminal, hall: Any, present: frozenset[str], how: str, var: Path) -> None:
    """Plug in what is there, and start the process on a profile that knows it, or knows it all."""
    for name in present:
        terminal.sims[name].plug()
    addresses = {name: str(sim.line.address) for name, sim in terminal.sims.items()}
    settings = {
        "broker.port": hall.ports["mqtt"],
        "broker.password_file": hall.var / "secrets" / "mqtt-outlet-01",
        "kiosk.public_url": hall.url,
        "kiosk.server_key_file": hall.var / "secrets" / "people-box.pub",
        "var.path": var,
        **{key: addresses[name] if name in present or how == "unplugged" else '""' for name, key in SETTING.items()},
    }
    terminal.process = subprocess.Popen(
        [
            *(sys.executable, "-m", "kiosk", "--profile", "outlet-7in"),
            *(f"--set={key}={value}" for key, value in settings.items()),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DISPLAY": terminal.display,
            "JIAOHAO_KIOSK_PROBE": str(terminal.probe),
            "JIAOHAO_FONTS": str(hall.var / "fonts"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def take_a_number(terminal: Terminal, *, paper: bool) -> None:
    """By touch, from the first page to the number on the screen; printed where there is a printer."""
    terminal.touch("take-ticket")
    hot = terminal.reaches("Hot")
    terminal.touch(next(name for name in hot["targets"] if name.startswith("matter:")))
    confirm = terminal.reaches("Confirm")
    assert ("take" in confirm["targets"]) is paper
    terminal.touch("take" if paper else "take-without-paper")
    terminal.reaches("Given")
    if paper:
        terminal.until("the print-out", lambda: len(terminal.printed) == 1)
    assert len(terminal.printed) == paper
    terminal.home()


@pytest.mark.parametrize(("present", "how"), TABLE)
def test_whatever_is_missing_somebody_is_served(
    hall: Any, fleet: Any, until: Any, terminal: Terminal, tmp_path: Path, present: frozenset[str], how: str
) -> None:
    start(terminal, hall, present, how, tmp_path / "var")
    targets = terminal.reaches("Start")["targets"]
    assert {"take-ticket", "check-in", "services", "help"} <= targets.keys()
    fitted = present if how == "not-fitted" else frozenset(DEVICES)
    truth = {name: "ok" if name in present else "absent" for name in fitted}
    until(
        "the fleet to know how it is",
        lambda: "outlet-01" in fleet.latest and fleet.conditions("outlet-01") == truth,
        said=fleet.latest,
    )

    take_a_number(terminal, paper="printer" in present)

    if "idcard" in present:  # nobody of the bench has booked today: the hall says so
        terminal.sims["idcard"].put(list(PEOPLE.values())[1])
        terminal.reaches("Refusal")
        terminal.sims["idcard"].lift()
        terminal.home()
    for eye in ("scanner", "camera"):
        if eye in present:
            terminal.sims[eye].show(f"{FOREIGN}/{eye}")
            terminal.reaches("Trouble")
            terminal.home()
    if "panel" in present:
        terminal.sims["panel"].tap("call")
        terminal.reaches("Help")
        until("the lamp", lambda: terminal.sims["panel"].lit)

    assert terminal.process is not None
    terminal.process.send_signal(signal.SIGTERM)
    said, _ = terminal.process.communicate(timeout=60)
    assert terminal.process.returncode == 0, said.decode(errors="replace")
    assert b"Traceback" not in said, said.decode(errors="replace")
