"""The event log: what has happened in each hall, in order, written once and never changed.

``append`` puts a whole batch, many halls' slices, into ONE transaction: group commit is what makes a disk
with 5 ms per flush carry thousands of tickets a second. Three guards stand in the database, not in our good
intentions: (hall, seq) is a primary key, so of two writers one wins; (request, hall) is one, so a wish is
answered once; the lease's epoch is read inside the transaction, so a server that lost its hall writes nothing.
If any of them speaks, the batch is written again slice by slice, so that one hall cannot hold up the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from queue_server.domain.answers import Answer
from queue_server.domain.messages import Event
from queue_server.domain.snapshot import Snapshot
from queue_server.store import tables
from queue_server.store.codec import read_answer, read_event
from queue_server.store.database import metadata, reading
from queue_server.store.errors import HallMovedOn, LeaseLost, StoreDown, Unstorable
from queue_server.store.slices import Slice, ticket_change, ticket_restated, ticket_row
from queue_server.store.snapshots import UnreadableSnapshot, unpack
from queue_server.store.statements import statements_for

Fault = HallMovedOn | LeaseLost | StoreDown | Unstorable

KEPT_SNAPSHOTS = 2
_CREATING = 0x6A69616F68616F
"""Any number, the same for all servers: "jiaohao"."""


class EventLog:
    """The desk's door to its database. Any thread may read; only the desk appends."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._sql = statements_for(engine)

    def create(self) -> None:
        """Make the desk's tables where they are missing; servers that start together take turns. Raises StoreDown."""
        with translated(), self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CREATING})")
            metadata.create_all(connection, tables=list(tables.DESK_TABLES))

    # --- reading -------------------------------------------------------------------------------------

    def load(self, hall: str) -> tuple[Snapshot | None, list[Event]]:
        """The latest readable snapshot and the events after it, oldest first. Raises StoreDown."""
        with translated(), reading(self.engine) as connection:
            snapshot = self._snapshot(connection, hall)
            return snapshot, self._events(connection, hall, 0 if snapshot is None else snapshot.seq)

    def events_after(self, hall: str, seq: int) -> list[Event]:
        """The events with a higher number than ``seq``. Raises StoreDown."""
        with translated(), reading(self.engine) as connection:
            return self._events(connection, hall, seq)

    def first_answers(self, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Answer]:
        """Of these (hall, request id), the first answers of those that were answered. Raises StoreDown."""
        pairs = list(asked)
        if not pairs:
            return {}
        with translated(), reading(self.engine) as connection:
            rows = connection.exec_driver_sql(self._sql.first_answers, self._sql.pairs(pairs)).all()
        return {(hall, request): read_answer(kind, body) for request, hall, kind, body in rows}

    @staticmethod
    def _events(connection: sa.Connection, hall: str, seq: int) -> list[Event]:
        e = tables.events.c
        query = sa.select(e.kind, e.body).where(e.hall == hall, e.seq > seq).order_by(e.seq)
        return [read_event(kind, body) for kind, body in connection.execute(query)]

    @staticmethod
    def _snapshot(connection: sa.Connection, hall: str) -> Snapshot | None:
        s = tables.snapshots.c
        for body in connection.scalars(sa.select(s.body).where(s.hall == hall).order_by(s.seq.desc())):
            try:
                return unpack(body)
            except UnreadableSnapshot:
                continue  # of another version: an older one or the whole log serves
        return None

    # --- writing -------------------------------------------------------------------------------------

    def append(self, slices: Sequence[Slice], before_commit: Callable[[], None] = lambda: None) -> dict[str, Fault]:
        """Write all slices, at most one a hall, in one transaction; say of each hall that failed why.

        A hall that is not in the result is on disk. HallMovedOn: a number, request or seq is taken; LeaseLost:
        the epoch is old; Unstorable: a value cannot be stored; StoreDown: try again (whether it was written
        may be unknown).
        """
        faults: dict[str, Fault] = {}
        work = [part for part in slices if not part.empty]
        if not work:
            return faults
        try:
            self._write(work, before_commit)
        except StoreDown as down:
            return {part.hall: down for part in work}
        except (HallMovedOn, LeaseLost, Unstorable) as fault:
            if len(work) == 1:
                return {work[0].hall: fault}
            for part in work:
                try:
                    self._write([part], before_commit)
                except (HallMovedOn, LeaseLost, Unstorable, StoreDown) as own:
                    faults[part.hall] = own
        return faults

    def _write(self, work: Sequence[Slice], before_commit: Callable[[], None]) -> None:
        sql = self._sql
        with translated(work[0].hall), self.engine.begin() as connection:
            fenced = {part.hall: part.epoch for part in work if part.epoch is not None}
            if fenced:
                rows = connection.exec_driver_sql(sql.fence, sql.halls(list(fenced))).all()
                epochs = {hall: epoch for hall, epoch in rows}  # noqa: C416  (rows are not pairs to dict())
                for hall, epoch in fenced.items():
                    if epochs.get(hall) != epoch:
                        raise LeaseLost(hall)
            sql.insert_events.run(connection, [row for part in work for row in part.events])
            sql.insert_replies.run(connection, [row for part in work for row in part.replies])
            sql.insert_tickets.run(
                connection, [ticket_row(part.hall, touched) for part in work for touched in part.issued.values()]
            )
            sql.change_tickets.run(
                connection, [ticket_change(part.hall, touched) for part in work for touched in part.changed.values()]
            )
            sql.restate_tickets.run(
                connection, [ticket_restated(part.hall, ticket) for part in work for ticket in part.restated.values()]
            )
            sql.insert_appointments.run(connection, [row for part in work for row in part.booked.values()])
            sql.change_appointments.run(connection, [row for part in work for row in part.moved.values()])
            before_commit()

    def keep_snapshot(self, hall: str, seq: int, at: int, body: bytes) -> None:
        """Store a packed snapshot as of ``seq`` and drop all but the latest few. Raises StoreDown."""
        s = tables.snapshots.c
        with translated(hall), self.engine.begin() as connection:
            connection.execute(sa.delete(tables.snapshots).where(s.hall == hall, s.seq == seq))
            connection.execute(sa.insert(tables.snapshots).values(hall=hall, seq=seq, at=at, body=body))
            kept = connection.scalars(
                sa.select(s.seq).where(s.hall == hall).order_by(s.seq.desc()).limit(KEPT_SNAPSHOTS)
            ).all()
            connection.execute(sa.delete(tables.snapshots).where(s.hall == hall, s.seq < min(kept)))


@contextmanager
def translated(hall: str = "") -> Iterator[None]:
    """The database's errors in the words of ``store.errors``."""
    try:
        yield
    except (sa.exc.IntegrityError, psycopg.IntegrityError) as error:
        raise HallMovedOn(hall) from error
    except (sa.exc.DataError, psycopg.DataError) as error:
        raise Unstorable(_name(error)) from error
    except _DOWN as error:
        raise StoreDown(_name(error)) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise Unstorable(type(error).__name__) from error


_DOWN = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,
    sa.exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
)


def _name(error: Exception) -> str:
    """The driver's name for it; never its message, which may quote values."""
    return type(getattr(error, "orig", None) or error).__name__
