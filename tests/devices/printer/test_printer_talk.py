"""One conversation: what is asked, what is kept, what is forgotten, on a line whose every read is written down here."""

from __future__ import annotations

from collections import deque

import pytest

from devices.events import PrintResult
from devices.printer.ladder import Ticket, print_once
from devices.printer.protocol import ProcessDone, Status
from devices.printer.talk import SILENT, UNTRUSTED, Talk
from devices.printer.units import Confirmation


class Line:
    """A line that answers each DLE EOT with the next reply written down, and nothing else by itself."""

    address = "written down"

    def __init__(self, replies: list[str], waiting: str = "") -> None:
        self.now_s = 0.0
        self.sent: list[bytes] = []
        self._replies = deque(bytes.fromhex(reply) for reply in replies)
        self._waiting = bytearray.fromhex(waiting)

    def read(self, n: int, timeout_s: float) -> bytes:
        data = bytes(self._waiting[:n])
        del self._waiting[:n]
        if not data:
            self.now_s += timeout_s
        return data

    def write(self, data: bytes, timeout_s: float) -> None:
        assert timeout_s > 0
        self.sent.append(data)
        if data.startswith(b"\x10\x04") and self._replies:
            self._waiting += self._replies.popleft()

    def drop_input(self) -> None:
        self._waiting.clear()

    def set_baud(self, baud: int) -> None:
        raise AssertionError(baud)

    def close(self) -> None:
        """Nothing is open."""


def talk_over(line: Line) -> Talk:
    return Talk(line, lambda: line.now_s)


def test_a_stale_byte_is_not_taken_for_the_answer() -> None:
    line = Line(["12"] * 8, waiting="1A")
    assert talk_over(line).status() == Status()


def test_one_answer_that_noise_has_bent_is_asked_again() -> None:
    line = Line(["12", "16", "12", "12", *["12"] * 8])
    assert talk_over(line).status() == Status()
    assert len(line.sent) == 12


def test_readings_that_never_agree_are_not_believed() -> None:
    line = Line(["12 ", "16", "12", "12", *["12"] * 4] * 2)
    assert talk_over(line).status() is UNTRUSTED


def test_silence_costs_one_short_wait_and_not_four() -> None:
    line = Line([])
    assert talk_over(line).status() is SILENT
    assert len(line.sent) == 1
    assert line.now_s < 0.5


@pytest.mark.parametrize("reply", ["00", "0C"])
def test_a_status_without_its_fixed_bits_is_untrusted(reply: str) -> None:
    assert talk_over(Line([reply] * 8)).status() is UNTRUSTED


def test_an_answer_that_comes_together_with_a_status_is_not_lost() -> None:
    done = "37 22 61 31 62 32 00"
    line = Line([f"12 {done}", *["12"] * 7])
    aside: list[object] = []
    assert talk_over(line).status(aside) == Status()  # type: ignore[arg-type]  # a list of anything takes answers
    assert aside == [ProcessDone(b"a1b2")]


def test_a_process_id_between_two_looks_ends_the_ticket() -> None:
    line = Line(["12", "12 37 22 61 31 62 32 00", *["12"] * 6])
    ended = print_once(
        talk_over(line),
        Ticket(b"\x1b@ticket\n", 80.0, b"a1b2"),
        Confirmation.PROCESS_ID,
        status_trusted=True,
        monotonic=lambda: line.now_s,
    )
    assert (ended.result, ended.by) == (PrintResult.PRINTED, Confirmation.PROCESS_ID)
    assert sum(b"ticket" in sent for sent in line.sent) == 1


def test_somebody_elses_process_id_ends_nothing() -> None:
    line = Line(["12 37 22 7A 7A 7A 7A 00", *["12"] * 200])
    ended = print_once(
        talk_over(line),
        Ticket(b"ticket", 80.0, b"a1b2"),
        Confirmation.PROCESS_ID,
        status_trusted=True,
        patience_s=1.0,
        monotonic=lambda: line.now_s,
    )
    assert (ended.result, ended.reason) == (PrintResult.SENT, "not-confirmed")
    assert sum(b"ticket" in sent for sent in line.sent) == 1


def test_a_printer_that_falls_silent_while_it_prints_leaves_the_ticket_unknown() -> None:
    line = Line([])
    ended = print_once(
        talk_over(line),
        Ticket(b"ticket", 80.0, b"a1b2"),
        Confirmation.FENCE,
        status_trusted=True,
        monotonic=lambda: line.now_s,
    )
    assert (ended.result, ended.reason) == (PrintResult.UNKNOWN, "not-answering")


class Answering(Line):
    """Also answers each GS r with what is written down for it, and says something unasked when a ticket comes."""

    def __init__(self, fences: list[str], unasked: str = "") -> None:
        super().__init__(["12"] * 400)
        self._fences = deque(bytes.fromhex(fence) for fence in fences)
        self._unasked = bytes.fromhex(unasked)

    def write(self, data: bytes, timeout_s: float) -> None:
        super().write(data, timeout_s)
        if data.startswith(b"\x1b@"):
            self._waiting += self._unasked
        if data == b"\x1dr\x01" and self._fences:
            self._waiting += self._fences.popleft()


def by_fence(line: Line) -> tuple[str, str]:
    ended = print_once(
        talk_over(line),
        Ticket(b"\x1b@ticket\n", 80.0, b"a1b2"),
        Confirmation.FENCE,
        status_trusted=True,
        patience_s=1.0,
        monotonic=lambda: line.now_s,
    )
    return str(ended.result), ended.reason


def test_a_fence_that_is_answered_twice_on_a_clean_line_is_a_printed_ticket() -> None:
    line = Answering(["00", "03"])
    assert by_fence(line) == ("printed", "")
    assert sum(b"ticket" in sent for sent in line.sent) == 1


@pytest.mark.parametrize("fences", [[], ["00"], ["", "00"]])
def test_a_fence_that_is_answered_only_once_is_not_enough(fences: list[str]) -> None:
    assert by_fence(Answering(fences)) == ("sent", "not-confirmed")


@pytest.mark.parametrize("noise", ["00", "0F", "FF", "00 00", "80 00"])
@pytest.mark.parametrize("fences", [[], ["00"], ["00", "00"]])
def test_on_a_noisy_line_no_fence_is_believed(fences: list[str], noise: str) -> None:
    assert by_fence(Answering(fences, unasked=noise)) == ("sent", "not-confirmed")


def test_a_fence_still_owed_from_before_is_not_this_tickets() -> None:
    line = Answering(["", "00", "00"])
    talk = talk_over(line)
    talk.ask_fence()  # and a ticket that the printer holds, before an answer came
    assert talk.fences_owed == 1
    line._waiting += b"\x00"
    talk.forget()
    assert talk.fences_owed == 0
    line._waiting += b"\x00"
    noise = talk.noise
    talk.forget()
    assert talk.noise == noise + 1, "nobody asked for it"
