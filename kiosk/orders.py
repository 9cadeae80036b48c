"""Orders from the server: which of them count, kept so that they still do after a restart.

An order counts that bears the server's signature, is for this site and this terminal (or for all), has not expired,
and has a larger serial than the last of its kind. Whatever is not signed or not for us is one line in the log, without
its content, and has no answer; one that is too old is answered with the reason. What stands (an emergency, whether
the terminal serves) lies on the disk as it was signed and is checked again at each start.

The clock that counts is the terminal's own, but never earlier than the latest moment at which the server has signed
anything: a clock that was set back brings no old order to life. One that runs ahead refuses orders as expired and says
so; the console shows by how much it is off.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from firmware_cfg.sign import BadKey, is_signed, read_key
from kiosk.durable import write_whole
from kiosk.events import Ordered
from queue_server.wire import messages as wire
from queue_server.wire.orders import EVERYBODY, PURPOSE

log = logging.getLogger(__name__)

_signed = msgspec.json.Decoder(wire.SignedOrder)
_order = msgspec.json.Decoder(wire.AnyOrder)
STANDING = (wire.Emergency, wire.SetMode)
"""Kinds that stand until another of their kind comes."""


class _Kept(msgspec.Struct):
    """``last``: by kind the order that was taken last, as it was signed; what does not stand has only its serial."""

    last: dict[str, wire.SignedOrder] = {}
    latest: datetime | None = None


class Orders:
    """The link's thread owns it. ``path`` holds what was taken; ``clock`` is aware UTC."""

    def __init__(self, path: Path, server_key: Path, site: str, device: str, clock: Callable[[], datetime]) -> None:
        """Without the server's key no order is carried out: the terminal serves all the same, and the log says why."""
        self._path = path
        self._site, self._device, self._clock = site, device, clock
        try:
            self._key = read_key(server_key)
        except BadKey as error:
            log.error("no order of the server will be carried out: %s", error)  # noqa: TRY400  (one line says it)
            self._key = b""
        self._kept = self._read()

    def first(self) -> list[Ordered]:
        """What stands from before this start."""
        standing = []
        for signed in self._kept.last.values():
            order = self._checked(signed)
            if isinstance(order, STANDING) and self._now() < order.expires_at:
                standing.append(Ordered(order))
        return standing

    def take(self, body: bytes) -> tuple[Ordered | None, wire.Ack | None]:
        """What came on ``.../down/cmd``: news for the flow, an answer at once, or (and a line in the log) nothing."""
        try:
            signed = _signed.decode(body) if len(body) <= wire.MAX_BYTES else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            signed = None
        order = None if signed is None else self._checked(signed)
        if signed is None or order is None:
            log.warning("an order that is not signed by the server, or not for us, was ignored (%d bytes)", len(body))
            return None, None
        self._kept.latest = max(filter(None, (self._kept.latest, order.issued_at)))
        kind = _kind(order)
        last = self._kept.last.get(kind)
        before = None if last is None else self._checked(last)
        if before is not None and before.id == order.id:
            return None, self._ack(order, "done")  # the broker brings what it keeps at each connection
        if before is not None and order.serial <= before.serial:
            log.warning("an order older than the last of its kind was ignored: %s", kind)
            return None, self._ack(order, "refused", "replayed")
        if self._now() >= order.expires_at:
            log.warning("an expired order was ignored: %s", kind)
            return None, self._ack(order, "refused", "expired")
        self._kept.last[kind] = signed
        self._write()
        log.info("an order was taken: %s", kind)
        return Ordered(order), None

    def done(self, order_id: str) -> wire.Ack:
        """The answer to an order that was carried out."""
        return wire.Ack(id=order_id, state="done", at=self._clock())

    # --- its parts --------------------------------------------------------------------------------------------

    def _checked(self, signed: wire.SignedOrder) -> wire.AnyOrder | None:
        """The order, if the server signed it and it is for us."""
        try:
            signature = base64.b64decode(signed.signature, validate=True)
            body = signed.body.encode()
        except (binascii.Error, ValueError):
            return None
        if not self._key or not is_signed(self._key, PURPOSE, body, signature):
            return None
        try:
            order = _order.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None  # of a newer server: not for us
        ours = order.site == self._site and order.device in {EVERYBODY, self._device}
        return order if ours and order.v == wire.VERSION else None

    def _now(self) -> datetime:
        now = self._clock()
        return now if self._kept.latest is None else max(now, self._kept.latest)

    def _ack(self, order: wire.AnyOrder, state: str, reason: str = "") -> wire.Ack:
        return wire.Ack(id=order.id, state="done" if state == "done" else "refused", at=self._clock(), reason=reason)

    def _read(self) -> _Kept:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return _Kept()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            log.error("%s cannot be read: what stood before this start is not known", self._path)  # noqa: TRY400
            return _Kept()

    def _write(self) -> None:
        """On the disk before it is carried out; a disk that takes nothing costs what stands at the next start."""
        try:
            write_whole(self._path, msgspec.json.encode(self._kept))
        except OSError as error:
            log.error("orders cannot be kept: %s", type(error).__name__)  # noqa: TRY400


def _kind(order: wire.AnyOrder) -> str:
    return str(order.__struct_config__.tag)
