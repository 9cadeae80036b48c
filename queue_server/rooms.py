"""The halls this server writes for, in memory: they come with a lease and go with it.

Only the desk's thread changes anything here; any thread may look through ``open``, which is replaced and never
changed. A hall is opened from its latest snapshot and the events after it. A hall that cannot be loaded (its
log is newer than this server) stays closed and is tried again with each beat; the others are not held up.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from queue_server.domain.hall import empty, replay
from queue_server.domain.model import HallPlan
from queue_server.domain.snapshot import thaw
from queue_server.domain.state import Hall
from queue_server.store.errors import StoreDown
from queue_server.store.leases import Leases
from queue_server.store.log import EventLog

logger = logging.getLogger(__name__)


class UnknownHall(KeyError):  # noqa: N818  (named for the condition)
    """No plan has a hall of this id."""


class HallElsewhere(LookupError):  # noqa: N818  (named for the condition)
    """Another server has this hall: ``owner_url``, empty while nobody has it."""

    def __init__(self, hall: str, owner_url: str) -> None:
        super().__init__(hall, owner_url)
        self.hall = hall
        self.owner_url = owner_url


@dataclass(slots=True)
class Room:
    """A hall this server writes for: its committed state and the epoch of its lease."""

    plan: HallPlan
    epoch: int
    hall: Hall
    unpictured: int = 0
    """Events since the last snapshot."""


class Rooms:
    """``open``: hall id -> room, those that are ours; ``elsewhere``: hall id -> address of its owner."""

    def __init__(self, log: EventLog, plans: Mapping[str, HallPlan], leases: Leases, beat_s: float) -> None:
        self.open: dict[str, Room] = {}
        self.elsewhere: dict[str, str] = {}
        self._log = log
        self._plans = plans
        self._leases = leases
        self._beat_s = beat_s
        self._next_beat = 0.0
        self._owners: list[Callable[[str, bool], None]] = []

    def on_ownership(self, tell: Callable[[str, bool], None]) -> None:
        self._owners.append(tell)

    def beat_in_s(self) -> float:
        """Seconds until the next beat; 0 when it is time."""
        return max(0.0, self._next_beat - time.monotonic())

    def beat(self) -> None:
        """Take a turn with the leases; open what was gained, close what was lost. Raises StoreDown."""
        self._next_beat = time.monotonic() + self._beat_s
        turn = self._leases.turn()
        self.elsewhere = turn.elsewhere
        for name in self.open.keys() - turn.held.keys():
            self._close(name)
        for name, epoch in turn.held.items():
            room = self.open.get(name)
            if room is not None and room.epoch == epoch:
                continue
            self._open(name, epoch)
            if self.beat_in_s() == 0:  # loading took long: renew what we hold before going on
                self._next_beat = time.monotonic() + self._beat_s
                self._leases.turn()

    def lose(self, name: str) -> None:
        """An append said that the lease is gone."""
        self._leases.drop(name)
        self._close(name)

    def leave(self) -> None:
        """Give all leases back. Raises StoreDown."""
        self._leases.release_all()

    def _open(self, name: str, epoch: int) -> None:
        plan = self._plans[name]
        try:
            with _uncollected():
                snapshot, events = self._log.load(name)
                hall = replay(empty(plan) if snapshot is None else thaw(snapshot, plan), events)
        except StoreDown:
            raise
        except Exception:
            logger.exception("hall %s cannot be loaded; it stays closed and is tried again", name)
            return
        self.open = {**self.open, name: Room(plan, epoch, hall, len(events))}
        self._tell(name, owned=True)

    def _close(self, name: str) -> None:
        if name in self.open:
            self.open = {other: room for other, room in self.open.items() if other != name}
            self._tell(name, owned=False)

    def _tell(self, name: str, *, owned: bool) -> None:
        for tell in self._owners:
            try:
                tell(name, owned)
            except Exception:
                logger.exception("a listener could not take who owns the hall")


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection while a hall is built: all of it will live, and looking through it costs a third."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
