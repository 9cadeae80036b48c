"""The simulated engine alone, against the bytes that its makers print: what it hears, answers, sees and sends."""

from __future__ import annotations

import os
import random
import select
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.scanner.sim import EngineFaults, Mode, ScannerSim
from devices.switches import set_switch, switches_of

pytestmark = pytest.mark.wire

DEADLINE_S = 15.0

# command, answer; NLS-EM3095 and Newland's page on its command mode, GM65 8.2, HR52 p. 35, N86 ch. 10
MANUALS: list[tuple[Mode, str, str]] = [
    ("gm65", "7E 00 08 01 00 00 F5 CB 23", "02 00 00 01 00 33 31"),
    ("gm65", "7E 00 08 01 00 02 01 02 DA", "02 00 00 01 00 33 31"),
    ("gm65", "7E 00 08 01 00 02 01 AB CD", "02 00 00 01 00 33 31"),
    ("gm65", "7E 00 09 01 00 00 00 DE C8", "02 00 00 01 00 33 31"),
    ("gm65", "7E 00 08 01 00 02 01 11 22", "02 00 01 01 00 04 01"),
    ("gm65", "7E 00 08 01 00 77 01 AB CD", "02 00 03 01 00 6A 61"),
    (
        "newland",
        "7E 01 30 30 30 30 23 53 43 4E 54 52 47 31 3B 03",
        "02 01 30 30 30 30 23 53 43 4E 54 52 47 31 06 3B 03",
    ),
    (
        "newland",
        "7E 01 30 30 30 30 40 53 43 4E 54 52 47 30 3B 03",
        "02 01 30 30 30 30 40 53 43 4E 54 52 47 30 06 3B 03",
    ),
    (
        "newland",
        "7E 01 30 30 30 30 23 53 43 4E 54 52 47 37 3B 03",
        "02 01 30 30 30 30 23 53 43 4E 54 52 47 37 15 3B 03",
    ),
    ("newland", "7E 01 30 30 30 30 23 58 59 5A 3B 03", "02 01 30 30 30 30 23 58 59 5A 05 3B 03"),
    ("honeywell", "16 4D 0D 54 52 47 4D 4F 44 30 21", "54 52 47 4D 4F 44 30 06 21"),
    ("honeywell", "16 4D 0D 58 59 5A 31 2E", "58 59 5A 31 05 2E"),
]


class Terminal:
    """A plain terminal at the engine's cable."""

    def __init__(self, sim: ScannerSim) -> None:
        self.fd = os.open(sim.address, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self.kept = b""

    def type(self, data: bytes) -> None:
        os.write(self.fd, data)

    def reads(self, data: bytes) -> None:
        """Wait until exactly ``data`` has come."""
        end = time.monotonic() + DEADLINE_S
        while len(self.kept) < len(data) and (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                self.kept += os.read(self.fd, 4096)
        got, self.kept = self.kept[: len(data)], self.kept[len(data) :]
        assert got == data


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[ScannerSim]:
    with ScannerSim(tmp_path / "scanner", noise_source=random.Random(5)) as sim:
        yield sim


@pytest.fixture
def terminal(sim: ScannerSim) -> Iterator[Terminal]:
    terminal = Terminal(sim)
    yield terminal
    os.close(terminal.fd)


@pytest.mark.parametrize(("mode", "command", "answer"), MANUALS)
@pytest.mark.parametrize("piece", [1, 100])
def test_it_answers_as_the_manuals_print(
    sim: ScannerSim, terminal: Terminal, mode: Mode, command: str, answer: str, piece: int
) -> None:
    sim.settings.trigger = mode
    data = bytes.fromhex(command)
    for _ in range(2):
        for at in range(0, len(data), piece):
            terminal.type(data[at : at + piece])
        terminal.reads(bytes.fromhex(answer))


def test_every_setting_goes_to_the_wire(sim: ScannerSim, terminal: Terminal) -> None:
    sim.show("T-1")
    terminal.reads(b"T-1\r\n")
    for suffix, end in (("none", b""), ("cr", b"\r"), ("lf", b"\n"), ("crlf", b"\r\n")):
        set_switch(sim, "suffix", suffix)
        sim.show("T-1")
        terminal.reads(b"T-1" + end)
    set_switch(sim, "prefix", r"\x02")
    set_switch(sim, "encoding", "gb18030")
    sim.show("办")
    terminal.reads(b"\x02\xb0\xec\r\n")
    with pytest.raises(UnicodeEncodeError):
        sim.show("\ud800")


def test_a_triggered_engine_sees_one_code_while_its_light_is_on(sim: ScannerSim, terminal: Terminal) -> None:
    sim.settings.trigger = "honeywell"
    lights: list[bool] = []
    sim.on_light = lights.append
    assert sim.show("before it was told to wait")
    terminal.reads(b"before it was told to wait\r\n")
    terminal.type(b"\x16M\rTRGMOD0!")
    terminal.reads(b"TRGMOD0\x06!")
    assert not sim.show("dark")
    terminal.type(b"\x16T\r\x16M\rTRGMOD?!")
    terminal.reads(b"TRGMOD0\x06!")
    assert sim.show("lit")
    terminal.reads(b"lit\r\n")
    assert not sim.show("one code is enough")
    terminal.type(b"\x16T\r\x16U\r\x16M\rTRGMOD?!")
    terminal.reads(b"TRGMOD0\x06!")
    assert not sim.lit
    assert lights == [True, False, True, False]
    sim.restart()
    assert sim.show("it forgot")


def test_it_gives_up_by_itself(tmp_path: Path) -> None:
    now_s = [0.0]
    with ScannerSim(tmp_path / "scanner", monotonic=lambda: now_s[0]) as sim:
        sim.settings.trigger = "gm65"
        terminal = Terminal(sim)
        ok = bytes.fromhex("02 00 00 01 00 33 31")
        for command in ("00 00 F5", "00 06 64", "00 02 01"):
            terminal.type(bytes.fromhex(f"7E 00 08 01 {command} AB CD"))
            terminal.reads(ok)
        now_s[0] = 9.9
        assert sim.lit
        now_s[0] = 10.0
        assert not sim.lit
        os.close(terminal.fd)


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (EngineFaults(damaged_commands=True), "02 00 01 01 00 04 01"),
        (EngineFaults(refuses=True), "02 00 03 01 00 6A 61"),
        (EngineFaults(damaged_answers=True), "02 00 00 01 00 13 31"),
        (EngineFaults(answer_s=0.05), "02 00 00 01 00 33 31"),
    ],
)
def test_every_fault_of_its_answers_shows(
    sim: ScannerSim, terminal: Terminal, fault: EngineFaults, answer: str
) -> None:
    sim.settings.trigger = "gm65"
    sim.faults = fault
    terminal.type(bytes.fromhex("7E 00 08 01 00 00 F5 CB 23"))
    terminal.reads(bytes.fromhex(answer))
    assert sim.lit == (fault.damaged_commands or fault.refuses), "what it did not understand it did not do"


