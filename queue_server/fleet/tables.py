"""What is kept of the terminals over a restart: one row each, in the side database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from queue_server.fleet.terminal import DeviceView, Registration
from queue_server.store.database import metadata
from queue_server.wire import messages as wire

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("site", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("known", sa.LargeBinary, nullable=False),
)


class _Known(msgspec.Struct, omit_defaults=True):
    """What the row's ``known`` holds (JSON): the view without the registration, which the plans give."""

    since: datetime | None = None
    last_seen: datetime | None = None
    session: str | None = None
    replaced: list[str] = []
    reason: str = ""
    model: str = ""
    version: str = ""
    profile: str = ""
    catalogue_version: str = ""
    drift_s: float = 0.0
    notes: list[wire.TerminalNote] = []
    key: str = ""
    offered_key: str = ""


def load(engine: sa.Engine, registrations: Iterable[Registration]) -> dict[str, DeviceView]:
    """Every registered terminal, with what was known of it. A row that cannot be read is as if never seen."""
    with engine.begin() as connection:
        rows = {row.id: row for row in connection.execute(sa.select(devices))}
    views = {}
    for registration in registrations:
        view = DeviceView(registration)
        if row := rows.get(registration.id):
            try:
                known = msgspec.json.decode(row.known, type=_Known)
            except msgspec.DecodeError:
                known = None
            if known is not None:
                view = DeviceView(
                    registration,
                    state=row.state,
                    since=known.since,
                    last_seen=known.last_seen,
                    session=known.session,
                    replaced=tuple(known.replaced),
                    reason=known.reason,
                    model=known.model,
                    version=known.version,
                    profile=known.profile,
                    catalogue_version=known.catalogue_version,
                    drift_s=known.drift_s,
                    notes=tuple(known.notes),
                    key=known.key,
                    offered_key=known.offered_key,
                )
        views[registration.id] = view
    return views


def save(engine: sa.Engine, views: Iterable[DeviceView]) -> None:
    """Write these views' rows, in one transaction."""
    rows = [
        {
            "id": view.id,
            "site": view.registration.site,
            "state": view.state,
            "known": msgspec.json.encode(
                _Known(
                    since=view.since,
                    last_seen=view.last_seen,
                    session=view.session,
                    replaced=list(view.replaced),
                    reason=view.reason,
                    model=view.model,
                    version=view.version,
                    profile=view.profile,
                    catalogue_version=view.catalogue_version,
                    drift_s=view.drift_s,
                    notes=list(view.notes),
                    key=view.key,
                    offered_key=view.offered_key,
                )
            ),
        }
        for view in views
    ]
    if not rows:
        return
    with engine.begin() as connection:
        connection.execute(sa.delete(devices).where(devices.c.id.in_([row["id"] for row in rows])))
        connection.execute(sa.insert(devices), rows)
