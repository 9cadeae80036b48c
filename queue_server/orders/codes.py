"""The secrets from which technicians' one-time codes come: made by each terminal, opened and kept here.

A terminal seals its secret to the server's public key and sends it with its birth. Here it is opened and kept as the
vault keeps a person's key: encrypted under the master key, bound to its terminal's name. The code of a terminal is
that of its own clock: how far that one is off is known from its heartbeat.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from firmware_cfg import one_time
from queue_server.orders import tables
from queue_server.people.keys import Keys

log = logging.getLogger(__name__)

_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Code:
    """``digits`` are good for ``left_s`` more seconds, and for the slack of a minute after."""

    digits: str = field(repr=False)
    left_s: int


class TechnicianCodes:
    """The secrets of one city's terminals. Blocks on the database: call from a thread."""

    def __init__(self, engine: sa.Engine, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._known: dict[str, str] = {}

    def take(self, device: str, sealed: str) -> None:
        """What came with a birth. Anything that is not sealed to this server is one line in the log."""
        digest = hashlib.sha256(sealed.encode()).hexdigest()
        if not sealed or self._known.get(device) == digest:
            return
        try:
            secret = SealedBox(self._keys.box).decrypt(base64.b64decode(sealed, validate=True))
        except (binascii.Error, ValueError, TypeError, CryptoError):
            log.warning("the technician's secret of %s cannot be opened", device)
            return
        if len(secret) != one_time.SECRET_BYTES:
            log.warning("the technician's secret of %s has the wrong length", device)
            return
        nonce = secrets.token_bytes(_NONCE_BYTES)
        kept = nonce + AESGCM(self._keys.master).encrypt(nonce, secret, _bound_to(device))
        row = {"device": device, "sealed": kept, "digest": digest, "at": self._clock().timestamp()}
        with self._engine.begin() as connection:
            was = connection.scalar(sa.select(tables.secrets.c.digest).where(tables.secrets.c.device == device))
            if was != digest:
                connection.execute(sa.delete(tables.secrets).where(tables.secrets.c.device == device))
                connection.execute(sa.insert(tables.secrets).values(row))
        self._known[device] = digest

    def code(self, device: str, drift: timedelta = timedelta()) -> Code | None:
        """The code of now by the terminal's clock, which is ``drift`` ahead of ours; None while it has sent none."""
        with self._engine.begin() as connection:
            kept = connection.scalar(sa.select(tables.secrets.c.sealed).where(tables.secrets.c.device == device))
        if kept is None:
            return None
        try:
            secret = AESGCM(self._keys.master).decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], _bound_to(device))
        except (InvalidTag, ValueError):
            log.error("the technician's secret of %s is not readable with these keys", device)  # noqa: TRY400
            return None
        theirs = self._clock() + drift
        left = one_time.STEP_S - int(theirs.timestamp()) % one_time.STEP_S
        return Code(one_time.code_at(secret, one_time.step_of(theirs)), left)


def _bound_to(device: str) -> bytes:
    return b"technician " + device.encode()
