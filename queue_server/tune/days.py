"""Recorded days (``simulate.traces``) as arrays of the twin: one future a day, all days of a hall at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from queue_server.simulate import swift
from queue_server.simulate.moments import MINUTE_US
from queue_server.simulate.plan import opening_us, rules_of
from queue_server.simulate.traces import Trace
from queue_server.twin.arrays import Whole, padded
from queue_server.twin.kernel import Futures, futures


class Days(NamedTuple):
    """All days of one hall, ready to be played under any rule."""

    name: str
    load: float
    laid_out: Futures
    opens: float
    """The earliest minute at which a window opens."""
    persons: Whole
    """How many came, per day."""

    def only(self, chosen: Sequence[int]) -> Days:
        """Some of the days."""
        rows = np.array(chosen, dtype=np.int64)
        return self._replace(laid_out=self.laid_out.only(rows), persons=self.persons[rows])


def days_of(trace: Trace) -> Days:
    """Who came on each day of ``trace``, in the order of their ids, and the windows of its hall."""
    came = [sorted((p for p in day.persons if p.came), key=lambda p: p.id) for day in trace.days]
    rules = rules_of(trace.hall)
    everybody = [swift.people_of(trace.hall, persons, rules) for persons in came]
    service = [np.array([person.service_min for person in persons], dtype=np.float64) for persons in came]
    opening = np.array([opening_us(trace.hall, persons) / MINUTE_US for persons in came])
    windows = swift.windows_of(trace.hall)
    free = np.broadcast_to(opening[:, None], (len(opening), len(windows.order)))
    laid_out = futures(*padded(everybody, windows._replace(free=free), service))
    return Days(trace.name, trace.hall.load, laid_out, float(opening.min()), np.array([len(p) for p in came]))
