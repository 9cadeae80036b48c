"""Forgets in time: a thread that looks now and then for persons whose last visit lies far enough back.

Part of the server's ordered start and stop. A look that fails (the database is away) is one log line and is
tried again at the next; it forgets nobody too early, only later.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

log = logging.getLogger(__name__)

LOOK_EVERY_S = 3600.0


class Forgetful(Protocol):
    """What ``Vault`` offers here."""

    def forget_due(self, now: datetime) -> list[str]: ...


class Retention:
    """From ``start`` to ``stop``; the first look is at the start."""

    def __init__(self, vault: Forgetful, clock: Callable[[], datetime], every_s: float = LOOK_EVERY_S) -> None:
        self._vault = vault
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
            try:
                forgotten = self._vault.forget_due(self._clock())
            except sa.exc.SQLAlchemyError as error:
                # The kind alone: a database error's text quotes the statement's values.
                log.warning("nobody could be forgotten now (%s)", type(error).__name__)
            else:
                if forgotten:
                    log.info("%d persons forgotten, their time has passed", len(forgotten))
            if self._ended.wait(self._every_s):
                return
