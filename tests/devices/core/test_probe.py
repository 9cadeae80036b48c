"""Everything attached is found and named, nothing is printed by asking, and the proposal is a profile that loads."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from devices.camera.sim import CameraSim
from devices.idcard.sim import IdCardSim
from devices.ports import Hint, Port
from devices.printer.sim import PrinterSim
from devices.printer.sim_commands import Command, Commands
from devices.printer.sim_engine import Engine
from devices.probe import Found, ask, listen, probe
from devices.proposal import proposed_profile
from devices.scanner.sim import EngineSettings, ScannerSim
from devices.simulated_line import SimulatedLine
from devices.transport import DEFAULT_BAUD, SerialLine
from firmware_cfg.load import load_profile

pytestmark = pytest.mark.wire

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RATES = (115_200, 57_600, 38_400, 19_200, 9_600)


def quiet(_text: str) -> None:
    """Somebody who is not interested in progress."""


@contextmanager
def in_haste() -> Iterator[None]:
    """For ports where nothing answers, which would only take longer to find out."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_ANSWER_S", "_ENGINE_S", "_SENT_S"):
            patch.setattr(f"devices.probe.{name}", 0.01)
        yield


@pytest.fixture
def hasty() -> Iterator[None]:
    with in_haste():
        yield


@pytest.fixture
def table(tmp_path: Path) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_whole_kiosk_is_found_and_named(tmp_path: Path, table: ExitStack) -> None:
    reader = table.enter_context(IdCardSim(tmp_path / "idcard"))
    printer = table.enter_context(PrinterSim(tmp_path / "printer"))
    table.enter_context(ScannerSim(tmp_path / "scanner", settings=EngineSettings(trigger="newland")))
    camera = table.enter_context(CameraSim())
    said: list[str] = []
    found = probe(
        [
            Port(str(tmp_path / "idcard"), "serial"),
            Port(str(tmp_path / "printer"), "serial"),
            Port(str(tmp_path / "scanner"), "serial"),
            Port(camera.address, "camera"),
            Port("lgpio", "gpio", "/dev/gpiochip0", "Raspberry Pi 5"),
            Port(str(tmp_path / "none"), "serial"),
        ],
        said.append,
    )
    assert [device.kind for device in found] == ["idcard", "printer", "scanner", "camera", "panel", "trouble"]
    assert found[0].model.startswith("SAM ")
    assert found[1].model == "JIAOHAO TP-80S"
    assert "640x480" in found[3].model
    assert found[5].model == "port-missing"
    assert reader.reads == 0
    assert printer.tickets == type(printer.tickets)(maxlen=printer.tickets.maxlen)
    assert [line for line in said if "camera" in line or str(tmp_path / "idcard") in line or "picture" in line]


@pytest.mark.parametrize("make", ["newland", "honeywell", "gm65"])
def test_a_scan_engine_that_can_be_spoken_to_is_named_and_keeps_its_set_up(
    tmp_path: Path, make: Literal["newland", "honeywell", "gm65"]
) -> None:
    with ScannerSim(tmp_path / "scanner", settings=EngineSettings(trigger=make)) as sim:
        remembered = dataclasses.astuple(sim._memory)
        found = ask(Port(str(tmp_path / "scanner"), "serial", hint="scanner"), quiet)
        assert dataclasses.astuple(sim._memory) == remembered
    assert (found.kind, found.make) == ("scanner", make)
    assert make[:4] in found.model.lower()


@pytest.mark.parametrize("baud", [57_600, 9_600])
def test_a_reader_is_found_at_its_speed(tmp_path: Path, baud: int) -> None:
    with IdCardSim(tmp_path / "idcard") as sim:
        sim.faults.baud = baud
        found = ask(Port(str(tmp_path / "idcard"), "serial"), quiet)
    assert (found.kind, found.baud) == ("idcard", baud)


def test_a_reader_that_is_broken_is_found_and_says_so(tmp_path: Path) -> None:
    with IdCardSim(tmp_path / "idcard") as sim:
        sim.faults.self_test_failed = True
        found = ask(Port(str(tmp_path / "idcard"), "serial"), quiet)
    assert (found.kind, found.model) == ("idcard", "sam-self-test")


@pytest.mark.parametrize(("hint", "kind"), [("printer", "printer"), ("scanner", "scanner"), ("", "silent")])
def test_what_answers_nothing_is_what_its_usb_ids_promise(hasty: None, tmp_path: Path, hint: Hint, kind: str) -> None:
    with SimulatedLine(tmp_path / "port"):
        found = ask(Port(str(tmp_path / "port"), "serial", name="POS-80", hint=hint), quiet)
    assert (found.kind, found.answers, found.model) == (kind, False, "POS-80")


