"""What an ESC/POS printer is asked and what it answers, as bytes, without any I/O.

The answers share one line without frames, but their fixed bits tell them apart (the manuals' table "transmission
status identification"): a real-time status is 0xx1xx10, the first byte of an Automatic Status Back 0xx1xx00, an
answer to GS r 0xx0xxxx, flow control 11 and 13 hex; texts begin with 5F and end with 00, process id responses
with 37 22 and 00. Clones get the fixed bits wrong; such a byte is never read as a status, because a mask that
ignores them calls an empty printer full or a full one empty.
"""

from __future__ import annotations

from dataclasses import dataclass

ALPHABET = bytes(range(0x21, 0x7F))
"""Process ids are made of these; the standard allows 20 to 7E, and blanks are hard to see in a trace."""

TEXT_MAX = 80
_XON, _XOFF = 0x11, 0x13


def status_request(n: int) -> bytes:
    """``DLE EOT n``: real-time status 1 printer, 2 off-line cause, 3 error cause, 4 paper; answered at once."""
    if n not in {1, 2, 3, 4}:
        raise ValueError("DLE EOT has statuses 1 to 4")
    return bytes([0x10, 0x04, n])


FENCE = b"\x1dr\x01"
"""``GS r 1``: paper sensor status, answered in order, after the data before it has been processed."""

LISTEN = b"\x1b=\x01\x1b@"
"""``ESC = 1``, for a printer that another program told not to listen (real-time requests it hears anyway).

``ESC @`` behind it throws away what a printer that does not know the command took for text.
"""

STATUS_BACK_ON = b"\x1da\xff"
STATUS_BACK_OFF = b"\x1da\x00"
MAKER, MODEL, FIRMWARE = 66, 67, 65


def text_request(n: int) -> bytes:
    """``GS I n``: what the printer calls itself. It may lie: good for a label, never for a decision."""
    return bytes([0x1D, 0x49, n])


def process_id(number: int) -> bytes:
    """Four printable bytes for ``number``, different for 78 million in a row."""
    digits = bytearray()
    for _ in range(4):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return bytes(digits)


def process_id_request(ident: bytes) -> bytes:
    """``GS ( H`` function 48: answer with ``ident`` when everything before it has been printed."""
    if len(ident) != 4 or not all(0x20 <= byte <= 0x7E for byte in ident):
        raise ValueError("a process id is four bytes from 20 to 7E")
    return b"\x1d(H\x06\x0000" + ident


@dataclass(frozen=True, slots=True)
class Status:
    """What the printer says of itself. ``paper_low`` only where there is a near-end sensor."""

    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_low: bool = False
    cutter: bool = False
    fault: bool = False
    hot: bool = False

    @property
    def stopped_by(self) -> str:
        """Why it cannot print, as a reason code; empty when it can. The most telling cause comes first."""
        causes = (
            (self.cover_open, "cover-open"),
            (self.cutter, "cutter"),
            (self.fault, "printer-fault"),
            (self.paper_out, "paper-out"),
            (self.hot, "overheated"),
            (self.offline, "offline"),
        )
        return next((code for true, code in causes if true), "")


def is_realtime(byte: int) -> bool:
    """Whether ``byte`` can be an answer to DLE EOT: bits 1 and 4 set, 0 and 7 clear."""
    return byte & 0x93 == 0x12


def status_from(one: int, two: int, three: int, four: int) -> Status:
    """The four DLE EOT answers as one status. ``ValueError`` where a fixed bit is wrong."""
    if not all(map(is_realtime, (one, two, three, four))):
        raise ValueError("a status byte with wrong fixed bits")
    return Status(
        offline=bool(one & 0x08),
        cover_open=bool(two & 0x04),
        paper_out=bool(two & 0x20) or four & 0x60 == 0x60,
        paper_low=four & 0x0C == 0x0C,
        cutter=bool(three & 0x08),
        fault=bool(three & 0x20),
        hot=bool(three & 0x40),
    )


@dataclass(frozen=True, slots=True)
class RealTime:
    """The answer to one DLE EOT."""

    byte: int


@dataclass(frozen=True, slots=True)
class Fence:
    """The answer to GS r 1: everything before it has been processed."""

    paper_low: bool
    paper_out: bool


@dataclass(frozen=True, slots=True)
class ProcessDone:
    """The answer to GS ( H: what came before ``ident`` has been printed."""

    ident: bytes


@dataclass(frozen=True, slots=True)
class StatusBack:
    """Four unasked bytes: something changed."""

    status: Status


@dataclass(frozen=True, slots=True)
class Text:
    """The answer to GS I."""

    text: str


@dataclass(frozen=True, slots=True)
class Strange:
    """A byte that can be no answer: noise, or a clone's status with wrong fixed bits."""

    byte: int


Answer = RealTime | Fence | ProcessDone | StatusBack | Text | Strange


class Answers:
    """Bytes in, answers out; keeps at most one unfinished answer of ``TEXT_MAX`` bytes."""

    def __init__(self) -> None:
        self._left = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        """The answers that ``data`` completes, in order."""
        self._left += bytes(byte for byte in data if byte not in {_XON, _XOFF})
        answers: list[Answer] = []
        while self._left:
            taken = _take(bytes(self._left))
            if taken is None:
                break
            answer, length = taken
            answers.append(answer)
            del self._left[:length]
        return answers

    def forget(self) -> None:
        """Drop an unfinished answer, together with the line's input."""
        self._left.clear()


def _take(data: bytes) -> tuple[Answer, int] | None:
    """The first answer in ``data`` and its length, or None when more bytes are needed."""
    first = data[0]
    if is_realtime(first):
        return RealTime(first), 1
    if first in {0x00, 0x03, 0x0C, 0x0F}:
        return Fence(paper_low=bool(first & 0x03), paper_out=bool(first & 0x0C)), 1
    if first & 0x93 == 0x10:
        return _take_status_back(data)
    if first == 0x37:
        return _take_process_done(data)
    if first == 0x5F:
        return _take_text(data)
    return Strange(first), 1


def _take_status_back(data: bytes) -> tuple[Answer, int] | None:
    if any(byte & 0x90 for byte in data[1:4]):
        return Strange(data[0]), 1
    if len(data) < 4:
        return None
    printer, errors, paper, _ = data[:4]
    status = Status(
        offline=bool(printer & 0x08),
        cover_open=bool(printer & 0x20),
        paper_out=paper & 0x0C == 0x0C,
        paper_low=paper & 0x03 == 0x03,
        cutter=bool(errors & 0x08),
        fault=bool(errors & 0x20),
        hot=bool(errors & 0x40),
    )
    return StatusBack(status), 4


def _take_process_done(data: bytes) -> tuple[Answer, int] | None:
    wrong = (
        data[1:2] not in {b"", b"\x22"}
        or not all(0x20 <= byte <= 0x7E for byte in data[2:6])
        or data[6:7] not in {b"", b"\0"}
    )
    if wrong:
        return Strange(data[0]), 1
    return (ProcessDone(data[2:6]), 7) if len(data) >= 7 else None


def _take_text(data: bytes) -> tuple[Answer, int] | None:
    for index, byte in enumerate(data[1:TEXT_MAX], start=1):
        if byte == 0:
            if data[max(1, index - 6) : index - 4] == b"\x37\x22":  # noise before the answer to GS ( H
                return Strange(data[0]), 1
            return Text(data[1:index].decode("ascii")), index + 1
        if not 0x20 <= byte <= 0x7E:
            return Strange(data[0]), 1
    return None if len(data) < TEXT_MAX else (Strange(data[0]), 1)
