"""Nothing is ever printed twice and nothing is called printed that did not come out, wherever it breaks.

One ticket is sent, and at one byte of it something goes wrong. Then everything is mended and a second ticket is
printed. The simulated printer counts what fell into its tray. Each place and each fault is a case of its own, by turns
over a serial, a network and a USB cable and with each way of confirming.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from devices.errors import DeviceError, reason_of
from devices.events import DeviceEvent, Printed
from devices.printer.driver import Printer, PrintJob
from devices.printer.profile import PrinterProfile, load_profile
from devices.printer.render import render
from devices.printer.sim import PrinterSim
from devices.printer.sim_engine import Ticket
from devices.printer.slip import Line, Qr, Rule, Slip
from devices.printer.units import Confirmation, Unit, Units
from devices.simulated_line import FarEnd, SimulatedLine
from devices.simulated_socket import SimulatedSocket
from devices.simulated_usb import SimulatedUsb
from devices.transport import open_transport

pytestmark = pytest.mark.wire

Eventually = Callable[[str, Callable[[], object]], None]
Deed = Callable[[PrinterSim], None]

_IDS = count(1, 100_000)
TICKET = re.compile(rb"(?<!\x1b=\x01)\x1b@")
"""A ticket begins with a reset, the one that wakes a printer when it is opened aside."""


def slip(number: str, *, rare: bool = False) -> Slip:
    name = Line("张𠮷") if rare else Line("张三")
    return Slip((Line(number, size=4, align="center", bold=True), name, Rule(), Qr(f"http://127.0.0.1/t/{number}")))


def swallow(sim: PrinterSim) -> None:
    """The wire is cut between the adapter and the printer: the rest is lost and nobody is told."""
    sim.line.on_bytes = lambda _data: None


def zeros(sim: PrinterSim) -> None:
    """A line that is held low reads as zeros, and a zero is what a printer with paper answers to GS r."""
    swallow(sim)
    sim.line.send(bytes(random.Random(sim.received_bytes).randint(1, 4)))


def noise(sim: PrinterSim) -> None:
    sim.line.faults.noise = 5


def full(sim: PrinterSim) -> None:
    sim.faults.buffer_bytes = 0
    sim.set_paper("out")


def silence(sim: PrinterSim) -> None:
    sim.line.faults.silence = True


def forgets_ids(sim: PrinterSim) -> None:
    sim.faults.no_process_id = True


QUICK: dict[str, Deed] = {
    "unplugged": PrinterSim.unplug,
    "paper out": lambda sim: sim.set_paper("out"),
    "cover open": PrinterSim.open_cover,
    "jam": PrinterSim.jam,
    "off line": lambda sim: sim.set_offline(offline=True),
    "noise": noise,
    "no id": forgets_ids,
}
TAKING_SECONDS: dict[str, Deed] = {"swallowed": swallow, "zeros": zeros, "full": full, "silence": silence}
ALL = QUICK | TAKING_SECONDS


@dataclass
class Hall:
    """One printer at one cable, and the shipped driver's memory of it."""

    sim: PrinterSim
    profile: PrinterProfile
    units: Units

    def print(self, number: str, *, rare: bool = False) -> tuple[str, str]:
        """Print one ticket by a driver made anew; its one end."""
        ends: list[Printed] = []
        stop = threading.Event()

        def hear(event: DeviceEvent) -> None:
            if isinstance(event, Printed):
                ends.append(event)
                stop.set()

        jobs: SimpleQueue[Any] = SimpleQueue()
        jobs.put(PrintJob(number, slip(number, rare=rare)))
        printer = Printer(
            open_transport(self.sim.address), self.profile, self.units, first_id=next(_IDS), patience_s=0.2
        )
        try:
            printer.identify()
            printer.run(hear, jobs, stop)
        except DeviceError as error:
            if not ends:  # it was not even asked to print, as under a supervisor that reports the device absent
                return "failed", reason_of(error)
        finally:
            printer.close()
        (end,) = ends
        return str(end.result), end.reason

    def trip(self, after: int, deed: Deed) -> None:
        """Do ``deed`` when so many bytes of the next ticket have arrived."""
        hear, seen, left = self.sim.line.on_bytes, bytearray(), after

        def counted(data: bytes) -> None:
            nonlocal left, seen
            before = len(seen)
            seen += data
            reset = TICKET.search(seen)
            began = reset.start() if reset else -1
            if left < 0 or began < 0 or len(seen) < began + left:
                hear(data)
                return
            now = max(began + left - before, 0)
            left = -1
            hear(data[:now])
            deed(self.sim)
            if self.sim.line.plugged:
                self.sim.line.on_bytes(data[now:]) if self.sim.line.on_bytes is not counted else hear(data[now:])

        self.sim.line.on_bytes = counted

    def mend(self, hear: Callable[[bytes], None], eventually: Eventually, *, off_and_on: bool) -> None:
        sim = self.sim
        if off_and_on:
            sim.switch_off_and_on()
        sim.line.on_bytes = hear
        sim.line.faults.noise, sim.line.faults.silence = 0, False
        sim.faults.buffer_bytes, sim.faults.no_process_id = None, False
        sim.set_paper("full")
        sim.close_cover()
        sim.unjam()
        sim.set_offline(offline=False)
        sim.plug()
        eventually("the printer to print what it holds", lambda: not sim.busy)

    def came_out(self, number: str) -> list[Ticket]:
        return [ticket for ticket in self.sim.tickets if number in ticket.lines or f"/t/{number}" in str(ticket.qr)]


