"""Who looks on while a day is played: what the server itself would show at issue.

The plain queueing sum of ``domain.estimate`` is what a hall shows by itself; a forward simulation takes its place by
being returned from ``forecasting``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from queue_server.domain import estimate
from queue_server.domain.messages import Event
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall
from queue_server.simulate.day import Forecaster


class QueueingSum:
    """The wait as the hall's own sum gives it: windows, means and who stands before."""

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        """It keeps nothing."""

    def at_issue(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[float, float]:
        p50_s, p90_s = estimate.wait_range(hall, ticket_id, now)
        return p50_s / 60, p90_s / 60


def forecasting(_plan: HallPlan) -> Forecaster:
    """The predictor for the days of one trace, in order; what it learns it keeps from day to day."""
    return QueueingSum()
