"""What is expected of a weekday: from the record, shrunk to what was believed; from configuration without one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.config import load_plans
from queue_server.domain.model import MatterClass
from queue_server.sheets.bench import bench_of, usual_day
from queue_server.sheets.demand import Demand
from queue_server.sheets.history import NOTHING, demand_of
from queue_server.sheets.learn import Came, Kept, learn

MONDAY = date(2026, 11, 23)


def came(day: int, arrive: float, **more: object) -> Came:
    return Came(day, arrive, 6.0, MatterClass.GENERAL, (), **more)  # type: ignore[arg-type]  # test data


def test_without_history_configuration_says_what_to_expect() -> None:
    plan = load_plans().halls["xinghe-hall"]
    demand = demand_of(plan, NOTHING, MONDAY)
    bench = bench_of(plan, MONDAY)
    assert demand.basis == "priors"
    assert (demand.no_show, demand.no_show_of) == (0.0, 0)
    work = sum(demand.walk_ins) * demand.walk_in_min
    assert work == pytest.approx(plan.rules.walk_in_load * bench.capacity_min)


def test_a_day_moves_the_rate_a_little_and_many_days_replace_it(make_demand: Callable[..., Demand]) -> None:
    before = make_demand(32.0)
    busy = [came(day, 600.0) for day in range(40) for _ in range(10)]
    one = learn(busy[:10], Kept(0, 0), [0], before)
    many = learn(busy, Kept(0, 0), range(40), before)
    at_ten = 600 // 30
    assert before.walk_ins[at_ten] < one.walk_ins[at_ten] < many.walk_ins[at_ten] < 10
    assert many.walk_ins[at_ten] == pytest.approx(10, abs=0.5)
    assert many.basis == "history"
    assert one.unsure > many.unsure > 0


def test_other_weekdays_teach_the_matters_but_not_the_rate(make_demand: Callable[..., Demand]) -> None:
    before = make_demand(32.0)
    after = learn([came(1, 600.0) for _ in range(500)], Kept(0, 0), [0], before)
    assert after.walk_ins[20] < before.walk_ins[20]
    assert after.booked_min == before.booked_min
    assert after.walk_in_min < before.walk_in_min


@given(bookings=st.integers(0, 5000), missed=st.integers(0, 5000))
def test_no_shows_are_measured_shrunk_and_never_invented(bookings: int, missed: int) -> None:
    missed = min(missed, bookings)
    before = Demand((0.0,) * 48, ())
    after = learn([came(0, 600.0)], Kept(bookings, missed), [0], before)
    assert 0 <= after.no_show <= (missed / bookings if bookings else 0)
    assert after.no_show_of == bookings
    if not missed:
        assert after.no_show == 0


def test_services_that_take_longer_than_the_norm_are_noticed(make_demand: Callable[..., Demand]) -> None:
    slow = [came(0, 600.0, booked=True, slot=605.0, took=9.0) for _ in range(400)]
    slow.append(came(0, 601.0, took=600.0))  # a forgotten window is no service
    after = learn(slow, Kept(400, 0), [0], make_demand())
    visit = next(v for v in after.visits if v.minutes == 6.0)
    assert visit.takes_min == pytest.approx(9.0, abs=0.3)
    assert after.slower > 1.2
    assert after.early_min == pytest.approx(5.0, abs=0.1)


def test_a_sheet_is_made_for_an_ordinary_day() -> None:
    plan = load_plans().halls["xinghe-hall"]
    assert usual_day(plan, 0, date(2026, 9, 27)) == date(2026, 9, 28)
    thursday = usual_day(plan, 3, date(2026, 9, 28))  # 1 October is a public holiday
    assert thursday.weekday() == 3
    assert thursday not in plan.calendar.holidays
