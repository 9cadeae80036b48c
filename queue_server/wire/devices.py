"""A terminal and its home site: what it says of itself at birth, in its heartbeat, and in its will."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from queue_server.wire.types import VERSION, Id, Instant, Sealed

DeviceState = Literal["init", "ready", "disconnected", "sleeping", "lost", "alert"]


NoteCode = Literal["technician-in", "technician-out", "technician-locked", "paper-changed", "restarting", "to-service"]


class Peripheral(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attached device as the terminal's supervisor sees it. Never anything about a citizen."""

    name: Annotated[str, msgspec.Meta(max_length=32)]
    condition: Literal["starting", "ok", "degraded", "absent"]
    since: Instant
    reason: Annotated[str, msgspec.Meta(max_length=64)] = ""
    model: Annotated[str, msgspec.Meta(max_length=64)] = ""
    paper_percent: int | None = None
    counters: dict[str, int] = {}


class Birth(msgspec.Struct, kw_only=True, frozen=True):
    """``.../up/birth``: sent on every connection.

    ``session`` also stands in the will, so an old will cannot end a new session.
    """

    session: Id
    at: Instant
    model: Annotated[str, msgspec.Meta(max_length=64)]
    version: Annotated[str, msgspec.Meta(max_length=64)]
    profile: Annotated[str, msgspec.Meta(max_length=64)]
    owner: Annotated[str, msgspec.Meta(max_length=64)]
    owner_phone: Annotated[str, msgspec.Meta(max_length=32)]
    peripherals: list[Peripheral] = []
    catalogue_version: str = ""
    technician: Sealed = ""
    """The secret of the technician's one-time codes, sealed to the server (base64); empty: as before."""
    key: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?$(?!\n)")] = ""
    """The terminal's public key (Ed25519), under which it signs off-line tickets."""
    v: int = VERSION


class Heartbeat(msgspec.Struct, kw_only=True, frozen=True):
    """``.../up/hb``: every 25 s, and at once when a peripheral changes."""

    session: Id
    seq: int
    at: Instant
    screen: Annotated[str, msgspec.Meta(max_length=32)] = ""
    outbox: int = 0
    peripherals: list[Peripheral] = []
    catalogue_version: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """Of the catalogue in use; empty from a terminal that does not say."""
    v: int = VERSION


class StateNote(msgspec.Struct, kw_only=True, frozen=True):
    """``.../state``, retained; with ``lost`` it is the will."""

    state: DeviceState
    session: Id
    at: Instant | None = None
    v: int = VERSION


class TerminalNote(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """``.../up/log``: something that a technician should know of, by its code; never anything about a citizen."""

    code: NoteCode
    at: Instant
    v: int = VERSION
