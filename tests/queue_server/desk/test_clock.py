"""Three clocks: the system's, a fast one, and one that stands until it is set."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from queue_server.clock import FastClock, SetClock, SystemClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_systems_clock_is_utc_and_waits_in_real_seconds() -> None:
    clock = SystemClock()
    assert clock().tzinfo is UTC
    assert clock.real_s_until(clock() - timedelta(hours=1)) == 0
    assert 3000 < clock.real_s_until(clock() + timedelta(hours=1)) <= 3600


def test_a_fast_clock_waits_a_fraction() -> None:
    clock = FastClock(NOON, speed=60)
    assert clock() >= NOON
    assert 0 < clock.real_s_until(NOON + timedelta(hours=10)) <= 600
    with pytest.raises(ValueError, match="above 0"):
        FastClock(NOON, speed=0)


def test_a_standing_clock_never_comes_by_itself_and_tells_who_sleeps() -> None:
    clock = SetClock(NOON)
    told: list[datetime] = []
    clock.on_set(lambda: told.append(clock()))
    later = NOON + timedelta(minutes=7)
    assert clock.real_s_until(later) == math.inf
    clock.forward(minutes=7)
    assert clock() == later
    assert clock.real_s_until(later) == 0
    assert told == [later]
