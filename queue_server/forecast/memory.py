"""What a hall's own days have taught: who comes when and with what, who stays away, how long windows take.

Each event that tells something is noted, in microseconds; nothing here decides. Counts start from a weak belief of
the house (a booked citizen comes 5 minutes early, one in eight stays away, times at the window spread by half), so
that the first forecast of a new hall is already sane, and ten days later the belief no longer weighs. The whole is a
plain record: it is kept in the side database and stands again after a restart. Nothing personal is in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from queue_server.domain.messages import (
    AppointmentMet,
    CounterPaused,
    CounterResumed,
    DayClosed,
    Event,
    TicketFinished,
    TicketIssued,
    TicketMissed,
)
from queue_server.domain.model import Kind, MatterClass, Place
from queue_server.domain.state import Hall

BINS = 48
"""Half hours of a local day."""
KINDS_KEPT = 400
"""Walk-ins remembered as examples of who may come next."""
PAUSES_KEPT = 60
DAYS_WEIGHT = 20.0
"""A day older than about so many no longer counts much."""

SHOWN, ABSENT = 17.6, 2.4
EARLY_MIN, EARLY_SD, EARLY_WEIGHT = -5.0, 8.0, 20.0
SPREAD = {MatterClass.GENERAL: 0.47, MatterClass.COMPLEX: 0.38}
"""Standard deviation of the logarithm of the time at the window."""
SPREAD_WEIGHT = 40.0
_LEAST_MIN = 0.25
_STRAY = 2.0
"""A time at the window e^2 times its norm or more tells of a forgotten key, not of the matter."""


class Walk(msgspec.Struct, frozen=True, array_like=True):
    """Somebody who came without a booking: what a window needs for it."""

    skills: tuple[str, ...]
    remote: bool
    kind: Kind
    matter_class: MatterClass
    service_min: float


class Moments(msgspec.Struct):
    """Weighted count, sum and sum of squares."""

    n: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    def note(self, value: float) -> None:
        self.n += 1
        self.total += value
        self.squares += value * value

    def fade(self, keep: float) -> None:
        self.n *= keep
        self.total *= keep
        self.squares *= keep

    def mean_sd(self, mean: float, sd: float, weight: float) -> tuple[float, float]:
        """Mean and standard deviation, beginning from a belief that counts as ``weight`` observations."""
        n = self.n + weight
        middle = (self.total + weight * mean) / n
        squares = (self.squares + weight * (mean * mean + sd * sd)) / n
        return middle, math.sqrt(max(squares - middle * middle, 1e-6))


class Memory(msgspec.Struct):
    """One hall's. Times of day are the hall's own; minutes throughout."""

    days: float = 0.0
    profile: list[float] = msgspec.field(default_factory=lambda: [0.0] * BINS)
    """Walk-ins per half hour of a day, the mean over the days kept."""
    today: list[int] = msgspec.field(default_factory=lambda: [0] * BINS)
    walks: list[Walk] = []
    shown: float = SHOWN
    absent: float = ABSENT
    early: Moments = msgspec.field(default_factory=Moments)
    """Check-in less slot."""
    general: Moments = msgspec.field(default_factory=Moments)
    complex: Moments = msgspec.field(default_factory=Moments)
    """Logarithm of (time at the window / expected)."""
    pauses: list[float] = []
    paused_at: dict[str, datetime] = {}

    def note(self, events: Iterable[Event], hall: Hall) -> None:
        """Learn from what happened; ``hall`` is the one after it."""
        for event in events:
            match event:
                case TicketIssued():
                    self._came(event, hall)
                case AppointmentMet():
                    self.shown += 1
                case TicketFinished() | TicketMissed():
                    self._served(event, hall)
                case DayClosed():
                    self._day_over(len(event.expired))
                case CounterPaused():
                    self.paused_at[event.counter] = event.at
                case CounterResumed():
                    since = self.paused_at.pop(event.counter, None)
                    if since is not None:
                        self.pauses = [*self.pauses[1 - PAUSES_KEPT :], (event.at - since).total_seconds() / 60]
                case _:
                    pass

    def spread(self, matter_class: MatterClass) -> tuple[float, float]:
        """Mean of the logarithm of (time at the window / expected), and its standard deviation."""
        kept = self.complex if matter_class is MatterClass.COMPLEX else self.general
        sd = SPREAD[matter_class]
        return kept.mean_sd(-sd * sd / 2, sd, SPREAD_WEIGHT)

    def punctuality(self) -> tuple[float, float]:
        """Mean and standard deviation of check-in less slot."""
        return self.early.mean_sd(EARLY_MIN, EARLY_SD, EARLY_WEIGHT)

    @property
    def comes(self) -> float:
        """The share of booked citizens that come."""
        return self.shown / (self.shown + self.absent)

    def _came(self, event: TicketIssued, hall: Hall) -> None:
        ticket = event.ticket
        if event.source == "check-in" or ticket.kind is Kind.APPOINTMENT:
            if ticket.slot_start is not None:
                late = (ticket.checked_in_at - ticket.slot_start).total_seconds() / 60
                self.early.note(min(max(late, -60.0), 15.0))
            return
        self.today[half_hour(hall, ticket.checked_in_at)] += 1
        walk = Walk(
            ticket.skills,
            ticket.place is Place.REMOTE,
            ticket.kind,
            ticket.matter_class,
            ticket.service_min,
        )
        if len(self.walks) >= KINDS_KEPT:
            del self.walks[: KINDS_KEPT // 10]
        self.walks.append(walk)

    def _served(self, event: TicketFinished | TicketMissed, hall: Hall) -> None:
        ticket = hall.tickets.get(event.ticket_id)
        if ticket is None or ticket.called_at is None:
            return
        took = max(_LEAST_MIN, (event.at - ticket.called_at).total_seconds() / 60)
        stray = math.log(took / max(_LEAST_MIN, ticket.service_min))
        kept = self.complex if ticket.matter_class is MatterClass.COMPLEX else self.general
        kept.note(min(max(stray, -_STRAY), _STRAY))

    def _day_over(self, stayed_away: int) -> None:
        self.absent += stayed_away
        if sum(self.today):
            keep = 1 - 1 / DAYS_WEIGHT
            self.days = self.days * keep + 1
            share = 1 / self.days
            self.profile = [old + (new - old) * share for old, new in zip(self.profile, self.today, strict=True)]
            self.shown, self.absent = self.shown * keep, self.absent * keep
            for kept in (self.early, self.general, self.complex):
                kept.fade(keep)
        self.today = [0] * BINS
        self.paused_at = {}


def half_hour(hall: Hall, at: datetime) -> int:
    """Which of the day's half hours ``at`` lies in, by the hall's clock."""
    local = at.astimezone(ZoneInfo(hall.plan.tz))
    return local.hour * 2 + local.minute // 30
