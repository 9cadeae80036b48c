"""``python -m queue_server history``: a hall's past days from the server's record, in the format of the traces.

So that ``tune`` (and ``simulate``) can play them. What the format cannot say is simplified, always the same way: who
was never called is left out; several skills of one visit become the one that fewest windows have; every furnished
window counts as open from the doors' opening, with the noon pause of the doors as its break; a time at the window is
that from the first call to the end, and where the citizen was missed, sent on or paused in between, the matter's norm.
Skills and windows keep their order, names of persons and matters do not occur: the files hold nothing personal.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from string import ascii_uppercase

from queue_server import config
from queue_server.domain import calendar
from queue_server.domain.model import ALL_SKILLS, Booking, HallPlan, Kind, MatterClass
from queue_server.domain.promises import limit_of, want_whatever
from queue_server.simulate import traces
from queue_server.simulate.traces import AROUND_MIN, DayTrace, HallTrace, Limits, Person, Window
from queue_server.store.database import open_engine
from queue_server.store.errors import StoreDown
from queue_server.store.reports import AppointmentRow, Reports, TicketRow

MOST_SERVICE_MIN = 240.0
"""A longer time at the window tells of a window that was forgotten, not of a matter."""


def main(chosen: argparse.Namespace) -> int:
    """Exit code 0; 2 with one line when there is nothing to write or nothing to read."""
    try:
        plans = config.load_plans(chosen.plans or config.DEMO)
        settings = config.settings(chosen.var, database_url=chosen.database)
        plan = plans.halls.get(chosen.hall)
        if plan is None:
            sys.stderr.write(f"--hall must be one of {', '.join(plans.halls)}\n")
            return 2
        today = calendar.business_date(plan, datetime.now(UTC))
        until = date.fromisoformat(chosen.until) if chosen.until else today - timedelta(days=1)
        engine = open_engine(settings.database_url)
        try:
            days = [until - timedelta(days=back) for back in reversed(range(chosen.days))]
            made = list(days_of(plan, Reports(engine), days))
        finally:
            engine.dispose()
        if not made:
            sys.stderr.write(f"nobody was called in {chosen.hall} on the {chosen.days} days until {until}\n")
            return 2
        traces.write(chosen.out, hall_of(plan, made), made)
    except (config.BadConfig, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except StoreDown as error:
        sys.stderr.write(f"the database cannot be used: {type(error).__name__}\n")
        return 2
    people = sum(len(day.persons) for day in made)
    sys.stdout.write(f"{chosen.out}: {len(made)} days, {people} people\n")
    return 0


def days_of(plan: HallPlan, reports: Reports, days: Iterable[date]) -> Iterable[DayTrace]:
    """Each of ``days`` on which anybody was called."""
    for day in days:
        openings = calendar.openings(plan, day)
        if not openings:
            continue
        opens, closes = openings[0][0], openings[-1][1]
        booked = {row.id: row for row in reports.appointments(plan.id, opens, closes)}
        found = [_person(plan, row, booked, opens) for row in reports.day(plan.id, day)]
        came = [person for person in found if person is not None and _within(person, opens, closes)]
        if not came:
            continue
        absent = [_absent(plan, row, opens) for row in booked.values() if row.state is Booking.EXPIRED]
        persons = sorted([*came, *absent], key=lambda p: (p.arrive_min is None, p.arrive_min or 0.0))
        yield DayTrace(f"day-{day:%Y%m%d}", tuple(_numbered(persons)))


def hall_of(plan: HallPlan, days: Iterable[DayTrace]) -> HallTrace:
    """The windows as furnished, the promises as configured, and the load that the days had."""
    letters = skill_letters(plan)
    days = list(days)
    opening = [_doors(plan, day) for day in days]
    length = max(minutes for minutes, _ in opening)
    noon = next((pause for _, pause in opening if pause is not None), None)
    windows = [
        Window(counter.id, sorted(letters[s] for s in letters if {s, ALL_SKILLS} & counter.skills), noon)
        for counter in plan.counters.values()
    ]
    classes = []
    for kind in Kind:
        for matter_class in MatterClass:
            limit = limit_of(plan.rules, kind, matter_class)
            name = f"{'walkin' if kind is Kind.WALK_IN else kind}-{matter_class}"
            weight = plan.rules.dispatch.weights[kind.value]
            classes.append(Limits(name, limit.limit_s / 60, limit.never_s / 60, weight))
    minutes = len(windows) * (length - (0.0 if noon is None else noon[1] - noon[0]))
    work = sum(p.matter_mean_min for day in days for p in day.persons if p.came)
    load = round(work / len(days) / minutes, 3)
    return HallTrace(1, 0.0, length, load, windows, plan.rules.late_after_s / 60, classes)


def skill_letters(plan: HallPlan) -> Mapping[str, str]:
    """A letter for each skill that a matter needs, in the catalogue's order; beyond Z the rest is left out."""
    needed = dict.fromkeys(m.skill for m in plan.matters.values() if m.skill is not None)
    served = [s for s in needed if any({s, ALL_SKILLS} & counter.skills for counter in plan.counters.values())]
    return dict(zip(served, ascii_uppercase, strict=False))


