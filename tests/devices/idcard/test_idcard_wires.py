"""The shipped reader driver against the simulated module, over a real pty: four wires, and all that breaks."""

from __future__ import annotations

import dataclasses
import logging
import queue
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices.errors import DeviceFault
from devices.events import CardGone, CardSeen, CardTrouble, Condition, DeviceEvent, Health
from devices.idcard.driver import Timing, open_reader
from devices.idcard.people import PEOPLE
from devices.idcard.sim import CardFaults, IdCardSim
from devices.simulated_line import LineFaults
from devices.simulated_socket import SimulatedSocket
from devices.supervisor import Supervisor
from devices.transport import node_watch

pytestmark = pytest.mark.wire

DEADLINE_S = 15.0
BRISK = Timing(
    poll_s=0.03, quiet_s=0.2, again_s=0.2, same_card_s=0.2
)  # the simulated card needs no time to authenticate


class Bench:
    """A simulated module, and the shipped driver under its supervisor."""

    def __init__(self, folder: Path) -> None:
        self.sim = IdCardSim(folder / "idcard", noise_source=random.Random(7))
        self._events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        port = str(folder / "idcard")
        self.supervisor = Supervisor(
            "idcard",
            lambda: open_reader(port, timing=BRISK),
            self._events.put,
            watch=node_watch(port),
            jitter=lambda: 1.0,
        )

    def start(self) -> None:
        self.sim.plug()
        self.supervisor.start()
        assert self.next_health().condition is Condition.OK

    def next(self) -> DeviceEvent:
        return self._events.get(timeout=DEADLINE_S)

    def next_health(self) -> Health:
        event = self.next()
        assert isinstance(event, Health), event
        return event

    def assert_quiet_for_polls(self, polls: int) -> None:
        """Nothing is told while the driver asks ``polls`` more times."""
        asked = threading.Semaphore(0)
        self.sim.on_request = lambda command: asked.release() if command == b"\x20\x01" else None
        for _ in range(polls):
            assert asked.acquire(timeout=DEADLINE_S)
        assert self._events.empty()

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


WIRES = {
    "plain": LineFaults(),
    "byte by byte": LineFaults(split=True),
    "noisy": LineFaults(noise=11, loss=0.0002),
    "delayed": LineFaults(slow_s=0.0001),
}


