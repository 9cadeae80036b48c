"""The vault's tables. Times are whole seconds since 1970, UTC.

``people`` is the person sealed under a key of their own; ``people_keys`` is that key, wrapped by the master
key: deleting its row is forgetting. ``people_access`` says who looked, when and why; it never says at whom by
name. ``people_vault`` holds the fingerprint of the keys with which this vault was begun. ``phones`` is one telephone
number for one ticket, sealed under the master key and found by its hash; the row goes when the ticket is over.
"""

from __future__ import annotations

import sqlalchemy as sa

from queue_server.store.database import metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("ref", sa.String(32), primary_key=True),
    sa.Column("lookup", sa.LargeBinary(32), unique=True, nullable=True),
    sa.Column("record", sa.LargeBinary, nullable=True),
    sa.Column("remembered_at", sa.BigInteger, nullable=False),
    sa.Column("needed_until", sa.BigInteger, nullable=False, index=True),
    sa.Column("forgotten_at", sa.BigInteger, nullable=True),
)

people_keys = sa.Table(
    "people_keys",
    metadata,
    sa.Column("ref", sa.String(32), sa.ForeignKey("people.ref"), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

people_access = sa.Table(
    "people_access",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("why", sa.String(200), nullable=False),
    sa.Column("ref", sa.String(32), nullable=False, index=True),
)

people_vault = sa.Table(
    "people_vault",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)

phones = sa.Table(
    "phones",
    metadata,
    sa.Column("hall", sa.String(64), primary_key=True),
    sa.Column("ticket", sa.String(32), primary_key=True),
    sa.Column("number", sa.LargeBinary, nullable=False),
    sa.Column("lookup", sa.LargeBinary(32), nullable=False, index=True),
    sa.Column("lang", sa.String(16), nullable=False),
    sa.Column("told", sa.Text, nullable=False, doc="occasions of which the phone was told, joined by commas"),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
)
