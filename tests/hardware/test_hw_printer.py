"""A real ticket printer: what it answers, how it confirms, and two tickets to look at.

    pytest -m hardware --port=usb:04b8:0e15

Uses about 20 cm of paper, laid out for 58 mm so that it fits every roll. Open the cover when asked; if nobody does, the
last test is skipped. Nothing is set up in the printer, and nothing is remembered of it.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devices.errors import DeviceError
from devices.events import DeviceEvent, Health, Printed, PrintResult
from devices.printer import protocol
from devices.printer.driver import Printer, PrintJob
from devices.printer.profile import load_profile
from devices.printer.protocol import Status
from devices.printer.slip import Feed, Line, Qr, Rule, Slip
from devices.printer.talk import SILENT, Talk
from devices.printer.units import Confirmation, Units
from devices.transport import open_transport

pytestmark = pytest.mark.hardware

HAND_S = 20.0
END_S = 30.0


@pytest.fixture
def port(port_of: Callable[[str], str]) -> str:
    return port_of("printer")


@pytest.fixture
def talk(port: str) -> Iterator[Talk]:
    line = open_transport(port)
    yield Talk(line)
    line.close()


@pytest.fixture
def printer(port: str) -> Iterator[Printer]:
    """Without a memory, so that the unit is probed."""
    printer = Printer(open_transport(port), load_profile("generic", 58), Units(None))
    printer.identify()
    yield printer
    printer.close()


def test_its_status_has_the_fixed_bits_and_comes_quickly(talk: Talk) -> None:
    if talk.status() is SILENT:
        pytest.skip("it does not answer DLE EOT: its tickets will end as sent")
    spent_ms = []
    for _ in range(10):
        began = time.monotonic()
        status = talk.status()
        spent_ms.append((time.monotonic() - began) * 1000)
        assert isinstance(status, Status), "fixed bits are wrong: a clone whose status must not be believed"
        assert status.stopped_by == "", "make it ready first: paper in, cover closed"
    tell(f"two readings of DLE EOT 1 to 4 take {min(spent_ms):.0f} to {max(spent_ms):.0f} ms")


def test_what_it_calls_itself_and_how_it_confirms(talk: Talk) -> None:
    names = [talk.text(n) for n in (protocol.MAKER, protocol.MODEL, protocol.FIRMWARE)]
    by_id = talk.probe_process_id(b"T#01", 0.5)
    by_fence = talk.probe_fence(0.5)
    tell(f"it calls itself {names}; GS ( H: {'answered' if by_id else 'no'}; GS r: {'answered' if by_fence else 'no'}")
    assert talk.fences_owed == 0 or not by_fence, "it answered GS r once and then no more"


def test_two_tickets_come_out_and_are_said_to(printer: Printer) -> None:
    for number in ("T001", "T002"):
        ended = printed(printer, PrintJob(number, slip(number)))
        tell(f"{number}: {ended.result} {ended.reason}")
        assert ended.result in {PrintResult.PRINTED, PrintResult.SENT}
    confirmed = printer.confirmation
    tell(f"remembered would be: {confirmed}")
    if confirmed in {Confirmation.PROCESS_ID, Confirmation.FENCE}:
        assert ended.result is PrintResult.PRINTED
    tell("请看小票 / look: number large and bold, rare characters whole, rule unbroken, code scans, cut clean")


def test_an_open_cover_is_seen_within_five_seconds(printer: Printer) -> None:
    seen: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(printer, seen.put, stop))
    thread.start()
    try:
        tell(f"请打开纸仓盖 / open the cover within {HAND_S:g} s")
        until_s = time.monotonic() + HAND_S
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                event = seen.get(timeout=left_s)
            except queue.Empty:
                break
            if isinstance(event, Health) and event.reason:
                tell(f"it says {event.reason}; close the cover again")
                assert event.reason in {"cover-open", "paper-out", "offline"}
                return
        pytest.skip("nobody opened the cover")
    finally:
        stop.set()
        thread.join()


def slip(number: str) -> Slip:
    return Slip(
        (
            Line("硬件测试 Hardware test", align="center", bold=True),
            Line(number, size=6, align="center", bold=True),
            Rule(),
            Line("常用：张三，（括号）①￥12.50"),
            Line("生僻：䶮𠮷鿍㛃（整行以图打印）"),
            Qr(f"http://127.0.0.1:8080/t/{number}"),
            Feed(1),
        )
    )


def printed(printer: Printer, job: PrintJob) -> Printed:
    stop, ends = threading.Event(), list[Printed]()

    def hear(event: DeviceEvent) -> None:
        if isinstance(event, Printed):
            ends.append(event)
            stop.set()

    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    jobs.put(job)
    over = threading.Timer(END_S, stop.set)
    over.start()
    try:
        printer.run(hear, jobs, stop)
    finally:
        over.cancel()
        over.join()
    assert len(ends) == 1, f"no end within {END_S:g} s"
    return ends[0]


def run(printer: Printer, hear: Callable[[DeviceEvent], None], stop: threading.Event) -> None:
    try:
        printer.run(hear, queue.SimpleQueue(), stop)
    except DeviceError as error:
        tell(f"it was lost: {error}")


def tell(words: str) -> None:
    """To whoever stands there, past pytest's capturing."""
    print(words, file=sys.__stderr__, flush=True)
