"""How often, how long and in which order a module is asked; on a wire whose time is counted, not waited for.

The wire below is all there is of a module: for each request it has a list of (seconds, bytes), typed from the
manuals. Its clock moves only when somebody waits.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from devices.errors import DeviceError, DeviceFault, DeviceSilent, LinkGarbled
from devices.events import CardSeen, CardTrouble, DeviceEvent
from devices.idcard.driver import Reader, Timing
from devices.idcard.people import PEOPLE, block_of

H = bytes.fromhex

RESET = H("AA AA AA 96 69 00 03 10 FF EC")
STATUS = H("AA AA AA 96 69 00 03 11 FF ED")
FIND = H("AA AA AA 96 69 00 03 20 01 22")
SELECT = H("AA AA AA 96 69 00 03 20 02 21")
READ = H("AA AA AA 96 69 00 03 30 01 32")
NAMES = {RESET: "reset", STATUS: "status", FIND: "find", SELECT: "select", READ: "read"}

OK = H("AA AA AA 96 69 00 04 00 00 90 94")
NO_CARD = H("AA AA AA 96 69 00 04 00 00 80 84")
FOUND = H("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97")
SELECTED = H("AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C")
SELECT_FAILED = H("AA AA AA 96 69 00 04 00 00 81 85")
READ_FAILED = H("AA AA AA 96 69 00 04 00 00 41 45")
BAD_REQUEST = H("AA AA AA 96 69 00 04 00 00 10 14")
SELF_TEST_FAILED = H("AA AA AA 96 69 00 04 00 00 60 64")
NOT_AUTHORISED = H("AA AA AA 96 69 00 04 00 00 66 62")
TIMED_OUT = H("AA AA AA 96 69 00 05 05 05 05 05")  # says five, gives four
BROKEN = H("AA AA AA 96 69 00 04 00 00 90 95")


def card_reply(key: str) -> bytes:
    body = H("05 08 00 00 90 01 00 04 00") + block_of(PEOPLE[key]) + H("57 4C 66 00 7E 00 32 00") + bytes(1016)
    check = 0
    for byte in body:
        check ^= byte
    return H("AA AA AA 96 69") + body + bytes([check])


Answer = list[tuple[float, bytes]]


class CountedWire:
    """A transport, a clock and the event that stops the driver, all in one: waiting on any of them moves the clock."""

    def __init__(self, answer: Callable[[bytes, int], Answer]) -> None:
        self.address = "counted"
        self.now_s = 0.0
        self.asked: list[tuple[float, str]] = []
        self._answer = answer
        self._coming: Answer = []
        self._stopped = False

    @property
    def commands(self) -> list[str]:
        return [name for _, name in self.asked]

    def monotonic(self) -> float:
        return self.now_s

    def write(self, data: bytes, timeout_s: float) -> None:
        count = self.commands.count(NAMES[data])
        self.asked.append((self.now_s, NAMES[data]))
        self._coming = [(self.now_s + after_s, piece) for after_s, piece in self._answer(data, count)]

    def read(self, n: int, timeout_s: float) -> bytes:
        if self._coming and self._coming[0][0] <= self.now_s + timeout_s:
            at_s, piece = self._coming.pop(0)
            self.now_s = max(self.now_s, at_s)
            if piece[n:]:
                self._coming.insert(0, (at_s, piece[n:]))
            return piece[:n]
        self.now_s += timeout_s
        return b""

    def drop_input(self) -> None:
        self._coming = [(at_s, piece) for at_s, piece in self._coming if at_s > self.now_s]

    def set_baud(self, baud: int) -> None: ...

    def close(self) -> None: ...

    # what the driver is given as its stop event

    def set(self) -> None:
        self._stopped = True

    def is_set(self) -> bool:
        return self._stopped

    def wait(self, seconds: float) -> bool:
        self.now_s += max(0.0, seconds)
        return self._stopped


def run(
    answer: Callable[[bytes, int], Answer], *, polls: int = 30, events: int = 99
) -> tuple[CountedWire, list[tuple[float, DeviceEvent]], DeviceError | None]:
    """Run the shipped driver, with its usual timing, until ``polls`` finds, ``events`` events, or its end."""
    told: list[tuple[float, DeviceEvent]] = []

    def answer_or_stop(request: bytes, count: int) -> Answer:
        if request == FIND and count >= polls:
            wire.set()
        return answer(request, count)

    def emit(event: DeviceEvent) -> None:
        told.append((wire.now_s, event))
        if len(told) >= events:
            wire.set()

    wire = CountedWire(answer_or_stop)
    reader = Reader(wire, monotonic=wire.monotonic)
    try:
        reader.run(emit, queue.SimpleQueue(), wire)  # type: ignore[arg-type]  # all that the driver uses of an event
    except DeviceError as error:
        return wire, told, error
    return wire, told, None


def a_module(**replies: Answer) -> Callable[[bytes, int], Answer]:
    """One that answers at once and finds nothing, but for ``replies`` by the request's name."""
    usual = {"reset": OK, "status": OK, "find": NO_CARD, "select": SELECTED, "read": READ_FAILED}

    def answer(request: bytes, _count: int) -> Answer:
        name = NAMES[request]
        return replies.get(name, [(0.002, usual[name])])

    return answer


