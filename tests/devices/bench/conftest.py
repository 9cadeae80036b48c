"""A running bench for its tests: one process, real ptys and sockets, HTTP on a free port."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

DEADLINE_S = 20.0


class Bench:
    """A running bench and the folder of its devices."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-W", "error", "-m", "devices", "bench", "--dir", str(folder), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        ready = self.process.stdout.readline()
        assert ready.startswith("bench ready: http://127.0.0.1:"), ready
        self.http = httpx.Client(base_url=ready.split()[-1], timeout=DEADLINE_S)

    def do(self, device: str, action: str, **detail: Any) -> dict[str, Any]:
        reply = self.http.post(f"/api/{device}/{action}", json=detail or None)
        assert reply.status_code == 200, reply.text
        state: dict[str, Any] = reply.json()
        return state

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def stop(self) -> int:
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout
        self.process.stdout.close()
        return self.process.wait(DEADLINE_S)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    it = Bench(tmp_path_factory.mktemp("bench"))
    yield it
    assert it.stop() == 0
    assert list(it.folder.iterdir()) == [], "a stopped bench leaves no link behind"


@pytest.fixture
def bench(shared: Bench) -> Bench:
    """The bench with everything freshly plugged in, nothing left on a cable, no card, paper and no fault."""
    for device in ("idcard", "scanner", "printer"):
        shared.do(device, "unplug")
    shared.do("all", "mend")
    shared.do("idcard", "lift")
    return shared
