"""How long from laying a card down to knowing whose it is, against what the wire alone must take.

The shipped driver reads invented cards over a simulated cable whose bytes take their time (``paced``) from a module
that needs none itself. Beside it stands the baseline of the same run: the same bytes to and fro over the same kind
of pty with nothing but ``write`` and ``read`` in between, and the computed time, ten bits a byte. A card is laid
down at a random moment of the polling interval, so up to one interval is waiting.
"""

from __future__ import annotations

import queue
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from devices.events import CardSeen, DeviceEvent
from devices.idcard.driver import Reader, Timing, open_reader
from devices.idcard.protocol import RATES
from devices.idcard.sim import PEOPLE, CardFaults, IdCardSim
from devices.simulated_line import LineFaults, SimulatedLine
from devices.transport import open_transport

TARGET = 1.3
# Find, select, read text and photo: bytes of request and answer, counted from the manuals' frames.
EXCHANGES = ((10, 15), (10, 19), (10, 1295))
_BITS_A_BYTE = 10
_DEADLINE_S = 30.0


def wire_s(baud: int) -> float:
    """The time that the frames of one reading take on the wire at ``baud``."""
    return sum(map(sum, EXCHANGES)) * _BITS_A_BYTE / baud


def figures(*, quick: bool) -> Iterator[str]:
    """Lines for a terminal: a row a rate. About 20 s when ``quick``, three minutes otherwise."""
    runs, rates = (6, (RATES[0], RATES[-1])) if quick else (40, RATES)
    poll_s = Timing().poll_s
    yield f"card down to card event, {runs} cards a rate laid down at random moments, polled every {poll_s * 1000:g} ms"
    yield "   baud   wire ms  raw echo ms  found-to-event ms  /raw   down-to-event ms (median, max)  /(wire + poll)"
    for baud in rates:
        with tempfile.TemporaryDirectory() as folder:
            raw_s = statistics.median(_echo(Path(folder, "echo"), baud) for _ in range(3))
            whole_s, found_s = _readings(Path(folder, "idcard"), baud, runs, poll_s)
        bound_s = wire_s(baud) + poll_s
        median_s, longest_s, own_s = statistics.median(whole_s), max(whole_s), statistics.median(found_s)
        yield (
            f"{baud:7d} {wire_s(baud) * 1e3:9.1f} {raw_s * 1e3:12.1f} {own_s * 1e3:18.1f} {own_s / raw_s:5.2f}"
            f" {median_s * 1e3:18.1f} {longest_s * 1e3:10.1f} {median_s / bound_s:12.2f} {longest_s / bound_s:6.2f}"
            f"  {'ok' if longest_s <= TARGET * bound_s else f'over {TARGET}'}"
        )


def _readings(port: Path, baud: int, runs: int, poll_s: float) -> tuple[list[float], list[float]]:
    """Seconds from laying each card down, and from the question that found it, to its event."""
    rng = random.Random()
    told: queue.SimpleQueue[tuple[float, DeviceEvent]] = queue.SimpleQueue()
    found_at_s = [0.0]

    def note(command: bytes) -> None:
        if command == b"\x20\x01":
            # The request is told when its last byte has come; the question began its wire time before.
            found_at_s[0] = time.monotonic() - EXCHANGES[0][0] * _BITS_A_BYTE / baud

    whole_s: list[float] = []
    found_s: list[float] = []
    with IdCardSim(port, faults=CardFaults(baud=baud), line_faults=LineFaults(paced=True)) as sim:
        reader = open_reader(sim.address, baud=baud)
        reader.identify()
        stop = threading.Event()
        thread = threading.Thread(target=_run, args=(reader, told, stop), name="measured reader")
        thread.start()
        try:
            sim.on_request = note
            people = sorted(PEOPLE)
            for number in range(runs):
                # Long enough for the module to have said once that the card before is no longer found.
                time.sleep(2 * poll_s + rng.uniform(0, poll_s))
                down_s = time.monotonic()
                sim.put(people[number % len(people)])
                at_s, event = told.get(timeout=_DEADLINE_S)
                while not isinstance(event, CardSeen):
                    at_s, event = told.get(timeout=_DEADLINE_S)
                whole_s.append(at_s - down_s)
                found_s.append(at_s - found_at_s[0])
        finally:
            stop.set()
            thread.join()
            reader.close()
    return whole_s, found_s


def _run(reader: Reader, told: queue.SimpleQueue[tuple[float, DeviceEvent]], stop: threading.Event) -> None:
    reader.run(lambda event: told.put((time.monotonic(), event)), queue.SimpleQueue(), stop)


def _echo(port: Path, baud: int) -> float:
    """The same numbers of bytes to and fro without our driver: seconds."""
    heard = bytearray()
    answers = iter(EXCHANGES)
    asked, answered = next(answers)

    def answer(data: bytes) -> None:
        nonlocal asked, answered
        heard.extend(data)
        if len(heard) >= asked:
            heard.clear()
            size = answered
            asked, answered = next(answers, (1 << 30, 0))
            line.send(bytes(size))

    line = SimulatedLine(port, answer, LineFaults(paced=True))
    with line:
        host = open_transport(f"serial:{port}?baud={baud}")
        try:
            began_s = time.monotonic()
            for request_bytes, reply_bytes in EXCHANGES:
                host.write(bytes(request_bytes), _DEADLINE_S)
                left = reply_bytes
                while left:
                    left -= len(host.read(left, _DEADLINE_S))
            return time.monotonic() - began_s
        finally:
            host.close()
