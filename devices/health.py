"""What is known of one device: its condition and since when, its last good work, its counters, its paper.

The supervisor keeps one of these a device and tells it what happens; it answers with the ``Health`` that should
be emitted, or None while there is nothing new. New is another condition, reason, model or paper estimate; counters
alone are told once a minute, so that a fleet's figures stay fresh without a message for every card.
No clock and no I/O here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from devices.events import (
    CardGone,
    CardSeen,
    CardTrouble,
    CodeSeen,
    CodeTrouble,
    Condition,
    DeviceEvent,
    Health,
    KeyPressed,
    PanelChanged,
    Printed,
    PrintResult,
)

COUNTERS_EVERY_S = 60.0


class HealthBook:
    """One device's record. ``now`` is aware UTC, ``now_s`` monotonic seconds; written by one thread only."""

    def __init__(self, device: str, now: datetime, now_s: float) -> None:
        self._last = Health(device, Condition.STARTING, now)
        self._counters: Counter[str] = Counter()
        self._told_s = now_s
        self._told: dict[str, int] = {}

    @property
    def health(self) -> Health:
        """The record at this moment; any thread (copying a dict is one step of the interpreter)."""
        return replace(self._last, counters=dict(self._counters))

    @property
    def condition(self) -> Condition:
        return self._last.condition

    def count(self, counter: str) -> None:
        self._counters[counter] += 1

    def heard(self, event: DeviceEvent, now: datetime) -> bool:
        """Count what the device did; True if that was good work. A ``Health`` is for ``say``."""
        match event:
            case CardSeen():
                good = "cards"
            case CodeSeen():
                good = "codes"
            case KeyPressed():
                good = "keys"
            case Printed(result=PrintResult.PRINTED | PrintResult.SENT):
                good = str(event.result)
            case Printed():
                self.count(str(event.result))
                return False
            case CardTrouble() | CodeTrouble():
                self.count(event.code)
                return False
            case CardGone() | PanelChanged() | Health():
                return False
        self.count(good)
        self._last = replace(self._last, last_ok=now)
        return True

    def say(
        self,
        condition: Condition,
        reason: str,
        now: datetime,
        now_s: float,
        *,
        paper_percent: int | None,
        model: str | None = None,
    ) -> Health | None:
        """Note how the device is; ``model`` None leaves it. The ``Health`` to emit, or None if nothing is new."""
        was = self._last
        self._last = replace(
            was,
            condition=condition,
            reason=reason,
            since=was.since if condition is was.condition else now,
            model=was.model if model is None else model,
            last_ok=now if condition is Condition.OK else was.last_ok,
            paper_percent=paper_percent,
        )
        news = (condition, reason, self._last.model, paper_percent)
        if news != (was.condition, was.reason, was.model, was.paper_percent):
            return self.told(now_s)
        return None

    def overdue(self, now_s: float) -> Health | None:
        """The ``Health`` to emit because its counters have changed and were last told a minute ago."""
        if now_s - self._told_s < COUNTERS_EVERY_S or self._counters == self._told:
            return None
        return self.told(now_s)

    def told(self, now_s: float) -> Health:
        """The ``Health`` to emit whether or not something is new."""
        told = self.health
        self._told, self._told_s = dict(told.counters), now_s
        return told
