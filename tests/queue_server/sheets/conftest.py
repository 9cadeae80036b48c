"""A small hall's weekday: three windows for half a day, a usual mix of matters, simulated on few days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from queue_server.domain.model import MatterClass
from queue_server.sheets.bench import Bench, Desk
from queue_server.sheets.demand import Demand, Visit, spread_over

OPEN = ((510.0, 750.0),)
VISITS = (
    Visit(6.0, MatterClass.GENERAL, (), 3.0, 3.0),
    Visit(10.0, MatterClass.GENERAL, (), 2.0, 2.0),
    Visit(20.0, MatterClass.COMPLEX, ("housing",), 1.0, 1.0),
)


def make_bench(windows: int = 3) -> Bench:
    skills = [frozenset({"*"}), frozenset({"housing"}), frozenset[str]()]
    desks = tuple(Desk(str(k + 1), skills[k % 3], OPEN) for k in range(windows))
    return Bench(desks, OPEN, 15.0, tuple(range(510, 750, 15)))


@pytest.fixture
def bench() -> Bench:
    return make_bench()


@pytest.fixture
def make_demand() -> Callable[..., Demand]:
    def make(walk_ins: float = 30.0, **more: object) -> Demand:
        return replace(Demand(spread_over(walk_ins, OPEN), VISITS), **more)  # type: ignore[arg-type]  # test data

    return make


@pytest.fixture(name="make_bench")
def make_bench_fixture() -> Callable[..., Bench]:
    return make_bench
