"""A hall's past weeks, read from its record: who came by themselves, who kept a booking, how long it took.

Read-only, from the rows that the log's events left behind (``store.reports``), beside the desk. The weekday in
question teaches how many come and when; all days of the span teach matters, punctuality and no-shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from queue_server.domain import calendar
from queue_server.domain.model import Booking, HallPlan, Kind
from queue_server.domain.promises import want
from queue_server.sheets.bench import bench_of
from queue_server.sheets.demand import Demand, priors
from queue_server.sheets.learn import Came, Kept, learn
from queue_server.store.reports import Reports, TicketRow

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a hall up to yesterday. ``days``: the date of each day on which anybody came."""

    tickets: tuple[Came, ...]
    kept: Kept
    days: tuple[date, ...]


NOTHING = Past((), Kept(0, 0), ())


def past_of(reports: Reports, plan: HallPlan, today: date, weeks: int = WEEKS) -> Past:
    """The days before ``today``. Raises StoreDown."""
    zone = ZoneInfo(plan.tz)
    first = today - timedelta(weeks=weeks)
    tickets: list[Came] = []
    days: list[date] = []
    for ahead in range((today - first).days):
        day = first + timedelta(days=ahead)
        rows = reports.day(plan.id, day)
        if rows:
            days.append(day)
            tickets += _tickets(plan, rows, zone)
    span = calendar.midnight(plan, first), calendar.midnight(plan, today)
    rows_of = reports.appointments(plan.id, *span)
    missed = sum(row.state is Booking.EXPIRED for row in rows_of)
    met = sum(row.state is Booking.CHECKED_IN for row in rows_of)
    return Past(tuple(tickets), Kept(met + missed, missed), tuple(days))


def demand_of(plan: HallPlan, past: Past, day: date) -> Demand:
    """What is expected on ``day``, by the past of its weekday; by configuration where there is none."""
    bench = bench_of(plan, day)
    before = priors(plan, bench.capacity_min, bench.stretches)
    special = plan.calendar.holidays | plan.calendar.workdays
    alike = [d.toordinal() for d in past.days if d.weekday() == day.weekday() and (d in special) == (day in special)]
    return learn(past.tickets, past.kept, alike, before)


def _tickets(plan: HallPlan, rows: list[TicketRow], zone: ZoneInfo) -> Iterator[Came]:
    for row in rows:
        matters = tuple(m for m in row.matters if m in plan.matters)
        if not matters:
            continue
        wanted = want(plan, matters)
        yield Came(
            day=row.business_date.toordinal(),
            arrive=_minute(row.checked_in_at, zone),
            minutes=wanted.service_min,
            matter_class=wanted.matter_class,
            skills=wanted.skills,
            booked=row.slot_start is not None,
            slot=None if row.slot_start is None else _minute(row.slot_start, zone),
            priority=row.kind is Kind.PRIORITY,
            took=_took(row),
        )


def _took(row: TicketRow) -> float | None:
    """Minutes at the window, of a visit that went straight: called once, not sent on, finished with an outcome."""
    if row.first_called_at is None or row.ended_at is None or row.outcome is None or row.misses or row.transfers:
        return None
    return (row.ended_at - row.first_called_at).total_seconds() / 60


def _minute(at: datetime, zone: ZoneInfo) -> float:
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute + local.second / 60
