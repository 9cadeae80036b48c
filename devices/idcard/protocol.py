"""The bytes that a SAM module and its host exchange; no I/O, no waiting, no clock.

A request is ``AA AA AA 96 69 | LEN | CMD PARA data | CHK``, a reply ``AA AA AA 96 69 | LEN | SW1 SW2 SW3 data |
CHK``; LEN is two bytes, big-endian, and counts everything after itself; CHK is the XOR of everything from LEN
on. ``ReplyParser`` is fed whatever arrives, in pieces of any size, and gives back whole replies, or says that
something was garbled and goes on at the next preamble. What is stored is bounded: the photo and fingerprint
of a card pass through the checksum, are overwritten and dropped as they arrive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from functools import reduce
from operator import xor

PREAMBLE = bytes.fromhex("AA AA AA 96 69")
# Modules are seen to answer AA 00 AA AA 96 69; the last four bytes are mark enough, the checksum decides.
_MARK = PREAMBLE[1:]
_LEN_AT, _STATUS_AT, _DATA_AT = 4, 6, 9  # offsets from the mark
LONGEST_LEN = 0x0A00  # text, photo and two fingerprints are 0x090A
RATES = (115_200, 57_600, 38_400, 19_200, 9_600)  # in the order of likelihood

TEXT_BYTES = 256
PHOTO_BYTES = 1024
_STATUS_BYTES = 3
_SLICE = 512


def request(command: int, parameter: int | None = None, data: bytes = b"") -> bytes:
    """Frame a command; ``parameter`` None for the few commands that carry data alone."""
    body = bytes([command]) + (b"" if parameter is None else bytes([parameter])) + data
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes([reduce(xor, counted)])


RESET_SAM = request(0x10, 0xFF)
SAM_STATUS = request(0x11, 0xFF)
SAM_ID = request(0x12, 0xFF)
FIND_CARD = request(0x20, 0x01)
SELECT_CARD = request(0x20, 0x02)
READ_TEXT_AND_PHOTO = request(0x30, 0x01)  # there is no command for the text alone
READ_WITH_FINGERPRINTS = request(0x30, 0x10)
READ_NEWEST_ADDRESS = request(0x30, 0x03)
READ_MANAGEMENT_NUMBER = request(0x30, 0x05)
LONGEST_RF_FRAME = request(0x61, 0xFF, b"\x50")  # for modules whose field is set up for shorter frames

# Bytes of data in the good answer, photo and fingerprints left out.
_ANSWER_BYTES = {
    RESET_SAM: 0,
    SAM_STATUS: 0,
    SAM_ID: 16,
    FIND_CARD: 4,
    SELECT_CARD: 8,
    READ_TEXT_AND_PHOTO: 4 + TEXT_BYTES,
    READ_WITH_FINGERPRINTS: 6 + TEXT_BYTES,
    READ_NEWEST_ADDRESS: 70,
    READ_MANAGEMENT_NUMBER: 28,
}


def rate_request(baud: int) -> bytes:
    """The request that sets a module to ``baud``, one of ``RATES``; it answers at the old rate. ``ValueError``."""
    return request(0x60, RATES.index(baud))


class Meaning(Enum):
    """What a status word asks of the host."""

    DONE = auto()
    NO_CARD = auto()
    REPLACE_CARD = auto()  # take it off and put it back
    NOT_READABLE = auto()  # a card, but not one of ours
    NOT_ON_CARD = auto()
    LINK = auto()  # the module did not understand: resynchronise and ask again
    FAULT = auto()  # the module cannot work


_MEANINGS = {
    0x90: Meaning.DONE,
    0x9F: Meaning.DONE,  # a card was found
    0x80: Meaning.NO_CARD,
    0x31: Meaning.REPLACE_CARD,  # the card failed to authenticate the SAM
    0x32: Meaning.REPLACE_CARD,  # the SAM failed to authenticate the card
    0x33: Meaning.REPLACE_CARD,  # data verification failed
    0x41: Meaning.REPLACE_CARD,  # read failed
    0x47: Meaning.REPLACE_CARD,  # get-random failed
    0x81: Meaning.REPLACE_CARD,  # select failed
    0x40: Meaning.NOT_READABLE,
    0x91: Meaning.NOT_ON_CARD,
    0x10: Meaning.LINK,  # request checksum bad
    0x11: Meaning.LINK,  # request length bad
    0x21: Meaning.LINK,  # bad command or parameter
    0x23: Meaning.LINK,  # not permitted
    0x24: Meaning.LINK,  # unrecognised error
    0x60: Meaning.FAULT,  # self-test failed, takes no commands
    0x66: Meaning.FAULT,  # not authorised
}
FAULT_CODES = {0x60: "sam-self-test", 0x66: "sam-not-authorised"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply with the right checksum. ``data`` is what follows the status word, biometrics left out."""

    status: int  # SW3; SW1 and SW2 are the card's own and tell the host nothing
    data: bytes = field(default=b"", repr=False)
    dropped: int = 0  # bytes of photo and fingerprint that passed through

    @property
    def meaning(self) -> Meaning:
        """What to do; an unknown word counts as a fault of the link."""
        return _MEANINGS.get(self.status, Meaning.LINK)


@dataclass(frozen=True, slots=True)
class Garbled:
    """A frame began and was not one: ``checksum`` or ``length``. Parsing goes on at the next preamble."""

    why: str


def answers(request: bytes, reply: Reply) -> bool:
    """Whether ``reply`` can belong to ``request``: a late "card found" must not pass for a selection.

    Known by status and size. Sizes that no table gives are let pass: modules differ.
    """
    if reply.meaning is not Meaning.DONE:
        return True
    if (reply.status == 0x9F) != (request == FIND_CARD):
        return False
    size, own = len(reply.data), _ANSWER_BYTES.get(request)
    if size == 0:
        return own is None or own <= 8  # whoever reads must get something
    if own is not None and own > TEXT_BYTES:
        return size > TEXT_BYTES  # with or without fingerprints, it is a card's text
    return size == own or size not in _ANSWER_BYTES.values()


