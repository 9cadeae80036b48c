"""The two persistent structures, against the plain ones they stand for; what was handed out never changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.domain.line import Line
from queue_server.domain.shelf import Shelf

T0 = datetime(2026, 3, 2, 1, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.integers())))
def test_shelf_behaves_as_a_dict_and_old_shelves_stay(steps: list[tuple[bool, int, int]]) -> None:
    shelf: Shelf[int, int] = Shelf()
    plain: dict[int, int] = {}
    kept: list[tuple[Shelf[int, int], dict[int, int]]] = []
    for put, key, value in steps:
        kept.append((shelf, dict(plain)))
        if put:
            shelf = shelf.put(key, value)
            plain[key] = value
        else:
            shelf = shelf.drop(key)
            plain.pop(key, None)
        assert shelf == plain
        assert len(shelf) == len(plain)
    for old, was in kept:
        assert old == was


def test_shelf_grows_and_finds_everybody() -> None:
    shelf: Shelf[str, int] = Shelf()
    for i in range(3000):
        shelf = shelf.put(f"ticket-{i}", i)
    assert len(shelf) == 3000
    assert all(shelf[f"ticket-{i}"] == i for i in range(3000))
    assert sorted(shelf.values()) == list(range(3000))
    assert shelf.get("nobody") is None
    assert "nobody" not in shelf
    assert shelf == Shelf({f"ticket-{i}": i for i in range(3000)})
    assert shelf != Shelf({f"ticket-{i}": 0 for i in range(3000)})


def entry(at: int, seq: int) -> tuple[datetime, int, str]:
    return (T0 + timedelta(seconds=at), seq, f"ticket-{seq}")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 40)), max_size=300))
def test_line_behaves_as_a_sorted_list(steps: list[tuple[int, int, int]]) -> None:
    line = Line()
    plain: set[tuple[datetime, int, str]] = set()
    for what, at, seq in steps:
        before, was = line, sorted(plain)
        if what:
            line = line.join(entry(at, seq))
            plain.add(entry(at, seq))
        else:
            line = line.leave(entry(at, seq))
            plain.discard(entry(at, seq))
        assert list(before) == was
        assert list(line) == sorted(plain)
        assert len(line) == len(plain)
        assert line.before(entry(at, seq)) == sum(one < entry(at, seq) for one in plain)
        assert line.first == (min(plain) if plain else None)
        assert line.last == (max(plain) if plain else None)


@given(st.sets(st.integers(0, 500), min_size=200), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_long_lines_are_cut_and_still_in_order(seqs: set[int], order: object) -> None:
    shuffled = sorted(seqs)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    line = Line()
    for seq in shuffled:
        line = line.join(entry(seq % 7, seq))
    assert line == Line.of(entry(seq % 7, seq) for seq in seqs)
    assert list(line) == sorted(entry(seq % 7, seq) for seq in seqs)
    for seq in shuffled[::2]:
        line = line.leave(entry(seq % 7, seq))
    assert list(line) == sorted(entry(seq % 7, seq) for seq in shuffled[1::2])
