"""First answers are kept for two weeks, not for ever: longer than any terminal goes on asking.

A kiosk gives up a citizen's request after minutes and an off-line ticket after a week (its token makes that one
harmless anyway). Ids are UUIDv7, so the oldest stand first in the primary key; a few hundred go at a time, so
that the desk never waits long for the database's write lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from queue_server.store import tables
from queue_server.store.codec import micros
from queue_server.store.database import reading

KEPT = timedelta(days=14)
AT_ONCE = 500
BREATH_S = 0.05


def id_floor(moment: datetime) -> str:
    """What every UUIDv7 made from ``moment`` on sorts behind (to about a minute): its first eight hex digits."""
    return f"{int(moment.timestamp() * 1000) >> 16:08x}"


class OldAnswers:
    """Forgets the first answers of requests that are older than ``KEPT``, by their id and by the server's clock."""

    def __init__(self, engine: sa.Engine, breathe: Callable[[float], None] = time.sleep) -> None:
        self._engine = engine
        self._breathe = breathe

    def forget_due(self, now: datetime) -> int:
        """How many were forgotten. Raises sqlalchemy's errors; what was forgotten until then stays so."""
        r = tables.replies.c
        limit = now - KEPT
        oldest = (
            sa.select(r.request_id, r.hall)
            .where(r.request_id < id_floor(limit), r.at < micros(limit))
            .order_by(r.request_id)
            .limit(AT_ONCE)
        )
        gone = sa.delete(tables.replies).where(
            r.request_id == sa.bindparam("id"), r.hall == sa.bindparam("of"), r.at < micros(limit)
        )
        forgotten = 0
        while True:
            with reading(self._engine) as connection:
                due = [{"id": request_id, "of": hall} for request_id, hall in connection.execute(oldest)]
            if not due:
                return forgotten
            with self._engine.begin() as connection:
                connection.execute(gone, due)
            forgotten += len(due)
            self._breathe(BREATH_S)
