"""One of the server's own commands in a process of its own, below everybody's priority: its output, or nothing.

What takes many seconds of a processor (sheets, staffing) is computed so: with the server's plans and database, never
in the server itself. ``give_up``, from any thread, ends whatever runs and lets nothing more begin.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


class Niced:
    """Runs one command at a time; the caller's thread waits."""

    def __init__(self, var: Path, plans: Path, database_url: str, *, within_s: float) -> None:
        self._options = ("--json", "--var", str(var), "--plans", str(plans))
        self._environment = {"JIAOHAO_DATABASE": database_url}
        self._within_s = within_s
        self._process: subprocess.Popen[bytes] | None = None
        self._over = False

    def output(self, command: str, *more: str) -> bytes:
        """What ``python -m queue_server command`` prints. Raises OSError, subprocess.SubprocessError."""
        words = ("nice", "-n", "19", sys.executable, "-m", "queue_server", command, *self._options, *more)
        with subprocess.Popen(
            words,
            env={**os.environ, **self._environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            self._process = process
            try:
                if self._over:
                    process.kill()
                out, _ = process.communicate(timeout=self._within_s)
            finally:
                process.kill()
                self._process = None
        if process.returncode:
            raise subprocess.SubprocessError(f"exit code {process.returncode}")
        return out

    def give_up(self) -> None:
        self._over = True
        if (process := self._process) is not None:
            process.kill()
