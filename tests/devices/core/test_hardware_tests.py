"""The tests for real hardware, run against the simulators: so they are known to work before somebody needs them."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices.camera.sim import CameraSim
from devices.gpio.sim import PanelSim
from devices.idcard.sim import IdCardSim
from devices.printer.sim import PrinterSim
from devices.scanner.sim import EngineSettings, ScannerSim

pytestmark = pytest.mark.wire

ROOT = Path(__file__).parents[3]
DEADLINE_S = 150.0


@dataclass(frozen=True)
class Outcome:
    passed: int
    skipped: int
    failed: int
    said: str


def start(*words: str) -> subprocess.Popen[str]:
    """``pytest -m hardware`` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "hardware", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )


def outcome_of(running: subprocess.Popen[str]) -> Outcome:
    said, _ = running.communicate(timeout=DEADLINE_S)
    assert running.returncode in {0, 1}, said
    last = said.splitlines()[-1]
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (passed|skipped|failed|error)", last)}
    return Outcome(
        counts.get("passed", 0), counts.get("skipped", 0), counts.get("failed", 0) + counts.get("error", 0), said
    )


@contextmanager
def idcard(folder: Path) -> Iterator[str]:
    with IdCardSim(folder / "idcard") as sim:
        sim.put("zhang")
        yield sim.address


@contextmanager
def scanner(folder: Path) -> Iterator[str]:
    with ScannerSim(folder / "scanner", settings=EngineSettings(trigger="newland")) as sim:
        showing = threading.Thread(target=sim.hold, args=("TICKET-A001", sys.maxsize, 1.0))
        showing.start()
        try:
            yield sim.address
        finally:
            sim.close()
            showing.join()


@contextmanager
def printer(folder: Path) -> Iterator[str]:
    with PrinterSim(folder / "printer") as sim:
        yield sim.line.address


@contextmanager
def camera(_folder: Path) -> Iterator[str]:
    with CameraSim() as sim:
        sim.show("TICKET-A001")
        yield sim.address


@contextmanager
def panel(_folder: Path) -> Iterator[str]:
    with PanelSim() as sim:
        yield sim.address


STANDS = {"idcard": idcard, "scanner": scanner, "printer": printer, "camera": camera, "panel": panel}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """All kinds at the same time: most of what they do is waiting."""
    started: dict[str, subprocess.Popen[str]] = {}
    with ExitStack() as stack:
        for kind, stand in STANDS.items():
            address = stack.enter_context(stand(tmp_path_factory.mktemp(kind)))
            running = start(f"tests/hardware/test_hw_{kind}.py", f"--port={address}")
            stack.callback(running.communicate)
            stack.callback(running.kill)
            started[kind] = running
        yield started


@pytest.mark.parametrize("kind", STANDS)
def test_the_hardware_tests_pass_on_the_simulator(runs: dict[str, subprocess.Popen[str]], kind: str) -> None:
    outcome = outcome_of(runs[kind])
    assert outcome.failed == 0, outcome.said
    assert outcome.passed >= 2, outcome.said


def test_without_a_port_every_hardware_test_says_what_it_needs() -> None:
    outcome = outcome_of(start("tests/hardware", "-rs"))
    assert (outcome.passed, outcome.failed) == (0, 0), outcome.said
    assert outcome.skipped >= len(STANDS)
    assert "give the idcard's port: --port=ADDRESS" in outcome.said


def test_another_device_at_the_port_is_named(tmp_path: Path) -> None:
    with ExitStack() as stack:
        ports: list[str] = [stack.enter_context(open_it(tmp_path)) for open_it in (printer, camera)]
        given = [f"--port={port}" for port in ports]
        outcome = outcome_of(start("tests/hardware/test_hw_idcard.py", "-rs", *given))
    assert (outcome.passed, outcome.failed) == (0, 0), outcome.said
    assert f"no idcard at the given ports: {ports[0]} is printer" in outcome.said
    assert f"{ports[1]} is camera" in outcome.said