@pytest.mark.parametrize(
    "reply",
    [
        [(0.002, NO_CARD)],
        [(0.002, BAD_REQUEST)],
        [(0.002, BROKEN)],
        [(0.002, TIMED_OUT)],
        [(0.002, FOUND)],
        [(0.29, NO_CARD)],
        [(0.45, NO_CARD)],
        [],
    ],
    ids=["none", "bad request", "broken", "too short", "found", "slow", "slower", "silence"],
)
def test_a_card_is_looked_for_no_faster_than_the_vendor_allows(reply: Answer) -> None:
    wire, _, _ = run(a_module(find=reply, read=[(0.8, READ_FAILED)]))
    finds = [at_s for at_s, name in wire.asked if name == "find"]
    assert len(finds) >= 6
    assert min(later - sooner for sooner, later in pairwise(finds)) >= Timing().poll_s - 1e-9


def test_an_idle_reader_is_asked_as_fast_as_the_vendor_allows() -> None:
    wire, _, _ = run(a_module(), polls=100)
    finds = [at_s for at_s, name in wire.asked if name == "find"]
    assert max(later - sooner for sooner, later in pairwise(finds)) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("reply", "error", "after_s"),
    [
        ([], DeviceSilent, 3 * 0.5 + 0.002 + 3 * 0.5),
        ([(0.002, BAD_REQUEST)], LinkGarbled, 3 * 0.3 + 0.002 + 3 * 0.3),
        ([(0.002, BROKEN)], LinkGarbled, 6 * 0.352 + 0.002),
        ([(0.002, TIMED_OUT)], LinkGarbled, 6 * 0.352 + 0.002),  # the pause that ends it, not five seconds each
    ],
    ids=["silence", "bad request", "broken", "too short"],
)
def test_a_module_is_asked_three_times_reset_asked_three_times_and_given_up(
    reply: Answer, error: type[DeviceError], after_s: float
) -> None:
    wire, told, raised = run(a_module(find=reply))
    assert type(raised) is error
    assert told == []
    assert wire.commands == ["find", "find", "find", "reset", "find", "find", "find"]
    assert wire.now_s == pytest.approx(after_s)


@pytest.mark.parametrize(
    ("reply", "fault"), [(SELF_TEST_FAILED, "sam-self-test"), (NOT_AUTHORISED, "sam-not-authorised")]
)
@pytest.mark.parametrize("request_name", ["find", "select", "read"])
def test_a_module_that_says_it_cannot_work_is_believed_at_once(request_name: str, reply: bytes, fault: str) -> None:
    _, _, raised = run(a_module(**{"find": [(0.0, FOUND)], request_name: [(0.0, reply)]}))
    assert isinstance(raised, DeviceFault)
    assert raised.fault == fault


def test_one_answer_in_time_and_all_is_well_again() -> None:
    def answer(request: bytes, count: int) -> Answer:
        return [(0.0, NO_CARD)] if request != FIND or count % 4 == 3 else []

    wire, _, raised = run(answer, polls=40)
    assert raised is None
    assert wire.commands.count("reset") == 10


def test_a_card_that_cannot_be_selected_is_freed_by_a_reset_and_told() -> None:
    wire, told, _ = run(a_module(find=[(0.0, FOUND)], select=[(0.0, SELECT_FAILED)]), events=1)
    assert wire.commands == ["find", "select"] * 3 + ["reset"]
    assert [event for _, event in told] == [CardTrouble("idcard", "replace-card")]


