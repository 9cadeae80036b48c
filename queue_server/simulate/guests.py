"""Who looks on while a day is played: what the server itself would show at issue.

``forecasting`` is the forward simulation; the plain queueing sum of ``domain.estimate``, which a hall shows by itself,
stands beside it for comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from queue_server.domain import estimate
from queue_server.domain.messages import Event
from queue_server.domain.state import Hall
from queue_server.forecast.guest import AtIssue, waited
from queue_server.forecast.span import Span
from queue_server.rollouts.guest import Rollouts
from queue_server.simulate.day import Forecaster
from queue_server.simulate.moments import micros_of, moment_of
from queue_server.simulate.traces import HallTrace


class QueueingSum:
    """The wait as the hall's own sum gives it: windows, means and who stands before."""

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        """It keeps nothing."""

    def at_issue(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[float, float]:
        p50_s, p90_s = estimate.wait_range(hall, ticket_id, now)
        return waited(Span(p50_s / 60, p90_s / 60), hall.tickets[ticket_id].slot_start, now)


def breaks_of(hall: HallTrace) -> dict[str, tuple[datetime, datetime]]:
    """The windows' planned breaks, as ``hall.json`` gives them: a policy may know them."""
    planned = ((window.id, window.break_min) for window in hall.windows)
    return {
        name: (moment_of(micros_of(times[0])), moment_of(micros_of(times[1])))
        for name, times in planned
        if times is not None
    }


def forecasting(hall: HallTrace) -> Forecaster:
    """The predictor for the days of one trace, in order; what it learns it keeps from day to day."""
    return AtIssue(breaks_of(hall))


def advising(hall: HallTrace) -> Rollouts:
    """The look ahead for the days of one trace, in order; it learns from each as the forecast does."""
    return Rollouts(breaks_of(hall))
