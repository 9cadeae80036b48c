"""The server that runs calls whom the simulator says: same people, same minutes, same windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_server.simulate import files, generate, traces
from queue_server.simulate.day import run_day
from queue_server.simulate.plan import rules_of
from queue_server.simulate.replay import replay
from queue_server.simulate.traces import Trace

pytestmark = pytest.mark.journey


def test_a_recorded_day_over_mqtt_gives_the_simulators_csv_line_by_line(recorded: Trace) -> None:
    (day,) = recorded.days
    said = files.calls_csv(run_day(recorded.hall, day).calls).splitlines()
    done = files.calls_csv(replay(Path(__file__).parent / "w4-0.95", recorded.hall, day)).splitlines()
    assert len(done) == 1 + sum(person.came for person in day.persons)
    for line, (was, is_now) in enumerate(zip(said, done, strict=True), start=1):
        assert is_now == was, f"line {line}"


@pytest.mark.soak
@pytest.mark.parametrize("policy", ["sla", "fifo"])
def test_a_day_of_ten_windows_is_played_alike(tmp_path: Path, policy: str) -> None:
    made = generate.trace(generate.Recipe(windows=10, load=1.0, seed=77), 1)
    traces.write(tmp_path, made.hall, made.days)
    (day,) = made.days
    said = run_day(made.hall, day, dispatch=rules_of(made.hall, policy)).calls
    assert replay(tmp_path, made.hall, day, policy) == said
