"""A keypad matrix: which keys are down, from which columns read low under which driven row.

A matrix without a diode at each key cannot tell every set of keys: with three keys down at the corners of a
rectangle the current finds its way round, and the fourth corner reads as down though nobody touches it. Such a
reading is refused whole, for no part of it shows which of the four is the ghost. Two keys are always told rightly.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from devices.gpio.record import Matrix


def keys_down(matrix: Matrix, reading: Sequence[Sequence[bool]]) -> frozenset[str] | None:
    """The keys that are down; None for a reading that ghosts make ambiguous.

    ``reading[row][column]`` is True where that column read low while that row was driven. ValueError where its
    shape is not the matrix's.
    """
    if len(reading) != len(matrix.rows) or any(len(row) != len(matrix.columns) for row in reading):
        raise ValueError(f"a reading of {len(matrix.rows)} rows of {len(matrix.columns)} columns is wanted")
    down = [frozenset(column for column, low in enumerate(row) if low) for row in reading]
    if any(len(one & other) >= 2 for one, other in combinations(down, 2)):
        return None
    return frozenset(matrix.keys[row][column] for row, columns in enumerate(down) for column in columns)
