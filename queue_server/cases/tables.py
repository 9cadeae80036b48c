"""Where ratings are kept: one row for each thing that was rated, in the side database."""

from __future__ import annotations

import sqlalchemy as sa

from queue_server.store.database import metadata

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("hall", sa.String(64), primary_key=True),
    sa.Column("of", sa.String(16), primary_key=True, doc="ticket or job"),
    sa.Column("subject", sa.String(64), primary_key=True, doc="the ticket's or the job's id; never a person"),
    sa.Column(
        "request", sa.String(64), nullable=False, doc="under which it was asked: a repeated one is answered again"
    ),
    sa.Column("level", sa.Integer, nullable=False, doc="5 very satisfied ... 1 very dissatisfied"),
    sa.Column("reasons", sa.String(255), nullable=False, doc="codes, joined by commas"),
    sa.Column("device", sa.String(64), nullable=False),
    sa.Column("proved", sa.Boolean, nullable=False, doc="by the ticket's own code; else its number was typed"),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("day", sa.String(10), nullable=False, doc="the hall's local date, for the day's figures"),
    sa.Column("case", sa.String(16), nullable=False, doc="open for a bad rating that nobody has taken up; else empty"),
    sa.Index("ratings_of_a_day", "hall", "day"),
)
