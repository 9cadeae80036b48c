"""The reader's cable is pulled while cards are read, again and again: it comes back, reads, and leaves nothing over."""

from __future__ import annotations

import queue
import random
import statistics
import threading
import time
from pathlib import Path

import pytest

from devices.events import CardGone, CardSeen, CardTrouble, Condition, DeviceEvent, Health
from devices.idcard.driver import Timing, open_reader
from devices.idcard.people import PEOPLE
from devices.idcard.sim import IdCardSim
from devices.supervisor import Supervisor
from devices.transport import node_watch

pytestmark = pytest.mark.wire

DEADLINE_S = 20.0
BACK_S = 5.0  # after the cable is put back, a card must have been read
TIMING = Timing(poll_s=0.05, same_card_s=0.0)  # else as in the hall
READ_BYTES = 10 + 15 + 10 + 19 + 10 + 1295  # find, select, read, and their answers


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def pull_and_put_back(folder: Path, times: int, seed: int) -> list[float]:
    """Pull the cable ``times`` times while a card is read; return the seconds from each plugging to the card."""
    rng = random.Random(seed)
    events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    threads, open_files = set(threading.enumerate()), descriptors()
    took_s: list[float] = []
    sim = IdCardSim(folder / "idcard")
    supervisor = Supervisor(
        "idcard", lambda: open_reader(sim.address, timing=TIMING), events.put, watch=node_watch(sim.address)
    )
    sim.plug()
    supervisor.start()
    event = events.get(timeout=DEADLINE_S)
    assert isinstance(event, Health)
    assert event.condition is Condition.OK
    polled = threading.Semaphore(0)
    sim.on_request = lambda command: polled.release() if command == b"\x20\x01" else None
    for _ in range(times):
        key = rng.choice(sorted(PEOPLE))
        sim.faults.greets_once = rng.random() < 0.5
        sim.line.faults.split = rng.random() < 0.2
        sim.put(key)
        sim.line.faults.unplug_after = rng.randint(1, READ_BYTES)
        lost = events.get(timeout=DEADLINE_S)
        while not (isinstance(lost, Health) and lost.condition is Condition.ABSENT):
            assert isinstance(lost, CardSeen | CardTrouble), lost  # it may have been read before the cable came out
            lost = events.get(timeout=DEADLINE_S)
        assert lost.reason == "device-lost"

        plugged_s = time.monotonic()
        sim.plug()
        event = events.get(timeout=BACK_S)
        while isinstance(event, Health) and event.condition is Condition.ABSENT:  # tried while it was still away
            event = events.get(timeout=BACK_S)
        assert isinstance(event, Health)
        assert event.condition is Condition.OK
        seen = events.get(timeout=max(0.0, plugged_s + BACK_S - time.monotonic()))
        took_s.append(time.monotonic() - plugged_s)
        assert isinstance(seen, CardSeen)
        assert seen.card.number == PEOPLE[key].number

        sim.lift()
        assert events.get(timeout=DEADLINE_S) == CardGone("idcard")
        while polled.acquire(blocking=False):
            pass
        for _ in range(2):
            assert polled.acquire(timeout=DEADLINE_S)
        assert events.empty()  # told again once and no more
    assert supervisor.health.counters["lost"] >= times
    supervisor.stop()
    sim.close()
    assert set(threading.enumerate()) == threads
    assert descriptors() == open_files
    return took_s


def test_pulled_and_put_back_a_few_times_a_card_is_read_each_time(tmp_path: Path) -> None:
    assert len(pull_and_put_back(tmp_path, times=6, seed=1)) == 6


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_pulled_and_put_back_a_hundred_times_a_card_is_read_each_time(tmp_path: Path) -> None:
    took_s = pull_and_put_back(tmp_path, times=100, seed=2)
    print(f"from plugging to the card: median {statistics.median(took_s):.2f} s, longest {max(took_s):.2f} s")
    assert len(took_s) == 100
