"""A printer's long days: answers bent in every way, cables pulled in the middle of tickets. Samples of the soak."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from devices.events import Condition, Health, Printed
from devices.printer import protocol
from devices.printer.driver import PrintJob
from devices.printer.protocol import Answers, Fence, ProcessDone, RealTime, StatusBack, Strange, Text

pytestmark = pytest.mark.wire

Counter = Any  # the class is in conftest.py, which tests do not import
Job = Callable[[str], PrintJob]

GOLDEN = [
    bytes.fromhex(frame)
    for frame in (
        *("12", "1A", "16", "32", "52", "1E", "72", "7E", "00", "03", "0C", "0F", "11", "13"),
        *("10 00 00 00", "38 28 0F 00", "14 00 03 0F", "37 22 61 31 62 32 00", "37 22 21 7E 40 20 00"),
        *("5F 45 50 53 4F 4E 00", "5F 54 4D 2D 54 38 38 56 00", "5F 00"),
    )
]


def bent(rng: random.Random) -> bytes:
    """Some answers in a row, cut, flipped, doubled, with bytes thrown in."""
    data = bytearray(b"".join(rng.choices(GOLDEN, k=rng.randint(1, 6))))
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0:
                del data[at : at + rng.randint(1, 4)]
            case 1:
                data[at:at] = rng.randbytes(rng.randint(1, 5))
            case 2:
                data[at:at] = data[max(0, at - 7) : at]
            case 3 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 4:
                data[at:at] = b"\x5f" + b"A" * rng.randint(0, 90)
            case _:
                del data[at:]
    return bytes(data)


def heard_in_pieces(data: bytes, rng: random.Random) -> list[protocol.Answer]:
    answers, heard = Answers(), []
    while data:
        piece = rng.randint(1, 9)
        heard += answers.feed(data[:piece])
        data = data[piece:]
        assert len(answers._left) <= protocol.TEXT_MAX
    return heard


def spelled(answer: protocol.Answer) -> list[bytes]:
    """The bytes that make exactly this answer: which must have come, in this order."""
    match answer:
        case RealTime(byte) | Strange(byte):
            return [bytes([byte])]
        case ProcessDone(ident):
            return [b"\x37\x22" + ident + b"\x00"]
        case Text(text):
            return [b"\x5f" + text.encode() + b"\x00"]
        case Fence(paper_low=low, paper_out=out):
            return {(False, False): [b"\0"], (True, False): [b"\x03"]}.get((low, out), [b"\x0c", b"\x0f"])
        case StatusBack():
            return []
    raise AssertionError(answer)


def nothing_is_made_up(seed: int, streams: int) -> None:
    rng = random.Random(seed)
    for number in range(streams):
        data = bent(rng)
        clear = bytes(byte for byte in data if byte not in {0x11, 0x13})
        at = 0
        for answer in heard_in_pieces(data, rng):
            wanted = spelled(answer)
            if not wanted:
                assert clear[at] & 0x93 == 0x10, (number, data.hex(" "))
                at += 4
                continue
            said = next((one for one in wanted if clear.startswith(one, at)), None)
            assert said is not None, (number, answer, data.hex(" "))
            at += len(said)
            if isinstance(answer, RealTime):
                assert answer.byte & 0x93 == 0x12
        assert len(clear) - at <= protocol.TEXT_MAX


def test_no_answer_is_made_up_of_bent_bytes() -> None:
    nothing_is_made_up(1, 3_000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_no_answer_is_made_up_of_a_hundred_thousand_bent_streams() -> None:
    nothing_is_made_up(2, 100_000)


def pulled_and_put_back(counter: Counter, job: Job, times: int) -> None:
    """Pull the cable somewhere in a ticket, put it back when that was noticed; again and again."""
    rng = random.Random(3)
    sim = counter.simulator()
    supervisor = counter.start(patience_s=0.5)
    counter.health("ok")
    results = []
    for number in range(times):
        name = f"C{number:03d}"
        sim.line.faults.unplug_after = rng.randint(0, 420)
        supervisor.submit(job(name))
        results.append(counter.ended(f"job-{name}")[0])
        if sim.line.plugged:  # it would have come out behind this ticket
            sim.unplug()
        sim.line.faults.unplug_after = None
        counter.until("the loss", lambda said: isinstance(said, Health) and said.condition is Condition.ABSENT)
        began = time.monotonic()
        sim.plug()
        counter.health("ok")
        assert time.monotonic() - began < 5.0, f"not back in time after {number}"
    supervisor.submit(job("last"))
    assert counter.ended("job-last") == ("printed", "")

    ends = [event.job for event in counter.heard if isinstance(event, Printed)]
    assert sorted(ends) == sorted({*ends}), "each job ended once"
    assert len(ends) == times + 1
    out = [line for ticket in sim.tickets for line in ticket.lines]
    for number, result in enumerate(results):
        came = out.count(f"C{number:03d}")
        assert came == 1 if result == "printed" else came <= (result != "failed")


@pytest.mark.parametrize("counter", ["pty", "usb"], indirect=True)
def test_a_cable_pulled_in_the_middle_of_tickets(counter: Counter, job: Job) -> None:
    pulled_and_put_back(counter, job, 4)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("counter", ["pty", "usb"], indirect=True)
def test_a_cable_pulled_a_hundred_times(counter: Counter, job: Job) -> None:
    pulled_and_put_back(counter, job, 100)


@pytest.mark.parametrize("counter", ["tcp"], indirect=True)
def test_a_network_printer_that_was_long_away_is_back_in_time(counter: Counter, job: Job) -> None:
    """No device node tells of it; the supervisor knocks."""
    sim = counter.simulator()
    supervisor = counter.start()
    counter.health("ok")
    sim.unplug()
    counter.health("absent", "port-missing")
    began = time.monotonic()
    sim.plug()
    counter.health("ok")
    assert time.monotonic() - began < 5.0
    supervisor.submit(job("A001"))
    assert counter.ended("job-A001") == ("printed", "")