class ReplyParser:
    """Bytes in, replies out. Never stores more than one frame and a slice of what follows."""

    def __init__(self) -> None:
        self._kept = bytearray()  # from a possible preamble on
        self._dropped = 0  # bytes of this frame that were checked and let go
        self._dropped_xor = 0
        self._out: list[Reply | Garbled] = []

    @property
    def midway(self) -> bool:
        """Whether a frame has begun and is not complete."""
        return len(self._kept) >= len(_MARK)

    def feed(self, data: bytes) -> list[Reply | Garbled]:
        """Take what has arrived and return what it completes, oldest first; often nothing."""
        for at in range(0, len(data), _SLICE):
            self._kept += data[at : at + _SLICE]
            while self._step():
                pass
        out, self._out = self._out, []
        return out

    def forget(self) -> None:
        """Drop a half-received frame, before a new request."""
        self._let_go(len(self._kept))
        self._dropped = self._dropped_xor = 0

    def _step(self) -> bool:
        """Do one thing with what is kept; return False when nothing more can be done."""
        kept = self._kept
        start = kept.find(_MARK)
        if start < 0:
            self._let_go(len(kept) - len(_MARK) + 1)  # the rest may be a mark's beginning
            return False
        self._let_go(start)
        if len(kept) < _STATUS_AT:
            return False
        length = int.from_bytes(kept[_LEN_AT:_STATUS_AT], "big")
        if not _STATUS_BYTES + 1 <= length <= LONGEST_LEN:
            return self._give_up("length")
        self._let_biometrics_go(length)
        end = _STATUS_AT + length - self._dropped
        if len(kept) < end:
            return False
        if reduce(xor, kept[_LEN_AT:end], self._dropped_xor):
            return self._give_up("checksum", _biometrics(kept, length)[0] if self._dropped else 0)
        self._out.append(Reply(kept[_DATA_AT - 1], bytes(kept[_DATA_AT : end - 1]), self._dropped))
        self._let_go(end)
        self._dropped = self._dropped_xor = 0
        return True

    def _let_biometrics_go(self, length: int) -> None:
        kept = self._kept
        at, size = _biometrics(kept, length)
        count = min(size - self._dropped, len(kept) - at)
        if size and count > 0:
            with memoryview(kept) as view:
                self._dropped_xor = reduce(xor, view[at : at + count], self._dropped_xor)
                view[at : at + count] = bytes(count)
            self._dropped += count
            del kept[at : at + count]

    def _give_up(self, why: str, gap_at: int = 0) -> bool:
        """Say so and go on right behind the frame's first byte: it may have swallowed the beginning of a true one.

        ``gap_at``: where dropped bytes are missing. What lies before and after it never was one frame.
        """
        self._out.append(Garbled(why))
        if gap_at:
            self._out += ReplyParser().feed(bytes(self._kept[1:gap_at]))
        self._let_go(gap_at or 1)
        self._dropped = self._dropped_xor = 0
        return True

    def _let_go(self, count: int) -> None:
        """Drop the first ``count`` bytes, overwritten first: they may be what a card says."""
        if count > 0:
            self._kept[:count] = bytes(min(count, len(self._kept)))
            del self._kept[:count]


def _biometrics(kept: bytearray, length: int) -> tuple[int, int]:
    """Return (offset of the photo from the mark, bytes of photo and fingerprint) of a card's reply; else (0, 0)."""
    lengths = _DATA_AT + 4  # behind the lengths of text and photo
    if kept[_STATUS_AT:lengths] != b"\x00\x00\x90\x01\x00\x04\x00":
        return 0, 0
    plain = _STATUS_BYTES + 4 + TEXT_BYTES + PHOTO_BYTES + 1
    if length == plain:
        return lengths + TEXT_BYTES, PHOTO_BYTES
    fingers = int.from_bytes(kept[lengths : lengths + 2], "big")
    if len(kept) >= lengths + 2 and fingers in {0, 512, 1024} and length == plain + 2 + fingers:
        return lengths + 2 + TEXT_BYTES, PHOTO_BYTES + fingers
    return 0, 0


def text_of(reply: Reply) -> bytes | None:
    """Return the 256-byte text block of a read reply; None where the reply holds no such block."""
    if reply.dropped and len(reply.data) in {4 + TEXT_BYTES, 6 + TEXT_BYTES}:
        return reply.data[-TEXT_BYTES:]
    return None


def address_of(reply: Reply) -> str | None:
    """Return the address stored after the card was made, of a newest-address reply; None where there is none."""
    if reply.meaning is not Meaning.DONE or len(reply.data) != 70:
        return None
    return reply.data.decode("utf-16-le", "replace").strip(" \0\u3000") or None


def management_number_of(reply: Reply) -> str | None:
    """Return the card's management number, 28 bytes as hexadecimal digits; None where the card has none."""
    if reply.meaning is not Meaning.DONE or len(reply.data) != 28:
        return None
    return reply.data.hex().upper()


def sam_id_text(data: bytes) -> str:
    """Return a SAM's 16-byte identity as it is printed on the module: ``05.01-20150101-0000000001-0000000002``."""
    part = [int.from_bytes(data[at : at + size], "little") for at, size in ((0, 2), (2, 2), (4, 4), (8, 4), (12, 4))]
    return f"{part[0]:02d}.{part[1]:02d}-{part[2]:08d}-{part[3]:010d}-{part[4]:010d}"
