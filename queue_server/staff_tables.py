"""The tables of ``auth``: they lie in the side database, so a sign-in never waits behind the desk's writes.

Times are POSIX seconds. Secrets stand as SHA-256 of what only their holder has; passwords as argon2id.
"""

from __future__ import annotations

import sqlalchemy as sa

from queue_server.store.database import metadata

accounts = sa.Table(
    "staff_accounts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(32), nullable=False, unique=True),
    sa.Column("display", sa.String(64), nullable=False),
    sa.Column("roles", sa.String(64), nullable=False),
    sa.Column("password", sa.String(256), nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("barred_until", sa.Float, nullable=False, default=0.0),
    sa.Column("active", sa.Boolean, nullable=False, default=True),
)
invitations = sa.Table(
    "staff_invitations",
    metadata,
    sa.Column("secret", sa.String(64), primary_key=True),
    sa.Column("roles", sa.String(64), nullable=False),
    sa.Column("first", sa.Boolean, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
)
halls = sa.Table(
    "staff_halls",
    metadata,
    sa.Column("holder", sa.String(64), primary_key=True, doc="an account's id, or an invitation's secret"),
    sa.Column("hall", sa.String(64), primary_key=True),
)
"""The halls an account is bound to; one without a line here may work in every hall of the city."""
sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(32), sa.ForeignKey("staff_accounts.id"), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("made", sa.Float, nullable=False),
    sa.Column("touched", sa.Float, nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False),
)
terminal_tokens = sa.Table(
    "terminal_tokens",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("device", sa.String(64), nullable=False, index=True),
    sa.Column("made", sa.Float, nullable=False),
)
audit = sa.Table(
    "staff_audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("account", sa.String(32), nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("detail", sa.String(128), nullable=False),
)
