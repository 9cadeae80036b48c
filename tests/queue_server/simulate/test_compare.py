"""The comparison and the promises, on a small sample: what they print is what was played."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from queue_server.__main__ import main
from queue_server.simulate import compare, matrix, promises
from queue_server.simulate.generate import Recipe
from queue_server.simulate.traces import Trace

HERE = Path(__file__).parent


def test_the_comparison_writes_its_tables_and_its_plot(recorded: Trace, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    sample = ["--windows", "2", "--days", "1", "--loads", "0.8", "1.0", "--others", "1", "--domain"]
    assert main(["compare", "--out", str(tmp_path), *sample, "--traces", str(HERE / "w4-0.95")]) == 0
    text = (tmp_path / "dispatch.md").read_text(encoding="utf-8")
    j = {policy: matrix.under(recorded, policy).all.j for policy in compare.POLICIES}
    rows = [line for line in text.splitlines() if line.startswith(("| 0.80 ", "| 1.00 ", "| w4-0.95 "))]
    assert len(rows) == 3
    assert "| 2 windows, as above |" in text
    assert f"| w4-0.95 | {j['sla']:.1f} (43.2) |" in text
    assert f" {j['sla'] / j['fifo']:.3f} |" in text
    picture = ET.fromstring((tmp_path / "dispatch.svg").read_bytes())  # noqa: S314  (our own)
    assert picture.tag.endswith("svg")


def test_every_promise_stands_beside_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["promises", "--windows", "2", "--days", "1", "--sets", "1", "--json", "--domain"])
    figures = json.loads(capsys.readouterr().out)
    assert code == (0 if all(figure["reached"] for figure in figures) else 1)
    assert len(figures) == 17
    assert {figure["target"] for figure in figures} == {1.0, 4.0, 5.0, 20.0, 10.0, 15.0, 98.0, 1.25}


def test_a_figure_says_whether_it_is_reached() -> None:
    assert promises.Figure("late", 1.0, 1.0, "%").line().endswith("<= 1      yes")
    assert promises.Figure("late", 1.1, 1.0, "%").line().endswith("<= 1      NO")
    assert not promises.Figure("days", 97.9, 98.0, "%", most=False).reached


def test_a_look_ahead_keeps_what_it_learned_of_each_hall() -> None:
    recipe = Recipe(windows=2, load=0.9, seed=3)
    player = matrix.ByRollouts()
    found = matrix.matrix([recipe], ("sla", "fifo"), 1, player, lambda _text: None)
    plain = matrix.matrix([recipe], ("fifo",), 1, matrix.by_domain, lambda _text: None)
    assert found[recipe, "fifo"].all.j == plain[recipe, "fifo"].all.j
    assert found[recipe, "sla"].all.tickets == plain[recipe, "fifo"].all.tickets


def test_every_policy_meets_the_same_people() -> None:
    recipe = Recipe(windows=2, load=0.9, seed=3)
    found = matrix.matrix([recipe], ("sla", "fifo"), 1, matrix.by_domain, lambda _text: None)
    people = [{wait.person for wait in found[recipe, policy].all.waits} for policy in ("sla", "fifo")]
    assert people[0] == people[1]
    assert found[recipe, "sla"].all.j <= found[recipe, "fifo"].all.j
