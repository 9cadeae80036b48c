"""What a scan engine sends, cut into codes and answers; no I/O and no clock: times are arguments, monotonic seconds.

Engines send ``[prefix] data [suffix]`` and agree on nothing: the suffix is CR, LF, CRLF or missing, when only a
pause tells that the code is over. Between the codes come answers to commands. An engine sends one thing after
the other and never one inside the other, so an answer stands before a code, or behind one that has no suffix: in
the middle of what a suffix ends, the same bytes are the code's own. ``text`` reads the codes and knows what is news.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from devices.scanner.answers import LONGEST_ANSWER, Answer, Found, Honeywell, Make, More, answer_at, is_wreck
from devices.scanner.text import (
    CALM_S,
    FLOOD_CODES,
    FLOOD_S,
    LONGEST,
    SAME_CODE_S,
    Sieve,
    Trouble,
    text_of,
)

__all__ = [
    "CALM_S",
    "FLOOD_CODES",
    "FLOOD_S",
    "GAP_S",
    "LONGEST",
    "LONG_GAP_S",
    "SAME_CODE_S",
    "Answer",
    "Code",
    "CodeSplitter",
    "Sieve",
    "TooLong",
    "Trouble",
    "text_of",
]

GAP_S = 0.08  # engines pause 50 to 100 ms between codes, far less within one
# A line may dawdle so long within an answer, or within a code of an engine that ends its codes with a suffix: only a
# longer pause tells that the rest is lost. (GM65 engines allow us as much within a command.)
LONG_GAP_S = 0.4

_LINE_END = re.compile(rb"[\r\n]")
_LINE_ENDS = b"\r\n"


@dataclass(frozen=True, slots=True)
class Code:
    """The bytes of one code, prefix and suffix taken off."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TooLong:
    """A code is longer than ``LONGEST`` and thrown away; told as soon as that is clear."""


Part = Code | TooLong | Answer


class CodeSplitter:
    """Bytes in, codes and answers out; what is kept from one call to the next is bounded by ``MOST_KEPT``.

    ``prefixes`` are what engines of this site are set to send before a code (an AIM identifier, STX); the longest
    that fits is taken off. ``spoken_to``: the make of an engine that we send commands. Then an answer is also looked
    for behind codes, as long as the engine has not been seen to end its codes with a suffix, and wrecks of answers
    are dropped rather than told as codes. ``awaits_description`` is set while a Honeywell engine describes itself.
    Raises ValueError for a prefix that is empty, too long, or holds a line end.
    """

    MOST_KEPT = LONGEST + 64 + LONGEST_ANSWER

    def __init__(
        self, prefixes: tuple[bytes, ...] = (), gap_s: float = GAP_S, *, spoken_to: Make | None = None
    ) -> None:
        if any(not 1 <= len(prefix) <= 64 or _LINE_END.search(prefix) for prefix in prefixes):
            raise ValueError("a scanner's prefix has 1 to 64 bytes and no CR or LF")
        self.awaits_description = False
        self._prefixes = tuple(sorted(prefixes, key=len, reverse=True))
        self._room = LONGEST + max((len(prefix) for prefix in prefixes), default=0)
        self._gap_s = gap_s
        self._spoken_to = spoken_to
        self._kept = bytearray()
        self._overflowed = False
        self._unsure = False  # what is kept may be a part of an answer
        self._suffixed = False  # the last code ended with a suffix
        self._last_at_s = 0.0

    @property
    def gap_at_s(self) -> float | None:
        """When silence will end the code under way; None if there is none."""
        if not self._kept and not self._overflowed:
            return None
        patient = self._suffixed or (self._unsure and self._spoken_to is not None)
        return self._last_at_s + (LONG_GAP_S if patient else self._gap_s)

    def feed(self, data: bytes, now_s: float) -> list[Part]:
        """Take what has arrived by ``now_s`` and return what it completes, oldest first.

        A pause is only believed when ``quiet`` has seen it: bytes that waited for a busy reader arrived earlier.
        """
        self._last_at_s = now_s
        self._kept += data
        return self._parts(final=False)

    def quiet(self, now_s: float) -> list[Part]:
        """Nothing is waiting at ``now_s``: return what a pause has ended, if one has."""
        gap_at_s = self.gap_at_s
        return self._parts(final=True) if gap_at_s is not None and now_s >= gap_at_s else []

    def _parts(self, *, final: bool) -> list[Part]:
        """Cut off the front of what is kept whatever is certain; with ``final``, nothing more belongs to it."""
        out: list[Part] = []
        self._unsure = False
        while self._kept:
            if self._overflowed:
                self._skip_rest()
                continue
            while self._kept[:1] and self._kept[0] in _LINE_ENDS:
                del self._kept[0]
            line_end = _LINE_END.search(self._kept, 0, self._room + 1)
            end = line_end.start() if line_end else None
            answer = self._answer(min(len(self._kept), self._room + 1) if end is None else end, final=final)
            if answer is not None:
                begin, found = answer
                if isinstance(found, More):
                    self._unsure = True
                    break
                out += self._message(bytes(self._kept[:begin]))
                out.append(found.answer)
                del self._kept[: found.end]
            elif end is not None:
                self._suffixed = True
                out += self._message(bytes(self._kept[:end]))
                del self._kept[: end + 1]
            elif len(self._kept) > self._room:
                out.append(TooLong())
                del self._kept[: self._room + 1]
                self._overflowed = True
            elif final:
                self._suffixed = False
                out += self._message(bytes(self._kept))
                self._kept.clear()
            else:
                break
        if final:
            self._overflowed = False
        return out

    def _skip_rest(self) -> None:
        line_end = _LINE_END.search(self._kept)
        if line_end is None:
            self._kept.clear()
        else:
            del self._kept[: line_end.end()]
            self._overflowed = False

    def _answer(self, end: int, *, final: bool) -> tuple[int, Found | More] | None:
        """The first answer that begins before ``end``, and where; where none may stand, or none does, None."""
        begin = 0
        honeywell: Honeywell = "no"
        first = b"\x02"
        if self._spoken_to == "honeywell":
            honeywell = "description" if self.awaits_description else "echo"
            first = b"T"  # of TRGMOD and TRGSTO
        while 0 <= begin < end:
            found = answer_at(self._kept, begin, honeywell=honeywell)
            if isinstance(found, Found) and self._believed(found.answer):
                return begin, found
            if isinstance(found, More) and not final:
                return begin, found
            if self._suffixed or not self._spoken_to:
                return None
            begin = self._kept.find(first, begin + 1, end)
        return None

    def _believed(self, answer: Answer) -> bool:
        """An engine that nobody speaks to may still answer somebody before us, but only in whole answers."""
        return self._spoken_to is not None or answer.problem != "garbled"

    def _message(self, data: bytes) -> list[Part]:
        prefix = next((p for p in self._prefixes if data.startswith(p)), b"")
        if self._spoken_to and ((not prefix and is_wreck(data)) or is_wreck(data[len(prefix) :])):
            return []
        data = data[len(prefix) :]
        if len(data) > LONGEST:
            return [TooLong()]
        return [Code(data)] if data else []
