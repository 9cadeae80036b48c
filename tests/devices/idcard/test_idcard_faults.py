"""Every switch of the simulated module and its cable, one after the other: what is told, and that it ends well."""

from __future__ import annotations

import dataclasses
import queue
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.events import CardGone, CardSeen, CardTrouble, Condition, DeviceEvent, Health
from devices.idcard.driver import Timing, open_reader
from devices.idcard.people import PEOPLE
from devices.idcard.sim import CardFaults, IdCardSim
from devices.simulated_line import LineFaults
from devices.supervisor import Supervisor
from devices.transport import node_watch

pytestmark = pytest.mark.wire

DEADLINE_S = 20.0
BRISK = Timing(
    settle_s=0.0, poll_s=0.03, status_s=0.1, find_s=0.15, command_s=0.15, read_s=0.3, quiet_s=0.05,
    again_s=0.1, same_card_s=0.0,
)  # fmt: skip


class Bench:
    """A simulated module, and the shipped driver under its supervisor."""

    def __init__(self, folder: Path, timing: Timing = BRISK) -> None:
        self.sim = IdCardSim(folder / "idcard", noise_source=random.Random(7))
        self.events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.supervisor = Supervisor(
            "idcard",
            lambda: open_reader(self.sim.address, timing=timing),
            self.events.put,
            watch=node_watch(self.sim.address),
            jitter=lambda: 1.0,
        )
        self.polls = threading.Semaphore(0)
        self.sim.on_request = lambda command: self.polls.release() if command == b"\x20\x01" else None

    def start(self) -> None:
        self.sim.plug()
        self.supervisor.start()
        event = self.next()
        assert isinstance(event, Health)
        assert event.condition is Condition.OK

    def next(self) -> DeviceEvent:
        return self.events.get(timeout=DEADLINE_S)

    def until_seen(self) -> list[DeviceEvent]:
        """All that is told up to the next card that is read."""
        told = [self.next()]
        while not isinstance(told[-1], CardSeen):
            told.append(self.next())
        return told

    def wait_for_polls(self, polls: int) -> None:
        while self.polls.acquire(blocking=False):
            pass
        for _ in range(polls):
            assert self.polls.acquire(timeout=DEADLINE_S)

    def rest(self) -> list[DeviceEvent]:
        told = []
        while not self.events.empty():
            told.append(self.events.get())
        return told


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    threads = threading.active_count()
    bench = Bench(tmp_path)
    yield bench
    bench.supervisor.stop()
    bench.sim.close()
    assert threading.active_count() == threads


SWITCHES: dict[str, object] = {
    "find_ends_session": True,
    "baud": 38_400,
    "card_s": 0.2,
    "fingerprint_bytes": 1024,
    "late_s": 0.2,
    "read_status": 0x33,
} | {
    field.name: True
    for field in dataclasses.fields(CardFaults)
    if field.default is False and field.name != "find_ends_session"
}
LINE_SWITCHES: dict[str, object] = {
    "silence": True, "slow_s": 0.0002, "split": True, "noise": 40, "loss": 0.01, "paced": True, "unplug_after": 50,
}  # fmt: skip


def test_no_switch_is_forgotten_here() -> None:
    assert {field.name for field in dataclasses.fields(CardFaults)} == {*SWITCHES, "greets_once"}
    assert {field.name for field in dataclasses.fields(LineFaults)} == set(LINE_SWITCHES)


@pytest.mark.parametrize("switch", SWITCHES | LINE_SWITCHES)
def test_whatever_was_wrong_a_card_is_read_when_it_is_over(bench: Bench, switch: str) -> None:
    bench.start()
    holder = bench.sim.faults if switch in SWITCHES else bench.sim.line.faults
    setattr(holder, switch, (SWITCHES | LINE_SWITCHES)[switch])
    bench.sim.put("zhang")
    bench.wait_for_polls(1)
    told = [bench.next()]  # nothing goes unnoticed: the card, a trouble, or the loss
    assert not isinstance(told[0], CardGone)
    bench.sim.lift()
    bench.sim.faults = CardFaults()
    bench.sim.line.faults = LineFaults()
    bench.sim.plug()
    bench.supervisor.poke()
    bench.sim.put("rare")
    while not (isinstance(told[-1], CardSeen) and told[-1].card.number == PEOPLE["rare"].number):
        told.append(bench.next())
    bench.wait_for_polls(3)
    assert not [event for event in bench.rest() if isinstance(event, CardSeen)]


@pytest.mark.parametrize("word", [0x31, 0x32, 0x33, 0x41, 0x47, 0x81])
def test_a_card_that_failed_is_to_be_placed_again_whatever_the_word(bench: Bench, word: int) -> None:
    bench.start()
    bench.sim.faults.read_status = word
    bench.sim.put("li")
    assert bench.next() == CardTrouble("idcard", "replace-card")
    bench.wait_for_polls(5)
    assert bench.rest() == []  # told once
    bench.sim.lift()
    assert bench.next() == CardGone("idcard")
    bench.sim.faults.read_status = None
    bench.sim.put("li")
    assert isinstance(bench.next(), CardSeen)


@pytest.mark.parametrize("word", [0x10, 0x11, 0x21, 0x23, 0x24])
def test_a_module_that_does_not_understand_is_asked_again_before_the_citizen_is_troubled(
    bench: Bench, word: int
) -> None:
    bench.start()
    asked: list[bytes] = []
    bench.sim.on_request = asked.append
    bench.sim.faults.read_status = word
    bench.sim.put("li")
    assert bench.next() == CardTrouble("idcard", "replace-card")
    assert asked.count(b"\x30\x01") == 3


