"""The outbox: what was put is on the disk, in order, until its reply; kill -9 loses nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.outbox import Outbox

NOW = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
KEEP = timedelta(minutes=10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kiosk" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path)
    yield outbox
    outbox.close()


def test_requests_wait_in_the_order_in_which_they_were_put(outbox: Outbox) -> None:
    for name in ("c", "a", "b"):
        outbox.put("hall-1", name, name.encode(), NOW, session="s1", keep=KEEP)
    assert [(held.request_id, held.body, held.hall, held.session) for held in outbox.pending()] == [
        ("c", b"c", "hall-1", "s1"),
        ("a", b"a", "hall-1", "s1"),
        ("b", b"b", "hall-1", "s1"),
    ]
    assert outbox.pending()[0].at == NOW


def test_a_reply_takes_its_request_out_and_names_the_session_that_asked(outbox: Outbox) -> None:
    outbox.put("hall-1", "a", b"a", NOW, session="s1", keep=KEEP)
    assert outbox.done("a") == "s1"
    assert outbox.done("a") is None
    assert outbox.pending() == []


def test_the_first_wish_stands_when_an_id_comes_again(outbox: Outbox) -> None:
    outbox.put("hall-1", "a", b"first", NOW, session="s1", keep=KEEP)
    outbox.put("hall-1", "a", b"second", NOW, session="s2", keep=KEEP)
    assert [held.body for held in outbox.pending()] == [b"first"]


def test_what_nobody_waits_for_any_more_is_dropped(outbox: Outbox) -> None:
    outbox.put("hall-1", "old", b"", NOW, keep=KEEP)
    outbox.put("hall-1", "printed", b"", NOW, keep=timedelta(days=7))
    assert outbox.drop_old(NOW + KEEP - timedelta(microseconds=1)) == []
    assert outbox.drop_old(NOW + KEEP) == ["old"]
    assert [held.request_id for held in outbox.pending()] == ["printed"]


def test_when_the_citizen_goes_only_what_never_left_is_dropped(outbox: Outbox) -> None:
    for name, session in (("sent", "s1"), ("kept", "s1"), ("other", "s2")):
        outbox.put("hall-1", name, b"", NOW, session=session, keep=KEEP)
    outbox.mark_sent("sent")
    assert outbox.drop_unsent("s1") == ["kept"]
    assert [held.request_id for held in outbox.pending()] == ["sent", "other"]


def test_only_the_kiosk_reads_the_file_and_what_is_done_is_overwritten(outbox: Outbox, path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0
    body = b"a sealed box" * 40
    outbox.put("hall-1", "a", body, NOW, keep=KEEP)
    outbox.done("a")
    outbox.close()  # folds the log in
    assert body not in b"".join(file.read_bytes() for file in path.parent.glob("outbox.db*"))


def test_a_damaged_file_is_set_aside_and_the_kiosk_serves(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, but it is long enough to be looked at" * 20)
    outbox = Outbox(path)
    outbox.put("hall-1", "a", b"a", NOW, keep=KEEP)
    assert [held.request_id for held in outbox.pending()] == ["a"]
    outbox.close()
    assert path.with_name("outbox.db.broken").exists()


def test_the_disk_settings_are_those_that_survive_a_power_cut(outbox: Outbox, path: Path) -> None:
    assert outbox._db.execute("PRAGMA synchronous").fetchone() == (2,)
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


_PUTS_FOR_EVER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from kiosk.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
for n in range(10**9):
    outbox.put("hall-1", f"r{n}", b"x" * 500, datetime(2025, 3, 3, tzinfo=UTC), keep=timedelta(days=1))
    sys.stdout.write(f"r{n}\\n")
    sys.stdout.flush()
"""


@pytest.mark.crash
@pytest.mark.parametrize("after", [1, 17, 120])
def test_kill_9_in_the_middle_of_putting_loses_nothing_that_put_returned_for(path: Path, after: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _PUTS_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(after)]
    os.kill(child.pid, signal.SIGKILL)
    said += child.stdout.read().split()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL

    outbox = Outbox(path)
    held = [entry.request_id for entry in outbox.pending()]
    assert held[: len(said)] == said
    assert len(held) <= len(said) + 1  # at most the one that was being put
    assert all(entry.body == b"x" * 500 for entry in outbox.pending())
    outbox.put("hall-1", "after", b"", NOW, keep=KEEP)
    assert outbox.pending()[-1].request_id == "after"
    outbox.close()
