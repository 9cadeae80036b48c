"""The shipped scanner driver against a simulated engine, over a real pty."""

from __future__ import annotations

import dataclasses
import queue
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.events import CodeSeen, CodeTrouble, Condition, DeviceEvent, Health
from devices.scanner.driver import open_scanner
from devices.scanner.sim import EngineSettings, ScannerSim
from devices.simulated_line import LineFaults
from devices.supervisor import Supervisor
from devices.transport import node_watch

DEADLINE_S = 15.0


class Bench:
    def __init__(self, folder: Path) -> None:
        self.sim = ScannerSim(folder / "scanner", noise_source=random.Random(3))
        self._events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        port = str(folder / "scanner")
        self.supervisor = Supervisor(
            "scanner",
            lambda: open_scanner(port, prefixes=(b"]Q3",)),
            self._events.put,
            watch=node_watch(port),
        )
        self.sim.plug()
        self.supervisor.start()
        health = self.next()
        assert isinstance(health, Health)
        assert health.condition is Condition.OK

    def next(self) -> DeviceEvent:
        return self._events.get(timeout=DEADLINE_S)

    def close(self) -> None:
        self.supervisor.stop()
        self.sim.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    threads = threading.active_count()
    bench = Bench(tmp_path)
    yield bench
    bench.close()
    assert threading.active_count() == threads


ENGINES = (
    EngineSettings(),
    EngineSettings(suffix=b"\r"),
    EngineSettings(suffix=b"\n", prefix=b"]Q3"),
    EngineSettings(suffix=b"", encoding="gb18030"),
)


@pytest.mark.parametrize(
    "wire", [LineFaults(), LineFaults(split=True), LineFaults(slow_s=0.0001)], ids=["plain", "split", "slow"]
)
def test_a_code_is_seen_whatever_the_engine_and_the_wire(bench: Bench, wire: LineFaults) -> None:
    bench.sim.line.faults = dataclasses.replace(wire)
    for number, engine in enumerate(ENGINES):
        bench.sim.settings = engine
        bench.sim.show(f"办理:敬老卡 A{number}")
        assert bench.next() == CodeSeen("scanner", f"办理:敬老卡 A{number}")


def test_a_code_that_is_held_is_seen_once(bench: Bench) -> None:
    bench.sim.hold("T-1", times=5, every_s=0.01)
    bench.sim.show("T-2")
    assert [bench.next(), bench.next()] == [CodeSeen("scanner", "T-1"), CodeSeen("scanner", "T-2")]


def test_what_cannot_be_used_is_told_by_its_code(bench: Bench) -> None:
    bench.sim.show(b"\xff\xfe\xfd")
    assert bench.next() == CodeTrouble("scanner", "unreadable-text")
    bench.sim.show("T-1")
    assert bench.next() == CodeSeen("scanner", "T-1")
    bench.sim.show("x" * 600)
    assert bench.next() == CodeTrouble("scanner", "too-long")


def test_a_flood_ends_in_one_trouble(bench: Bench) -> None:
    bench.sim.flood(100)
    told = [bench.next() for _ in range(9)]
    assert all(isinstance(event, CodeSeen) for event in told[:8])
    assert told[8] == CodeTrouble("scanner", "flood")
    bench.sim.unplug()
    assert isinstance(bench.next(), Health)  # and nothing of the flood before it


def test_unplugged_in_the_middle_of_a_code_it_comes_back_without_the_half(bench: Bench) -> None:
    bench.sim.line.send(b"T-ha")
    bench.sim.unplug()
    lost = bench.next()
    if isinstance(lost, CodeSeen):  # the pause was longer than the gap before the cable was out
        lost = bench.next()
    assert isinstance(lost, Health)
    assert lost.condition is Condition.ABSENT
    bench.sim.plug()
    back = bench.next()
    assert isinstance(back, Health)
    bench.sim.show("T-1")
    assert bench.next() == CodeSeen("scanner", "T-1")
