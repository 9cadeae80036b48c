"""Forgets in time: a thread that looks now and then for what has been kept long enough, persons above all.

Part of the server's ordered start and stop. A look that fails (the database is away) is one log line and is
tried again at the next; it forgets nothing too early, only later.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa

log = logging.getLogger(__name__)

LOOK_EVERY_S = 3600.0


Forget = Callable[[datetime], int]
"""Forget what is due at that time, and say how many."""


class Retention:
    """From ``start`` to ``stop``; the first look is at the start. ``kept``: how to forget, by name of what."""

    def __init__(
        self, kept: Mapping[str, Forget], clock: Callable[[], datetime], every_s: float = LOOK_EVERY_S
    ) -> None:
        self._kept = kept
        self._clock = clock
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            for name, forget in self._kept.items():
                self._look(name, forget)
            if self._ended.wait(self._every_s):
                return

    def _look(self, name: str, forget: Forget) -> None:
        try:
            forgotten = forget(self._clock())
        except sa.exc.SQLAlchemyError as error:
            # The kind alone: a database error's text quotes the statement's values.
            log.warning("no %s could be forgotten now (%s)", name, type(error).__name__)
        else:
            if forgotten:
                log.info("%d %s forgotten, their time has passed", forgotten, name)
