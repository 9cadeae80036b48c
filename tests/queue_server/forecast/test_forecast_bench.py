"""The forecast's bench plays days through the domain and sets each figure beside the usual formula."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queue_server.__main__ import main
from queue_server.bench.foretold import Watched, risk_table
from queue_server.domain.model import Kind


def test_a_day_is_foretold_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    small = [
        "--days",
        "2",
        "--risk-days",
        "1",
        "--windows",
        "2",
        "--load",
        "0.9",
        "--futures",
        "10",
        "--look-rounds",
        "1",
    ]
    assert main(["forecast-bench", *small, "--json", str(file)]) == 0
    figures = json.loads(file.read_text(encoding="utf-8"))
    everybody = figures["sets"]["invented"]["all"]
    assert everybody["n"] == sum(one["n"] for one in figures["sets"]["invented"]["kinds"].values()) > 50
    assert 0 <= everybody["coverage"] <= 1
    assert everybody["mae"] < everybody["naive_mae"]
    assert figures["refresh"]["waiting"] == 60
    assert "recall" in capsys.readouterr().out


def test_what_was_called_a_risk_is_compared_with_what_broke() -> None:
    early = Watched(Kind.WALK_IN, [(20, 0.1), (15, 0.6)], broken=True)
    never = Watched(Kind.WALK_IN, [(20, 0.1)], broken=True)
    wrong = Watched(Kind.PRIORITY, [(10, 0.9)], broken=False)
    at_half = next(row for row in risk_table([early, never, wrong]) if row["threshold"] == 0.5)
    assert (at_half["recall"], at_half["precision"], at_half["median_lead_min"]) == (0.5, 0.5, 15)
