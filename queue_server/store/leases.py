"""Which server writes for which hall.

A row per hall holds its lease: owner, address, until when, and an *epoch* that rises with each new owner.
Each server takes a *turn* every two seconds: it says that it lives, renews what it holds, gives back what is
more than its even share, and takes what is free or has run out up to that share. The lease alone would be a
hope (a frozen server may wake up and still believe); the epoch is the fence: ``EventLog.append`` reads it
inside the transaction and refuses an old one. Time is the database's own, so that servers' clocks may differ.

A server that starts again under the same id takes its own halls back at once, without waiting for the old
leases to run out. Two servers under one id would rob each other; so once running, a server treats a lease in
its own name that it did not take as somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from queue_server.store import tables
from queue_server.store.log import translated

_LOCK_WAIT_MS = 2000


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn came to. ``held``: hall -> epoch, all that are ours now; ``elsewhere``: hall -> owner's address."""

    held: dict[str, int]
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    elsewhere: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Lease:
    owner: str
    owner_url: str
    epoch: int
    until: float


def even_share(halls: int, servers: Iterable[str], me: str) -> int:
    """How many of ``halls`` are mine when all living servers (me among them) hold as many as each other."""
    alive = sorted({*servers, me})
    each, over = divmod(halls, len(alive))
    return each + (alive.index(me) < over)


class Leases:
    """One server's claims. Not for several threads: the desk takes its turns between batches.

    ``owner``: this server's id, the same after a restart. ``ttl_s``: how long a silent server keeps its
    halls. ``seconds``: reads the database's clock (tests hand in their own).
    """

    def __init__(
        self,
        engine: sa.Engine,
        owner: str,
        owner_url: str,
        halls: Iterable[str],
        ttl_s: float = 6.0,
        seconds: Callable[[sa.Connection], float] | None = None,
    ) -> None:
        self.owner = owner
        self.owner_url = owner_url
        self.ttl_s = ttl_s
        self.halls = tuple(sorted(halls))
        self.held: dict[str, int] = {}
        self._engine = engine
        self._seconds = seconds or database_seconds
        self._started = False

    def turn(self) -> Turn:
        """Renew, give back, take. Raises StoreDown; then nothing has changed."""
        with translated(), self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_WAIT_MS}")
            now = self._seconds(connection)
            until = now + self.ttl_s
            self._say_alive(connection, until)
            alive = connection.scalars(sa.select(tables.servers.c.id).where(tables.servers.c.until > now)).all()
            leases = self._read(connection)
            mine = {h: e for h, e in self.held.items() if h in leases and self._is_mine(leases[h], e)}
            share = even_share(len(self.halls), alive, self.owner)
            kept = dict(sorted(mine.items())[:share])
            self._give_back(connection, [h for h in mine if h not in kept], now)
            self._renew(connection, kept, until)
            for hall in self.halls:
                if len(kept) >= share:
                    break
                lease = leases.get(hall)
                if hall not in mine and (lease is None or self._is_free(lease, now)):
                    epoch = self._take(connection, hall, lease, until)
                    if epoch is not None:
                        kept[hall] = epoch
        before, self.held, self._started = self.held, kept, True
        return Turn(
            held=dict(kept),
            gained=tuple(h for h in kept if before.get(h) != kept[h]),
            lost=tuple(h for h in before if kept.get(h) != before[h]),
            elsewhere={
                h: lease.owner_url
                for h, lease in leases.items()
                if h not in kept and h not in mine and lease.until > now
            },
        )

    def drop(self, hall: str) -> None:
        """An append said that the lease is gone: believe it."""
        self.held.pop(hall, None)

    def release_all(self) -> None:
        """Give every hall back and leave, so that others need not wait. Raises StoreDown."""
        with translated(), self._engine.begin() as connection:
            self._give_back(connection, list(self.held), self._seconds(connection))
            connection.execute(sa.delete(tables.servers).where(tables.servers.c.id == self.owner))
        self.held = {}

    # --- the steps of a turn -------------------------------------------------------------------------

    def _is_mine(self, lease: _Lease, epoch: int) -> bool:
        return lease.owner == self.owner and lease.epoch == epoch

    def _is_free(self, lease: _Lease, now: float) -> bool:
        """Run out; or mine from before this process started."""
        return lease.until <= now or (not self._started and lease.owner == self.owner)

    def _say_alive(self, connection: sa.Connection, until: float) -> None:
        s = tables.servers
        values = {"url": self.owner_url, "until": until}
        if not connection.execute(sa.update(s).where(s.c.id == self.owner).values(values)).rowcount:
            connection.execute(sa.insert(s).values(id=self.owner, **values))

    @staticmethod
    def _read(connection: sa.Connection) -> dict[str, _Lease]:
        c = tables.leases.c
        rows = connection.execute(sa.select(c.hall, c.owner, c.owner_url, c.epoch, c.until))
        return {hall: _Lease(owner, url, epoch, until) for hall, owner, url, epoch, until in rows}

    def _give_back(self, connection: sa.Connection, halls: list[str], now: float) -> None:
        c = tables.leases.c
        for hall in sorted(halls):
            own = sa.and_(c.hall == hall, c.owner == self.owner, c.epoch == self.held[hall])
            connection.execute(sa.update(tables.leases).where(own).values(until=now))

    def _renew(self, connection: sa.Connection, kept: dict[str, int], until: float) -> None:
        if kept:
            c = tables.leases.c
            mine = sa.and_(c.hall.in_(sorted(kept)), c.owner == self.owner)
            connection.execute(sa.update(tables.leases).where(mine).values(until=until, owner_url=self.owner_url))

    def _take(self, connection: sa.Connection, hall: str, lease: _Lease | None, until: float) -> int | None:
        """The new epoch, or None if another server was quicker."""
        values = {"owner": self.owner, "owner_url": self.owner_url, "until": until}
        c = tables.leases.c
        if lease is None:
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(tables.leases).values(hall=hall, epoch=1, **values))
            except sa.exc.IntegrityError:
                return None
            return 1
        same = sa.and_(c.hall == hall, c.epoch == lease.epoch, c.until == lease.until)
        taken = connection.execute(sa.update(tables.leases).where(same).values(epoch=lease.epoch + 1, **values))
        return lease.epoch + 1 if taken.rowcount == 1 else None


def database_seconds(connection: sa.Connection) -> float:
    """Seconds since 1970 by the database's clock."""
    if connection.dialect.name == "postgresql":
        return float(connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())::float8")) or 0.0)
    return float(connection.scalar(sa.text("SELECT (julianday('now') - 2440587.5) * 86400.0")) or 0.0)