def test_deaf_it_hears_nothing_and_mute_it_does_not_say_so(sim: ScannerSim, terminal: Terminal) -> None:
    sim.settings.trigger = "newland"
    ask, answer = b"\x7e\x010000#SCNMOD*;\x03", b"\x02\x010000#SCNMOD%d\x06;\x03"
    sim.faults.deaf = True
    terminal.type(b"\x7e\x010000#SCNMOD0;\x03")
    sim.show("T-1")  # written by this thread: the command may still be on its way
    terminal.reads(b"T-1\r\n")
    sim.faults.deaf = False
    sim.faults.mute_answers = 1
    terminal.type(b"\x7e\x010000#SCNMOD0;\x03" + ask)
    terminal.reads(answer % 0)
    assert sim.faults.mute_answers == 0


def test_a_code_stops_in_its_middle_or_the_cable_comes_out_there(sim: ScannerSim, terminal: Terminal) -> None:
    set_switch(sim, "half_code", "on")
    sim.show("T-1234")
    terminal.reads(b"T-12")
    sim.show("T-1")
    terminal.reads(b"T-1\r\n")
    set_switch(sim, "unplug_mid_code", "on")
    sim.show("T-1")
    assert not sim.line.plugged
    assert not switches_of(sim)["unplug_mid_code"].on


def test_a_flood_has_a_rate_and_an_end(sim: ScannerSim, terminal: Terminal) -> None:
    set_switch(sim, "flood_per_s", "200")
    terminal.reads(b"".join(b"FLOOD-%06d\r\n" % number for number in range(40)))
    set_switch(sim, "flood_per_s", 0)
    end = time.monotonic() + DEADLINE_S
    while sim._flood is not None and time.monotonic() < end:
        if select.select([terminal.fd], [], [], 0.05)[0]:
            os.read(terminal.fd, 4096)
    assert sim._flood is None


def test_every_switch_is_one_that_the_bench_can_draw(sim: ScannerSim) -> None:
    switches = switches_of(sim)
    assert switches["suffix"].choices == ("none", "cr", "lf", "crlf")
    assert switches["trigger"].choices == ("continuous", "newland", "gm65", "honeywell")
    assert switches["encoding"].choices == ("utf-8", "gb18030")
    assert not any(switch.on for switch in switches.values())
    assert {"deaf", "stuck_on", "flood_per_s", "split", "noise", "unplug_after"} <= set(switches)
