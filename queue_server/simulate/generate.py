"""Invented days of invented halls, in the format of the recorded ones: for tuning, checks and doubt.

*Load* is the expected work of those who come over the windows' minutes less their breaks; a day may be heavier or
lighter, for walk-ins come at random (and on some days more come). Appointments fill every quarter of an hour alike;
most citizens come up to a quarter early, some late, a few so late that they are walk-ins, and one in eight never.
A service takes a lognormal time about the matter's mean, in whole minutes. Windows go to their break in two shifts.

Everything follows from the recipe and its seed. *True* days do not change with what is *believed*: with means
wrong the same people come and take as long, but what a policy is told of their matters is off.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import count

import msgspec

from queue_server.domain.model import Kind, MatterClass
from queue_server.domain.rules import Rules
from queue_server.simulate.traces import DayTrace, HallTrace, Limits, Person, Trace, Window

CLOSE_MIN = 480.0
SLOT_MIN = 15
NO_SHOW = 0.12
PRIORITY = 0.12
PRIORITY_SLOWER = 1.2
PUNCTUAL_MEAN_MIN, PUNCTUAL_SPREAD_MIN = -5.0, 8.0
SERVICE_SIGMA = 0.44
"""Of the logarithm: services spread by 0.46 of their mean."""
BUSY_DAY = 0.07
"""Spread, from day to day, of how many walk-ins come."""
BREAKS = ((150.0, 195.0), (195.0, 240.0))
WEIGHTS = {Kind.APPOINTMENT: 3.0, Kind.PRIORITY: 2.0, Kind.WALK_IN: 1.0}

_BROAD = (40, 48, 54, 60, 68, 74, 78, 80, 78, 76, 72, 68, 62, 56, 48, 38)
"""Walk-ins per half hour: one broad hump about noon."""
_HUMPS = (46, 72, 96, 104, 92, 70, 50, 40, 44, 58, 72, 76, 68, 54, 36, 22)
"""Walk-ins per half hour: the morning's hump and a lower one after noon."""


@dataclass(frozen=True, slots=True)
class _Matter:
    matter_class: MatterClass
    mean_min: float
    skill: str | None
    share: float


_GENERAL, _COMPLEX = MatterClass.GENERAL, MatterClass.COMPLEX
_MATTERS = (
    _Matter(_GENERAL, 3.0, None, 0.14),
    _Matter(_GENERAL, 4.5, None, 0.14),
    _Matter(_GENERAL, 6.0, None, 0.14),
    _Matter(_GENERAL, 7.5, None, 0.14),
    _Matter(_GENERAL, 9.0, None, 0.07),
    _Matter(_GENERAL, 12.0, None, 0.07),
    _Matter(_COMPLEX, 9.0, None, 0.045),
    _Matter(_COMPLEX, 12.0, None, 0.06),
    _Matter(_COMPLEX, 18.0, None, 0.06),
    _Matter(_COMPLEX, 30.0, None, 0.025),
    _Matter(_COMPLEX, 15.0, "A", 0.07),
    _Matter(_COMPLEX, 22.0, "B", 0.04),
)


class BadRecipe(ValueError):  # noqa: N818  (named for the condition)
    """Numbers from which no hall can be made; the text says which."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """``appointments``: share of the expected work that is booked. See ``options.add_generate`` for the rest."""

    windows: int = 10
    load: float = 0.95
    appointments: float = 0.45
    skills: int = 2
    humps: bool = False
    means_wrong: float = 0.0
    rates_wrong: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        bounds = (
            ("windows", self.windows, 2, 24),
            ("load", self.load, 0.05, 2.0),
            ("appointments", self.appointments, 0.0, 1.0),
            ("skills", self.skills, 0, 2),
            ("means-wrong", self.means_wrong, 0.0, 0.9),
            ("rates-wrong", self.rates_wrong, -0.9, 1.0),
        )
        wrong = [f"{name} must lie from {low:g} to {high:g}" for name, at, low, high in bounds if not low <= at <= high]
        if wrong:
            raise BadRecipe("; ".join(wrong))


def trace(recipe: Recipe, days: int, first: int = 0) -> Trace:
    """A hall and ``days`` days from number ``first``; a day's number and seed alone decide who comes."""
    hall = hall_of(recipe)
    made = tuple(DayTrace(f"day-{n:03d}", _day(recipe, hall, n)) for n in range(first, first + days))
    return Trace(f"w{recipe.windows}-{recipe.load:.2f}", hall, made)


