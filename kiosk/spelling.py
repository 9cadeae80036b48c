"""How a name can be typed: its units, each a sign with its reading, and the two ways of matching a query to them.

A *unit* is a character with its pinyin, or a letter or digit of the name as itself. ``typed`` follows a query through
the units: each may be given by its character, by its whole reading or by a beginning of it (社, she, sh, s).
``slipped`` compares with one mistake of the finger: a sign too many, one missing, another one, or two swapped. Both
start only where a unit or a word starts: nobody types the middle of a syllable.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queue_server.wire import messages as wire

TELEPHONE = MappingProxyType(
    {"2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv", "9": "wxyz"}
)
DIGIT = str.maketrans({letter: digit for digit, letters in TELEPHONE.items() for letter in letters})
ANY = "\0"
"""In a query: any sign."""
_FIRSTS, _WHOLE = 1, 2
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def plain(text: str) -> str:
    """Small letters, half width, without blanks, marks and control signs."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum())


def is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff" or "\U00020000" <= sign <= "\U0003ffff"


@lru_cache(maxsize=4096)
def southern(letters: str) -> str:
    """Readings that many speakers do not tell apart, as one: zh z, ch c, sh s, ng n, n l, and v for ü."""
    for one, other in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("n", "l"), ("v", "u")):
        letters = letters.replace(one, other)
    return letters


@dataclass(frozen=True, slots=True)
class Line:
    """One alphabet's spelling of a name: the reading of each unit, all of them in a row, and where each begins."""

    readings: tuple[str, ...]
    whole: str
    begins: tuple[int, ...]
    initials: str

    @staticmethod
    def of(readings: Sequence[str]) -> Line:
        begins, at = [], 0
        for reading in readings:
            begins.append(at)
            at += len(reading)
        return Line(tuple(readings), "".join(readings), tuple(begins), "".join(reading[0] for reading in readings))


@dataclass(frozen=True, slots=True)
class Spelling:
    """Everything under which a matter can be found. ``line`` letters, ``keys`` digits of a telephone."""

    matter: wire.CatalogueMatter
    name: str
    line: Line
    keys: Line
    words: Line
    word_keys: Line
    southern: str


def spelling(matter: wire.CatalogueMatter) -> Spelling:
    """Made once for each matter. A catalogue without readings is still found by its characters."""
    name = plain(matter.name_zh)
    syllables = iter(matter.pinyin.lower().split())
    readings = tuple((next(syllables, "") or sign) if is_han(sign) else sign for sign in name)
    words = _words(matter.name_en) or ["-"]
    line = Line.of(readings or ("-",))
    return Spelling(
        matter=matter,
        name=name,
        line=line,
        keys=Line.of([reading.translate(DIGIT) for reading in line.readings]),
        words=Line.of(words),
        word_keys=Line.of([word.translate(DIGIT) for word in words]),
        southern=southern(line.whole),
    )


def _words(text: str) -> list[str]:
    small = unicodedata.normalize("NFKC", text).lower()
    return "".join(sign if sign.isalnum() else " " for sign in small).split()


def typed(name: str, readings: Sequence[str], start: int, query: str) -> tuple[int, bool] | None:
    """How many units from ``start`` on ``query`` takes, and whether all of them alike; None if it does not fit.

    Alike: only first letters, or each reading whole but perhaps the last. ``name`` "" where characters do not count.
    """
    length = len(query)
    reach = {0: _FIRSTS | _WHOLE}
    for unit in range(start, len(readings)):
        reading = readings[unit]
        onward: dict[int, int] = {}
        for at, alike in reach.items():
            if name and query[at] in (name[unit], ANY):
                onward[at + 1] = onward.get(at + 1, 0) | alike
            used, most = 0, min(len(reading), length - at)
            while used < most and query[at + used] in (reading[used], ANY):
                used += 1
                end = at + used
                still = (_FIRSTS if used == 1 else 0) | (_WHOLE if used == len(reading) or end == length else 0)
                onward[end] = onward.get(end, 0) | alike & still
        if length in onward:
            return unit - start + 1, onward[length] > 0
        if not onward:
            return None
        reach = onward
    return None


def slipped(key: str, begin: int, query: str) -> float | None:
    """What ``query`` costs as the beginning of ``key[begin:]`` with exactly one slip; None if there are more, or none.

    0 for what fingers do most (a neighbouring key, two letters swapped, one twice), up to 0.3 for what they do least.
    """
    length, at = len(query), 0
    room = min(length, len(key) - begin)
    while at < room and query[at] == key[begin + at]:
        at += 1
    if at == length:
        return None
    here, rest = begin + at, query[at + 1 :]
    next_typed, meant = query[at], key[here : here + 1]
    swapped = key[here + 1 : here + 2]
    if rest and meant == rest[0] and swapped == next_typed and key.startswith(rest[1:], here + 2):
        return 0.0
    if meant and key.startswith(rest, here + 1):
        return 0.0 if near(next_typed, meant) else 0.3
    if meant and key.startswith(query[at:], here + 1):
        return 0.1
    if key.startswith(rest, here):
        return 0.0 if at and query[at - 1] == next_typed else 0.15
    return None


def near(one: str, other: str) -> bool:
    """Neighbours on the keyboard, or within one row of it."""
    places = [(row.index(sign), at) for sign in (one, other) for at, row in enumerate(_KEYBOARD) if sign in row]
    return len(places) == 2 and abs(places[0][0] - places[1][0]) <= 1 and abs(places[0][1] - places[1][1]) <= 1


def neighbours(sign: str, reading: str, next_sign: str, next_reading: str) -> set[str]:
    """Every pair of signs that can stand side by side in a query for this unit and the next ("" at the end)."""
    pairs = {reading[at : at + 2] for at in range(len(reading) - 1)}
    if next_reading:
        onward = {next_reading[0], next_sign} - {""}
        pairs |= {one + other for one in {*reading, sign} - {""} for other in onward}
    return pairs


def begins_with(line: Line, query: str) -> int | None:
    """The first unit at whose beginning ``query`` stands in a row with all others."""
    return next((unit for unit, begin in enumerate(line.begins) if line.whole.startswith(query, begin)), None)


def scattered(text: str, query: str) -> int | None:
    """Over how many signs of ``text`` those of ``query`` are spread, in their order; None if they are not all there."""
    start = at = text.find(query[0])
    for sign in query[1:]:
        at = text.find(sign, at + 1)
        if at < 0:
            return None
    return at - start + 1 if start >= 0 else None
