"""``sheets`` and ``staffing``: what a hall may sell on each weekday, and how many windows a day needs.

Both read the hall's record and plan and write nothing: a sheet enters its hall only by the server, which asks for
it every night in this very way (``keeper``). Run it niced beside a busy server; it takes one core for a while.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from queue_server import config
from queue_server.domain import calendar
from queue_server.domain.model import Booking, HallPlan
from queue_server.domain.sheet import BookingSheet
from queue_server.sheets.admission import Bounds, make_sheet
from queue_server.sheets.bench import Bench, bench_of, print_of, usual_day
from queue_server.sheets.demand import Demand
from queue_server.sheets.history import NOTHING, Past, demand_of, past_of
from queue_server.sheets.options import WEEKDAYS
from queue_server.sheets.staffing import DAYS, Advice, advise
from queue_server.store.database import open_engine
from queue_server.store.errors import StoreDown
from queue_server.store.reports import Reports


def main(chosen: argparse.Namespace) -> int:
    """Exit code 0; 2 with one line when nothing can be computed."""
    try:
        plan = _plan(chosen.plans, chosen.hall)
        today = chosen.today or datetime.now(UTC).astimezone(ZoneInfo(plan.tz)).date()
        reports = _reports(chosen.var, chosen.database)
        past = NOTHING if reports is None else past_of(reports, plan, today)
        if chosen.command == "staffing":
            day = chosen.day or today + timedelta(days=1)
            advice = advice_for(plan, past, day, _booked(reports, plan, day), days=chosen.days or DAYS)
            sys.stdout.write(_json(advice) if chosen.json else "\n".join(told(advice, plan, day)) + "\n")
            return 0
        for sheet in sheets(plan, past, today, chosen.weekday, days=chosen.days, seed=chosen.seed):
            sys.stdout.write(_json(sheet) if chosen.json else "\n".join(shown(sheet, plan)) + "\n")
            sys.stdout.flush()
    except (config.BadConfig, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (StoreDown, sa.exc.SQLAlchemyError) as error:
        # the driver's text may hold the URL with its password
        sys.stderr.write(f"the database cannot be used: {type(error).__name__}\n")
        return 2
    return 0


def sheets(
    plan: HallPlan, past: Past, today: date, weekdays: Sequence[str], *, days: int | None = None, seed: int = 1
) -> Iterator[BookingSheet]:
    """A sheet for each of ``weekdays`` on which the hall is open; days that are alike share one computation."""
    made: dict[tuple[Bench, Demand], BookingSheet] = {}
    for weekday in sorted(WEEKDAYS.index(name) for name in weekdays):
        day = usual_day(plan, weekday, today)
        bench, demand = bench_of(plan, day), demand_of(plan, past, day)
        if not bench.starts:
            continue
        if (bench, demand) not in made:
            sheet, _ = make_sheet(demand, bench, plan.rules, weekday, days=days, seed=seed)
            made[bench, demand] = sheet
        yield replace(made[bench, demand], weekday=weekday, plan=print_of(plan, day))


def advice_for(plan: HallPlan, past: Past, day: date, booked: Sequence[datetime], *, days: int = DAYS) -> Advice:
    """Windows needed on ``day``, on which ``booked`` slots are taken, one entry a booking."""
    bench = bench_of(plan, day)
    return advise(demand_of(plan, past, day), bench, plan.rules, counted(plan, bench, booked), days=days)


def counted(plan: HallPlan, bench: Bench, booked: Sequence[datetime]) -> list[int]:
    """Bookings per slot of ``bench``; one at another time counts for the slot before it."""
    counts = [0] * len(bench.starts)
    for start in booked:
        local = start.astimezone(ZoneInfo(plan.tz))
        minute = local.hour * 60 + local.minute
        before = [i for i, slot in enumerate(bench.starts) if slot <= minute]
        if before:
            counts[before[-1]] += 1
    return counts


def shown(sheet: BookingSheet, plan: HallPlan) -> Iterator[str]:
    """The sheet as a table: minutes a slot, and how many usual visits that is."""
    bookable = [m.service_min for m in plan.matters.values() if m.bookable] or [10.0]
    short, usual, long = min(bookable), sum(bookable) / len(bookable), max(bookable)
    yield f"{plan.name_zh} {plan.id}  {WEEKDAYS[sheet.weekday]}  from {sheet.basis}, {sheet.days} simulated days"
    yield (
        f"worst slot-hour {sheet.late:.1%} late, walk-ins {sheet.walk_in_late:.1%} late; "
        f"no-show {sheet.no_show:.1%} of {sheet.no_show_of} bookings"
    )
    if sheet.late > Bounds().late or sheet.walk_in_late > Bounds().walk_in_late:
        yield "the analytic rule alone strains the promise here: a lower sheet_floor in the hall's rules would keep it"
    lanes = "".join(f"{skill:>12s}" for skill in sheet.lanes)
    yield f"slot   minutes  analytic   places of {short:.0f} / {usual:.0f} / {long:.0f} min{lanes}"
    for i, start in enumerate(sheet.starts):
        bears, least = sheet.minutes[i], sheet.floor[i] if sheet.floor else 0.0
        places = " / ".join(f"{int(bears // length):3d}" for length in (short, usual, long))
        mine = "".join(f"{minutes[i]:12.1f}" for minutes in sheet.lanes.values())
        yield f"{start // 60:02d}:{start % 60:02d} {bears:9.1f} {least:9.1f}   {places:>24s}{mine}"
    yield f"all   {sum(sheet.minutes):9.1f} {sum(sheet.floor):9.1f}"


def told(advice: Advice, plan: HallPlan, day: date) -> Iterator[str]:
    """The advice as a table."""
    yield f"{plan.name_zh} {plan.id}  {day}  {advice.walk_ins:.0f} walk-ins expected, {advice.bookings} booked"
    yield (
        f"late with the windows advised: appointments {advice.late:.1%}, walk-ins {advice.walk_in_late:.1%}; "
        f"with those planned: {advice.planned_late:.1%}, {advice.planned_walk_in_late:.1%}"
    )
    yield "half hour  needed  sure on   planned  sure on"
    for half in advice.half_hours:
        missing = f"   {half.missing} more needed" if half.missing else ""
        yield (
            f"{half.start // 60:02d}:{half.start % 60:02d} {half.needed:11d} {half.confidence:8.0%} "
            f"{half.planned:9d} {half.planned_confidence:8.0%}{missing}"
        )


def _json(record: BookingSheet | Advice) -> str:
    return msgspec.json.encode(record).decode() + "\n"


def _plan(path: Path, hall: str | None) -> HallPlan:
    halls = config.load_plans(path).halls
    if hall is None and len(halls) == 1:
        return next(iter(halls.values()))
    if hall not in halls:
        raise ValueError(f"--hall must be one of: {', '.join(sorted(halls))}")
    return halls[hall]


def _reports(var: Path, database: str | None) -> Reports | None:
    """None where there is no record yet: a fresh SQLite directory."""
    settings = config.settings(var, database_url=database)
    if settings.database_url.startswith("sqlite") and not (settings.var / "halls.db").exists():
        return None
    return Reports(open_engine(settings.database_url))


def _booked(reports: Reports | None, plan: HallPlan, day: date) -> list[datetime]:
    if reports is None:
        return []
    rows = reports.appointments(plan.id, calendar.midnight(plan, day), calendar.day_end(plan, day))
    return [row.slot_start for row in rows if row.state in {Booking.BOOKED, Booking.CHECKED_IN}]
