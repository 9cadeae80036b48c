"""What booking by sheets sells, and whether the promises hold on days nobody has seen; and how few windows suffice.

``python -m queue_server bench-booking``: for each seed a hall of invented days (``simulate.generate``) is learned
from as a hall learns from its record, a sheet is made, and fresh days of the same hall are sold full by it: every
booking is a citizen with a matter of the hall's mix who takes the first place refused to nobody before. The usual
quota sells the same days by the same hand. The days are played by the compiled twin; some again by the domain.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.model import Kind
from queue_server.domain.rules import Rules
from queue_server.domain.sheet import BookingSheet, parts, room
from queue_server.sheets.admission import analytic_minutes, make_sheet
from queue_server.sheets.bench import Bench, Desk
from queue_server.sheets.days import Days
from queue_server.sheets.demand import Demand, Visit, spread_over
from queue_server.sheets.learn import Came, Kept, learn
from queue_server.simulate import generate, swift
from queue_server.simulate.day import run_day
from queue_server.simulate.moments import minute_of
from queue_server.simulate.traces import DayTrace, HallTrace, Person, kind_of, start_of
from queue_server.twin.kernel import Parameters

MIDNIGHT_MIN = 510.0
"""The hall opens at half past eight: its minute 0 in local minutes."""
HISTORY_DAYS = 30
FRESH = 1_000
"""Number of the first fresh day: far from those that were learned from."""
QUOTA = 0.8
REFUSALS = 3
"""A slot is full when so many citizens in a row, whatever they come for, find no place in it."""
VISITORS = 400
BOOKED = 0.45
"""Of them."""
POOL, POOL_DAYS = 5_000, 30


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one seed; shares of one."""

    sold: float
    by_quota: float
    worst_slot: float
    worst_hour: float
    appointments: float
    walk_ins: float
    priority: float
    made_in_s: float
    sheet: BookingSheet
    differ: int
    """Calls in which the domain and the twin differed, on the days played by both."""

    @property
    def ratio(self) -> float:
        return self.sold / self.by_quota


def bench_of(hall: HallTrace, slot_min: float = 15.0) -> Bench:
    """The windows of an invented hall as a day's plan."""
    opens, closes = MIDNIGHT_MIN + hall.open_min, MIDNIGHT_MIN + hall.close_min
    desks = []
    for window in hall.windows:
        away = window.break_min
        stretches = (
            ((opens, closes),) if away is None else ((opens, MIDNIGHT_MIN + away[0]), (MIDNIGHT_MIN + away[1], closes))
        )
        desks.append(Desk(window.id, frozenset(window.skills), stretches))
    starts = tuple(range(int(opens), int(closes - slot_min) + 1, int(slot_min)))
    return Bench(tuple(desks), ((opens, closes),), slot_min, starts)


def bookers(recipe: generate.Recipe) -> list[Person]:
    """Citizens of this hall who would book, of days that are used for nothing else."""
    busy = generate.Recipe(windows=recipe.windows, load=0.9, appointments=1.0, seed=recipe.seed + 7919)
    days = generate.trace(busy, POOL_DAYS, POOL).days
    return [p for day in days for p in day.persons if p.slot_min]


def before_of(bench: Bench, walk_in_load: float, known: Iterable[Person]) -> Demand:
    """What is believed before any day was seen: of the matters only that there are such."""
    kinds = {(p.matter_mean_min, p.matter_class, () if p.skill is None else (p.skill,)) for p in known}
    visits = tuple(Visit(*kind, 1.0, 1.0) for kind in sorted(kinds, key=str))
    blank = Demand((0.0,) * 48, visits)
    return Demand(spread_over(walk_in_load * bench.capacity_min / blank.walk_in_min, bench.stretches), visits)


def learned(days: Sequence[DayTrace], before: Demand) -> Demand:
    """As a hall learns from its record."""
    tickets = [_came(n, p) for n, day in enumerate(days) for p in day.persons if p.came]
    booked = [p for day in days for p in day.persons if p.kind == "appointment"]
    kept = Kept(len(booked), sum(not p.came for p in booked))
    return learn(tickets, kept, range(len(days)), before)


