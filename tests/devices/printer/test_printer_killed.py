"""A kiosk that is killed in the middle of a ticket: the next one knows what the printer may still be waiting for."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from devices.printer.driver import PrintJob
from devices.printer.slip import Slip

pytestmark = pytest.mark.wire

Counter = Any  # the class is in conftest.py, which tests do not import
Eventually = Callable[[str, Callable[[], object]], None]

# Prints a ticket of images without end, as the kiosk does; somebody ends it with kill -9.
PROGRAM = """
import pathlib, queue, sys
from devices.printer.driver import PrintJob, supervise_printer
from devices.printer.profile import load_profile
from devices.printer.slip import Line, Slip
heard = queue.SimpleQueue()
printer = supervise_printer(sys.argv[1], load_profile(), heard.put, memory=pathlib.Path(sys.argv[2]))
printer.start()
printer.submit(PrintJob("A001", Slip((Line("A001"), *[Line("䶮" * 12, size=2)] * 20))))
while True:
    heard.get()
"""


@pytest.mark.parametrize("received", [3_000, 7_001, 20_003])
def test_a_kiosk_killed_in_the_middle_of_a_ticket_spoils_no_other(
    counter: Counter, ticket: Callable[[str], Slip], eventually: Eventually, received: int
) -> None:
    sim = counter.simulator()
    sim.line.faults.paced = True  # at the wire's own speed there is a middle to be killed in
    with subprocess.Popen([sys.executable, "-c", PROGRAM, counter.address, str(counter.memory)]) as kiosk:
        eventually("the middle of the ticket", lambda: sim.received_bytes >= received)
        kiosk.kill()
        assert kiosk.wait() == -signal.SIGKILL
    sim.line.faults.paced = False

    supervisor = counter.start()
    supervisor.submit(PrintJob("A002", ticket("A002")))
    assert counter.ended("A002") == ("printed", "")
    eventually("the ticket", lambda: [one.qr for one in sim.tickets if one.qr])
    assert sum("A001" in one.lines for one in sim.tickets) <= 1
    (whole,) = [one for one in sim.tickets if "A002" in one.lines]
    assert whole.qr == ("http://127.0.0.1:8080/t/A002",)
    assert "A001" not in whole.lines