def _doors(plan: HallPlan, day: DayTrace) -> tuple[float, tuple[float, float] | None]:
    """Minutes from the first opening to the last close, and the pause between, if there is one."""
    openings = calendar.openings(plan, datetime.strptime(day.number, "%Y%m%d").replace(tzinfo=UTC).date())
    opens = openings[0][0]
    pause = (_minutes(openings[0][1], opens), _minutes(openings[1][0], opens)) if len(openings) > 1 else None
    return _minutes(openings[-1][1], opens), pause


def _person(plan: HallPlan, row: TicketRow, booked: Mapping[str, AppointmentRow], opens: datetime) -> Person | None:
    if row.first_called_at is None:
        return None
    wanted = want_whatever(plan, row.matters, row.group)
    slot = row.slot_start
    if (
        slot is None and row.appointment_id is not None and row.appointment_id in booked
    ):  # came too late: a walk-in by his ticket, booked all the same
        slot = booked[row.appointment_id].slot_start
    undisturbed = not (row.misses or row.transfers or row.pauses)
    took = wanted.service_min
    if undisturbed and row.ended_at is not None:
        took = min(MOST_SERVICE_MIN, max(0.0, _minutes(row.ended_at, row.first_called_at)))
    return Person(
        id=0,
        kind="walkin" if slot is None else "appointment",
        priority=slot is None and row.kind is Kind.PRIORITY,
        matter_class=row.matter_class,
        matter_mean_min=max(0.1, wanted.service_min),
        skill=_rarest(plan, wanted.skills),
        slot_min=None if slot is None else _minutes(slot, opens),
        arrive_min=_minutes(row.checked_in_at, opens),
        service_min=took,
    )


def _absent(plan: HallPlan, row: AppointmentRow, opens: datetime) -> Person:
    wanted = want_whatever(plan, row.matters, "")
    return Person(
        id=0,
        kind="appointment",
        priority=False,
        matter_class=wanted.matter_class,
        matter_mean_min=max(0.1, wanted.service_min),
        skill=_rarest(plan, wanted.skills),
        slot_min=_minutes(row.slot_start, opens),
        arrive_min=None,
        service_min=None,
    )


def _rarest(plan: HallPlan, skills: tuple[str, ...]) -> str | None:
    letters = skill_letters(plan)
    known = [s for s in skills if s in letters]
    if not known:
        return None
    return letters[min(known, key=lambda s: sum(bool({s, ALL_SKILLS} & c.skills) for c in plan.counters.values()))]


def _within(person: Person, opens: datetime, closes: datetime) -> bool:
    """Who came in the middle of the night (a hall that is tried out) is no part of the day."""
    arrives = person.arrive_min if person.arrive_min is not None else 0.0
    return -AROUND_MIN <= arrives < _minutes(closes, opens) + AROUND_MIN


def _numbered(persons: Iterable[Person]) -> Iterable[Person]:
    for number, p in enumerate(persons, start=1):
        yield Person(
            number,
            p.kind,
            p.priority,
            p.matter_class,
            p.matter_mean_min,
            p.skill,
            p.slot_min,
            p.arrive_min,
            p.service_min,
        )


def _minutes(moment: datetime, origin: datetime) -> float:
    """To the second."""
    return round((moment - origin).total_seconds() / 60, 2)
