"""Is what lies on the reader new? Modules differ; people are fast and slow."""

from __future__ import annotations

from devices.idcard.presence import AGAIN_S, MISSES, SAME_CARD_S, Presence


def lifted(presence: Presence) -> list[bool]:
    return [presence.missed() for _ in range(MISSES)]


def test_a_card_left_lying_is_read_once_by_a_module_that_goes_on_finding_it() -> None:
    presence = Presence()
    assert presence.wants_reading(0.0)
    assert presence.read("1", 0.0)
    assert not any(presence.wants_reading(float(second)) for second in range(1, 1000))


def test_a_card_is_gone_after_a_run_of_misses_and_not_before() -> None:
    presence = Presence()
    presence.read("1", 0.0)
    assert lifted(presence) == [False, False, True]
    assert lifted(presence) == [False, False, False]


def test_a_miss_now_and_then_is_no_going_and_no_news() -> None:
    presence = Presence()
    presence.read("1", 0.0)
    for second in range(1, 100):
        assert not presence.missed()
        assert presence.wants_reading(second)
        assert not presence.read("1", second)


def test_another_card_within_two_misses_is_news() -> None:
    presence = Presence()
    presence.read("1", 0.0)
    presence.missed()
    assert presence.read("2", 0.3)


def test_the_same_card_is_news_when_it_was_away_a_while() -> None:
    presence = Presence()
    presence.read("1", 0.0)
    lifted(presence)
    assert not presence.read("1", SAME_CARD_S - 0.1)  # a flickering module
    lifted(presence)
    assert not presence.read("1", 2 * SAME_CARD_S - 0.2)  # still flickering
    lifted(presence)
    assert presence.read("1", 10 * SAME_CARD_S)


def test_a_card_that_fails_is_told_once_and_tried_again_while_it_lies() -> None:
    presence = Presence()
    assert presence.failed(0.0)
    assert not presence.wants_reading(AGAIN_S - 0.1)
    assert presence.wants_reading(AGAIN_S)
    assert not presence.failed(AGAIN_S)
    assert lifted(presence) == [False, False, True]
    assert presence.failed(10.0)


def test_a_card_that_failed_and_is_then_read_is_news_at_once() -> None:
    presence = Presence()
    presence.read("1", 0.0)
    lifted(presence)
    presence.failed(0.9)
    presence.missed()
    assert presence.read("1", 1.2)
