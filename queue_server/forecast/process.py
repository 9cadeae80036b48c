"""The forecasting process as its server sees it: started when it is needed, asked, and started again after a fall.

Each start after a fall waits longer; a process that has answered for a while is believed again. Asking blocks, with a
limit: who asks is the forecast's own thread and nobody else.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from queue_server.forecast import pipe
from queue_server.forecast.pipe import Gone
from queue_server.forecast.scene import Report, Scene

logger = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 5.0, 15.0, 60.0)
BELIEVED_AFTER = 20
"""Answers after which an earlier fall is forgotten."""
START_S = 120.0
"""The compiled twin may have to be compiled first."""
ANSWER_S = 60.0
"""It runs only when nobody else does, and by then its answer is of no use any more."""
COMMAND = (sys.executable, "-m", "queue_server.forecast.child")

__all__ = ["Gone", "Process"]


class Process:
    """One child. All methods from one thread, but ``running``."""

    def __init__(self, command: tuple[str, ...] = COMMAND, cache: Path | None = None) -> None:
        """``cache``: where compiled code is kept for the next start if it cannot be kept beside its source."""
        self._command = command
        beside = os.access(Path(__file__).parents[1] / "twin", os.W_OK)
        kept = {} if cache is None or beside else {"NUMBA_CACHE_DIR": str(cache)}
        self._environment = kept | os.environ
        self._child: subprocess.Popen[bytes] | None = None
        self._in = self._out = -1
        self._ready = False
        self.falls = 0
        self._answers = 0
        self._not_before = 0.0

    @property
    def running(self) -> bool:
        """Whether it has said hello and has not fallen since. Any thread."""
        child = self._child
        return self._ready and child is not None and child.poll() is None

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def may_start(self) -> bool:
        """Whether one that is not running has rested long enough."""
        if self._child is not None and not self.running:
            self._fell()
        return time.monotonic() >= self._not_before

    def start(self) -> None:
        """Start it and wait until it stands ready. Raises Gone."""
        try:
            child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            self._fell()
            raise Gone(str(error)) from error
        assert child.stdin is not None  # noqa: S101  (we asked for pipes)
        assert child.stdout is not None  # noqa: S101
        self._in, self._out = child.stdin.fileno(), child.stdout.fileno()
        self._child = child
        try:
            pipe.receive(self._out, str, START_S)
        except Gone:
            self._fell()
            raise
        self._ready = True
        logger.info("the forecast's process stands ready (pid %d)", child.pid)

    def ask(self, scene: Scene) -> Report:
        """What it sees ahead. Raises Gone, and it has to be started again."""
        try:
            pipe.send(self._in, scene)
            report = pipe.receive(self._out, Report, ANSWER_S)
        except Gone:
            self._fell()
            raise
        self._answers += 1
        if self._answers >= BELIEVED_AFTER:
            self.falls = 0
        return report

    def stop(self) -> None:
        """End it; it ends by itself when its pipe is closed."""
        self._ready = False
        child, self._child = self._child, None
        if child is None:
            return
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            child.wait(2.0)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def interrupt(self) -> None:
        """Whoever waits for an answer shall wait no longer. Any thread."""
        child = self._child
        if child is not None:
            child.kill()

    def _fell(self) -> None:
        child = self._child
        if child is not None:
            with contextlib.suppress(ProcessLookupError, OSError):
                os.kill(child.pid, 9)
        self.stop()
        self._answers = 0
        self._not_before = time.monotonic() + BACK_OFF_S[min(self.falls, len(BACK_OFF_S) - 1)]
        self.falls += 1
