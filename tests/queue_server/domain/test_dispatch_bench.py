"""The bench of decisions runs and sets each figure beside first come, first served; figures are read, not asserted."""

from __future__ import annotations

import pytest

from queue_server.bench import dispatch as bench


def test_the_bench_prints_both_policies_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--waiting", "7", "--rounds", "1"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert "first come" in head
    assert [row.split()[:3] for row in rows] == [["7", "one", "decision"], ["7", "list", "of"]]
