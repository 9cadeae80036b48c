"""The hall's own days: local dates, opening hours, public holidays and worked weekends (调休).

A *business date* is the local date by the hall's time zone; its border is local midnight, never that of
UTC (08:00 in Shanghai). Holidays close the hall whatever the weekday; a 调休 date is worked with its own
hours whatever the weekday. Times taken and given are aware; those given are UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from queue_server.domain.model import HallPlan, Hours

_SEARCH_DAYS = 400
"""How far ahead an opening is looked for: more than any year's holidays."""


def business_date(plan: HallPlan, now: datetime) -> date:
    """The hall's local date at ``now``."""
    return now.astimezone(ZoneInfo(plan.tz)).date()


def midnight(plan: HallPlan, day: date) -> datetime:
    """The UTC moment at which ``day`` begins in the hall."""
    return datetime.combine(day, time(), ZoneInfo(plan.tz)).astimezone(UTC)


def day_end(plan: HallPlan, day: date) -> datetime:
    """The UTC moment at which ``day`` ends in the hall: the next day's midnight."""
    return midnight(plan, day + timedelta(days=1))


def hours_of(plan: HallPlan, day: date) -> tuple[Hours, ...]:
    """The opening hours of ``day``, local; empty when the hall is closed."""
    calendar = plan.calendar
    if day in calendar.workdays:
        return calendar.workday_hours
    if day in calendar.holidays:
        return ()
    return calendar.week[day.weekday()]


def openings(plan: HallPlan, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches (opens, closes) of ``day`` as UTC moments, in order."""
    zone = ZoneInfo(plan.tz)
    stretches = []
    for hours in hours_of(plan, day):
        opens = datetime.combine(day, hours.opens, zone).astimezone(UTC)
        if hours.closes == time():
            closes = day_end(plan, day)
        else:
            closes = datetime.combine(day, hours.closes, zone).astimezone(UTC)
        stretches.append((opens, closes))
    return tuple(sorted(stretches))


def is_open(plan: HallPlan, now: datetime) -> bool:
    """Whether the doors are open at ``now`` (the closing moment itself is closed)."""
    return any(opens <= now < closes for opens, closes in openings(plan, business_date(plan, now)))


def next_opening(plan: HallPlan, now: datetime) -> datetime | None:
    """The first moment after ``now`` at which the doors open; None if not within 400 days."""
    today = business_date(plan, now)
    for ahead in range(_SEARCH_DAYS):
        for opens, _ in openings(plan, today + timedelta(days=ahead)):
            if opens > now:
                return opens
    return None


def open_days_ahead(plan: HallPlan, today: date, count: int) -> date:
    """The last date of a horizon of ``count`` working days after ``today`` (today itself if there are none)."""
    last, found = today, 0
    for ahead in range(1, _SEARCH_DAYS):
        if found == count:
            break
        day = today + timedelta(days=ahead)
        if hours_of(plan, day):
            last, found = day, found + 1
    return last


def works_through(plan: HallPlan, border: datetime) -> bool:
    """Whether the hall is open on both sides of ``border``, a midnight: a 24-hour hall."""
    return is_open(plan, border) and is_open(plan, border - timedelta(microseconds=1))


def local_hour(plan: HallPlan, moment: datetime) -> int:
    """The hour of the hall's own clock, 0 to 23."""
    return moment.astimezone(ZoneInfo(plan.tz)).hour


def local_text(plan: HallPlan, moment: datetime) -> str:
    """``2026-03-02 10:15``: ``moment`` as the hall's calendar and clock show it, for the facts of a refusal."""
    return moment.astimezone(ZoneInfo(plan.tz)).strftime("%Y-%m-%d %H:%M")


def clock_text(plan: HallPlan, moment: datetime) -> str:
    """``10:15``: the same where the day goes without saying."""
    return moment.astimezone(ZoneInfo(plan.tz)).strftime("%H:%M")
