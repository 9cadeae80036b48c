"""Which of thousands of names can hold a query at all: for each pair of neighbouring signs, the names that have it.

A set of names is one large integer, a bit a name, so that "has all of these pairs" is a few operations on integers
however many names there are. What ``holding`` leaves out cannot fit; what it lets through is looked at closely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Grams:
    """Pairs of signs, and single signs, with the names in which they stand."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}

    def add(self, gram: str, names: int) -> None:
        self._names[gram] = self._names.get(gram, 0) | names

    def having(self, gram: str) -> int:
        return self._names.get(gram, 0)

    def all_of(self, grams: Iterable[str]) -> int:
        """The names that have every one of ``grams``; -1 (all) for none."""
        names = -1
        for gram in grams:
            names &= self._names.get(gram, 0)
            if not names:
                break
        return names

    def holding(self, query: str) -> int:
        """Names in which the signs of ``query`` may stand in a row."""
        return self.all_of([query[at : at + 2] for at in range(len(query) - 1)] or [query])

    def slipped(self, query: str) -> int:
        """Names in which ``query`` may stand in a row with one sign of it wrong, missing, too many, or two swapped."""
        length, having = len(query), self.having
        steps = [self._names.get(query[at : at + 2], 0) for at in range(length - 1)]
        ahead, behind = [having(query[0])], [having(query[-1])]
        for step in steps:
            ahead.append(ahead[-1] & step)
        for step in reversed(steps):
            behind.append(behind[-1] & step)
        behind.reverse()
        # ahead[n]: the first n + 1 signs stand in a row; behind[n]: those from n on.
        found = 0
        for at in range(length):
            # What is left of the query on both sides of the slip.
            before = ahead[at - 1] if at else -1
            after = behind[at + 1] if at + 1 < length else -1
            found |= before & after  # this sign is another one, or one too many
            if at:
                found |= before & behind[at]  # something is missing before it
            if at + 1 < length:
                beyond = behind[at + 2] if at + 2 < length else -1
                found |= before & beyond  # it has changed places with the next
        return found


def places(names: int) -> Iterator[int]:
    """The places of the names in the set."""
    while names:
        lowest = names & -names
        yield lowest.bit_length() - 1
        names ^= lowest
