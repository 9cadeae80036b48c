"""kill -9 at the three worst moments: what was acknowledged is there, what was not is answered after the restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from queue_server.domain.messages import TicketIssued
from queue_server.failpoints import NAMES, Armed, UnknownFailpoint, parse
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog

HERE = Path(__file__).parent


def test_a_failpoint_is_a_name_and_a_count() -> None:
    assert parse("") is None
    assert parse("before-commit:3") == Armed("before-commit", 3)


@pytest.mark.parametrize("text", ["before-commit", "before-commit:0", "before-commit:x", "nowhere:1", ":1"])
def test_a_failpoint_misspelt_is_refused(text: str) -> None:
    with pytest.raises(UnknownFailpoint, match="before-commit"):
        parse(text)


def run_until_killed(url: str, wishes: list[str], failpoint: str) -> tuple[dict[str, Any], int]:
    """Put all wishes at once to a server process; its answers, and how it ended."""
    child = subprocess.Popen(
        [sys.executable, str(HERE / "desk_child.py"), url, "server", "6", "2", "hall"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[2]), "JIAOHAO_FAILPOINT": failpoint},
    )
    lines = "".join(json.dumps({"hall": "hall", "id": wish, "do": "take"}) + "\n" for wish in wishes)
    said, _ = child.communicate(lines, timeout=60)
    answers = [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith("}\n")]
    return {a["id"]: a for a in answers if "id" in a}, child.returncode


@pytest.mark.crash
@pytest.mark.parametrize("name", sorted(NAMES))
def test_killed_at_the_worst_moment_nothing_is_lost_and_nothing_doubled(
    name: str, database_url: str, demo: ModuleType
) -> None:
    wishes = [demo.new_id() for _ in range(80)]
    acknowledged: dict[str, str] = {}
    for nth in (1, 2, 3):
        answers, ended = run_until_killed(database_url, wishes, f"{name}:{nth}")
        if ended == 0:
            break  # fewer batches than that: everything was served
        assert ended == -signal.SIGKILL
        for wish, answer in answers.items():
            assert acknowledged.setdefault(wish, answer["number"]) == answer["number"], "a first answer changed"
    answers, ended = run_until_killed(database_url, wishes, "")
    assert ended == 0
    assert set(answers) == set(wishes)
    for wish, number in acknowledged.items():
        assert answers[wish]["number"] == number, "an acknowledged ticket is gone"
    engine = open_engine(database_url)
    issued = [e.ticket.number for e in EventLog(engine).events_after("hall", 0) if isinstance(e, TicketIssued)]
    engine.dispose()
    assert sorted(issued) == [f"A{n:03d}" for n in range(1, 81)]
    assert sorted(a["number"] for a in answers.values()) == sorted(issued)
