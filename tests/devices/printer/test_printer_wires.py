"""The shipped driver and the simulated printer over every cable: serial, network, USB; plain, split, noisy, slow."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from devices.printer.driver import PrintJob
from devices.simulated_line import LineFaults

pytestmark = pytest.mark.wire

Counter = Any  # the class is in conftest.py, which tests do not import
Job = Callable[[str], PrintJob]
Eventually = Callable[[str, Callable[[], object]], None]

CABLES = ["pty", "tcp", "usb"]
WIRES = {
    "plain": LineFaults(),
    "byte by byte": LineFaults(split=True),
    "noisy": LineFaults(noise=2),
    "slow": LineFaults(slow_s=0.002),
}
over_every_cable = pytest.mark.parametrize("counter", CABLES, indirect=True)
over_every_wire = pytest.mark.parametrize("wire", WIRES)


def laid(counter: Counter, wire: str, **how: Any) -> Any:
    """A simulator at such a wire."""
    sim = counter.simulator(plugged=False, **how)
    sim.line.faults = dataclasses.replace(WIRES[wire])
    sim.plug()
    return sim


@over_every_cable
@over_every_wire
def test_a_ticket_is_printed_once_and_said_to_be(counter: Counter, wire: str, job: Job) -> None:
    sim = laid(counter, wire)
    supervisor = counter.start()
    for number in ("A001", "A002"):
        supervisor.submit(job(number))
        assert counter.ended(f"job-{number}") == ("printed", "")
    assert [ticket.qr[0][-4:] for ticket in sim.tickets] == ["A001", "A002"]
    assert sim.tickets[0].lines[:2] == ("星河市民中心", "A001")


@over_every_cable
@pytest.mark.parametrize("wire", ["plain", "slow"])
def test_paper_that_ends_in_the_middle_is_unknown_and_the_next_ticket_is_whole(
    counter: Counter, wire: str, job: Job
) -> None:
    sim = laid(counter, wire)
    supervisor = counter.start()
    counter.health("ok")
    sim.faults.tear_after_mm = 20.0
    supervisor.submit(job("A001"))
    assert counter.ended("job-A001") == ("unknown", "paper-out")
    counter.health("degraded", "paper-out")
    sim.set_paper("full")
    counter.health("ok")
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    assert [ticket.qr[0][-4:] for ticket in sim.tickets if ticket.lines] == ["A001", "A002"]


@over_every_cable
@pytest.mark.parametrize("wire", ["plain", "slow"])
def test_a_cable_that_comes_out_while_a_ticket_is_sent_leaves_it_unknown_and_the_printer_comes_back(
    counter: Counter, wire: str, job: Job
) -> None:
    sim = laid(counter, wire)
    supervisor = counter.start()
    counter.health("ok")
    supervisor.submit(job("A000"))
    assert counter.ended("job-A000") == ("printed", "")
    sim.line.faults.unplug_after = 100
    supervisor.submit(job("A001"))
    result, reason = counter.ended("job-A001")
    assert (result, reason) in {("unknown", "device-lost"), ("failed", "device-lost")}
    counter.health("absent", "device-lost")
    sim.plug()
    counter.health("ok")
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    out = [line for ticket in sim.tickets for line in ticket.lines]
    assert out.count("A001") <= 1
    assert out.count("A002") == 1
    assert counter.ends_of("job-A001") == 1


@pytest.mark.parametrize("counter", ["usb"], indirect=True)
def test_a_printer_that_takes_no_more_leaves_the_ticket_unknown(
    counter: Counter, job: Job, eventually: Eventually
) -> None:
    """Out of paper and with a full buffer: the cable is held, status requests are not even heard."""
    sim = counter.simulator()
    supervisor = counter.start(patience_s=0.3)
    counter.health("ok")
    sim.faults.buffer_bytes = 64
    sim.faults.tear_after_mm = 10.0
    supervisor.submit(job("A001"))
    result, reason = counter.ended("job-A001")
    assert result == "unknown"
    assert reason in {"not-answering", "write-timeout", "paper-out"}
    counter.health("absent", "not-answering")
    sim.set_paper("full")
    sim.faults.buffer_bytes = None
    counter.health("ok")
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    out = [line for ticket in sim.tickets for line in ticket.lines]
    assert (out.count("A001"), out.count("A002")) == (1, 1)
