"""A hall as of one event, packed: what bounds the start-up, for only later events need replaying.

Packed in small pieces with a breath between them, because the thread that packs shares the interpreter with
the desk and one long encoding would be felt by everybody who waits for a number. Compressed, because the desk
thread writes it: half a megabyte between two batches is not noticed, five are.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable

import msgspec

from queue_server.domain.snapshot import VERSION, Snapshot

FORMAT = b"1"
_PIECE = 64
"""Records encoded in one go: about a quarter of a millisecond."""

_decoder = msgspec.json.Decoder(Snapshot)


class UnreadableSnapshot(ValueError):  # noqa: N818  (named for the condition)
    """Of another format or another version's records. The log itself is still whole."""


def pack(snapshot: Snapshot, breathe: Callable[[], None] = lambda: None) -> bytes:
    """Format byte, then zlib of JSON. ``breathe`` is called between pieces."""
    encode = msgspec.json.Encoder().encode
    press = zlib.compressobj(level=1)
    out = [FORMAT]
    start = b"{"
    for field in dataclasses.fields(snapshot):
        value = getattr(snapshot, field.name)
        out.append(press.compress(start + encode(field.name) + b":"))
        start = b","
        if not isinstance(value, tuple) or len(value) <= _PIECE:
            out.append(press.compress(encode(value)))
            continue
        for at in range(0, len(value), _PIECE):
            piece = encode(value[at : at + _PIECE])[1:-1]
            out.append(press.compress((b"[" if at == 0 else b",") + piece))
            breathe()
        out.append(press.compress(b"]"))
    out.extend((press.compress(b"}"), press.flush()))
    return b"".join(out)


def unpack(body: bytes) -> Snapshot:
    """Raises UnreadableSnapshot."""
    if body[:1] != FORMAT:
        raise UnreadableSnapshot(body[:1])
    try:
        snapshot = _decoder.decode(zlib.decompress(body[1:]))
    except (zlib.error, msgspec.DecodeError) as error:
        raise UnreadableSnapshot(type(error).__name__) from error
    if snapshot.version != VERSION:
        raise UnreadableSnapshot(snapshot.version)
    return snapshot
