"""Where snapshots are developed: off the desk's thread, a little at a time.

The desk hands in an immutable hall and gets back a packed picture through its own inbox, to be stored between
two batches; it never waits here. If halls come in faster than they can be packed, only the latest of each
counts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from queue_server.domain.snapshot import freeze
from queue_server.domain.state import Hall
from queue_server.store.codec import micros
from queue_server.store.snapshots import pack

logger = logging.getLogger(__name__)

_BREATH_S = 0.001


@dataclass(frozen=True, slots=True)
class Picture:
    """A packed snapshot of ``hall`` as of event ``seq``."""

    hall: str
    seq: int
    at: int
    body: bytes


class Darkroom:
    """One thread that packs halls and hands the pictures to ``deliver``."""

    def __init__(self, deliver: Callable[[Picture], None]) -> None:
        self._deliver = deliver
        self._waiting: dict[str, Hall] = {}
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="darkroom", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the picture in hand; what still waits is dropped (the log has it all)."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join()

    def develop(self, name: str, hall: Hall) -> None:
        """Ask for a picture; returns at once."""
        with self._changed:
            self._waiting[name] = hall
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._ending:
                    self._changed.wait()
                if self._ending:
                    return
                name = next(iter(self._waiting))
                hall = self._waiting.pop(name)
            try:
                body = pack(freeze(hall), lambda: time.sleep(_BREATH_S))
            except Exception:
                logger.exception("no snapshot of hall %s; its log is whole, only the next start takes longer", name)
                continue
            at = 0 if hall.now is None else micros(hall.now)
            self._deliver(Picture(name, hall.seq, at, body))
