"""好差评: one rating of one visit or one self-service job, by whoever wants to give it. The first counts.

What is kept is the thing that was rated, the level, the reasons and where it was said: no person, and nothing that a
window's staff could see before the visit is over. Two levels of the five are bad (国办发〔2019〕51号) and stand as an
open case until somebody takes them up. A ticket that the hall still knows must be done; one of an earlier day, told by
a terminal that was off line meanwhile, is taken as it comes, for as long as a rating may be late.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from queue_server.cases.tables import ratings
from queue_server.domain import calendar
from queue_server.domain.model import State
from queue_server.domain.state import Hall
from queue_server.sealed import DoorRefused
from queue_server.wire.people import BAD, Rate
from queue_server.wire.sentences import DoorCode

LATE = timedelta(days=15)
"""How long after the visit a rating is still taken [E]."""
LEVELS = (5, 4, 3, 2, 1)
FEW = 10
"""Below so many a share is no figure (product.md §4.8)."""


@dataclass(frozen=True, slots=True)
class Rated:
    """What became of a rating. ``case``: it is bad, and stands open."""

    level: int
    case: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """A day's ratings of one hall: how many of each level, and how many bad ones nobody has taken up."""

    levels: dict[int, int]
    open_cases: int

    @property
    def n(self) -> int:
        return sum(self.levels.values())

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def good(self) -> int:
        return sum(count for level, count in self.levels.items() if level > BAD)


class Ratings:
    """The ratings of one server. Every call is one transaction of its own, from any thread but the desk's."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        ratings.metadata.create_all(engine, tables=[ratings])

    def take(self, asked: Rate, hall: Hall, device: str) -> Rated:
        """Keep it. Raises DoorRefused: ``unknown-ticket``, ``not-done``, ``rating-too-late``, ``already-rated``.

        The same request again is the same answer.
        """
        now = self._clock()
        proved = asked.of == "job" or _proved(asked, hall, now)
        today = calendar.business_date(hall.plan, now)
        row = {
            "hall": hall.plan.id,
            "of": asked.of,
            "subject": asked.subject,
            "request": asked.id,
            "level": asked.level,
            "reasons": ",".join(dict.fromkeys(asked.reasons)),
            "device": device,
            "proved": proved,
            "at": now.timestamp(),
            "day": today.isoformat(),
            "case": "open" if asked.level <= BAD else "",
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(ratings).values(row))
        except sa.exc.IntegrityError:
            return self._first(asked, hall.plan.id)
        return Rated(asked.level, asked.level <= BAD)

    def _first(self, asked: Rate, hall: str) -> Rated:
        """There is one already: this very request's, or somebody else was quicker."""
        wanted = sa.select(ratings.c.request, ratings.c.level).where(
            ratings.c.hall == hall, ratings.c.of == asked.of, ratings.c.subject == asked.subject
        )
        with self._engine.begin() as connection:
            found = connection.execute(wanted).one()
        if found.request != asked.id:
            raise DoorRefused(DoorCode.ALREADY_RATED)
        return Rated(found.level, found.level <= BAD)

    def of_day(self, hall: str, day: date) -> Tally:
        """What was rated on ``day``, by the hall's own date."""
        wanted = (
            sa.select(ratings.c.level, ratings.c.case, sa.func.count())
            .where(ratings.c.hall == hall, ratings.c.day == day.isoformat())
            .group_by(ratings.c.level, ratings.c.case)
        )
        levels, cases = dict.fromkeys(LEVELS, 0), 0
        with self._engine.begin() as connection:
            for level, case, count in connection.execute(wanted):
                levels[level] = levels.get(level, 0) + count
                cases += count if case == "open" else 0
        return Tally(levels, cases)


def _proved(asked: Rate, hall: Hall, now: datetime) -> bool:
    """Whether the ticket's own code came with it. Raises DoorRefused for a ticket that cannot be rated (yet)."""
    ticket = hall.tickets.get(asked.subject)
    if ticket is not None:
        if asked.token is not None and not secrets.compare_digest(asked.token, ticket.token):
            raise DoorRefused("unknown-ticket")
        if ticket.state is not State.DONE:
            raise DoorRefused(DoorCode.NOT_DONE, {"number": ticket.number})
        return asked.token is not None
    try:
        day = date.fromisoformat(asked.subject[:10])
    except ValueError:
        raise DoorRefused("unknown-ticket") from None
    today = calendar.business_date(hall.plan, now)
    if day >= today:
        raise DoorRefused("unknown-ticket")
    if today - day > LATE:
        raise DoorRefused(DoorCode.RATING_TOO_LATE)
    return False
