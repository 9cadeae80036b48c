"""The simulated printer against typed bytes: what it draws, answers and holds back."""

from __future__ import annotations

import ast
import io
import os
import select
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

import devices.printer
from devices.printer.sim import PrinterSim
from devices.printer.sim_commands import Command, Commands
from devices.printer.sim_engine import Engine, Ticket

Eventually = Callable[[str, Callable[[], object]], None]
NOON = datetime(2026, 1, 5, 4, tzinfo=UTC)


def drawn(data: str) -> Ticket:
    engine = Engine(576, 32)
    for command in Commands().feed(bytes.fromhex(data)):
        engine.execute(command)
    return engine.cut(Command("GS V", b"\x42\x00"), NOON)


def ink(ticket: Ticket) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is black, in dots from the paper's printable corner below the margin."""
    box = ImageChops.invert(Image.open(io.BytesIO(ticket.png)).convert("L")).point(lambda v: 255 * (v > 128)).getbbox()
    assert box, "nothing was printed"
    return box[0] - 32, box[1] - 100, box[2] - 32, box[3] - 100


@pytest.mark.parametrize("part", ["sim", "sim_commands", "sim_engine", "sim_paper", "sim_state"])
def test_the_simulator_shares_nothing_with_the_driver(part: str) -> None:
    tree = ast.parse((Path(devices.printer.__path__[0]) / f"{part}.py").read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    ours = {name for name in names if name.startswith("devices")}
    assert all(name.startswith(("devices.printer.sim_", "devices.simulated_")) for name in ours), ours
    assert not any("escpos" in name for name in names)


# -- drawing


def test_chinese_needs_double_byte_mode() -> None:
    assert drawn("1C 26 BA C5 0A").lines == ("号",)
    assert drawn("BA C5 0A").lines == ("║┼",)
    assert drawn("1C 26 1C 2E BA C5 0A").lines == ("║┼",)


def test_a_reset_takes_size_alignment_and_mode_back() -> None:
    ticket = drawn("1B 61 01 1D 21 33 1C 26 1B 40 41 0A")
    left, _, right, bottom = ink(ticket)
    assert 0 <= left < 4
    assert right <= 12
    assert bottom <= 30


@pytest.mark.parametrize(("size", "factor"), [("00", 1), ("11", 2), ("33", 4), ("77", 8)])
def test_sizes_multiply_the_cell(size: str, factor: int) -> None:
    left, top, right, bottom = ink(drawn(f"1C 26 1D 21 {size} BA C5 0A"))
    assert 15 * factor < right - left <= 24 * factor
    assert 15 * factor < bottom - top <= 24 * factor


def test_lines_that_are_too_long_go_on_in_the_next() -> None:
    assert drawn("41 " * 50 + "0A").lines == ("A" * 48, "AA")


def test_dots_of_a_raster_image_lie_where_they_were_sent() -> None:
    ticket = drawn("1D 76 30 00 02 00 03 00  FF FF  80 01  FF FF")
    assert ink(ticket) == (0, 0, 16, 3)
    assert ticket.images == 1
    assert ink(drawn("1D 76 30 03 02 00 03 00  FF FF  80 01  FF FF")) == (0, 0, 32, 6)


def test_stored_graphics_print_when_told() -> None:
    store = "1D 28 4C 0E 00 30 70 30 01 01 31 10 00 02 00 FF FF FF FF"
    assert ink(drawn(store + " 1D 28 4C 02 00 30 32")) == (0, 0, 16, 2)
    assert drawn(store + " 41 0A").images == 0


def test_column_images_stand_upright() -> None:
    assert ink(drawn("1B 33 18  1B 2A 21 02 00  80 00 01  80 00 01  0A")) == (0, 0, 2, 24)


def test_unknown_commands_are_counted() -> None:
    engine = Engine(576, 32)
    for command in Commands().feed(b"\x1bZ\x1d\x99A\n"):
        engine.execute(command)
    assert engine.unknown == 2


@given(st.binary(max_size=200), st.integers(1, 7))
def test_any_bytes_in_any_pieces_are_survived(data: bytes, piece: int) -> None:
    whole = Commands().feed(data)
    split = Commands()
    parts = [command for at in range(0, len(data), piece) for command in split.feed(data[at : at + piece])]
    assert texts(parts) == texts(whole)
    engine = Engine(576, 32)
    for command in whole:
        if command.name not in {"ESC d", "ESC J"}:
            engine.execute(command)


def texts(commands: list[Command]) -> list[Command]:
    """Runs of characters joined: where a run was cut is no difference."""
    joined: list[Command] = []
    for command in commands:
        if command.name == "text" and joined and joined[-1].name == "text":
            joined[-1] = Command("text", joined[-1].args + command.args)
        else:
            joined.append(command)
    return joined


# -- answering


class Host:
    """The other end of the simulator's cable, as a plain file descriptor."""

    def __init__(self, link: str) -> None:
        self._fd = os.open(link, os.O_RDWR | os.O_NOCTTY)

    def ask(self, data: str, count: int, wait_s: float = 10.0) -> str:
        """Send, and hear ``count`` bytes (fewer only when the time is over)."""
        os.write(self._fd, bytes.fromhex(data))
        heard = b""
        end = time.monotonic() + wait_s
        while len(heard) < count and select.select([self._fd], [], [], max(0, end - time.monotonic()))[0]:
            heard += os.read(self._fd, count - len(heard))
        return heard.hex(" ").upper()

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[PrinterSim]:
    with PrinterSim(tmp_path / "printer") as it:
        yield it


@pytest.fixture
def host(sim: PrinterSim) -> Iterator[Host]:
    it = Host(sim.address)
    yield it
    it.close()


ALL = "10 04 01 10 04 02 10 04 03 10 04 04"


@pytest.mark.parametrize(
    ("hand", "answer"),
    [
        (lambda _sim: None, "12 12 12 12"),
        (lambda sim: sim.set_paper("low"), "12 12 12 1E"),
        (lambda sim: sim.set_paper("out"), "1A 32 12 7E"),
        (lambda sim: sim.open_cover(), "1A 16 12 12"),
        (lambda sim: sim.jam(), "1A 52 1A 12"),
        (lambda sim: sim.set_offline(offline=True), "1A 12 12 12"),
    ],
)
def test_real_time_status_as_published(
    sim: PrinterSim, host: Host, hand: Callable[[PrinterSim], None], answer: str
) -> None:
    hand(sim)
    assert host.ask(ALL, 4) == answer


def test_a_clone_leaves_the_fixed_bits_out(sim: PrinterSim, host: Host) -> None:
    sim.faults.clone = True
    sim.set_paper("low")
    assert host.ask(ALL, 4) == "00 00 00 0C"


def test_process_id_fence_name_and_pushed_status(sim: PrinterSim, host: Host) -> None:
    assert host.ask("1D 28 48 06 00 30 30 61 31 62 32", 7) == "37 22 61 31 62 32 00"
    assert host.ask("1D 72 01", 1) == "00"
    assert host.ask("1D 49 43", 8) == "5F 54 50 2D 38 30 53 00"
    assert host.ask("1D 61 FF", 4) == "10 00 00 00"
    sim.open_cover()
    assert host.ask("", 4) == "38 00 00 00"


def test_what_is_asked_in_order_waits_for_paper_and_what_is_asked_at_once_does_not(
    sim: PrinterSim, host: Host, eventually: Eventually
) -> None:
    sim.set_paper("out")
    assert host.ask("41 0A 1D 56 42 00 1D 72 01 10 04 01", 1) == "1A"
    assert sim.busy
    assert not sim.tickets
    sim.set_paper("full")
    assert host.ask("", 1) == "00"
    assert [ticket.lines for ticket in sim.tickets] == [("A",)]
    eventually("the queue to empty", lambda: not sim.busy)


def test_what_was_half_received_is_forgotten_with_the_cable(sim: PrinterSim, host: Host) -> None:
    host.ask("1D 76 30 00 48 00 60 00 FF FF 10 04 01", 1, wait_s=0.05)  # an image that never comes
    host.close()
    sim.unplug()
    sim.plug()
    again = Host(sim.address)
    assert again.ask("10 04 01", 1) == "12"
    again.close()
    host._fd = os.open("/dev/null", os.O_RDONLY)  # for the fixture to close


def test_tickets_are_numbered_and_begin_where_the_knife_cut(sim: PrinterSim, host: Host) -> None:
    host.ask("41 0A 1D 56 42 18 42 0A 1D 56 42 18 1D 72 01", 1)
    assert [(ticket.number, ticket.lines) for ticket in sim.tickets] == [(1, ("A",)), (2, ("B",))]
    heights = {Image.open(io.BytesIO(ticket.png)).height for ticket in sim.tickets}
    assert heights == {100 + 30 + 24}


def test_a_ticket_without_a_cut_is_torn_off_by_hand_once_it_hangs_out(
    sim: PrinterSim, host: Host, eventually: Eventually
) -> None:
    host.ask("41 0A 1B 64 04 1D 72 01", 1)
    eventually("a hand", lambda: len(sim.tickets) == 1)
    assert sim.tickets[0].lines == ("A",)
    host.ask("42 0A 1D 72 01", 1)
    assert len(sim.tickets) == 1, "what is still under the head cannot be torn off"
