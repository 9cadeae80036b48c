"""What a process holds: its writable memory and its files, searched for words in every shape that text takes there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le")
"""As it goes over wires, is printed, comes from a card's chip, and lies in Python's and in C's strings."""
ADDRESS_BYTES = 8
_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (rw..) \S+ \S+ \S+\s*(.*)")


@dataclass(frozen=True, slots=True)
class Trace:
    """``word`` was found ``where``, in the encoding ``code``; ``around`` is what stands beside it."""

    word: str
    code: str
    where: str
    around: bytes


def in_memory(pid: int, words: Iterable[str]) -> list[Trace]:
    """Every place in the writable memory of ``pid`` where one of ``words`` lies. Needs the right to read it.

    A short word's bytes may also stand in an address: an aligned one that leads into this process is none.
    """
    wanted, mapped = list(words), _mapped(pid)
    return [
        trace
        for where, held in _regions(pid)
        for at, trace in _found(held, where, wanted)
        if not _in_address(held, at, len(trace.word.encode(trace.code)), mapped)
    ]


def in_files(root: Path, words: Iterable[str], *, without: Iterable[str] = ()) -> list[Trace]:
    """Every file below ``root`` that holds one of ``words``; folders named in ``without`` are passed by."""
    wanted, passed = list(words), set(without)
    found = []
    for file in root.rglob("*"):
        if file.is_file() and not passed & set(file.relative_to(root).parts):
            found += [trace for _, trace in _found(file.read_bytes(), str(file.relative_to(root)), wanted)]
    return found


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that live."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def command(pid: int) -> list[str]:
    with suppress(FileNotFoundError, ProcessLookupError):
        return [part.decode() for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if part]
    return []


def _regions(pid: int) -> Iterator[tuple[str, bytes]]:
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            match = _REGION.match(line)
            if match is None or match[4].startswith("/dev/"):
                continue
            start, end = int(match[1], 16), int(match[2], 16)
            with suppress(OSError, ValueError, OverflowError):  # a region that went away, or the kernel's own
                memory.seek(start)
                yield match[4] or "heap", memory.read(end - start)


def _mapped(pid: int) -> list[tuple[int, int]]:
    """Everything that an address of this process can lead to."""
    lines = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
    ends = [line.split(maxsplit=1)[0].split("-") for line in lines]
    return [(int(start, 16), int(end, 16)) for start, end in ends]


def _in_address(held: bytes, at: int, length: int, mapped: list[tuple[int, int]]) -> bool:
    """Whether the bytes stand within one aligned machine word that is an address. Regions begin at a page's start."""
    start = at - at % ADDRESS_BYTES
    if at + length > start + ADDRESS_BYTES:
        return False
    word = int.from_bytes(held[start : start + ADDRESS_BYTES], sys.byteorder)
    return any(first <= word < last for first, last in mapped)


def _found(held: bytes, where: str, words: list[str]) -> Iterator[tuple[int, Trace]]:
    for word in words:
        for shape in dict.fromkeys(word.encode(code) for code in ENCODINGS):
            at = held.find(shape)
            while at >= 0:
                code = next(code for code in ENCODINGS if word.encode(code) == shape)
                yield at, Trace(word, code, where, held[max(0, at - 40) : at + len(shape) + 40])
                at = held.find(shape, at + 1)