def test_a_port_that_says_printer_is_asked_in_three_control_bytes_alone(hasty: None, tmp_path: Path) -> None:
    asked = bytearray()
    with SimulatedLine(tmp_path / "port", asked.extend):
        ask(Port(str(tmp_path / "port"), "serial", hint="printer"), quiet)
        ask(Port(f"file:{tmp_path / 'port'}", "usb-printer"), quiet)
    assert asked == b"\x10\x04\x01" * (len(asked) // 3)
    assert len(asked) == 5 * 3


def everything_asked(folder: Path) -> list[tuple[int, bytes]]:
    """All that is sent to a port where nothing answers: each write with its speed, noted where it is written.

    At the far end a busy listener would find what was said at one speed beside what was said at the next.
    """
    sent: list[tuple[int, bytes]] = []

    class Noted(SerialLine):
        def write(self, data: bytes, timeout_s: float) -> None:
            sent.append((self._port.baudrate, data))
            super().write(data, timeout_s)

    line = SimulatedLine(folder / "port")
    with line, pytest.MonkeyPatch.context() as patch:
        patch.setattr("devices.probe.open_transport", lambda address: Noted(address, address, DEFAULT_BAUD))
        assert ask(Port(str(line.link_path), "serial"), quiet).kind == "silent"
    assert {baud for baud, _ in sent} == set(RATES)
    return sent


def heard_at(rate: int, sent: bytes, sent_rate: int) -> bytes:
    """What a UART at ``rate`` makes of bytes sent at ``sent_rate``: levels sampled in the middle of each bit."""
    level = [1]
    for byte in sent:
        level += [0, *((byte >> bit) & 1 for bit in range(8)), 1]
    level.append(1)

    def at(seconds: float) -> int:
        index = int(seconds * sent_rate)
        return level[index] if index < len(level) else 1

    heard = bytearray()
    now, end, step = 0.0, len(level) / sent_rate, 1 / (16 * rate)
    while now < end:
        if at(now) == 1:
            now += step
            continue
        heard.append(sum(at(now + (1.5 + bit) / rate) << bit for bit in range(8)))
        now += 9.5 / rate  # into the stop bit; a level that is still low there begins the next byte
    return bytes(heard)


def test_what_a_uart_hears_at_its_own_speed_is_what_was_sent() -> None:
    assert heard_at(9600, bytes(range(256)), 9600) == bytes(range(256))


class SilentPrinter:
    """Its line buffer and paper, at one speed: what it makes of bytes at any other is its own affair.

    ``selectable``: it knows ESC =. One that does not drops bytes with framing errors, as bytes at a wrong speed are.
    """

    def __init__(self, rate: int, *, selectable: bool, chinese: bool) -> None:
        self.rate, self.selectable = rate, selectable
        self.commands, self.engine = Commands(), Engine(384, 40)
        self.selected = True
        if chinese:
            self._do(b"\x1c&")
        self.paper = self.engine.dots

    def hear(self, sent: bytes, sent_rate: int) -> None:
        if sent_rate == self.rate:
            self._do(sent)
        elif self.selectable:
            self._do(heard_at(self.rate, sent, sent_rate))

    def _do(self, data: bytes) -> None:
        for command in self.commands.feed(data):
            if command.name == "ESC =" and self.selectable:
                self.selected = bool(command.args[0] & 1)
            elif self.selected:
                self.engine.execute(command)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, bytes]]:
    with in_haste():
        return everything_asked(tmp_path_factory.mktemp("silent"))


@pytest.mark.parametrize("chinese", [False, True], ids=["single-bytes", "chinese"])
@pytest.mark.parametrize("selectable", [False, True], ids=["knows-no-esc-=", "knows-esc-="])
@pytest.mark.parametrize("rate", RATES)
def test_a_silent_printer_of_any_speed_prints_nothing_when_it_is_asked(
    asked: list[tuple[int, bytes]], rate: int, *, selectable: bool, chinese: bool
) -> None:
    printer = SilentPrinter(rate, selectable=selectable, chinese=chinese)
    for sent_rate, data in asked:
        printer.hear(data, sent_rate)
    assert printer.engine.dots == printer.paper, "paper moved"
    assert printer.selected, "and would print no ticket any more"
    printer._do(b"\x1b@\n")
    (ticket,) = [printer.engine.cut(Command("ESC i"), START)]
    assert ticket.lines == (), "something was left in its line buffer"


