"""A contact: what lasts comes out, what does not never does, and what never rests is reported."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gpio.debounce import CALM_S, CHATTER_S, FLURRY_CHANGES, FLURRY_S, Change, Contact

DEBOUNCE_S = 0.03
# milliseconds and levels: edges as a worn key makes them, some lost (a level twice), some stamped alike
EDGES = st.lists(st.tuples(st.integers(0, 80), st.booleans()), max_size=60)


def contact(*, active: bool = False, hold_off_s: float = 0.0) -> Contact:
    return Contact(active=active, at_s=0.0, debounce_s=DEBOUNCE_S, hold_off_s=hold_off_s)


def played(one: Contact, gaps: list[tuple[int, bool]]) -> tuple[list[Change], list[tuple[float, bool]]]:
    """The changes that come out, and the edges as they were played, in seconds."""
    at_s, changes, edges = 0.0, [], []
    for gap_ms, level in gaps:
        at_s += gap_ms / 1000
        edges.append((at_s, level))
        changes += one.edge(active=level, at_s=at_s)
    return changes, edges


def test_a_press_comes_out_once_it_has_lasted_and_bears_the_time_at_which_it_began() -> None:
    key = contact()
    assert key.edge(active=True, at_s=1.0) == []
    assert key.until(1.029) == []
    assert key.due_s == pytest.approx(1.03)
    assert key.until(1.0301) == [Change(active=True, at_s=1.0)]
    assert key.active
    assert key.until(2.0) == []


def test_bounce_is_one_change_in_either_direction() -> None:
    key = contact()
    changes, _ = played(key, [(1000, True), (2, False), (3, True), (1, False), (5, True)])
    changes += key.until(1.1)
    assert changes == [Change(active=True, at_s=pytest.approx(1.011))]
    changes = key.edge(active=False, at_s=2.0) + key.edge(active=True, at_s=2.003) + key.edge(active=False, at_s=2.004)
    assert changes + key.until(2.1) == [Change(active=False, at_s=2.004)]


def test_a_short_press_that_is_heard_of_late_is_still_a_press() -> None:
    """Both edges arrive together, long after they happened: their stamps say how long the key was down."""
    key = contact()
    assert key.edge(active=True, at_s=1.0) == []
    assert key.edge(active=False, at_s=1.06) == [Change(active=True, at_s=1.0)]
    assert key.until(1.5) == [Change(active=False, at_s=1.06)]


def test_somebody_who_is_lost_for_a_moment_has_not_left() -> None:
    presence = contact(hold_off_s=2.0)
    played(presence, [(1000, True)])
    assert presence.until(1.1) == [Change(active=True, at_s=1.0)]
    assert presence.edge(active=False, at_s=5.0) == []
    assert presence.until(6.9) == []
    assert presence.edge(active=True, at_s=6.95) == []
    assert presence.until(8.0) == []
    assert presence.edge(active=False, at_s=9.0) == []
    assert presence.until(11.01) == [Change(active=False, at_s=9.0)]


def test_an_edge_that_was_lost_is_mended_by_looking() -> None:
    key = contact()
    key.edge(active=True, at_s=1.0)
    key.until(1.1)
    assert key.look(active=True, at_s=2.0) == []  # nothing new
    assert key.due_s is None
    assert key.look(active=False, at_s=3.0) == []  # its release made no edge
    assert key.until(3.04) == [Change(active=False, at_s=3.0)]


def test_stamps_out_of_order_never_turn_time_back() -> None:
    key = contact()
    assert key.edge(active=True, at_s=1.0) == []
    assert key.edge(active=False, at_s=0.5) == []  # counts as at 1.0, after the one before it
    assert key.until(0.9) == []
    assert key.until(2.0) == []
    assert not key.active


def test_a_key_that_flutters_for_ever_is_reported_and_says_nothing() -> None:
    key, at_s, changes = contact(), 0.0, []
    for number in range(int((CHATTER_S + 0.5) / 0.004)):
        at_s += 0.004
        changes += key.edge(active=number % 2 == 0, at_s=at_s)
    assert changes == []
    assert key.chattering
    key.edge(active=True, at_s=at_s + 0.004)  # where it comes to rest
    assert key.until(at_s + 0.1) == [Change(active=True, at_s=at_s + 0.004)]
    assert not key.chattering


def test_changes_faster_than_any_hand_are_chatter_until_it_is_calm() -> None:
    key, at_s, changes = contact(), 0.0, []
    for number in range(FLURRY_CHANGES * 3):
        at_s += 0.035  # each level lasts just long enough to be believed
        changes += key.edge(active=number % 2 == 0, at_s=at_s)
    assert key.chattering
    assert len(changes) < FLURRY_CHANGES
    assert key.until(at_s + CALM_S / 2) == []
    assert key.chattering
    key.edge(active=True, at_s=at_s + 0.5)  # where it comes to rest
    key.until(at_s + 0.5 + CALM_S + 0.1)
    assert not key.chattering
    assert key.active


def test_a_fast_hand_is_no_chatter() -> None:
    key, at_s, changes = contact(), 0.0, []
    for _ in range(100):
        at_s += 0.1
        changes += key.edge(active=True, at_s=at_s)
        at_s += 0.1  # five presses a second
        changes += key.edge(active=False, at_s=at_s)
    assert not key.chattering
    assert len(changes) >= 199
    assert FLURRY_S / FLURRY_CHANGES < 0.1


def test_a_key_that_stays_down_says_for_how_long() -> None:
    key = contact()
    key.edge(active=True, at_s=1.0)
    key.until(31.0)
    assert key.held_s == pytest.approx(30.0)
    key.edge(active=False, at_s=32.0)
    key.until(33.0)
    assert key.held_s == 0.0


@given(gaps=EDGES, first=st.booleans())
def test_nothing_comes_out_that_did_not_last(gaps: list[tuple[int, bool]], *, first: bool) -> None:
    """Every change is a level that no edge disturbed for the whole debounce time, and changes alternate."""
    one = contact(active=first)
    changes, edges = played(one, gaps)
    end_s = edges[-1][0] if edges else 0.0
    changes += one.until(end_s + 10.0)
    told = first
    for change in changes:
        assert change.active is not told
        told = change.active
        begun = [level for at_s, level in edges if at_s == change.at_s]
        assert begun
        assert begun[-1] is change.active
        assert not [at_s for at_s, _ in edges if change.at_s < at_s < change.at_s + DEBOUNCE_S - 1e-9]
    assert all(later.at_s - earlier.at_s >= DEBOUNCE_S - 1e-9 for earlier, later in pairwise(changes))


@given(gaps=EDGES, first=st.booleans())
def test_a_level_that_lasts_always_comes_out(gaps: list[tuple[int, bool]], *, first: bool) -> None:
    one = contact(active=first)
    _, edges = played(one, gaps)
    last = edges[-1][1] if edges else first
    end_s = edges[-1][0] if edges else 0.0
    one.until(end_s + DEBOUNCE_S + CALM_S)
    assert one.active is last
    assert one.settled
    assert one.due_s is None
    assert not one.chattering


@given(st.lists(st.tuples(st.floats(-5, 5), st.booleans()), max_size=80), st.floats(0, 3))
def test_any_stamps_whatever_end_in_the_last_level(gaps: list[tuple[float, bool]], hold_off_s: float) -> None:
    """Stamps that jump to and fro: no error, and the level that came last is told in the end."""
    one = contact(hold_off_s=hold_off_s)
    at_s = 0.0
    for gap_s, level in gaps:
        at_s += gap_s
        one.edge(active=level, at_s=at_s)
    one.until(1e6)
    assert one.active is (gaps[-1][1] if gaps else False)


@given(EDGES)
def test_waking_when_it_is_due_is_enough(gaps: list[tuple[int, bool]]) -> None:
    """Who wakes only at ``due_s`` hears the same as who looks each millisecond."""
    eager, lazy = contact(), contact()
    heard: tuple[list[Change], list[Change]] = ([], [])
    at_ms = 0
    for gap_ms, level in [*gaps, (3000, gaps[-1][1] if gaps else False)]:
        for step in range(gap_ms):
            heard[0].extend(eager.until((at_ms + step) / 1000))
        at_ms += gap_ms
        while (due_s := lazy.due_s) is not None and due_s + 1e-9 < at_ms / 1000:
            heard[1].extend(lazy.until(due_s + 1e-9))
            assert lazy.due_s is None or lazy.due_s > due_s
        heard[0].extend(eager.look(active=level, at_s=at_ms / 1000))
        heard[1].extend(lazy.look(active=level, at_s=at_ms / 1000))
    assert heard[0] == heard[1]