@pytest.mark.parametrize("wire", WIRES)
def test_a_card_is_seen_once_and_missed_once_over_every_wire(
    bench: Bench, wire: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.sim.line.faults = dataclasses.replace(WIRES[wire])
    bench.sim.faults.greets_once = False
    bench.start()
    for key in ("rare", "foreign2017"):
        bench.sim.put(key)
        seen = bench.next()
        while wire == "noisy" and seen == CardTrouble("idcard", "replace-card"):  # three broken replies in a row
            seen = bench.next()
        assert isinstance(seen, CardSeen)
        assert seen.card.number == PEOPLE[key].number
        assert seen.card.name in {PEOPLE[key].name, PEOPLE[key].english_name}
        bench.sim.lift()
        assert bench.next() == CardGone("idcard")
        assert PEOPLE[key].number not in caplog.text + repr(seen)
    assert bench.supervisor.health.counters["cards"] == 2


@pytest.mark.parametrize("greets_once", [True, False], ids=["answers no card after a read", "goes on finding it"])
def test_a_card_left_lying_is_read_once(bench: Bench, greets_once: bool) -> None:  # noqa: FBT001
    bench.sim.faults.greets_once = greets_once
    bench.start()
    bench.sim.put("zhang")
    assert isinstance(bench.next(), CardSeen)
    if greets_once:
        assert bench.next() == CardGone("idcard")
    bench.assert_quiet_for_polls(4)
    assert bench.sim.reads == 1


@pytest.mark.parametrize(
    ("faults", "code"),
    [(CardFaults(self_test_failed=True), "sam-self-test"), (CardFaults(not_authorised=True), "sam-not-authorised")],
)
def test_a_module_that_cannot_work_says_why(tmp_path: Path, faults: CardFaults, code: str) -> None:
    with IdCardSim(tmp_path / "idcard", faults=faults):
        reader = open_reader(str(tmp_path / "idcard"))
        with pytest.raises(DeviceFault) as fault:
            reader.identify()
        assert fault.value.fault == code
        reader.close()


def cannot_be_read(sim: IdCardSim) -> None:
    sim.faults.read_fails = True


def breaks_off(sim: IdCardSim) -> None:
    sim.faults.truncated = True


def locked_up(sim: IdCardSim) -> None:
    sim.faults.select_fails = True


@pytest.mark.parametrize("fault", [cannot_be_read, breaks_off, locked_up])
def test_a_card_that_cannot_be_read_is_to_be_placed_again_and_then_is_seen(
    bench: Bench, fault: Callable[[IdCardSim], None]
) -> None:
    bench.start()
    fault(bench.sim)
    bench.sim.put("li")
    assert bench.next() == CardTrouble("idcard", "replace-card")
    bench.sim.faults = CardFaults()
    seen = bench.next()  # while it still lies there: not everybody does as told
    assert isinstance(seen, CardSeen)
    assert seen.card.number == PEOPLE["li"].number


def test_a_card_that_locked_up_in_the_field_is_freed_by_a_reset(bench: Bench) -> None:
    bench.start()
    bench.sim.faults.select_fails = True
    bench.sim.put("li")
    assert bench.next() == CardTrouble("idcard", "replace-card")
    assert isinstance(bench.next(), CardSeen)
    assert bench.sim.resets == 1


def test_another_kind_of_chip_card_is_told_so(bench: Bench) -> None:
    bench.start()
    bench.sim.faults.foreign_object = True
    bench.sim.put("li")
    assert bench.next() == CardTrouble("idcard", "unknown-layout")


def test_a_card_with_a_wrong_number_is_told_so_and_told_once(bench: Bench) -> None:
    bench.sim.faults.greets_once = False
    bench.start()
    bench.sim.put(dataclasses.replace(PEOPLE["li"], number="110199195803121014"))
    assert bench.next() == CardTrouble("idcard", "bad-number")
    bench.assert_quiet_for_polls(6)
    bench.sim.lift()
    assert bench.next() == CardGone("idcard")


def test_a_card_lifted_while_it_is_read_is_to_be_placed_again(bench: Bench) -> None:
    bench.start()
    bench.sim.faults.lift_mid_read = True
    bench.sim.put("zhang")
    assert bench.next() == CardTrouble("idcard", "replace-card")
    assert bench.next() == CardGone("idcard")
    bench.sim.put("zhang")
    assert isinstance(bench.next(), CardSeen)


def test_unplugged_while_a_card_is_read_it_comes_back_and_reads(bench: Bench) -> None:
    bench.start()
    for _ in range(3):
        bench.sim.faults.unplug_mid_read = True
        bench.sim.put("zhang")
        lost = bench.next_health()
        assert lost.condition is Condition.ABSENT
        assert lost.reason == "device-lost"
        bench.sim.plug()
        event = bench.next()
        while isinstance(event, Health) and event.condition is Condition.ABSENT:
            event = bench.next()
        assert isinstance(event, Health)
        assert event.condition is Condition.OK
        assert isinstance(bench.next(), CardSeen)
        bench.sim.lift()
        event = bench.next()
        assert event == CardGone("idcard")


@pytest.mark.parametrize("fault", ["wrong_checksum", "short_timeout"])
def test_a_module_that_only_talks_rubbish_is_given_up_and_found_again(bench: Bench, fault: str) -> None:
    bench.start()
    setattr(bench.sim.faults, fault, True)
    lost = bench.next_health()
    assert (lost.condition, lost.reason) == (Condition.ABSENT, "link-garbled")
    bench.sim.faults = CardFaults()
    bench.supervisor.poke()
    assert bench.next_health().condition is Condition.OK


def test_a_preamble_with_a_zero_in_it_is_forgiven(bench: Bench) -> None:
    bench.sim.faults.zero_inserted = True
    bench.start()
    bench.sim.put("zhang")
    assert isinstance(bench.next(), CardSeen)


@pytest.mark.parametrize(
    ("person", "address"), [("li", PEOPLE["li"].newest_address), ("zhang", PEOPLE["zhang"].address)]
)
def test_the_newest_address_is_read_where_it_is_asked_for(tmp_path: Path, person: str, address: str) -> None:
    seen: list[DeviceEvent] = []
    stop = threading.Event()

    def first(event: DeviceEvent) -> None:
        seen.append(event)
        stop.set()

    with IdCardSim(tmp_path / "idcard") as sim:
        sim.put(person)
        reader = open_reader(str(tmp_path / "idcard"), newest_address=True)
        reader.identify()
        reader.run(first, queue.SimpleQueue(), stop)
        reader.close()
    [event] = seen
    assert isinstance(event, CardSeen)
    assert event.card.address == address


@pytest.mark.parametrize("greets_once", [True, False])
def test_a_reader_behind_a_serial_server_reads_too(greets_once: bool) -> None:  # noqa: FBT001
    seen: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    with IdCardSim(SimulatedSocket(), faults=CardFaults(greets_once=greets_once, baud=9_600)) as sim:  # has no rate
        supervisor = Supervisor("idcard", lambda: open_reader(sim.address, timing=BRISK), seen.put)
        supervisor.start()
        try:
            assert isinstance(seen.get(timeout=DEADLINE_S), Health)
            sim.put("macao")
            event = seen.get(timeout=DEADLINE_S)
        finally:
            supervisor.stop()
    assert isinstance(event, CardSeen)
    assert event.card.number == PEOPLE["macao"].number