def hall_of(recipe: Recipe) -> HallTrace:
    """Two windows in five serve skill A, three in ten skill B, one of them both; the others general matters alone."""
    n = recipe.windows
    with_a = max(1, round(0.4 * n))
    with_b = max(1, round(0.3 * n))
    windows = []
    for i in range(1, n + 1):
        skills = ["A"] if recipe.skills >= 1 and i <= with_a else []
        skills += ["B"] if recipe.skills == 2 and with_a <= i < with_a + with_b else []
        windows.append(Window(str(i), skills, BREAKS[(i - 1) % 2]))
    return HallTrace(1, 0.0, CLOSE_MIN, recipe.load, windows, 15.0, _classes())


def capacity_min(hall: HallTrace) -> float:
    """Minutes of all windows less their breaks."""
    breaks = sum(w.break_min[1] - w.break_min[0] for w in hall.windows if w.break_min is not None)
    return len(hall.windows) * (hall.close_min - hall.open_min) - breaks


def _classes() -> list[Limits]:
    rows = []
    for kind in Kind:
        for matter_class in MatterClass:
            limit = Rules().limits[f"{kind}-{matter_class}"]
            name = f"{'walkin' if kind is Kind.WALK_IN else kind}-{matter_class}"
            rows.append(Limits(name, limit.limit_s / 60, limit.never_s / 60, WEIGHTS[kind]))
    return rows


def _day(recipe: Recipe, hall: HallTrace, number: int) -> tuple[Person, ...]:
    chance = random.Random(f"{recipe.seed}/{number}/{recipe.windows}/{recipe.load}/{recipe.appointments}")
    known = _believed(recipe)
    matters = [m for m in _MATTERS if m.skill is None or "AB".index(m.skill) < recipe.skills]
    mean = sum(m.share * m.mean_min for m in matters) / sum(m.share for m in matters)
    work = recipe.load * capacity_min(hall)
    booked = recipe.appointments * work / mean / (1 - NO_SHOW)
    busy = chance.lognormvariate(-(BUSY_DAY**2) / 2, BUSY_DAY)
    walk_ins = (1 - recipe.appointments) * work / (mean * (1 + PRIORITY * (PRIORITY_SLOWER - 1)))
    people: list[Person] = []
    ids = count(1)

    def person(slot: float | None, arrive: float | None, *, priority: bool = False) -> None:
        matter = chance.choices(matters, [m.share for m in matters])[0]
        slower = PRIORITY_SLOWER if priority else 1.0
        took = chance.lognormvariate(math.log(matter.mean_min * slower) - SERVICE_SIGMA**2 / 2, SERVICE_SIGMA)
        people.append(
            Person(
                id=next(ids),
                kind="walkin" if slot is None else "appointment",
                priority=priority,
                matter_class=matter.matter_class,
                matter_mean_min=round(matter.mean_min * slower * known[matter], 2),
                skill=matter.skill,
                slot_min=slot,
                arrive_min=arrive,
                service_min=None if arrive is None else float(max(1, round(took))),
            )
        )

    slots = range(0, round(CLOSE_MIN) - SLOT_MIN, SLOT_MIN)
    each = booked / len(slots)
    for slot in slots:
        for _ in range(int(each) + (chance.random() < each % 1)):
            came = chance.random() >= NO_SHOW
            off = chance.gauss(PUNCTUAL_MEAN_MIN, PUNCTUAL_SPREAD_MIN)
            arrive = min(max(0.0, float(slot + round(off))), CLOSE_MIN - 1) if came else None
            person(float(slot), arrive)
    shape = _HUMPS if recipe.humps else _BROAD
    for half_hour, share in enumerate(shape):
        for _ in range(_poisson(chance, busy * (1 + recipe.rates_wrong) * walk_ins * share / sum(shape))):
            arrive = float(half_hour * 30 + int(chance.random() * 30))
            person(None, arrive, priority=chance.random() < PRIORITY)
    return _numbered(people)


def _believed(recipe: Recipe) -> dict[_Matter, float]:
    """By how much the known mean of each matter is off: up or down by the same share, the same on every day."""
    chance = random.Random(f"believed/{recipe.seed}")
    return {matter: 1 + recipe.means_wrong * chance.choice((-1, 1)) for matter in _MATTERS}


def _numbered(people: list[Person]) -> tuple[Person, ...]:
    """In the order of arrival, those who do not come last, by slot."""
    ordered = sorted(people, key=lambda p: (p.arrive_min is None, p.arrive_min or 0.0, p.slot_min or 0.0, p.id))
    return tuple(msgspec.structs.replace(person, id=n) for n, person in enumerate(ordered, start=1))


def _poisson(chance: random.Random, mean: float) -> int:
    """How many events of a Poisson process fall into a stretch that expects ``mean``."""
    events, at = 0, chance.expovariate(1.0)
    while at < mean:
        events, at = events + 1, at + chance.expovariate(1.0)
    return events