def _came(day: int, person: Person) -> Came:
    return Came(
        day=day,
        arrive=MIDNIGHT_MIN + (person.arrive_min or 0.0),
        minutes=person.matter_mean_min,
        matter_class=person.matter_class,
        skills=() if person.skill is None else (person.skill,),
        booked=person.kind == "appointment",
        slot=None if person.slot_min is None else MIDNIGHT_MIN + person.slot_min,
        priority=person.priority,
        took=person.service_min,
    )


def sell(sheet: BookingSheet, ask: Callable[[float], Person]) -> list[Person]:
    """Fill the day by ``sheet``: citizens come to all slots in turn until each has refused ``REFUSALS`` in a row."""
    load = [0.0] * len(sheet.starts)
    lanes = {skill: [0.0] * len(sheet.starts) for skill in sheet.lanes}
    refused = [0] * len(sheet.starts)
    sold: list[Person] = []
    while any(r < REFUSALS for r in refused):
        for place, start in enumerate(sheet.starts):
            if refused[place] >= REFUSALS:
                continue
            person = ask(start - MIDNIGHT_MIN)
            minutes = person.matter_mean_min
            fits = room(sheet, sheet.minutes, load, place, minutes)
            lane = None if person.skill is None else lanes.get(person.skill)
            if lane is not None and person.skill is not None:
                fits = min(fits, room(sheet, sheet.bears(person.skill), lane, place, minutes))
            if not fits:
                refused[place] += 1
                continue
            refused[place] = 0
            sold.append(person)
            for row in (load, *([] if lane is None else [lane])):
                for slot, part in parts(sheet.starts, sheet.slot_min, place, minutes):
                    row[slot] += part
    return sold


def asker(pool: Sequence[Person], name: str) -> Callable[[float], Person]:
    """Somebody of ``pool`` who would come to this slot, as punctual, or not at all, as they are."""
    chance = random.Random(name)

    def ask(slot: float) -> Person:
        person = chance.choice(pool)
        arrive = person.arrive_min
        if arrive is not None:
            arrive = max(0.0, slot + arrive - (person.slot_min or 0.0))
        return msgspec.structs.replace(person, slot_min=slot, arrive_min=arrive)

    return ask


def sold_day(recipe: generate.Recipe, sheet: BookingSheet, pool: Sequence[Person], number: int) -> DayTrace:
    """A fresh day of the hall: its own walk-ins, and bookings that fill the sheet."""
    walk_ins = [p for p in generate.trace(recipe, 1, number).days[0].persons if p.kind == "walkin"]
    booked = sell(sheet, asker(pool, f"sold/{recipe.seed}/{number}"))
    people = sorted(walk_ins + booked, key=lambda p: (p.arrive_min is None, p.arrive_min or 0.0, p.slot_min or 0.0))
    persons = tuple(msgspec.structs.replace(p, id=n) for n, p in enumerate(people, start=1))
    return DayTrace(f"day-{number:03d}", persons)


def measure(windows: int, walk_in_load: float, seed: int, fresh: int, by_domain: int) -> Figures:
    """One seed: learn, make the sheet, sell fresh days by it, and see what becomes of the promises."""
    recipe = generate.Recipe(windows=windows, load=2 * walk_in_load, appointments=0.5, seed=seed)
    hall = generate.hall_of(recipe)
    bench = bench_of(hall)
    history, pool = generate.trace(recipe, HISTORY_DAYS).days, bookers(recipe)
    demand = learned(history, before_of(bench, walk_in_load, pool))
    began = time.perf_counter()
    sheet, _ = make_sheet(demand, bench, Rules(), weekday=0, seed=seed)
    made_in_s = time.perf_counter() - began
    usual = tuple(float(m) for m in QUOTA * analytic_minutes(demand, bench))
    quota = BookingSheet(0, sheet.slot_min, sheet.starts, usual)
    days = [sold_day(recipe, sheet, pool, FRESH + n) for n in range(fresh)]
    by_quota = sum(len(sell(quota, asker(pool, f"sold/{seed}/{FRESH + n}"))) for n in range(fresh)) / fresh
    dispatch = DispatchRules()
    count, late = np.zeros(len(sheet.starts)), np.zeros(len(sheet.starts))
    others = {Kind.WALK_IN: [0, 0], Kind.PRIORITY: [0, 0]}
    differ = 0
    for n, day in enumerate(days):
        calls = swift.run_day(hall, day, dispatch)
        if n < by_domain:
            told = run_day(hall, day, dispatch=dispatch).calls
            differ += {c.person: c for c in calls} != {c.person: c for c in told}
        called = {call.person: minute_of(call.at_us) for call in calls}
        for person in day.persons:
            if not person.came:
                continue
            kind = kind_of(person, hall)
            broken = called[person.id] - start_of(person) > hall.limits(kind, person.matter_class).limit_min + 1e-6
            if kind is Kind.APPOINTMENT and person.slot_min is not None:
                place = sheet.starts.index(round(MIDNIGHT_MIN + person.slot_min))
                count[place] += 1
                late[place] += broken
            else:
                others[kind][0] += broken
                others[kind][1] += 1
    hour = np.array(sheet.starts) // 60
    by_hour = [late[hour == h].sum() / max(1, count[hour == h].sum()) for h in sorted(set(hour))]
    return Figures(
        sold=sum(sum(p.kind == "appointment" for p in day.persons) for day in days) / fresh,
        by_quota=by_quota,
        worst_slot=float((late / np.maximum(1, count)).max()),
        worst_hour=float(max(by_hour)),
        appointments=float(late.sum() / count.sum()),
        walk_ins=others[Kind.WALK_IN][0] / max(1, others[Kind.WALK_IN][1]),
        priority=others[Kind.PRIORITY][0] / max(1, others[Kind.PRIORITY][1]),
        made_in_s=made_in_s,
        sheet=sheet,
        differ=differ,
    )


