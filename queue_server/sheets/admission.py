"""Admission by simulation: each slot is offered while no promise is worse kept than it should be.

It starts from the analytic rule, a slot's window minutes less its expected walk-ins, stretched by the measured
no-show rate alone: that much (the hall's own ``sheet_floor`` of it) is always sold. Then places are added, coarse
steps first, as long as in the simulated days no slot-hour has more than ``late`` of its appointments called late and
no more than ``walk_in_late`` of the walk-ins; where a whole group of slots cannot take one more, its halves are
tried, down to single slots. The limits kept here are a little tighter than those promised, so that days nobody has
seen keep them too. Where the analytic rule itself breaks promises at some hours, as many visits are shifted to
others if that keeps them; if nothing does, the rule stands, and the sheet says what it costs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from queue_server.domain.rules import Rules
from queue_server.domain.sheet import BookingSheet
from queue_server.sheets.bench import Bench
from queue_server.sheets.days import Days, Lateness
from queue_server.sheets.demand import Demand
from queue_server.twin.arrays import Floats

SHIFTED = 0.7
"""Of each slot's analytic minutes, what stays where it is when the day's minutes are shifted to other hours."""
STANDARD_ERRORS = 1.5
"""So much more people are let in than were measured: the less is known of a hall, the more care."""
MOST_NO_SHOW = 0.25
"""No sheet counts on more people staying away than this, whatever was measured."""
WINDOW_DAYS = 1200
LEAST_DAYS = 120
"""Days for each question: at least a hundred (sla.md §4), more where few windows make each slot a matter of chance."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is promised, in shares of one, and how much tighter it is kept on the days the sheet is made from."""

    late: float = 0.05
    walk_in_late: float = 0.15
    priority_late: float = 0.15
    care: float = 0.7

    def kept(self, found: Lateness) -> bool:
        """Whether ``found`` is within all of them, with care."""
        return (
            max(found.worst_slot, found.worst_hour) <= self.late * self.care
            and found.walk_ins <= self.walk_in_late * self.care
            and found.priority <= self.priority_late * self.care
        )


@dataclass(frozen=True, slots=True)
class Sold:
    """Minutes of each slot, the analytic ones among them, and what the simulated days made of selling them."""

    minutes: Floats
    floor: Floats
    places: float
    """Visits sold a day, on average."""
    lateness: Lateness
    questions: int
    """How often the days were played."""


def analytic_minutes(demand: Demand, bench: Bench) -> Floats:
    """Per slot: window minutes less the expected walk-ins', in minutes of the norm; never negative."""
    found = []
    for start in bench.starts:
        end = start + bench.slot_min
        work = demand.walk_ins_between(start, end) * demand.walk_in_min
        found.append(max(0.0, bench.minutes_between(start, end) - work))
    return np.asarray(np.array(found) / demand.slower, np.float64)


def admit(days: Days, again: Days, floor: Floats, lanes: Mapping[str, Floats], usual: float, bounds: Bounds) -> Sold:
    """Sell as many minutes as the bounds bear on ``days`` and on ``again``, never fewer than ``floor``."""
    questions = 0
    minutes = floor.copy()
    for step in (2 * usual, usual):
        groups = deque([np.arange(len(minutes))])
        while groups:
            group = groups.popleft()
            tried = minutes.copy()
            tried[group] += step
            questions += 1
            if tried.max() <= days.row * usual and bounds.kept(_outcome(days, tried, lanes)[0]):
                minutes = tried
                groups.append(group)
            elif len(group) > 1:
                groups += [group[::2], group[1::2]]
    while True:
        found, places = _outcome(again, minutes, lanes)
        questions += 1
        spare = minutes > floor + 1e-9
        if bounds.kept(found) or not spare.any():
            return Sold(minutes, floor, places, found, questions)
        minutes = minutes.copy()
        worst = _where_to_take_back(found, minutes - floor, bounds)
        minutes[worst] = max(floor[worst], minutes[worst] - usual / 2)


