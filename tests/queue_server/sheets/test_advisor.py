"""Staffing advice for who looks at it: asked for once, kept for a while, never waited for; and where its lines run."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec
import pytest

from queue_server.clock import SetClock
from queue_server.http.charts import Half, staffing_chart, step_chart
from queue_server.sheets import staffing
from queue_server.sheets.advisor import Advice, Advisor, HalfHour

MONDAY = date(2026, 3, 2)
HALF_HOURS = (staffing.HalfHour(510, 3, 0.98, 2, 0.7), staffing.HalfHour(540, 2, 0.95, 2, 0.95))


class Computed:
    """Gives what ``staffing`` gives; ``fails`` once if told so; and can be held until it may go on."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, date]] = []
        self.fails = False
        self.may = threading.Event()

    def __call__(self, hall: str, day: date) -> bytes:
        self.asked.append((hall, day))
        self.may.wait(10)
        if self.fails:
            raise subprocess.SubprocessError("exit code 2")
        return msgspec.json.encode(staffing.Advice(HALF_HOURS, 80.0, 40, 0.01, 0.1, 0.05, 0.2))

    def give_up(self) -> None:
        self.may.set()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def computed() -> Computed:
    return Computed()


@pytest.fixture
def told() -> threading.Semaphore:
    return threading.Semaphore(0)


@pytest.fixture
def advisor(clock: SetClock, computed: Computed, told: threading.Semaphore) -> Iterator[Advisor]:
    made = Advisor(computed, clock)
    made.listen(lambda _hall: told.release())
    made.start()
    yield made
    made.stop()


def test_who_asks_first_gets_nothing_and_is_told_when_it_has_come(
    advisor: Advisor, computed: Computed, told: threading.Semaphore
) -> None:
    assert advisor.of("hall", MONDAY) is None
    assert advisor.of("hall", MONDAY) is None, "asked for once, whoever looks meanwhile"
    computed.may.set()
    assert told.acquire(timeout=10)
    advice = advisor.of("hall", MONDAY)
    assert advice is not None
    assert advice.half_hours[0] == HalfHour(510, 3, 0.98, 2, 0.7), "as the command has it"
    assert (advice.at(539), advice.at(540), advice.at(600)) == (advice.half_hours[0], advice.half_hours[1], None)
    assert computed.asked == [("hall", MONDAY)]


def test_old_advice_is_shown_until_the_new_has_come_and_a_failure_keeps_it(
    advisor: Advisor, computed: Computed, told: threading.Semaphore, clock: SetClock
) -> None:
    computed.may.set()
    advisor.of("hall", MONDAY)
    assert told.acquire(timeout=10)
    computed.fails = True
    clock.forward(minutes=31)
    assert advisor.of("hall", MONDAY) is not None
    advisor.of("other", MONDAY)
    computed.fails = False
    clock.forward(minutes=31)
    assert advisor.of("hall", MONDAY) is not None
    assert told.acquire(timeout=10)
    assert [hall for hall, _ in computed.asked].count("hall") == 3
    assert advisor.of("hall", date(2026, 3, 3)) is None, "another day's is not shown for it"


def test_the_lines_are_steps_and_a_lack_is_written_in() -> None:
    halves = [Half("08:30", 3, 2), Half("09:00", 3, 2), Half("09:30", 2, 2), Half("10:00", 1, 2)]
    chart = step_chart(halves, 0.5)
    (lack,) = chart.lacks
    assert lack.missing == 1
    assert lack.width == (chart.width - chart.left - 8) // 2
    assert chart.needed.count("V") == 2, "it rises and falls at once"
    assert "V" not in chart.planned
    assert chart.now is not None
    assert chart.left < chart.now < lack.x + lack.width
    assert step_chart(halves, 5).now is None, "the day is over"
    with pytest.raises(ValueError, match="half hour"):
        step_chart([])


def test_a_days_chart_knows_where_now_is() -> None:
    advice = Advice([HalfHour(510, 3, 0.98, 2, 0.7), HalfHour(540, 2, 0.95, 2, 0.95)], 80.0, 40)
    chart, halves = staffing_chart(advice, 525)
    assert [half.at for half in halves] == ["08:30", "09:00"]
    assert chart.now == pytest.approx(chart.left + (chart.width - chart.left - 8) / 4, abs=1)
    assert staffing_chart(advice, 500)[0].now is None
    assert staffing_chart(advice, 700)[0].now is None


def test_of_a_day_round_the_clock_the_hours_about_now_are_drawn() -> None:
    advice = Advice([HalfHour(30 * i, 2, 1.0, 4, 1.0) for i in range(48)], 80.0, 40)
    for minute, first, last in ((10 * 60 + 15, "07:00", "18:30"), (20, "00:00", "11:30"), (23 * 60, "12:00", "23:30")):
        chart, halves = staffing_chart(advice, minute)
        assert (halves[0].at, halves[-1].at, len(halves)) == (first, last, 24)
        assert chart.now is not None