def windows_needed(policy: str, visitors: int = VISITORS, days: int = 60, seed: int = 5) -> tuple[int, float, float]:
    """The fewest windows at which ``policy`` keeps 95 % of appointments and 85 % of all others, and what is late."""
    recipe = generate.Recipe(seed=seed)
    usual = bench_of(generate.hall_of(recipe))
    demand = learned(generate.trace(recipe, HISTORY_DAYS).days, before_of(usual, 0.5, bookers(recipe)))
    demand = replace(demand, walk_ins=spread_over(visitors * (1 - BOOKED), usual.stretches), no_show=0.0)
    chosen = Parameters.of(DispatchRules(policy=policy))
    for windows in range(4, 20):
        bench = bench_of(generate.hall_of(generate.Recipe(windows=windows)))
        booked = _evenly(round(visitors * BOOKED), len(bench.starts))
        drawn = Days(demand, bench, Rules(), days, seed)
        found = drawn.lateness(drawn.play(drawn.by_count(booked), parameters=chosen))
        if found.appointments <= 0.05 and found.walk_ins <= 0.15 and found.priority <= 0.15:
            return windows, found.appointments, found.walk_ins
    raise ValueError(f"{policy} does not serve {visitors} a day with 19 windows")


def _evenly(count: int, slots: int) -> list[int]:
    return [count * (i + 1) // slots - count * i // slots for i in range(slots)]


def main(chosen: argparse.Namespace) -> int:
    """Print the figures; exit code 1 where a sheet of ten windows misses what is asked of it."""
    out = sys.stdout.write
    missed = False
    out("windows seed  sold quota ratio  worst slot  worst hour  appts  walk-ins  priority  no-show  made in\n")
    for windows in chosen.windows:
        for seed in chosen.seeds:
            f = measure(windows, chosen.load, seed, chosen.days, chosen.by_domain)
            out(
                f"{windows:7d} {seed:4d} {f.sold:5.0f} {f.by_quota:5.0f} {f.ratio:5.2f} {f.worst_slot:10.1%} "
                f"{f.worst_hour:11.1%} {f.appointments:6.1%} {f.walk_ins:9.1%} {f.priority:9.1%} "
                f"{f.sheet.no_show:8.1%} {f.made_in_s:6.1f} s\n"
            )
            if f.differ:
                out(f"  {f.differ} of {chosen.by_domain} days were played otherwise by the domain\n")
            missed |= windows == 10 and (f.ratio < 1.4 or f.worst_slot > 0.05 or f.walk_ins > 0.15)
    if chosen.staffing:
        out(f"windows for {VISITORS} a day, 45 % booked (appointments late at most 5 %, walk-ins 15 %):\n")
        for policy in ("sla", "fifo", "appointments-first"):
            windows, late, walk_ins = windows_needed(policy)
            out(f"  {policy:20s} {windows:3d}   appointments {late:.1%} late, walk-ins {walk_ins:.1%}\n")
    return int(missed)
