"""The processes of a hall started on one machine: how one is started, asked whether it is ready, and ended.

Each child has a group of its own, so Ctrl-C reaches it through the launcher alone, and a death warrant with
the kernel, so that it cannot outlive a launcher that was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

STOP_S = 8.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass
class Child:
    """One process of the hall. ``ready`` is asked until it says yes; ``shown``: its stdout is for the reader."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    shown: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0

    def start(self, logs: Path) -> None:
        """Start it in a group of its own (Ctrl-C reaches it through us alone), its errors into its log."""
        with (logs / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.shown else log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  (one prctl call; we start children from the main thread)
            )
        self.started = time.monotonic()
        if self.process.stdout is not None:
            threading.Thread(target=_echo, args=(self.process.stdout,), daemon=True).start()

    def stop(self) -> None:
        """End it and everything it started; kill what does not go."""
        process = self.process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.process = None

    @property
    def fallen(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def die_with_parent() -> None:
    """To run in a fresh child: the kernel ends it when the thread that started it ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _echo(stream: IO[bytes]) -> None:
    for line in iter(stream.readline, b""):
        sys.stdout.write(line.decode(errors="replace"))
        sys.stdout.flush()


def listening(port: int) -> bool:
    """Whether something accepts connections on this port of 127.0.0.1."""
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    """Whether ``url`` answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=1.0) as response:  # noqa: S310  (our own address)
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
