"""A line: people (or alarms) in order of a moment, never changed, only succeeded.

An entry is ``(moment, seq, id)``: earliest moment first, ties by the order of arrival. The line is kept in
short sorted pieces, so that joining, leaving and "how many stand before this moment?" touch one piece and
not the thousand people who wait. Two lines are equal when their entries are, however they are cut.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

Entry = tuple[datetime, int, str]

_PIECE = 64


class Line:
    """A persistent sorted sequence of entries, without doubles."""

    __slots__ = ("_count", "_ends", "_pieces")
    __hash__ = None  # type: ignore[assignment]  # a line is compared, never a key

    def __init__(
        self, pieces: tuple[tuple[Entry, ...], ...] = (), ends: tuple[Entry, ...] = (), count: int = 0
    ) -> None:
        """From its pieces; ``Line.of`` takes entries in any order."""
        self._pieces = pieces
        self._ends = ends
        self._count = count

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Line:
        ordered = sorted(set(entries))
        pieces = tuple(tuple(ordered[i : i + _PIECE]) for i in range(0, len(ordered), _PIECE))
        return cls(pieces, tuple(piece[-1] for piece in pieces), len(ordered))

    def join(self, entry: Entry) -> Line:
        """The line with ``entry`` in its place; the same line if it stands there already."""
        pieces, ends = self._pieces, self._ends
        if not pieces:
            return Line(((entry,),), (entry,), 1)
        at = min(bisect_left(ends, entry), len(ends) - 1)
        piece = pieces[at]
        place = bisect_left(piece, entry)
        if place < len(piece) and piece[place] == entry:
            return self
        grown = (*piece[:place], entry, *piece[place:])
        if len(grown) <= _PIECE:
            cut: tuple[tuple[Entry, ...], ...] = (grown,)
        elif place == len(piece):  # people mostly join at the end: leave full pieces full
            cut = (piece, (entry,))
        else:
            half = len(grown) // 2
            cut = (grown[:half], grown[half:])
        return Line(
            (*pieces[:at], *cut, *pieces[at + 1 :]),
            (*ends[:at], *(part[-1] for part in cut), *ends[at + 1 :]),
            self._count + 1,
        )

    def leave(self, entry: Entry) -> Line:
        """The line without ``entry``; the same line if it was not there."""
        pieces, ends = self._pieces, self._ends
        at = bisect_left(ends, entry)
        if at == len(ends):
            return self
        piece = pieces[at]
        place = bisect_left(piece, entry)
        if piece[place] != entry:
            return self
        rest = (*piece[:place], *piece[place + 1 :])
        if not rest:
            return Line((*pieces[:at], *pieces[at + 1 :]), (*ends[:at], *ends[at + 1 :]), self._count - 1)
        return Line((*pieces[:at], rest, *pieces[at + 1 :]), (*ends[:at], rest[-1], *ends[at + 1 :]), self._count - 1)

    def before(self, entry: Entry) -> int:
        """How many entries stand before ``entry``, which need not be in the line."""
        at = bisect_left(self._ends, entry)
        if at == len(self._ends):
            return self._count
        return sum(map(len, self._pieces[:at])) + bisect_left(self._pieces[at], entry)

    @property
    def first(self) -> Entry | None:
        return self._pieces[0][0] if self._pieces else None

    @property
    def last(self) -> Entry | None:
        return self._ends[-1] if self._ends else None

    def __iter__(self) -> Iterator[Entry]:
        return chain.from_iterable(self._pieces)

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and self._count == other._count and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return f"Line({list(self)!r})"