def _where_to_take_back(found: Lateness, extra: Floats, bounds: Bounds) -> int:
    """On days it was not chosen by: the slot that keeps its promises worst, or the one that was given most."""
    strain = np.maximum(found.slots, found.hours) + 1e-9 * extra
    if max(found.worst_hour, found.worst_slot) <= bounds.late * bounds.care:
        strain = extra
    return int(np.where(extra > 1e-9, strain, -1.0).argmax())


def _outcome(days: Days, minutes: Floats, lanes: Mapping[str, Floats]) -> tuple[Lateness, float]:
    sold = days.by_minutes(minutes, lanes)
    return days.lateness(days.play(sold)), float(sold.sum() / days.count)


def make_sheet(
    demand: Demand,
    bench: Bench,
    rules: Rules,
    weekday: int,
    *,
    days: int | None = None,
    bounds: Bounds | None = None,
    seed: int = 1,
    plan: str = "",
) -> tuple[BookingSheet, Sold]:
    """The sheet of one weekday and what stands behind it. Takes seconds to a minute of one core."""
    days = days or max(LEAST_DAYS, WINDOW_DAYS // max(1, len(bench.desks)))
    no_show = min(MOST_NO_SHOW, max(0.0, demand.no_show))
    demand = replace(demand, no_show=no_show)
    minutes = rules.sheet_floor * analytic_minutes(demand, bench) / (1 - no_show)
    lanes = _lanes(demand, bench, no_show)
    more = 1 + STANDARD_ERRORS * demand.unsure
    busy = replace(demand, walk_ins=tuple(rate * more for rate in demand.walk_ins))
    drawn, again = (Days(busy, bench, rules, days, seed + n) for n in (0, 1))
    bounds = bounds or Bounds()
    sold = admit(drawn, again, minutes, lanes, demand.booked_min, bounds)
    if not bounds.kept(sold.lateness):
        # The rule itself is too much at some hours: as many visits a day, but at hours that can bear them.
        other = admit(drawn, again, SHIFTED * minutes, lanes, demand.booked_min, bounds)
        if bounds.kept(other.lateness) and other.places >= sold.places:
            sold = other
    sheet = BookingSheet(
        weekday=weekday,
        slot_min=bench.slot_min,
        starts=bench.starts,
        minutes=_tidy(sold.minutes),
        lanes={skill: _tidy(np.minimum(mine, sold.minutes)) for skill, mine in lanes.items()},
        floor=_tidy(minutes),
        no_show=round(no_show, 4),
        no_show_of=demand.no_show_of,
        days=days,
        late=round(sold.lateness.worst_hour, 4),
        walk_in_late=round(sold.lateness.walk_ins, 4),
        basis=demand.basis,
        plan=plan,
    )
    return sheet, sold


def _lanes(demand: Demand, bench: Bench, no_show: float) -> dict[str, Floats]:
    """For each skill that not every window has: its own windows' minutes less its own walk-ins."""
    lanes = {}
    for skill in sorted({skill for visit in demand.visits for skill in visit.skills}):
        if all(desk.can((skill,)) for desk in bench.desks):
            continue
        share = demand.skill_share(skill)
        mine = []
        for start in bench.starts:
            end = start + bench.slot_min
            work = demand.walk_ins_between(start, end) * demand.walk_in_min * share
            mine.append(max(0.0, bench.minutes_between(start, end, (skill,)) - work) / demand.slower / (1 - no_show))
        lanes[skill] = np.array(mine)
    return lanes


def _tidy(minutes: Floats) -> tuple[float, ...]:
    return tuple(round(float(m), 2) for m in minutes)


def quota_places(demand: Demand, bench: Bench, quota: float = 0.8) -> float:
    """What the usual quota sells a day: so much of the minutes that walk-ins leave free, in usual visits."""
    return float(quota * analytic_minutes(demand, bench).sum() / demand.booked_min)
