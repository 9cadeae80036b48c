"""Engines' answers to commands, recognised among the codes with which they share the line. No I/O, no clock.

Three makes, three shapes. Newland: ``02 01 "0000"``, the command again, 06 (done), 15 (no such value) or 05 (no
such command), ``3B 03``. Newland EM3095 and GM65: ``02 00``, a type (00 done, 01 checksum wrong, 03 not
understood), a length, that many bytes, CRC. Honeywell: the command again, 06, 15 or 05, and ``.`` or ``!``;
printable throughout, so it is looked for only where that make is spoken to.
Sources: the manuals of NLS-HR52, NLS-EM3095, GM65 and N86, as in this folder's README.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import Final, Literal

LONGEST_ANSWER = 1024  # a Honeywell's description of itself has about 300 bytes
_NEWLAND = b"\x02\x010000"
_NEWLAND_LONGEST = 512
_NEWLAND_END = b";\x03"
_GM65 = b"\x02\x00"
_GM65_MOST = 16  # data bytes; we never ask for more than a few
_STATUS: dict[int, Problem] = {0x06: "", 0x15: "refused", 0x05: "refused"}
_GM65_TYPES: dict[int, Problem] = {0x00: "", 0x01: "garbled", 0x02: "refused", 0x03: "refused"}
_HONEYWELL_TAGS = (b"TRGMOD", b"TRGSTO")  # of all commands that we send while codes may come
_HONEYWELL_ECHO_MOST = 40

Make = Literal["newland", "gm65", "honeywell"]
Problem = Literal["", "refused", "garbled"]
Honeywell = Literal["no", "echo", "description"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine answered.

    ``problem``: "" for done, ``refused`` (no such command or value), ``garbled`` (the engine got our command
    damaged, or we got its answer so). ``data`` is the command as the engine repeats it with what it adds
    (Newland, Honeywell), or the bytes asked for (GM65).
    """

    make: Make
    problem: Problem = ""
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A whole answer; the bytes after it begin at ``end``."""

    answer: Answer
    end: int


class More:
    """These bytes may be the beginning of an answer; only further ones can tell."""


MORE: Final = More()


def crc16(data: bytes) -> bytes:
    """Return CRC-CCITT (x^16 + x^12 + x^5 + 1, from 0000, high bit first) as the two bytes that are sent."""
    return binascii.crc_hqx(data, 0).to_bytes(2, "big")


def answer_at(data: bytes | bytearray, at: int, *, honeywell: Honeywell = "no") -> Found | More | None:
    """Look for an answer that begins at ``data[at]``.

    ``honeywell``: whether that make is spoken to, and whether it was asked to describe itself.
    """
    if honeywell == "no" and data[at : at + 1] != b"\x02":
        return None
    rest = bytes(data[at : at + LONGEST_ANSWER])
    match honeywell:
        case "echo":
            return _honeywell(rest, at)
        case "description":
            return _description(rest, at)
    if len(rest) == 1:
        return MORE
    return _gm65(rest, at) if rest[1] == _GM65[1] else _newland(rest, at)


def _newland(rest: bytes, at: int) -> Found | More | None:
    if not (rest.startswith(_NEWLAND) or _NEWLAND.startswith(rest)):
        return None
    end = rest.find(_NEWLAND_END, len(_NEWLAND), _NEWLAND_LONGEST)
    if end < 0:
        return MORE if len(rest) < _NEWLAND_LONGEST else None
    problem = _STATUS.get(rest[end - 1], "garbled")
    # behind "0000" stands @ or #, as in the command
    return Found(Answer("newland", problem, rest[len(_NEWLAND) + 1 : end - 1]), at + end + len(_NEWLAND_END))


def _gm65(rest: bytes, at: int) -> Found | More | None:
    if len(rest) > 2 and rest[2] not in _GM65_TYPES:
        return None
    if len(rest) > 3 and not 1 <= rest[3] <= _GM65_MOST:
        return None
    if len(rest) < 4 or len(rest) < 6 + rest[3]:
        return MORE
    end = 4 + rest[3]
    whole = crc16(rest[2:end]) == rest[end : end + 2]
    return Found(Answer("gm65", _GM65_TYPES[rest[2]] if whole else "garbled", rest[4:end]), at + end + 2)


def _honeywell(rest: bytes, at: int) -> Found | More | None:
    if not any(rest.startswith(tag) or tag.startswith(rest) for tag in _HONEYWELL_TAGS):
        return None
    match = re.match(rb"([^\r\n\x05\x06\x15]*)([\x05\x06\x15])[.!]", rest)
    if match is not None:
        return Found(Answer("honeywell", _STATUS[match[2][0]], match[1]), at + match.end())
    return MORE if len(rest) < _HONEYWELL_ECHO_MOST and not re.search(rb"[\r\n]", rest) else None


def _description(rest: bytes, at: int) -> Found | More | None:
    """The description comes first, in lines, the command last."""
    match = re.search(rb"REVINF([\x05\x06\x15])[.!]", rest)
    if match is None:
        return MORE if len(rest) < LONGEST_ANSWER else None
    return Found(Answer("honeywell", _STATUS[match[1][0]], b"REVINF" + rest[: match.start()]), at + match.end())


def is_wreck(message: bytes) -> bool:
    """Whether ``message`` is what is left of an answer that lost bytes on its way.

    Only for engines that are spoken to. No text begins with NUL or SOH, ends in a status with or without its
    punctuation, or is a make's own set-up command.
    """
    return message.startswith((b"\x02\x00", b"\x02\x01", b"\x00", b"\x01", *_HONEYWELL_TAGS)) or (
        re.search(rb"[\x05\x06\x15](;\x03?|[.!])?$", message) is not None
    )
