"""What a forecast has learned, kept over restarts: one row a hall in the side database."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from queue_server.forecast.hindsight import Hindsight
from queue_server.store.database import metadata, reading

kept = sa.Table(
    "forecasts",
    metadata,
    sa.Column("hall", sa.String(64), primary_key=True),
    sa.Column("known", sa.LargeBinary, nullable=False),
)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Hindsight).decode


def pack(hindsight: Hindsight) -> bytes:
    """What the row holds. Others may add to ``given`` meanwhile: it is copied in one step."""
    return _encode(msgspec.structs.replace(hindsight, given=dict(hindsight.given)))


def unpack(body: bytes) -> Hindsight:
    """A row that cannot be read, of another version, is as if nothing had been learned."""
    try:
        return _decode(body)
    except msgspec.DecodeError:
        return Hindsight()


def load(engine: sa.Engine, hall: str) -> Hindsight:
    with reading(engine) as connection:
        body = connection.execute(sa.select(kept.c.known).where(kept.c.hall == hall)).scalar()
    return Hindsight() if body is None else unpack(body)


def save(engine: sa.Engine, packed: dict[str, bytes]) -> None:
    """Write these halls' rows, in one transaction."""
    if not packed:
        return
    with engine.begin() as connection:
        connection.execute(sa.delete(kept).where(kept.c.hall.in_(list(packed))))
        connection.execute(sa.insert(kept), [{"hall": hall, "known": body} for hall, body in packed.items()])
