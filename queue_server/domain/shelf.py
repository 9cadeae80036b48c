"""A shelf: a map that is never changed, only succeeded, cheap with thousands of entries.

A hall is evolved thousands of times a second, and every reader (pages, boards, alarms) keeps the hall it
was handed. Copying a whole dict each time would cost more than the database. A shelf spreads its entries
over small dicts (*boxes*); ``put`` and ``drop`` copy one box and the row of references to the boxes, and
share all the others with the shelf before. Order of iteration means nothing: whoever needs an order sorts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import chain
from typing import TypeVar, overload

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
D = TypeVar("D")

_FIRST_BOXES = 8
_PER_BOX = 16
_GROWTH = 4


class Shelf(Mapping[K, V]):
    """An immutable mapping with ``put`` and ``drop`` that return the next shelf. Equal to any equal mapping."""

    __slots__ = ("_boxes", "_count")

    def __init__(self, entries: Mapping[K, V] | None = None) -> None:
        entries = entries or {}
        size = _FIRST_BOXES
        while len(entries) > size * _PER_BOX:
            size *= _GROWTH
        boxes: list[dict[K, V]] = [{} for _ in range(size)]
        for key, value in entries.items():
            boxes[hash(key) & (size - 1)][key] = value
        self._boxes = tuple(boxes)
        self._count = len(entries)

    def put(self, key: K, value: V) -> Shelf[K, V]:
        """The shelf with ``key`` standing for ``value``, new or replaced."""
        boxes = self._boxes
        place = hash(key) & (len(boxes) - 1)
        box = boxes[place]
        count = self._count + (key not in box)
        if count > len(boxes) * _PER_BOX:
            grown = dict(self.items())
            grown[key] = value
            return Shelf(grown)
        box = box.copy()
        box[key] = value
        return self._with(place, box, count)

    def drop(self, key: K) -> Shelf[K, V]:
        """The shelf without ``key``; the same shelf if it was not there."""
        place = hash(key) & (len(self._boxes) - 1)
        box = self._boxes[place]
        if key not in box:
            return self
        box = box.copy()
        del box[key]
        return self._with(place, box, self._count - 1)

    def _with(self, place: int, box: dict[K, V], count: int) -> Shelf[K, V]:
        boxes = list(self._boxes)
        boxes[place] = box
        new: Shelf[K, V] = Shelf.__new__(Shelf)
        new._boxes = tuple(boxes)
        new._count = count
        return new

    def __getitem__(self, key: K) -> V:
        return self._boxes[hash(key) & (len(self._boxes) - 1)][key]

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | D) -> V | D: ...
    def get(self, key: K, /, default: V | D | None = None) -> V | D | None:
        return self._boxes[hash(key) & (len(self._boxes) - 1)].get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._boxes[hash(key) & (len(self._boxes) - 1)]

    def __iter__(self) -> Iterator[K]:
        return chain.from_iterable(self._boxes)

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"Shelf({dict(self.items())!r})"
