"""What a scan engine sends, cut into codes; no I/O and no clock: times come as arguments, monotonic seconds.

Engines send ``[prefix] data [suffix]`` and agree on nothing: the suffix is CR, LF, CRLF or missing, when only a
pause tells that the code is over. The data is whatever bytes the code holds: UTF-8, or GB18030 from older
systems, or neither, which is refused rather than guessed. Three small parts in a row: ``CodeSplitter`` finds
the codes, ``text_of`` reads one, ``Sieve`` lets through what is news.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

LONGEST = 512  # bytes of one code, and characters of its text
GAP_S = 0.08  # engines pause 50 to 100 ms between codes, far less within one
SAME_CODE_S = 2.5
FLOOD_CODES = 8  # more than this many codes ..
FLOOD_S = 2.0  # .. within this time is no person showing codes
CALM_S = 1.0  # a flood is over after so long without a code

# Answers of engines to host commands come down the same line as codes (Newland EM3095 and GM65 manuals).
_ENGINE_ANSWERS = (
    bytes.fromhex("02 00 00 01 00 33 31"),
    bytes.fromhex("02 00 01 01 00 04 01"),
    bytes.fromhex("02 00 03 01 00 6A 61"),
)
_ENDS = b"\r\n"

Trouble = Literal["too-long", "unreadable-text", "flood"]


@dataclass(frozen=True, slots=True)
class Code:
    """The bytes of one code, prefix and suffix taken off."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TooLong:
    """A code longer than ``LONGEST`` was thrown away."""


class CodeSplitter:
    """Bytes in, codes out; stores at most ``LONGEST`` bytes and a prefix.

    ``prefixes`` are what engines of this site are set to send before a code (an AIM identifier, STX); the longest
    that fits is taken off.
    """

    def __init__(self, prefixes: tuple[bytes, ...] = (), gap_s: float = GAP_S) -> None:
        self._prefixes = tuple(sorted(prefixes, key=len, reverse=True))
        self._room = LONGEST + max((len(prefix) for prefix in prefixes), default=0)
        self._gap_s = gap_s
        self._kept = bytearray()
        self._overflowed = False
        self._last_at_s = 0.0

    @property
    def gap_at_s(self) -> float | None:
        """When silence will end the code under way; None if there is none."""
        return self._last_at_s + self._gap_s if self._kept or self._overflowed else None

    def feed(self, data: bytes, now_s: float) -> list[Code | TooLong]:
        """Take what has arrived by ``now_s`` and return the codes that it completes, oldest first.

        A pause is only believed when ``quiet`` has seen it: bytes that waited for a busy reader arrived earlier.
        """
        out: list[Code | TooLong] = []
        self._last_at_s = now_s
        for byte in data:
            if byte in _ENDS:
                out += self._end()
            elif len(self._kept) < self._room:
                self._kept.append(byte)
            else:
                self._overflowed = True
        return out

    def quiet(self, now_s: float) -> list[Code | TooLong]:
        """Nothing is waiting at ``now_s``: return the code that a pause has ended, if one has."""
        gap_at_s = self.gap_at_s
        return self._end() if gap_at_s is not None and now_s >= gap_at_s else []

    def _end(self) -> list[Code | TooLong]:
        data = bytes(self._kept)
        overflowed = self._overflowed
        self._kept.clear()
        self._overflowed = False
        for answer in _ENGINE_ANSWERS:
            data = data.removeprefix(answer)
        prefix = next((p for p in self._prefixes if data.startswith(p)), b"")
        data = data[len(prefix) :]
        if overflowed or len(data) > LONGEST:
            return [TooLong()]
        return [Code(data)] if data else []


def text_of(data: bytes) -> str | None:
    """Return the text of a code's bytes without control characters; None if it is neither UTF-8 nor GB18030.

    Also None where nothing is left, and where the bytes are GB18030 only by stretching it: private or unassigned
    characters, which no code in use holds.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            return None
        if any(unicodedata.category(character) in {"Co", "Cn"} for character in text):
            return None
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})[:LONGEST].strip() or None


class Sieve:
    """Lets through what is news: not the code that is still held in front of the engine, and no floods."""

    def __init__(self) -> None:
        self._last = ""
        self._last_at_s = float("-inf")
        self._passed_at_s: deque[float] = deque()
        self._flooded_until_s: float | None = None

    def passes(self, text: str, now_s: float) -> bool | Literal["flood"]:
        """Whether ``text`` at ``now_s`` is to be told: True, False, or ``"flood"`` once when a flood begins."""
        repeated = text == self._last and now_s - self._last_at_s < SAME_CODE_S
        self._last, self._last_at_s = text, now_s
        if repeated:
            return False
        if self._flooded_until_s is not None:
            if now_s < self._flooded_until_s:
                self._flooded_until_s = now_s + CALM_S
                return False
            self._flooded_until_s = None
            self._passed_at_s.clear()
        self._passed_at_s.append(now_s)
        while self._passed_at_s and now_s - self._passed_at_s[0] >= FLOOD_S:
            self._passed_at_s.popleft()
        if len(self._passed_at_s) > FLOOD_CODES:
            self._flooded_until_s = now_s + CALM_S
            return "flood"
        return True
