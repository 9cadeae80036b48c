"""Keeps each request until the hall's own reply: through a lost link, a killed broker and a killed kiosk.

The broker's acknowledgement proves nothing (a killed mosquitto forgot every acknowledged message), so a
request is written here before it is sent and leaves only with its reply. SQLite in WAL with
synchronous=FULL: a ``put`` that returned is on the disk. What lies here is what goes over the wire, in which a
person is a sealed box that only the server opens; deleted rows are overwritten. A request that nobody waits
for any more is dropped by age, so that a link that comes back does not take tickets for people who have gone.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

log = logging.getLogger(__name__)

_TABLE = """
CREATE TABLE IF NOT EXISTS held (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT NOT NULL UNIQUE,
  hall TEXT NOT NULL,
  session TEXT NOT NULL,
  body BLOB NOT NULL,
  at_us INTEGER NOT NULL,
  until_us INTEGER NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0
)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """One request that waits for its reply. ``session`` is the one that asked; ``sent``: a broker has had it."""

    request_id: str
    hall: str
    session: str
    body: bytes = field(repr=False)
    at: datetime
    sent: bool


class Outbox:
    """A file of requests in the order in which they were put. Any thread."""

    def __init__(self, path: Path) -> None:
        """Open or make the file at ``path`` (mode 0600).

        A file that is no database any more (a worn-out card) is set aside as ``.broken`` and a new one begun:
        the kiosk must serve. Raises OSError or sqlite3.OperationalError when nothing can be written there.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        try:
            self._db = _open(path)
        except sqlite3.OperationalError:
            raise  # no room, no permission: a new file would fare no better
        except sqlite3.DatabaseError:
            log.error("the outbox %s is damaged; it is set aside and a new one begun", path)  # noqa: TRY400
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    path.with_name(path.name + suffix).replace(path.with_name(f"{path.name}.broken{suffix}"))
            self._db = _open(path)

    def put(self, hall: str, request_id: str, body: bytes, at: datetime, *, session: str = "", keep: timedelta) -> None:
        """Hold ``body`` for ``hall`` until ``done``, at most for ``keep`` from ``at``; on the disk on return.

        The same ``request_id`` again changes nothing: the first wish stands.
        """
        row = (request_id, hall, session, body, microseconds(at), microseconds(at + keep))
        with self._lock:
            self._db.execute(
                "INSERT OR IGNORE INTO held (request_id, hall, session, body, at_us, until_us) VALUES (?,?,?,?,?,?)",
                row,
            )

    def pending(self) -> list[Held]:
        """Every request without a reply, the oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT request_id, hall, session, body, at_us, sent FROM held ORDER BY n")
            return [Held(i, hall, session, body, _at(us), bool(sent)) for i, hall, session, body, us, sent in rows]

    def mark_sent(self, request_id: str) -> None:
        """A broker has been handed this request; from now on the hall may have acted on it."""
        with self._lock:
            self._db.execute("UPDATE held SET sent = 1 WHERE request_id = ? AND sent = 0", (request_id,))

    def done(self, request_id: str) -> str | None:
        """The reply is here: let the request go. Returns its session, None if it was not held (any more)."""
        with self._lock:
            row = self._db.execute("DELETE FROM held WHERE request_id = ? RETURNING session", (request_id,)).fetchone()
        return None if row is None else str(row[0])

    def drop_old(self, now: datetime) -> list[str]:
        """Let go of what nobody waits for any more; returns the request ids."""
        return self._drop("until_us <= ?", (microseconds(now),))

    def drop_unsent(self, session: str) -> list[str]:
        """The citizen has gone: let go of what never reached a broker; returns the request ids."""
        return self._drop("session = ? AND sent = 0", (session,))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Several changes of the file as one: all on the disk at the end, or none. For ``blocks``."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _drop(self, where: str, values: tuple[object, ...]) -> list[str]:
        statement = f"DELETE FROM held WHERE {where} RETURNING request_id"  # noqa: S608  (our own two conditions)
        with self._lock:
            return [row[0] for row in self._db.execute(statement, values).fetchall()]


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    # isolation_level None: each statement is its own transaction, on the disk when it returns.
    db = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            with closing(db.execute(f"PRAGMA {pragma}")) as cursor:
                cursor.fetchall()
        db.execute(_TABLE)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def microseconds(at: datetime) -> int:
    """Since 1970, as the file has its times."""
    return round(at.timestamp() * 1_000_000)


def _at(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1_000_000, UTC)
