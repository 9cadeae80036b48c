"""The desk's tables.

``events`` is the truth: one row per event, numbered without gaps per hall; its primary key (hall, seq) is
what lets only one of two writers win. ``replies`` keeps the first answer to each request for ever-repeating
clients. Everything else is derived: ``tickets`` (one row a ticket, for reports, and the guard that no number
of a day is given twice), ``appointments``, ``snapshots``. ``leases`` and ``servers`` say who may write.

Times are microseconds since 1970 UTC (``*_at``), dates are ISO text, bodies are JSON text. Rows are wide and
keys few: each index costs a page a ticket when fifty halls write at once, so ``replies`` is keyed by the
request id first (UUIDv7, time-ordered: all halls append at one place), and SQLite keeps its rowids
(``WITHOUT ROWID`` halves the speed with rows this wide).
"""

from __future__ import annotations

import sqlalchemy as sa

from queue_server.store.database import metadata

Hall = sa.String(64)
Micros = sa.BigInteger

events = sa.Table(
    "events",
    metadata,
    sa.Column("hall", Hall, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Micros, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("request_id", sa.String(64)),
)

replies = sa.Table(
    "replies",
    metadata,
    sa.Column("request_id", sa.String(64), primary_key=True),
    sa.Column("hall", Hall, primary_key=True),
    sa.Column("at", Micros, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("hall", Hall, primary_key=True),
    sa.Column("business_date", sa.String(10), primary_key=True),
    sa.Column("number", sa.String(32), primary_key=True),
    # what it was given as
    sa.Column("seq", sa.BigInteger, nullable=False, doc="the event that issued it"),
    sa.Column("group_letter", sa.String(8), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("matter_class", sa.String(16), nullable=False),
    sa.Column("place", sa.String(8), nullable=False),
    sa.Column("token", sa.String(64), nullable=False),
    sa.Column("lang", sa.String(16), nullable=False),
    sa.Column("checked_in_at", Micros, nullable=False),
    sa.Column("slot_at", Micros),
    sa.Column("limit_s", sa.Integer, nullable=False),
    sa.Column(
        "promised_at",
        Micros,
        nullable=False,
        doc="the first word given (or of an off-line ticket, as booked)",
    ),
    sa.Column("priority_reason", sa.String(40)),
    sa.Column("appointment_id", sa.String(64)),
    sa.Column("offline", sa.Boolean, nullable=False),
    # what has become of it
    sa.Column("last_seq", sa.BigInteger, nullable=False, doc="the last event that concerned it"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("matters", sa.Text, nullable=False, doc="catalogue ids, one space between"),
    sa.Column("due_at", Micros, nullable=False, doc="what dispatch works to now"),
    sa.Column("first_called_at", Micros),
    sa.Column("wait_net_s", sa.Integer),
    sa.Column("wait_gross_s", sa.Integer),
    sa.Column("amber_at", Micros),
    sa.Column("broken_at", Micros),
    sa.Column("counter", sa.String(64), doc="the last window it was called to"),
    sa.Column("identity_at", Micros),
    sa.Column("accepted_at", Micros),
    sa.Column("ended_at", Micros),
    sa.Column("outcome", sa.String(16)),
    sa.Column("reason", sa.Text),
    sa.Column("misses", sa.Integer, nullable=False),
    sa.Column("pauses", sa.Integer, nullable=False),
    sa.Column("paused_s", sa.Integer, nullable=False),
    sa.Column("transfers", sa.Integer, nullable=False),
)

appointments = sa.Table(
    "appointments",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("hall", Hall, nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("slot_at", Micros, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("matters", sa.Text, nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("booked_at", Micros, nullable=False),
    sa.Column("person_ref", sa.String(128)),
    sa.Column("ticket_id", sa.String(64)),
    sa.Column("moved_from", sa.String(64)),
    sa.Column("moved_to", sa.String(64)),
)
_open = appointments.c.state == "booked"
sa.Index(
    "appointments_open_code",
    appointments.c.hall,
    appointments.c.code,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)
sa.Index("appointments_slot", appointments.c.hall, appointments.c.slot_at)

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("hall", Hall, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Micros, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("hall", Hall, primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("owner_url", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False, doc="rises with each new owner; an append with an old one fails"),
    sa.Column("until", sa.Double, nullable=False, doc="seconds since 1970 by the database's clock"),
)

servers = sa.Table(
    "servers",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("until", sa.Double, nullable=False),
)

DESK_TABLES = (events, replies, tickets, appointments, snapshots, leases, servers)
