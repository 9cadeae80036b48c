"""Asking a printer and waiting for its answer: the one place where ``protocol`` meets a line.

Every question forgets stale input first, waits only until its answer is there, and never longer than its
deadline. A status is believed only when two readings in a row agree, because one byte without a checksum is
easily made by noise. A fence is one byte, too, and four of 256 values: so what is asked and what is answered is
counted, also through everything that is forgotten, and what nobody asked for counts as noise. Answers that belong
to somebody else (a fence while a status was asked) are kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import Enum
from typing import Final, TypeVar

from devices.printer import protocol
from devices.printer.protocol import Answer, Answers, Fence, ProcessDone, RealTime, Status, StatusBack, Strange, Text
from devices.transport import Transport

ANSWER_S = 0.3
"""How long a real-time answer may take; the printers answer within some milliseconds."""

FOLLOWS_S = 0.1
WRITE_S = 1.0
_READ_AT_ONCE = 256
_FORGET_AT_MOST = 64
"""Reads: a line that never stops talking must not hold anybody up."""

Kind = TypeVar("Kind", RealTime, Text)


class Hearing(Enum):
    """Why there is no status."""

    SILENT = "silent"
    UNTRUSTED = "untrusted"


SILENT: Final = Hearing.SILENT
UNTRUSTED: Final = Hearing.UNTRUSTED


class Talk:
    """One conversation over an open line. All methods raise ``DeviceLost`` when it breaks.

    ``offline_bit`` False: the unit's word that it is off line counts for nothing (see ``PrinterProfile``).
    """

    def __init__(
        self, line: Transport, monotonic: Callable[[], float] = time.monotonic, *, offline_bit: bool = True
    ) -> None:
        self._line = line
        self._offline_bit = offline_bit
        self._monotonic = monotonic
        self._answers = Answers()
        self.last_status_back: Status | None = None
        self.fences_owed = 0
        self.noise = 0
        self.last_done = b""
        self._read_something = False

    def write(self, data: bytes, timeout_s: float = WRITE_S) -> None:
        """Hand ``data`` over; raises WriteStuck where the printer takes no more."""
        self._line.write(data, timeout_s)

    def forget(self) -> None:
        """Drop everything that came unasked or too late, but count the fences in it."""
        for _ in range(_FORGET_AT_MOST):
            if not self.listen(0) and not self._read_something:
                break
        else:
            self._line.drop_input()
        self._answers.forget()

    def ask_fence(self) -> None:
        """Ask GS r 1; ``fences_owed`` is 0 again when this and all before have been answered."""
        self.write(protocol.FENCE)
        self.fences_owed += 1

    def listen(self, timeout_s: float) -> list[Answer]:
        """What comes within ``timeout_s``; returns as soon as something did."""
        data = self._line.read(_READ_AT_ONCE, timeout_s)
        self._read_something = bool(data)
        heard = self._answers.feed(data)
        for answer in heard:
            match answer:
                case StatusBack():
                    self.last_status_back = self._believed(answer.status)
                case ProcessDone(ident):
                    self.last_done = ident
                case Fence() if self.fences_owed:
                    self.fences_owed -= 1
                case Fence() | Strange():
                    self.noise += 1
        return heard

    def status(self, set_aside: list[Answer] | None = None) -> Status | Hearing:
        """DLE EOT 1 to 4, two readings that agree.

        With ``set_aside`` nothing is dropped: answers of other kinds are added to it (used while a ticket prints).
        """
        before: Status | Hearing | None = None
        for _ in range(4):
            now = self._status_once(set_aside)
            if now is SILENT or now == before:
                return now
            before = now
        return UNTRUSTED

    def text(self, n: int) -> str:
        """What the printer calls itself (GS I ``n``); empty when it does not say."""
        self.forget()
        self.write(protocol.text_request(n))
        answer, _ = self._await(Text, None)
        return answer.text if answer else ""

    def probe_process_id(self, ident: bytes, timeout_s: float) -> bool:
        """Whether the unit answers GS ( H when there is nothing to print."""
        self.forget()
        self.write(protocol.process_id_request(ident))
        return any(answer == ProcessDone(ident) for answer in self.stream(timeout_s))

    def probe_fence(self, timeout_s: float) -> bool:
        """Whether the unit answers GS r 1: twice, and nothing else meanwhile, or it was noise."""
        self.forget()
        noise = self.noise
        return all(self._fence_answered(timeout_s) for _ in range(2)) and self.noise == noise

    def _fence_answered(self, timeout_s: float) -> bool:
        self.ask_fence()
        return any(self.fences_owed == 0 for _ in self.stream(timeout_s))

    def stream(self, timeout_s: float) -> Iterator[Answer]:
        """Answers as they come, until ``timeout_s`` is over."""
        until = self._monotonic() + timeout_s
        while (left := until - self._monotonic()) > 0:
            yield from self.listen(left)

    def _status_once(self, set_aside: list[Answer] | None) -> Status | Hearing:
        bytes_: list[int] = []
        for n in (1, 2, 3, 4):
            if set_aside is None:
                self.forget()
            else:  # a late answer to an earlier question must not pass for this one's
                set_aside += [answer for answer in self.listen(0) if not isinstance(answer, RealTime)]
            self.write(protocol.status_request(n))
            answer, noise = self._await(RealTime, set_aside)
            if answer is None:
                return UNTRUSTED if noise else SILENT
            bytes_.append(answer.byte)
        return self._believed(protocol.status_from(*bytes_))

    def _believed(self, status: Status) -> Status:
        return status if self._offline_bit else replace(status, offline=False)

    def _await(self, kind: type[Kind], set_aside: list[Answer] | None) -> tuple[Kind | None, bool]:
        """The first answer of ``kind``, and whether anything else came; after something else it must follow soon."""
        noise = False
        until = self._monotonic() + ANSWER_S
        while (left := until - self._monotonic()) > 0:
            found: Kind | None = None
            for answer in self.listen(left):
                if found is None and isinstance(answer, kind):
                    found = answer
                elif set_aside is not None:
                    set_aside.append(answer)
                if isinstance(answer, Fence | Strange):
                    noise = True
                    until = min(until, self._monotonic() + FOLLOWS_S)
            if found is not None:
                return found, noise
        return None, noise
