"""Keeps the upper end honest: nine of ten waits shall end before it, whatever the simulation gets wrong.

Each wait that comes true is measured in widths of the range that the simulation gave for it; the factor by which
ranges are stretched follows the ninth decile of those, one small step a wait (adaptive conformal inference: Gibbs and
Candès 2021, the quantile tracker of Angelopoulos et al. 2023). Its share of misses tends to the one aimed at for any
sequence whatever, by arithmetic and not by a model. One such factor a kind of citizen, kept from day to day.

A person whom an idle window waits for is told so and counts as a hit: no range is stretched for certainty.
"""

from __future__ import annotations

import msgspec

from queue_server.forecast.span import UNKNOWN, Span

MISSES = 0.087
"""Aimed at: one in ten is promised, and a little less is kept."""
STEP = 0.04
FIRST_STEPS = 60
"""Until so many waits have been seen the steps are larger."""
LEAST, MOST = 0.15, 6.0
UNIT_MIN = 1.0
"""Added to each width: trace and clock know whole minutes."""


class Stretch(msgspec.Struct):
    """The factor of one kind of citizen. ``seen`` and ``hits`` count since it began."""

    factor: float = 1.0
    seen: int = 0
    hits: int = 0

    def shown(self, raw: Span) -> Span:
        """The range as it is shown: P50 as it is, P90 stretched; certainty stays certainty."""
        if not raw.known or raw.p90 <= 0:
            return raw
        return Span(raw.p50, raw.p50 + self.factor * _width(raw))

    def learn(self, raw: Span, wait: float) -> bool:
        """A wait has come true that was foretold as ``raw``: one step. Whether it lay within what was shown then."""
        if not raw.known:
            return wait == UNKNOWN
        hit = within(wait, self.shown(raw).p90)
        step = STEP * max(1.0, min(3.0, FIRST_STEPS / (self.seen + 1)))
        self.factor = min(MOST, max(LEAST, self.factor + step * ((not hit) - MISSES)))
        self.seen += 1
        self.hits += hit
        return hit


def within(wait: float, p90: float) -> bool:
    """Whether a wait kept to what was shown. Less than a minute is none: a clerk has to press a key."""
    return wait < UNIT_MIN or wait <= p90 + 1e-9


def _width(raw: Span) -> float:
    return max(0.0, raw.p90 - raw.p50) + UNIT_MIN
