"""The forecast of one hall as it is shown at issue, with the ticket in the hall: what benchmarks and simulations ask.

A running server answers from the last refresh instead (``foretold``), because no ticket waits for a simulation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from queue_server.domain.messages import DayClosed, Event
from queue_server.domain.model import Booking
from queue_server.domain.state import Hall
from queue_server.forecast.hindsight import Hindsight
from queue_server.forecast.look import FUTURES, look_at
from queue_server.forecast.sketch import scene_of
from queue_server.forecast.span import Span
from queue_server.twin.arrays import minutes

Breaks = Mapping[str, tuple[datetime, datetime]]


class AtIssue:
    """Plays the hall forward for each new ticket; what it learns it keeps from day to day."""

    def __init__(
        self, breaks: Breaks | None = None, futures: int = FUTURES, hindsight: Hindsight | None = None
    ) -> None:
        self.breaks = breaks
        self.futures = futures
        self.hindsight = hindsight or Hindsight()
        self._last: Hall | None = None

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        """What one command did to the hall. A hall that begins anew has its last day behind it."""
        if before.seq == 0 and self._last is not None:
            self._day_over(self._last)
        self._last = after
        self.hindsight.note(events, after)

    def at_issue(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[float, float]:
        """P50 and P90 of the minutes waited, as the promise counts them: from max(check-in, slot)."""
        scene = scene_of(hall, now, self.hindsight.memory, self.breaks, probe=False)
        ticket = hall.tickets[ticket_id]
        raw = waited(look_at(scene, ticket_id, self.futures), ticket.slot_start, now)
        shown = self.hindsight.shown(ticket.kind, raw)
        self.hindsight.gave(ticket_id, raw, shown, by_forecast=True)
        return shown.p50, shown.p90

    def _day_over(self, hall: Hall) -> None:
        day = hall.business_date
        if day is None or hall.now is None or hall.day_closed:
            return
        stayed_away = tuple(a.id for a in hall.appointments.values() if a.state is Booking.BOOKED)
        self.hindsight.note([DayClosed(at=hall.now, by="system", business_date=day, expired=stayed_away)], hall)


def waited(span: Span, slot: datetime | None, now: datetime) -> Span:
    """Minutes from now as minutes waited: before the slot nobody waits."""
    ahead = 0.0 if slot is None else max(0.0, minutes(slot, now))
    return Span(max(0.0, span.p50 - ahead), max(0.0, span.p90 - ahead))
