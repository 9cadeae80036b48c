"""`make run` as a newcomer meets it: it keeps the day, leaves nothing behind, names a taken port."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]


def processes_of(var: Path) -> list[str]:
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(var) in command:
            found.append(command)
    return found


def test_a_second_start_keeps_the_days_tickets_and_nothing_is_left_behind(new_hall, until) -> None:  # noqa: ANN001
    hall = new_hall(kiosk=False)
    hall.start()
    ask = {"kind": "take-ticket", "v": 1, "matters": ["M034"], "token": "invented-token-of-22-chars"}
    first = hall.ask({**ask, "id": "01900000-0000-7000-8000-000000000001"})
    assert first["kind"] == "ticket"
    assert hall.stop() == 0
    assert processes_of(hall.var) == []
    hall.start()
    again = hall.ask({**ask, "id": "01900000-0000-7000-8000-000000000001"})
    assert again == first, "a repeated request gets its first answer, over a restart"
    second = hall.ask({**ask, "id": "01900000-0000-7000-8000-000000000002"})
    assert second["number"] != first["number"]
    page = httpx.get(hall.url + first["path"])
    assert first["number"] in page.text
    assert hall.stop() == 0
    assert processes_of(hall.var) == []


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "queue_server.run", "--var", str(tmp_path), "--http-port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert str(port) in lines[0]
    assert "in use" in lines[0]
