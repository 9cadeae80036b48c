"""Selling by simulation: never less than the analytic rule, never beyond the promise, the same sheet every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from queue_server.bench.booking import sell
from queue_server.domain.model import MatterClass
from queue_server.domain.rules import Rules
from queue_server.domain.sheet import BookingSheet
from queue_server.sheets.admission import MOST_NO_SHOW, Bounds, analytic_minutes, make_sheet, quota_places
from queue_server.sheets.bench import Bench
from queue_server.sheets.days import Days
from queue_server.sheets.demand import Demand
from queue_server.simulate.traces import Person

DAYS = 24


@pytest.fixture
def sheet(make_demand: Callable[..., Demand], bench: Bench) -> BookingSheet:
    return make_sheet(make_demand(), bench, Rules(), 0, days=DAYS)[0]


def test_it_sells_at_least_capacity_less_the_expected_walk_ins(
    sheet: BookingSheet, make_demand: Callable[..., Demand], bench: Bench
) -> None:
    least = analytic_minutes(make_demand(), bench)
    assert sheet.well_formed()
    assert all(bears >= low - 0.01 for bears, low in zip(sheet.minutes, least, strict=True))
    assert sum(sheet.minutes) / make_demand().booked_min > quota_places(make_demand(), bench)
    assert all(lane <= bears for lane, bears in zip(sheet.lanes["housing"], sheet.minutes, strict=True))


def test_the_same_seed_makes_the_same_sheet(
    sheet: BookingSheet, make_demand: Callable[..., Demand], bench: Bench
) -> None:
    assert make_sheet(make_demand(), bench, Rules(), 0, days=DAYS)[0] == sheet


def test_beyond_the_analytic_rule_it_sells_only_what_the_promise_bears(
    make_demand: Callable[..., Demand], bench: Bench
) -> None:
    strict, _ = make_sheet(make_demand(), bench, Rules(), 0, days=DAYS, bounds=Bounds(late=0.0, walk_in_late=0.0))
    loose, sold = make_sheet(make_demand(), bench, Rules(), 0, days=DAYS, bounds=Bounds(late=0.5, walk_in_late=0.5))
    assert strict.minutes == strict.floor
    assert sum(loose.minutes) > sum(strict.minutes)
    assert sold.lateness.worst_hour <= 0.5


def test_places_are_oversold_by_the_measured_no_shows_alone(make_demand: Callable[..., Demand], bench: Bench) -> None:
    bounds = Bounds(late=0.0, walk_in_late=0.0)

    def minutes(**more: Any) -> tuple[BookingSheet, float]:
        sheet, _ = make_sheet(make_demand(**more), bench, Rules(), 0, days=4, bounds=bounds)
        return sheet, sum(sheet.minutes)

    nobody_stays_away, plain = minutes()
    some, stretched = minutes(no_show=0.1, no_show_of=900)
    many, capped = minutes(no_show=0.9, no_show_of=900)
    assert nobody_stays_away.no_show == 0
    assert (some.no_show, some.no_show_of) == (0.1, 900)
    assert stretched == pytest.approx(plain / 0.9, abs=0.2)
    assert many.no_show == MOST_NO_SHOW
    assert capped == pytest.approx(plain / (1 - MOST_NO_SHOW), abs=0.2)


def test_a_hall_may_set_its_floor_lower(make_demand: Callable[..., Demand], bench: Bench) -> None:
    bounds = Bounds(late=0.0, walk_in_late=0.0)
    whole, half = (
        make_sheet(make_demand(), bench, Rules(sheet_floor=share), 0, days=4, bounds=bounds)[0] for share in (1.0, 0.5)
    )
    assert sum(half.floor) == pytest.approx(sum(whole.floor) / 2, abs=0.2)
    assert sum(half.minutes) < sum(whole.minutes)


def test_more_walk_ins_leave_less_to_book(make_demand: Callable[..., Demand], bench: Bench) -> None:
    few, many = (analytic_minutes(make_demand(n), bench).sum() for n in (10.0, 60.0))
    assert many < few


def test_a_slot_without_any_window_is_not_sold(make_demand: Callable[..., Demand], bench: Bench) -> None:
    away = Bench(tuple(type(d)(d.id, d.skills, ((510.0, 600.0), (660.0, 750.0))) for d in bench.desks), *_rest(bench))
    least = analytic_minutes(make_demand(0.0), away)
    assert [m for s, m in zip(away.starts, least, strict=True) if 600 <= s < 660] == [0.0] * 4


def _rest(bench: Bench) -> tuple[Any, ...]:
    return bench.stretches, bench.slot_min, bench.starts


def test_simulated_days_are_sold_as_the_hall_sells(make_demand: Callable[..., Demand], bench: Bench) -> None:
    """The vectorised seller against the rule itself, one citizen after the other."""
    days = Days(make_demand(), bench, Rules(), 3, seed=4)
    bears = np.full(len(bench.starts), 33.0)
    lanes = {"housing": np.full(len(bench.starts), 20.0)}
    sold = days.by_minutes(bears, lanes)
    rule = BookingSheet(0, 15.0, bench.starts, tuple(bears), {"housing": tuple(lanes["housing"])})
    for day in range(3):
        rows = {start: iter(range(days.row)) for start in bench.starts}

        def ask(slot: float, day: int = day, rows: dict[int, Any] = rows) -> Person:
            start = round(slot + 510)
            j, place = next(rows[start]), bench.starts.index(start)
            skill = "H" if days._needs[day, place, j] else None
            return Person(
                id=j,
                kind="appointment",
                priority=False,
                matter_class=MatterClass.GENERAL,
                matter_mean_min=float(days._norms[day, place, j]),
                skill=skill,
                slot_min=slot,
                arrive_min=None,
                service_min=None,
            )

        lane_rule = BookingSheet(0, 15.0, bench.starts, rule.minutes, {"H": rule.lanes["housing"]})
        by_rule = {(round(p.slot_min + 510), p.id) for p in sell(lane_rule, ask) if p.slot_min is not None}
        by_days = {(bench.starts[i], j) for i, j in zip(*np.nonzero(sold[day]), strict=True)}
        # a long visit that reaches into the next slot may be seen a turn earlier or later there
        assert len(by_rule ^ by_days) <= 0.1 * len(by_rule)


def test_a_hall_that_nobody_walks_into_sells_everything(make_demand: Callable[..., Demand], bench: Bench) -> None:
    sheet, sold = make_sheet(make_demand(0.0), bench, Rules(), 0, days=DAYS)
    assert sum(sheet.minutes) >= bench.capacity_min
    assert sold.places > 0
