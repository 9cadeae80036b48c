"""Opens the database, SQLite by default and PostgreSQL by URL, with the settings durability needs.

The desk's tables and the side tables (people, staff, devices) share this ``metadata``; on SQLite they lie
in two files, so that a sign-in never waits behind the desk's write lock nor the desk behind it.
SQLite: WAL and ``synchronous=FULL``: a commit that returned has reached the disk (mqtt.md §2).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


def open_engine(url: str) -> sa.Engine:
    """An engine for ``sqlite:///PATH`` or ``postgresql+psycopg://...``.

    SQLite connections run in WAL, synchronous=FULL, with foreign keys and a busy time-out of 10 s, and
    begin each transaction with BEGIN IMMEDIATE, so that a writer never fails half-way for a lock; readers
    use ``reading``. PostgreSQL sessions end by themselves if they stand idle inside a transaction for 5 s,
    so that a server that froze half-way cannot keep a hall's lease locked for ever.
    Raises sqlalchemy.exc.ArgumentError for a URL it cannot read.
    """
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url, pool_pre_ping=True)

        @sa.event.listens_for(engine, "connect")
        def _limits(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET idle_in_transaction_session_timeout = '5s'")
                # a plan made while the tables were empty would be kept, and read them whole, as they grow
                cursor.execute("SET plan_cache_mode = 'force_custom_plan'")
            connection.commit()

        return engine
    engine = sa.create_engine(url, connect_args={"timeout": 10.0})

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get(_READS)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


_READS = "jiaohao_reads"


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that only reads, one consistent view: on SQLite it never waits for the writer nor blocks it."""
    with engine.connect().execution_options(**{_READS: True}) as connection:
        yield connection
