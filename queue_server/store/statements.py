"""The few statements of the hot path, in each database's fastest words.

Plain tuples straight to the driver, one statement for many rows: SQLite by ``executemany``; PostgreSQL by
COPY for new rows (a quarter of the server's own time that ``unnest`` costs with rows this wide) and by one
``unnest`` of columns for changed ones (row by row it is four times slower, mqtt.md §2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from queue_server.store import tables

Row = tuple[Any, ...]

KEPT_IF_NONE = frozenset({"amber_at", "broken_at", "counter", "ticket_id", "moved_to"})
"""Columns that an update without a value leaves as they are."""
TICKET_KEY = ("hall", "business_date", "number")
TICKET_WORD = ("kind", "matter_class", "slot_at", "limit_s", "promised_at", "appointment_id")
TICKET_FATE = tuple(c.name for c in tables.tickets.c)[17:]
APPOINTMENT_FATE = ("state", "ticket_id", "moved_to")


def _postgres_type(column: sa.Column[Any]) -> str:
    match column.type:
        case sa.Boolean():
            return "boolean"
        case sa.Integer():  # and BigInteger
            return "bigint"
        case _:
            return "text"


class ManyRows(Protocol):
    """One statement that takes many rows of the same columns."""

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None: ...


@dataclass(frozen=True, slots=True)
class RowByRow:
    """``executemany``: the driver's own loop in C."""

    sql: str

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        if rows:
            connection.exec_driver_sql(self.sql, list(rows))


@dataclass(frozen=True, slots=True)
class ByColumn:
    """One list per column, for ``unnest``."""

    sql: str

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        if rows:
            connection.exec_driver_sql(self.sql, tuple(map(list, zip(*rows, strict=True))))


@dataclass(frozen=True, slots=True)
class Copied:
    """PostgreSQL's COPY in its text format. Errors are the driver's own (psycopg.Error)."""

    sql: str

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        if not rows:
            return
        lines = ["\t".join(map(_copy_text, row)) for row in rows]
        with connection.connection.cursor() as cursor, cursor.copy(self.sql) as copy:  # type: ignore[attr-defined]  # psycopg's
            copy.write("\n".join(lines) + "\n")


_COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _copy_text(value: Any) -> str:
    if value is None:
        return r"\N"
    if type(value) is str:
        # isprintable is one pass in C and true of nearly all; a backslash is printable
        return value if value.isprintable() and "\\" not in value else value.translate(_COPY_ESCAPES)
    return str(value)


def insert(table: sa.Table, *, postgres: bool) -> ManyRows:
    """Insert whole rows in the order of the table's columns."""
    names = ", ".join(c.name for c in table.c)
    if postgres:
        return Copied(f"COPY {table.name} ({names}) FROM STDIN")
    return RowByRow(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(table.c))})")  # noqa: S608  (our own names)


def update(table: sa.Table, changed: Sequence[str], key: Sequence[str], *, postgres: bool) -> ManyRows:
    """Set ``changed`` where ``key``: rows hold the changed columns, then the key."""
    if not postgres:
        sets = ", ".join(f"{n} = coalesce(?, {n})" if n in KEPT_IF_NONE else f"{n} = ?" for n in changed)
        where = " AND ".join(f"{n} = ?" for n in key)
        return RowByRow(f"UPDATE {table.name} SET {sets} WHERE {where}")  # noqa: S608  (our own names)
    sets = ", ".join(
        f"{n} = coalesce(new.{n}, {table.name}.{n})" if n in KEPT_IF_NONE else f"{n} = new.{n}" for n in changed
    )
    where = " AND ".join(f"{table.name}.{n} = new.{n}" for n in key)
    columns = [*changed, *key]
    arrays = ", ".join(f"%s::{_postgres_type(table.c[n])}[]" for n in columns)
    new = f"unnest({arrays}) AS new({', '.join(columns)})"
    return ByColumn(f"UPDATE {table.name} SET {sets} FROM {new} WHERE {where}")  # noqa: S608  (our own names)


@dataclass(frozen=True, slots=True)
class Statements:
    """All of them for one kind of database."""

    insert_events: ManyRows
    insert_replies: ManyRows
    insert_tickets: ManyRows
    change_tickets: ManyRows
    restate_tickets: ManyRows
    insert_appointments: ManyRows
    change_appointments: ManyRows
    first_answers: str
    """Given (hall, request id) pairs: request_id, hall, kind, body of those answered before."""
    fence: str
    """Given halls: hall, epoch; on PostgreSQL the leases stay locked against a new owner until the commit."""
    postgres: bool

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> Row:
        """Parameters of ``first_answers``."""
        if self.postgres:
            return ([hall for hall, _ in pairs], [request for _, request in pairs])
        return (_json(pairs),)

    def halls(self, halls: Sequence[str]) -> Row:
        """Parameters of ``fence``."""
        return (list(halls),) if self.postgres else (_json(halls),)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def statements_for(engine: sa.Engine) -> Statements:
    postgres = engine.dialect.name == "postgresql"
    if postgres:
        first_answers = (
            "SELECT r.request_id, r.hall, r.kind, r.body FROM unnest(%s::text[], %s::text[]) AS asked(hall, id) "
            "JOIN replies AS r ON r.request_id = asked.id AND r.hall = asked.hall"
        )
        fence = "SELECT hall, epoch FROM leases WHERE hall = ANY(%s::text[]) ORDER BY hall FOR SHARE"
    else:
        first_answers = (
            "SELECT r.request_id, r.hall, r.kind, r.body FROM json_each(?) AS asked "
            "CROSS JOIN replies AS r ON r.request_id = asked.value ->> 1 AND r.hall = asked.value ->> 0"
        )
        fence = "SELECT hall, epoch FROM leases WHERE hall IN (SELECT value FROM json_each(?))"
    return Statements(
        insert_events=insert(tables.events, postgres=postgres),
        insert_replies=insert(tables.replies, postgres=postgres),
        insert_tickets=insert(tables.tickets, postgres=postgres),
        change_tickets=update(tables.tickets, TICKET_FATE, TICKET_KEY, postgres=postgres),
        restate_tickets=update(tables.tickets, TICKET_WORD, TICKET_KEY, postgres=postgres),
        insert_appointments=insert(tables.appointments, postgres=postgres),
        change_appointments=update(tables.appointments, APPOINTMENT_FATE, ("id",), postgres=postgres),
        first_answers=first_answers,
        fence=fence,
        postgres=postgres,
    )
