"""Orders to terminals, their answers, and the terminals' sealed secrets, in the side database. Times: POSIX seconds."""

from __future__ import annotations

import sqlalchemy as sa

from queue_server.store.database import metadata

orders = sa.Table(
    "terminal_orders",
    metadata,
    sa.Column("serial", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("site", sa.String(64), nullable=False, index=True),
    sa.Column("device", sa.String(64), nullable=False, doc="a terminal, or * for all of the site"),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("body", sa.Text, nullable=False, doc="the text that was signed"),
    sa.Column("signature", sa.String(128), nullable=False),
    sa.Column("issued", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("account", sa.String(32), nullable=False),
)
answers = sa.Table(
    "terminal_answers",
    metadata,
    sa.Column("order_id", sa.String(64), primary_key=True),
    sa.Column("device", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
secrets = sa.Table(
    "terminal_secrets",
    metadata,
    sa.Column("device", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False, doc="AES-256-GCM under the vault's master key"),
    sa.Column("digest", sa.String(64), nullable=False, doc="of what the terminal sent: the same again is no news"),
    sa.Column("at", sa.Float, nullable=False),
)