def test_a_card_that_fails_for_others_does_not_count_against_the_next() -> None:
    def answer(request: bytes, count: int) -> Answer:
        if request == FIND:  # two failures, the card is lifted, two failures ...
            return [(0.0, FOUND if count % 5 < 2 else NO_CARD)]
        return [(0.0, SELECT_FAILED)]

    wire, told, _ = run(answer, polls=50)
    assert "reset" not in wire.commands
    assert told == []  # so short a touch is no trouble worth a word


def test_a_card_that_cannot_be_read_is_told_once_tried_again_slowly_and_freed_by_resets() -> None:
    wire, told, _ = run(a_module(find=[(0.0, FOUND)], read=[(0.5, READ_FAILED)]), polls=60)
    assert [event for _, event in told] == [CardTrouble("idcard", "replace-card")]
    reads = [at_s for at_s, name in wire.asked if name == "read"]
    assert min(later - sooner for sooner, later in pairwise(reads)) >= Timing().again_s
    assert wire.commands.count("reset") == len(reads) // 3


def test_a_module_that_falls_silent_over_cards_is_reset_and_then_given_up() -> None:
    wire, told, raised = run(a_module(find=[(0.0, FOUND)], read=[]), polls=99)
    assert isinstance(raised, DeviceSilent)
    assert [(at_s, event) for at_s, event in told] == [
        (pytest.approx(3.0, abs=0.01), CardTrouble("idcard", "replace-card")),  # the citizen is told after the first
    ]
    card = [name for name in wire.commands if name in {"read", "reset"}]
    assert card == ["read", "read", "read", "reset", "read", "read", "read"]


def test_a_broken_card_reply_is_asked_for_again_at_once_without_looking_for_the_card() -> None:
    whole = card_reply("zhang")

    def answer(request: bytes, count: int) -> Answer:
        if request == READ:
            return [(0.5, whole[:600] + whole[601:]) if count == 0 else (0.5, whole)]
        return a_module(find=[(0.0, FOUND)])(request, count)

    wire, told, _ = run(answer, events=1)
    [(_, event)] = told
    assert isinstance(event, CardSeen)
    assert wire.commands == ["find", "select", "read", "read"]


def test_a_reply_that_trickles_in_time_is_taken_however_long_it_is() -> None:
    whole = card_reply("zhang")
    pieces: Answer = [(2.9 + 0.2 * n, whole[n * 65 : n * 65 + 65]) for n in range(20)]  # begins within 3 s, ends at 6.7
    _, told, _ = run(a_module(find=[(0.0, FOUND)], read=pieces), events=1)
    [(at_s, event)] = told
    assert isinstance(event, CardSeen)
    assert at_s == pytest.approx(6.7, abs=0.01)


def test_a_reply_that_trickles_for_ever_is_given_up() -> None:
    for_ever: Answer = [(0.3 * n, card_reply("zhang")[:40][n : n + 1] or b"\0") for n in range(200)]
    _, told, _ = run(a_module(find=[(0.0, FOUND)], read=for_ever), events=1)
    [(at_s, event)] = told
    assert event == CardTrouble("idcard", "replace-card")
    assert at_s < 3 * (Timing().read_s + Timing().frame_s) + 1


def test_a_late_answer_to_the_question_before_is_not_taken_for_this_one() -> None:
    """A found card, late, is no selection; a selection, late, is no card's text."""

    def answer(request: bytes, count: int) -> Answer:
        late = {SELECT: FOUND, READ: SELECTED}.get(request)
        usual = a_module(find=[(0.0, FOUND)], read=[(0.4, card_reply("li"))])(request, count)
        return [(0.001, late), *usual] if late else usual

    wire, told, _ = run(answer, events=1)
    [(_, event)] = told
    assert isinstance(event, CardSeen)
    assert wire.commands == ["find", "select", "read"]


def test_asking_ends_when_the_kiosk_stops() -> None:
    stop = threading.Event()
    wire = CountedWire(lambda _request, count: stop.set() or [])  # type: ignore[func-returns-value]  # sets, is silent
    reader = Reader(wire, monotonic=wire.monotonic)
    reader.run(lambda _event: None, queue.SimpleQueue(), stop)
    assert wire.commands == ["find"]
