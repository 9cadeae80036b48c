"""What became of one ticket: its bytes go out once, then the printer is asked as strongly as it can answer.

Process id, then fence, then status: each rung is tried only after the one above stayed silent, and no rung ever
sends the ticket again. While it prints, the real-time status is looked at twice a second, so that paper that
ends in the middle is known at once and not after a deadline.

A process id cannot come out of nothing: it is four bytes of ours in three of the printer's. A fence can, it is a
single byte. It counts only on a clean line, when everything that was ever asked has been answered, and when a second
question is answered at once, as only a printer can that is through with the ticket.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from devices.errors import WriteStuck
from devices.events import PrintResult
from devices.printer import protocol
from devices.printer.profile import DOTS_PER_MM
from devices.printer.protocol import Answer, ProcessDone, Status
from devices.printer.render import Row
from devices.printer.talk import SILENT, UNTRUSTED, Talk
from devices.printer.units import Confirmation

LOOK_S = 0.5
FENCE_S = 2.0
SILENCES = 3
_SLOWEST_BYTES_PER_S = 960  # 9600 baud
_SLOW_MM_PER_S = 100


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a print-out; ``by`` is the rung that answered, None when none did."""

    result: PrintResult
    reason: str = ""
    by: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """The bytes of one ticket, the paper they take, and the id by which its end is asked.

    ``longest_bytes`` is the longest piece that the printer takes as one command.
    """

    data: bytes
    length_mm: float
    ident: bytes
    longest_bytes: int = 0

    @classmethod
    def of(cls, rows: Iterable[Row], ident: bytes) -> Self:
        """The ticket that ``rows`` make."""
        pieces = list(rows)
        return cls(
            b"".join(row.data for row in pieces),
            sum(row.height_dots for row in pieces) / DOTS_PER_MM,
            ident,
            max((len(row.data) for row in pieces), default=0),
        )

    @property
    def wire_s(self) -> float:
        return len(self.data) / _SLOWEST_BYTES_PER_S

    @property
    def paper_s(self) -> float:
        return self.length_mm / _SLOW_MM_PER_S


def print_once(
    talk: Talk,
    ticket: Ticket,
    confirmation: Confirmation,
    *,
    status_trusted: bool,
    patience_s: float = 5.0,
    monotonic: Callable[[], float] = time.monotonic,
) -> Ended:
    """Send ``ticket`` once and find out. ``patience_s`` is added to what wire and paper need.

    Raises DeviceLost when the line breaks, with some bytes of the ticket sent.
    """
    watch = _Watch(talk, monotonic, status_trusted=status_trusted)
    talk.forget()
    noise = talk.noise
    question = protocol.process_id_request(ticket.ident) if confirmation is Confirmation.PROCESS_ID else b""
    try:
        talk.write(ticket.data + question, ticket.wire_s + patience_s)
    except WriteStuck as stuck:
        return Ended(PrintResult.UNKNOWN, watch.trouble() or stuck.code)
    time_s = ticket.wire_s + ticket.paper_s
    match confirmation:
        case Confirmation.PROCESS_ID:
            ended = watch.wait(lambda heard: ProcessDone(ticket.ident) in heard, time_s + patience_s)
            if ended is None:
                return Ended(PrintResult.PRINTED, by=Confirmation.PROCESS_ID)
            # it stayed away though nothing is wrong: ask the weaker question, after the same ticket
            return _by_fence(talk, watch, FENCE_S, noise) if ended == "" else Ended(PrintResult.UNKNOWN, ended)
        case Confirmation.FENCE:
            return _by_fence(talk, watch, time_s + patience_s, noise)
        case Confirmation.NONE:
            # nobody will say when it is out: look for trouble as long as the paper needs, then only SENT is true
            trouble = watch.wait(lambda _heard: False, time_s) if status_trusted else ""
            return Ended(PrintResult.UNKNOWN, trouble) if trouble else Ended(PrintResult.SENT)


def _by_fence(talk: Talk, watch: _Watch, timeout_s: float, noise: int) -> Ended:
    """Ask GS r behind the ticket, and again when it was answered; ``noise`` is what had been heard before it."""
    answered = 0
    for patience_s in (timeout_s, FENCE_S):
        talk.ask_fence()
        ended = watch.wait(lambda _heard: talk.fences_owed == 0, patience_s)
        if ended:
            return Ended(PrintResult.UNKNOWN, ended)
        if ended is not None or talk.noise != noise:
            break
        answered += 1
    # a fence says "processed", and its absence nothing: what the printer says after it comes first
    trouble = watch.trouble()
    if trouble:
        return Ended(PrintResult.UNKNOWN, trouble)
    if answered < 2 or talk.noise != noise or watch.puzzled:
        return Ended(PrintResult.SENT, "not-confirmed")
    return Ended(PrintResult.PRINTED, by=Confirmation.FENCE)


class _Watch:
    """Waits for an answer and looks for trouble meanwhile."""

    def __init__(self, talk: Talk, monotonic: Callable[[], float], *, status_trusted: bool) -> None:
        self._talk = talk
        self._monotonic = monotonic
        self._trusted = status_trusted
        self.puzzled = False
        """Whether the last look found a status that cannot be believed, where one could before."""

    def wait(self, came: Callable[[list[Answer]], bool], timeout_s: float) -> str | None:
        """None as soon as the answer ``came``; a reason code at trouble; "" when the time is over without either."""
        until = self._monotonic() + timeout_s
        silences = 0
        while (left := until - self._monotonic()) > 0:
            quiet_until = self._monotonic() + min(LOOK_S, left)
            while (pause := quiet_until - self._monotonic()) > 0:
                if came(self._talk.listen(pause)):
                    return None
            if self._trusted:
                aside: list[Answer] = []
                status = self._talk.status(aside)
                if came(aside):
                    return None
                if isinstance(status, Status) and status.stopped_by:
                    return status.stopped_by
                silences = silences + 1 if status is SILENT else 0
                if silences >= SILENCES:
                    return "not-answering"
        return ""

    def trouble(self) -> str:
        """What is wrong now, as a reason code; empty when nothing is, or when the unit cannot say."""
        if not self._trusted:
            return ""
        status = self._talk.status()
        self.puzzled = status is UNTRUSTED
        if isinstance(status, Status):
            return status.stopped_by
        return "not-answering" if status is SILENT else ""
