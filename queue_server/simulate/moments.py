"""Minutes of a trace and moments of the virtual clock: the same number either way, exact to the microsecond.

A trace gives minutes in decimals. The clock has whole microseconds; a minute that has none (1/3) is rounded up, so
that nobody is called before the time at which the trace lets him come. Minute 0 is half past eight on a Monday.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

MINUTE_US = 60_000_000
ZONE = "Asia/Shanghai"
OPENING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
"""Minute 0: 08:30 in Shanghai."""
MIDNIGHT_US = 930 * MINUTE_US
"""The end of the hall's day: whoever still waits then goes home."""
BOOKING_US = -480 * MINUTE_US
"""When whoever has an appointment has booked it: 00:30 of the same day."""


def micros_of(minute: float) -> int:
    """Whole microseconds from minute 0; of the decimal number as it is written, not of its binary neighbour."""
    return math.ceil(Decimal(repr(minute)) * MINUTE_US)


def minute_of(micros: int) -> float:
    """The minute that is written; for a time with at most two decimals exactly the one that was read."""
    return micros / MINUTE_US


def moment_of(micros: int) -> datetime:
    """What the clock shows."""
    return OPENING + timedelta(microseconds=micros)
