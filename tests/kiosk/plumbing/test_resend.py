"""Requests without an answer go out again, ever more rarely, in the order in which they were asked."""

from __future__ import annotations

from itertools import pairwise

from kiosk.resend import LONGEST_S, Resends


def times(resends: Resends, name: str, until_s: float) -> list[float]:
    """At which seconds ``name`` goes out, looked at every tenth of a second."""
    out = []
    for tenth in range(round(until_s * 10)):
        now = tenth / 10
        for due in resends.due(now):
            resends.sent(due, now)
            if due == name:
                out.append(now)
    return out


def test_the_pauses_grow_to_a_limit() -> None:
    resends = Resends(jitter=lambda: 0.0)
    resends.add("a")
    assert times(resends, "a", 40) == [0.0, 1.5, 4.5, 10.5, 20.5, 30.5]


def test_jitter_lengthens_a_pause_by_a_quarter_at_most() -> None:
    resends = Resends(jitter=lambda: 1.0)
    resends.add("a")
    gone = times(resends, "a", 100)
    assert max(later - earlier for earlier, later in pairwise(gone)) <= LONGEST_S * 1.25 + 0.1


def test_a_new_connection_sends_everything_at_once_in_order() -> None:
    resends = Resends(jitter=lambda: 0.0)
    for name in ("a", "b"):
        resends.add(name)
        resends.sent(name, 0.0)
    resends.restart(["b", "a", "c"])
    assert resends.due(0.1) == ["b", "a", "c"]


def test_what_is_answered_or_not_held_any_more_is_not_sent() -> None:
    resends = Resends(jitter=lambda: 0.0)
    for name in ("a", "b", "c"):
        resends.add(name)
    resends.answered("a")
    resends.answered("a")
    resends.keep_only({"c"})
    assert resends.due(0.0) == ["c"]
