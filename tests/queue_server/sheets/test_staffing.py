"""How many windows, half hour by half hour: enough, not too many, and with what confidence."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime

from queue_server.config import load_plans
from queue_server.domain.rules import Rules
from queue_server.sheets.bench import Bench, bench_of
from queue_server.sheets.command import advice_for, counted, told
from queue_server.sheets.demand import Demand
from queue_server.sheets.history import NOTHING
from queue_server.sheets.staffing import LATE, WALK_IN_LATE, advise

DAYS = 24


def test_the_advice_keeps_the_promises_and_counts_what_is_planned(
    make_demand: Callable[..., Demand], bench: Bench
) -> None:
    advice = advise(make_demand(24.0), bench, Rules(), [1] * 16, days=DAYS)
    assert [h.start for h in advice.half_hours] == list(range(510, 750, 30))
    assert all(h.planned == 3 and 1 <= h.needed <= 6 for h in advice.half_hours)
    assert all(0 <= h.confidence <= 1 and 0 <= h.planned_confidence <= 1 for h in advice.half_hours)
    assert advice.late <= 2 * LATE
    assert advice.walk_in_late <= WALK_IN_LATE + 0.1
    assert advice.bookings == 16


def test_twice_as_many_people_need_more_windows(make_demand: Callable[..., Demand], bench: Bench) -> None:
    few, many = (
        sum(h.needed for h in advise(make_demand(n), bench, Rules(), [0] * 16, days=DAYS).half_hours)
        for n in (15.0, 60.0)
    )
    assert few < many


def test_with_too_few_windows_planned_it_says_how_many_are_missing(
    make_demand: Callable[..., Demand], make_bench: Callable[..., Bench]
) -> None:
    advice = advise(make_demand(50.0), make_bench(2), Rules(), [0] * 16, days=DAYS)
    assert any(h.missing for h in advice.half_hours)
    assert advice.planned_walk_in_late > advice.walk_in_late


def test_nobody_is_planned_to_come_for_half_an_hour(make_demand: Callable[..., Demand], bench: Bench) -> None:
    """Each window has one stretch, or two with an hour between."""
    advice = advise(make_demand(40.0), bench, Rules(), [1] * 16, days=DAYS)
    for k in range(6):
        mine = [i for i, h in enumerate(advice.half_hours) if h.needed > k]
        gaps = [b - a for a, b in itertools.pairwise(mine) if b - a > 1]
        assert len(gaps) <= 1
        assert all(gap >= 4 - 1 for gap in gaps)


def test_a_halls_day_from_its_plan_and_bookings() -> None:
    plan = load_plans().halls["xinghe-hall"]
    day = date(2026, 11, 24)
    bench = bench_of(plan, day)
    ten = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
    counts = counted(plan, bench, [ten, ten])
    assert counts[bench.starts.index(600)] == 2
    assert sum(counts) == 2
    advice = advice_for(plan, NOTHING, day, [ten, ten], days=4)
    lines = list(told(advice, plan, day))
    assert len(lines) == 3 + 48
