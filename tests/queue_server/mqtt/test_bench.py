"""The benchmark measures the shipped server, and prints no figure where told and stored differ."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from queue_server.bench import check, suite
from queue_server.bench.city import MATTER, City, morning_zone
from queue_server.bench.load import Load, Outcome, percentile, run

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, Outcome]]:
    """A short closed loop against a real server, as it came out."""
    city = City(tmp_path_factory.mktemp("bench") / "city", halls=3)
    try:
        city.broker.start()
        city.start_server()
        yield city, run(Load("127.0.0.1", city.mqtt_port, city.terminals(), MATTER, 0.5, window=30, warm_up_s=0.1))
    finally:
        city.stop()


def test_what_is_measured_never_meets_midnight() -> None:
    for hour in range(24):
        now = datetime(2026, 11, 30, 0, 59, tzinfo=UTC) + timedelta(hours=hour)
        assert now.astimezone(ZoneInfo(morning_zone(now))).hour == 10


def test_a_sound_run_agrees_with_the_database(measured: tuple[City, Outcome]) -> None:
    city, outcome = measured
    assert len(outcome.acknowledged) > 30
    assert outcome.asked == len(outcome.acknowledged)
    assert check.differences(city.database_url, outcome) == []
    assert check.stored_tickets(city.database_url) == len(outcome.acknowledged)


def forged(outcome: Outcome) -> Outcome:
    acknowledged = dict(outcome.acknowledged)
    request, (hall, ticket, _) = next(iter(acknowledged.items()))
    acknowledged[request] = (hall, f"{ticket[:11]}Z999", "Z999")
    return replace(outcome, acknowledged=acknowledged)


def lost(outcome: Outcome) -> Outcome:
    return replace(
        outcome, acknowledged=outcome.acknowledged | {"0198c0de-0000-7000-8000-000000000001": ("h", "d", "n")}
    )


def doubled(outcome: Outcome) -> Outcome:
    (_, told), (other, _), *_rest = outcome.acknowledged.items()
    return replace(outcome, acknowledged=outcome.acknowledged | {other: told})


@pytest.mark.parametrize(
    "spoil",
    [forged, lost, doubled, lambda o: replace(o, unanswered=1), lambda o: replace(o, refused={"internal": 1})],
    ids=["told otherwise", "not stored", "given twice", "never answered", "refused"],
)
def test_any_difference_is_found(measured: tuple[City, Outcome], spoil: Callable[[Outcome], Outcome]) -> None:
    city, outcome = measured
    assert check.differences(city.database_url, spoil(outcome)) != []


@pytest.mark.parametrize(("share", "found"), [(50, 5), (90, 9), (99, 10), (100, 10)])
def test_percentiles_are_by_nearest_rank(share: float, found: float) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == found
    assert percentile([], share) == 0


def test_the_whole_bench_runs_and_writes_its_figures(tmp_path: Path) -> None:
    """Small and short: that it works, not how fast it is."""
    file = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", "bench", "--json", str(file), "--seconds", "0.5", "--runs", "1",
         "--halls", "8", "--rates", "50", "500", "--window", "16", "--old-tickets", "1000"],
        capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text())
    assert figures["closed"]["server"]["per_second"] > 0
    assert figures["closed"]["echo"]["per_second"] > 0
    assert set(figures["open"]) == {"50", "500"}
    assert figures["open"]["500"]["server"]["tickets"] > 0
    assert figures["calls"]["per_second"] > 0
    assert figures["restart"]["old_tickets"] >= 1000
    assert len(figures["aims"]) == 4
    assert all(aim in done.stdout for aim in figures["aims"])
    assert suite.table(figures) == done.stdout
