"""The command lines: files where they were wanted, figures in words and as JSON, mistakes in one line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from queue_server.__main__ import main
from queue_server.simulate.traces import Trace


def test_a_hall_is_generated_and_simulated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days, out = tmp_path / "days", tmp_path / "calls"
    recipe = ["--windows", "3", "--load", "0.8", "--days", "2", "--seed", "5"]
    assert main(["generate", str(days), *recipe]) == 0
    assert "2 days" in capsys.readouterr().out
    assert main(["simulate", str(days), "--policy", "sla", "--forecasts", "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert "days  sla" in told.out
    assert told.out.count("  J ") == 3
    assert "called" in told.err, "progress goes to stderr"
    names = ["day-000.csv", "day-001.csv", "forecast-000.csv", "forecast-001.csv"]
    assert sorted(path.name for path in out.iterdir()) == names
    with (out / "day-000.csv").open() as calls, (out / "forecast-000.csv").open() as forecasts:
        called = list(csv.DictReader(calls))
        foretold = list(csv.DictReader(forecasts))
    assert {row["id"] for row in called} == {row["id"] for row in foretold}
    minutes = [float(row["called_min"]) for row in called]
    assert minutes == sorted(minutes)
    assert all(float(row["p50_min"]) <= float(row["p90_min"]) for row in foretold)


def test_several_traces_are_told_apart(recorded: Trace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = Path(__file__).parent / "w4-0.95"
    assert main(["generate", str(tmp_path / "other"), "--windows", "2", "--days", "1"]) == 0
    capsys.readouterr()
    chosen = ["simulate", str(here), str(tmp_path / "other"), "--policy", "fifo", "--out", str(tmp_path / "out")]
    assert main([*chosen, "--json", "--quiet"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    shown = json.loads(told.out)
    assert [trace["trace"] for trace in shown["traces"]] == ["w4-0.95", "other"]
    assert shown["traces"][0]["all"]["tickets"] == sum(person.came for person in recorded.days[0].persons)
    assert (tmp_path / "out" / "w4-0.95" / "day-100.csv").exists()
    assert (tmp_path / "out" / "other" / "day-000.csv").exists()


def test_a_mistake_is_one_line_that_names_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", str(tmp_path), "--windows", "3", "--days", "1"]) == 0
    day = tmp_path / "day-000.jsonl"
    day.write_text(day.read_text() + "{}\n")
    lines = day.read_text().count("\n")
    capsys.readouterr()
    assert main(["simulate", str(tmp_path)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert f"day-000.jsonl:{lines}: bad-field: " in said
    assert main(["generate", str(tmp_path / "no"), "--windows", "99"]) == 2
    assert capsys.readouterr().err == "windows must lie from 2 to 24\n"


def test_a_day_that_midnight_ends_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = tmp_path / "days"
    assert main(["generate", str(days), "--windows", "2", "--days", "1", "--load", "2", "--seed", "2"]) == 0
    longer = (days / "day-000.jsonl").read_text().replace('"service_min":', '"service_min":9')
    (days / "day-000.jsonl").write_text(longer.replace("9null", "null"))
    capsys.readouterr()
    assert main(["simulate", str(days), "--quiet"]) == 2
    assert "people at midnight" in capsys.readouterr().err