@contextmanager
def hall(cable: int, confirmation: Confirmation, folder: Path) -> Iterator[Hall]:
    end: FarEnd = (lambda: SimulatedLine(folder / "printer"), SimulatedSocket, SimulatedUsb)[cable % 3]()
    profile = load_profile()
    units = Units()
    units.put(end.address, Unit("JIAOHAO TP-80S 1.04 SIM", answers=True, confirmation=confirmation))
    with PrinterSim(end, noise_source=None) as sim:
        sim.faults.keeps_data = cable % 2 == 0
        yield Hall(sim, profile, units)


def check(folder: Path, at: int, deed: Deed, confirmation: Confirmation, eventually: Eventually, *, rare: bool) -> str:
    """One case; what became of the first ticket."""
    with hall(at // 3, confirmation, folder) as it:
        hear = it.sim.line.on_bytes
        it.trip(at, deed)
        result, reason = it.print("A001", rare=rare)
        printed_so_far = len(it.came_out("A001"))
        it.mend(hear, eventually, off_and_on=at % 2 == 0)
        for _ in range(25):
            # on a busy machine an answer may come too late; then nothing was sent, and it is asked again
            second = it.print("B002")
            if second != ("failed", "not-answering"):
                break
        eventually("the second ticket", lambda: it.came_out("B002"))

        assert second == ("sent" if confirmation is Confirmation.NONE else "printed", "")
        (ticket,) = it.came_out("B002")
        assert ticket.lines == ("B002", "张三", "─" * 24), "it is whole, and nothing of the first hangs on it"
        assert ticket.qr == ("http://127.0.0.1/t/B002",)
        first = it.came_out("A001")
        assert len(first) <= 1, "never two for one job"
        match result:
            case "printed":
                assert printed_so_far == 1
                assert first[0].qr == ("http://127.0.0.1/t/A001",)
                assert first[0].lines == ("A001", *(() if rare else ("张三",)), "─" * 24)
                assert first[0].images == rare
            case "failed":
                assert first == []
            case _:
                assert reason or confirmation is Confirmation.NONE
        return result


def places(profile: PrinterProfile, *, rare: bool = False) -> range:
    """Every byte of the ticket, and those of the question behind it."""
    return range(len(render(slip("A001", rare=rare), profile)) + 12)


SAMPLE = [
    ("unplugged", 0, Confirmation.PROCESS_ID),
    ("unplugged", 61, Confirmation.PROCESS_ID),
    ("unplugged", 98, Confirmation.FENCE),
    ("unplugged", 128, Confirmation.NONE),
    ("paper out", 40, Confirmation.FENCE),
    ("paper out", 111, Confirmation.PROCESS_ID),
    ("cover open", 75, Confirmation.FENCE),
    ("jam", 20, Confirmation.PROCESS_ID),
    ("off line", 33, Confirmation.FENCE),
    ("noise", 5, Confirmation.PROCESS_ID),
    ("noise", 5, Confirmation.FENCE),
    ("no id", 7, Confirmation.PROCESS_ID),
    ("zeros", 150, Confirmation.FENCE),
    ("full", 60, Confirmation.FENCE),
]


@pytest.mark.parametrize(("fault", "at", "confirmation"), SAMPLE)
def test_one_job_is_one_ticket_at_most(
    tmp_path: Path, fault: str, at: int, confirmation: Confirmation, eventually: Eventually
) -> None:
    result = check(tmp_path, at, ALL[fault], confirmation, eventually, rare=False)
    if fault in {"zeros", "full", "paper out", "jam"}:
        assert result != "printed"
    if fault == "noise" and confirmation is Confirmation.PROCESS_ID:
        assert result == "printed"


def test_an_image_that_broke_off_does_not_swallow_the_next_ticket(tmp_path: Path, eventually: Eventually) -> None:
    check(tmp_path, 1501, swallow, Confirmation.PROCESS_ID, eventually, rare=True)
    check(tmp_path, 1948, zeros, Confirmation.FENCE, eventually, rare=True)


def confirming(at: int) -> Confirmation:
    """Each in turn; the cables turn at another pace."""
    return list(Confirmation)[at % 3]


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("fault", QUICK)
def test_every_fault_at_every_byte(tmp_path: Path, fault: str, eventually: Eventually) -> None:
    for at in places(load_profile()):
        check(tmp_path, at, QUICK[fault], confirming(at), eventually, rare=False)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("fault", ALL)
def test_every_fault_at_many_bytes_of_a_ticket_with_an_image(
    tmp_path: Path, fault: str, eventually: Eventually
) -> None:
    for at in random.Random(11).sample(places(load_profile(), rare=True), 30 if fault in QUICK else 9):
        check(tmp_path, at, ALL[fault], confirming(at), eventually, rare=True)