def test_a_printer_listens_again_also_when_the_probe_breaks_off(hasty: None, tmp_path: Path) -> None:
    sent = bytearray()
    with SimulatedLine(tmp_path / "port", sent.extend), pytest.raises(KeyboardInterrupt):
        ask(Port(str(tmp_path / "port"), "serial"), interrupted_at("scan engine"))
    assert sent.count(b"\x1b=\x00") == len(RATES)
    assert sent.count(b"\x1b=\x01") == len(RATES)
    assert sent.rfind(b"\x1b=\x01") > sent.rfind(b"\x1b=\x00")


def interrupted_at(word: str) -> Callable[[str], None]:
    """Somebody who presses Ctrl-C when told of ``word``."""

    def note(text: str) -> None:
        if word in text:
            raise KeyboardInterrupt

    return note


def test_a_silent_port_is_the_scanners_when_a_code_comes_from_it(tmp_path: Path, table: ExitStack) -> None:
    table.enter_context(SimulatedLine(tmp_path / "nothing"))
    scanner = table.enter_context(ScannerSim(tmp_path / "scanner"))
    silent = [Found(str(tmp_path / name), "silent", answers=False) for name in ("nothing", "scanner")]
    said: list[str] = []

    def show(text: str) -> None:
        said.append(text)
        scanner.show("办理 A001")

    found = listen(silent, 20.0, show)
    assert [device.kind for device in found] == ["silent", "scanner"]
    assert said == ["show a code to the scanner now (10 s, at 115200 baud)"]


def test_nobody_shows_a_code_and_nothing_changes(tmp_path: Path) -> None:
    with SimulatedLine(tmp_path / "port"):
        silent = [Found(str(tmp_path / "port"), "silent"), Found(str(tmp_path / "gone"), "silent")]
        assert listen(silent, 0.2, quiet) == silent


# -- the proposal

HARDWARE = [
    Found("/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0", "idcard", "SAM 05.01", 115_200),
    Found("/dev/serial/by-id/usb-1a86-if00-port0", "printer", 'ACME "TP"\n80', 9_600),
    Found("/dev/serial/by-id/usb-Newland-if00", "scanner", "Newland FM430", 115_200, "newland"),
    Found("/dev/v4l/by-id/usb-046d-video-index0", "camera", "C270, 640x480"),
    Found("lgpio", "panel", "Raspberry Pi 5 Model B", answers=False),
]
DEMO = Path(__file__).parents[3] / "firmware_cfg/profiles/demo.toml"


def load_with(proposal: str, folder: Path):  # noqa: ANN201  (a profile, whatever its sections are)
    """The demo terminal with the proposed device sections in place of its own, through the kiosk's strict loader."""
    kept, skipping = [], False
    for line in DEMO.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            skipping = line.strip("[]") in {"idcard", "printer", "scanner", "camera", "panel"}
        if not skipping:
            kept.append(line)
    path = folder / "kiosk.toml"
    path.write_text("\n".join(kept) + f"\n{proposal}", encoding="utf-8")
    return load_profile(path)


def test_the_proposed_sections_are_a_terminals_profile(tmp_path: Path) -> None:
    profile = load_with(proposed_profile(HARDWARE), tmp_path)
    assert (profile.idcard.port, profile.idcard.baud) == (HARDWARE[0].port, "115200")
    assert profile.printer.port == "serial:/dev/serial/by-id/usb-1a86-if00-port0?baud=9600"
    assert profile.scanner.port == HARDWARE[2].port
    assert profile.scanner.trigger == "none"
    assert profile.camera.port == HARDWARE[3].port
    assert profile.panel.pins == ""  # whether a panel is wired to them, nobody can know without touching pins


@pytest.mark.parametrize(
    "found",
    [
        [],
        [Found("/dev/ttyUSB0", "silent")],
        [Found("/dev/ttyUSB0", "trouble", "port-busy")],
        [Found("file:/dev/usb/lp0", "printer", "TM-T20", answers=False), Found("usb:04b8:0e15:X", "printer", "TM")],
        [Found("serial:/dev/ttyS0?baud=9600", "scanner", "Honeywell", 9_600, "honeywell")],
        HARDWARE * 2,
    ],
)
def test_whatever_was_found_the_proposal_loads(found: list[Found], tmp_path: Path) -> None:
    load_with(proposed_profile(found), tmp_path)


def test_a_silent_port_is_proposed_only_as_a_comment() -> None:
    text = proposed_profile([Found("/dev/ttyUSB7", "silent")])
    assert tomllib.loads(text)["scanner"] == {}
    assert '# port = "/dev/ttyUSB7"' in text


def test_a_second_printer_is_mentioned() -> None:
    text = proposed_profile([Found("file:/dev/usb/lp0", "printer", "A"), Found("usb:04b8:0e15", "printer", "B")])
    assert tomllib.loads(text)["printer"]["port"] == "file:/dev/usb/lp0"
    assert "# also found: usb:04b8:0e15  B" in text