def test_a_card_of_another_kind_is_told_so(bench: Bench) -> None:
    bench.start()
    bench.sim.faults.read_status = 0x40
    bench.sim.put("li")
    assert bench.next() == CardTrouble("idcard", "unknown-layout")


@pytest.mark.parametrize(("word", "reason"), [(0x60, "sam-self-test"), (0x66, "sam-not-authorised")])
def test_a_module_that_fails_over_a_card_is_reported(bench: Bench, word: int, reason: str) -> None:
    bench.start()
    bench.sim.faults.read_status = word
    bench.sim.put("li")
    lost = bench.next()
    assert isinstance(lost, Health)
    assert (lost.condition, lost.reason) == (Condition.ABSENT, reason)


@pytest.mark.parametrize(
    ("greets_once", "find_ends_session"),
    [(True, False), (False, False), (False, True)],
    ids=["answers no card after a read", "goes on finding it", "goes on finding it and forgets what it read"],
)
def test_a_card_left_lying_is_told_once_and_one_swapped_for_another_within_a_poll_is_told(
    bench: Bench,
    greets_once: bool,  # noqa: FBT001  (a parameter of the test)
    find_ends_session: bool,  # noqa: FBT001
) -> None:
    bench.sim.faults.greets_once = greets_once
    bench.sim.faults.find_ends_session = find_ends_session
    bench.start()
    bench.sim.put("zhang")
    assert isinstance(bench.next(), CardSeen)
    bench.wait_for_polls(6)
    told = bench.rest()
    assert told == ([CardGone("idcard")] if greets_once else [])
    # A module that forgets costs one more reading, unseen; a swap within one poll cannot be known there.
    assert bench.sim.reads == (2 if find_ends_session else 1)
    bench.sim.put("li")  # no find in between sees an empty reader
    if find_ends_session:
        bench.wait_for_polls(4)
        assert bench.rest() == []
        bench.sim.lift()
        assert bench.next() == CardGone("idcard")
        bench.sim.put("li")
    told = bench.until_seen()
    if not greets_once and not find_ends_session:
        assert told[0] == CardGone("idcard")
    [seen] = [event for event in told if isinstance(event, CardSeen)]
    assert seen.card.number == PEOPLE["li"].number
    assert bench.sim.reads == (3 if find_ends_session else 2)


def test_a_module_that_does_not_know_the_management_number_is_not_asked_again(bench: Bench) -> None:
    bench.sim.faults.greets_once = False
    bench.start()
    asked: list[bytes] = []

    def deaf_to_it(command: bytes) -> None:
        asked.append(command)
        bench.sim.line.faults.silence = command == b"\x30\x05"

    bench.sim.on_request = deaf_to_it
    bench.sim.put("zhang")
    assert isinstance(bench.next(), CardSeen)
    looked = threading.Semaphore(0)
    bench.sim.on_request = lambda command: (deaf_to_it(command), looked.release(), None)[2]
    for _ in range(8):
        assert looked.acquire(timeout=DEADLINE_S)
    assert asked.count(b"\x30\x05") == 1
    assert bench.rest() == []
    assert bench.sim.reads == 1


@pytest.mark.parametrize("greets_once", [True, False])
def test_the_same_person_is_told_again_after_three_misses(bench: Bench, greets_once: bool) -> None:  # noqa: FBT001
    bench.sim.faults.greets_once = greets_once
    bench.start()
    for _ in range(3):
        bench.sim.put("hongkong")
        assert isinstance(bench.next(), CardSeen)
        bench.sim.lift()
        assert bench.next() == CardGone("idcard")


def test_the_same_person_within_the_time_for_one_card_is_no_news_and_its_going_is_none(tmp_path: Path) -> None:
    bench = Bench(tmp_path, dataclasses.replace(BRISK, same_card_s=600.0))
    try:
        bench.start()
        bench.sim.put("hongkong")
        assert isinstance(bench.next(), CardSeen)
        bench.sim.lift()
        assert bench.next() == CardGone("idcard")
        bench.sim.put("hongkong")
        bench.wait_for_polls(3)
        assert bench.sim.reads == 2
        bench.sim.lift()
        bench.wait_for_polls(5)
        assert bench.rest() == []
    finally:
        bench.supervisor.stop()
        bench.sim.close()


def test_answers_that_come_after_the_question_was_given_up_confuse_nobody(bench: Bench) -> None:
    """Each answer comes into the next question; then the module is quick again."""
    bench.start()
    bench.sim.faults.late_s = BRISK.find_s * 1.5
    bench.sim.put("zhang")
    bench.wait_for_polls(3)
    bench.sim.faults.late_s = 0.0
    seen = bench.until_seen()[-1]
    assert isinstance(seen, CardSeen)
    assert seen.card.name == "张晓梅"


def test_an_answer_that_is_glued_to_the_one_before_is_found(bench: Bench) -> None:
    bench.sim.faults.glued = True
    bench.start()
    for key in ("zhang", "taiwan"):
        bench.sim.put(key)
        seen = bench.next()
        assert isinstance(seen, CardSeen)
        assert seen.card.number == PEOPLE[key].number
        bench.sim.lift()
        assert bench.next() == CardGone("idcard")
