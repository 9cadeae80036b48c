"""The other end's ears: a stream of ESC/POS bytes cut into commands, as the manuals publish their lengths.

Written from the published command set and not from our driver. Bytes in, commands out: a command that is not
complete waits for its rest, whatever is text comes as runs of bytes. What is not known is skipped with its two
bytes, as printers do, and comes out as ``unknown``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D

# Parameter bytes after "ESC x", "FS x", "GS x" of commands whose length is fixed.
_FIXED = {
    ESC: dict.fromkeys(b"@2imLS\x0c", 0)
    | dict.fromkeys(b"adE!3JtRM-GV{= %?rTU", 1)
    | {ord(ch): count for ch, count in {"c": 2, "$": 2, "\\": 2, "p": 3, "B": 2}.items()},
    FS: {ord(ch): count for ch, count in {"&": 0, ".": 0, "!": 1, "W": 1, "-": 1, "C": 1, "S": 2, "p": 2}.items()},
    GS: dict.fromkeys(b"!raIBHhwfb|/", 1) | dict.fromkeys(b"LWP$\\", 2) | {ord("^"): 3},
}
_NAMES = {ESC: "ESC", FS: "FS", GS: "GS", DLE: "DLE"}
_SINGLE = {0x0A: "LF", 0x0D: "CR", 0x09: "HT", 0x0C: "FF", 0x18: "CAN"}


@dataclass(frozen=True, slots=True)
class Command:
    """``name`` as manuals write it ("GS v 0", "LF"), "text" for characters; ``args`` its parameters and data.

    ``size`` is how many bytes of the receive buffer it takes.
    """

    name: str
    args: bytes = b""
    size: int = field(default=0, compare=False)


class Commands:
    """Bytes in, commands out."""

    def __init__(self) -> None:
        self._left = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        """The commands that ``data`` completes, in order."""
        self._left += data
        commands: list[Command] = []
        at = 0
        whole = bytes(self._left)
        while at < len(whole):
            taken = _take(whole, at)
            if taken is None:
                break
            command, length = taken
            commands.append(replace(command, size=length))
            at += length
        del self._left[:at]
        return commands

    def forget(self) -> None:
        """The receive buffer is empty again (bus reset, power)."""
        self._left.clear()


def _take(data: bytes, at: int) -> tuple[Command, int] | None:
    """The command at ``at`` and its length; None while bytes of it are missing."""
    first = data[at]
    if first in _NAMES:
        if len(data) < at + 2:
            return None
        return _take_escape(data, at, first, data[at + 1])
    if first in _SINGLE:
        return Command(_SINGLE[first]), 1
    if first < 0x20 or first == 0x7F:
        return Command("unknown", bytes([first])), 1
    end = at
    while end < len(data) and data[end] >= 0x20 and data[end] != 0x7F:
        end += 1
    return Command("text", data[at:end]), end - at


def _take_escape(data: bytes, at: int, lead: int, kind: int) -> tuple[Command, int] | None:
    name = f"{_NAMES[lead]} {chr(kind)}"
    if lead == DLE:
        counts = {0x04: ("DLE EOT", 1), 0x05: ("DLE ENQ", 1), 0x14: ("DLE DC4", 3)}
        if kind not in counts:
            return Command("unknown", data[at : at + 2]), 2
        return _plain(data, at, *counts[kind])
    if kind in _FIXED[lead]:
        return _plain(data, at, name, _FIXED[lead][kind])
    match name:
        case "GS (":  # GS ( X pL pH data
            return _counted(data, at, 2)
        case "GS 8":  # GS 8 L p1 p2 p3 p4 data: GS ( L with a longer count
            return _counted(data, at, 4)
        case "GS V":  # GS V m, or GS V m n where m is A or B
            if len(data) < at + 3:
                return None
            return _plain(data, at, name, 2 if data[at + 2] in b"ABaghi" else 1)
        case "GS v":  # GS v 0 m xL xH yL yH data
            return _raster(data, at)
        case "ESC *":  # ESC * m nL nH data
            return _columns(data, at)
        case "GS k":
            return _bar_code(data, at)
        case "ESC D":
            end = data.find(0, at + 2)
            return None if end < 0 else (Command(name, data[at + 2 : end]), end + 1 - at)
        case _:
            return Command("unknown", data[at : at + 2]), 2


def _plain(data: bytes, at: int, name: str, count: int) -> tuple[Command, int] | None:
    if len(data) < at + 2 + count:
        return None
    return Command(name, data[at + 2 : at + 2 + count]), 2 + count


def _counted(data: bytes, at: int, width: int) -> tuple[Command, int] | None:
    start = at + 3 + width
    if len(data) < start:
        return None
    end = start + int.from_bytes(data[at + 3 : start], "little")
    return None if len(data) < end else (Command(f"GS ( {chr(data[at + 2])}", data[start:end]), end - at)


def _raster(data: bytes, at: int) -> tuple[Command, int] | None:
    if len(data) < at + 8:
        return None
    across = int.from_bytes(data[at + 4 : at + 6], "little")
    down = int.from_bytes(data[at + 6 : at + 8], "little")
    length = 8 + across * down
    return None if len(data) < at + length else (Command("GS v 0", data[at + 3 : at + length]), length)


def _columns(data: bytes, at: int) -> tuple[Command, int] | None:
    if len(data) < at + 5:
        return None
    column = 3 if data[at + 2] >= 32 else 1
    length = 5 + column * int.from_bytes(data[at + 3 : at + 5], "little")
    return None if len(data) < at + length else (Command("ESC *", data[at + 2 : at + length]), length)


def _bar_code(data: bytes, at: int) -> tuple[Command, int] | None:
    if len(data) < at + 4:
        return None
    if data[at + 2] <= 6:
        end = data.find(0, at + 3)
        return None if end < 0 else (Command("GS k", data[at + 2 : end]), end + 1 - at)
    length = 4 + data[at + 3]
    return None if len(data) < at + length else (Command("GS k", data[at + 2 : at + length]), length)
