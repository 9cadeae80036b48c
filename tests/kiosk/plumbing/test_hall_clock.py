"""The hall's time on a terminal whose own clock is wrong, jumps, or stood still while the machine was off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.asked_time import EVERY_S, AskedTime
from kiosk.hall_clock import NEVER_HEARD_S, HallClock, Reading
from queue_server.wire import messages as wire

TRUE = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOUR = 3600.0


class Machine:
    """A terminal with its clocks; ``true_s`` is what nobody on it can read."""

    def __init__(self, path: Path, *, wrong_s: float = HOUR, goes_on: bool = False) -> None:
        self.path = path
        self.wrong_s = wrong_s
        self.goes_on = goes_on
        self.true_s = TRUE.timestamp()
        self.booted_s = self.true_s - 500
        self.boots = 0
        self.start()

    def start(self) -> None:
        self.clock = HallClock(
            self.path,
            wall=lambda: self.true_s + self.wrong_s,
            monotonic=lambda: self.true_s - self.booted_s,
            boot=f"boot-{self.boots}",
            goes_on=lambda: self.goes_on,
        )

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds // 5)):
            self.true_s += 5
            self.clock.tick()

    def reboot(self, off_s: float, *, wall_s: float | None = None) -> None:
        """Off for a while; ``wall_s``: what the wall clock shows then, where it did not go on."""
        self.true_s += off_s
        self.booted_s = self.true_s
        self.boots += 1
        if wall_s is not None:
            self.wrong_s = wall_s - self.true_s
        self.true_s += 30
        self.start()

    @property
    def true(self) -> datetime:
        return datetime.fromtimestamp(self.true_s, UTC)

    def off_by(self) -> float:
        return abs((self.clock.read().at - self.true).total_seconds())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "clock.json")
    assert made.clock.heard(made.true, 0.05)
    return made


def test_a_wall_clock_that_is_wrong_or_jumps_moves_nothing(machine: Machine) -> None:
    machine.run(600)
    machine.wrong_s = -86_400.0
    machine.run(600)
    assert machine.off_by() < 0.1
    assert machine.clock.read().uncertainty_s == 0


def test_a_restarted_application_knows_as_much_as_before(machine: Machine) -> None:
    machine.run(100)
    machine.start()
    assert machine.off_by() < 0.1


def test_a_clock_chip_that_is_wrong_is_as_wrong_after_the_night(machine: Machine) -> None:
    machine.goes_on = True
    machine.run(60)
    machine.reboot(off_s=10 * HOUR)
    read = machine.clock.read()
    assert machine.off_by() <= read.uncertainty_s
    assert (read.uncertainty_s, read.open_ended) == (4, False)


@pytest.mark.parametrize("wall_s", [0.0, TRUE.timestamp() + HOUR + 20])
def test_a_clock_that_did_not_go_on_is_late_at_most_and_says_so(machine: Machine, wall_s: float) -> None:
    """Back to 1970, or just behind the last tick: a check-in is never said to be later than it was."""
    machine.run(60)
    machine.reboot(off_s=1000, wall_s=wall_s)
    read = machine.clock.read()
    assert read.open_ended
    assert machine.true - timedelta(seconds=1011) <= read.at <= machine.true
    machine.run(60)
    machine.reboot(off_s=10, wall_s=wall_s)
    assert machine.clock.read().open_ended
    machine.clock.heard(machine.true, 0.1)
    assert machine.off_by() < 0.1
    assert not machine.clock.read().open_ended


def test_a_saved_clock_without_a_chip_is_not_taken_for_one(machine: Machine) -> None:
    """Some boards put the time of the last shutdown back: it stands a little after the last tick and says nothing."""
    machine.run(60)
    machine.reboot(off_s=5000, wall_s=machine.true_s + machine.wrong_s + 60)
    assert machine.clock.read().open_ended


def test_an_answer_that_took_long_is_worth_nothing(machine: Machine) -> None:
    assert not machine.clock.heard(TRUE + timedelta(days=1), 5.0)
    assert machine.off_by() < 0.1
    assert machine.clock.heard(machine.true - timedelta(seconds=0.8), 1.6)
    assert machine.off_by() <= machine.clock.read().uncertainty_s == 1


def test_a_first_start_and_a_torn_file_know_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    assert Machine(path).clock.read().uncertainty_s == NEVER_HEARD_S
    path.write_bytes(b'{"boot":"boot-0"')
    assert Machine(path).clock.read().uncertainty_s == NEVER_HEARD_S


@given(st.lists(st.tuples(st.floats(0, 5000), st.sampled_from(["run", "chip", "lost", "app"])), max_size=12))
def test_the_true_time_always_lies_where_the_clock_says(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[float, str]]
) -> None:
    machine = Machine(tmp_path_factory.mktemp("clock") / "c.json")
    machine.clock.heard(machine.true, 0.0)
    for seconds, what in days:
        match what:
            case "run":
                machine.run(min(seconds, 60))
            case "app":
                machine.start()
            case "chip":
                machine.goes_on = True
                machine.reboot(seconds)
            case "lost":
                machine.goes_on = False
                machine.reboot(seconds, wall_s=seconds)
        read: Reading = machine.clock.read()
        after = (machine.true - read.at).total_seconds()
        assert after >= -read.uncertainty_s - 0.001
        assert read.open_ended or after <= read.uncertainty_s + 0.001


class Asker:
    """Stands in for line and own numbers: what was asked, what was heard."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.heard: list[float] = []

    def publish(self, _topic: str, body: bytes) -> None:
        self.ids.append(msgspec.json.decode(body)["id"])

    def any_unsure(self) -> bool:
        return False

    def time_heard(self, _at: datetime, took_s: float) -> bool:
        self.heard.append(took_s)
        return True


def test_only_the_last_question_counts() -> None:
    other = Asker()
    asked = AskedTime(other, "topic")
    line: Any = other
    assert asked.due(0.0)
    asked.ask(line, 0.0)
    asked.ask(line, 1.0)
    first, last = other.ids
    for request in (first, last, last):
        asked.heard(wire.TimeReply(id=request, at=TRUE), 1.5)
    assert other.heard == [0.5]
    assert not asked.due(1.0 + EVERY_S - 1)
