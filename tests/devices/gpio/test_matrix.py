"""A keypad's reading: one or two keys are told rightly, ghosts are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gpio.layout_file import load_layout
from devices.gpio.matrix import keys_down
from devices.gpio.record import Matrix

MATRIX = load_layout("pi-matrix").matrix or Matrix((), (), ())
PLACES = {key: (row, column) for row, keys in enumerate(MATRIX.keys) for column, key in enumerate(keys)}


def reading(down: frozenset[str]) -> list[list[bool]]:
    """What a matrix without diodes shows: current finds every way from the driven row to a column."""
    seen = []
    for driven in range(len(MATRIX.rows)):
        rows, columns = {driven}, set[int]()
        while True:
            reached = {PLACES[key][1] for key in down if PLACES[key][0] in rows}
            back = {PLACES[key][0] for key in down if PLACES[key][1] in reached} | rows
            if (reached, back) == (columns, rows):
                break
            rows, columns = back, reached
        seen.append([column in columns for column in range(len(MATRIX.columns))])
    return seen


@pytest.mark.parametrize("key", MATRIX.names)
def test_each_key_is_told_by_its_row_and_column(key: str) -> None:
    assert keys_down(MATRIX, reading(frozenset({key}))) == {key}


def test_no_key_is_an_empty_set_and_not_a_refusal() -> None:
    assert keys_down(MATRIX, reading(frozenset())) == frozenset()


@given(st.sets(st.sampled_from(MATRIX.names), max_size=2))
def test_two_keys_are_always_told_rightly_and_never_a_third(down: set[str]) -> None:
    assert keys_down(MATRIX, reading(frozenset(down))) == down


@given(st.sets(st.sampled_from(MATRIX.names)))
def test_a_key_that_nobody_touches_is_never_told(down: set[str]) -> None:
    read = keys_down(MATRIX, reading(frozenset(down)))
    assert read is None or read == down


def test_three_corners_of_a_rectangle_are_refused() -> None:
    assert keys_down(MATRIX, reading(frozenset("137"))) is None
    assert keys_down(MATRIX, reading(frozenset("125"))) is None
    assert keys_down(MATRIX, reading(frozenset("159"))) == frozenset("159")  # no two share a line: no ghost


def test_a_reading_of_another_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match="4 rows of 3 columns"):
        keys_down(MATRIX, [[True]])
