"""Where else, on this kiosk's disk: the last good copy, so that a terminal that can do nothing still shows the way.

Beside the catalogue's copy; but nothing of this kind comes with the software, and until a server has told it there is
nothing.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from kiosk.durable import write_whole
from queue_server.wire import messages as wire

log = logging.getLogger(__name__)
_decode = msgspec.json.Decoder(wire.Near).decode


class NearCopy:
    """``first`` at the start, ``take`` for what comes later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._body = b""

    def first(self) -> wire.Near | None:
        """What was told last before this start; None where nothing can be used."""
        try:
            return self._read(self._path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            if not isinstance(error, FileNotFoundError):
                log.warning("%s cannot be used: %s", self._path, error)
            return None

    def take(self, body: bytes) -> wire.Near | None:
        """What ``body`` tells if it is news, kept for the next start. Raises msgspec.DecodeError."""
        if body == self._body or len(body) > wire.MAX_BYTES:
            return None
        near = self._read(body)
        if near is None:
            return None
        try:
            write_whole(self._path, body)
        except OSError as error:
            log.warning("what lies around cannot be kept: %s", error)  # it serves until the next start
        return near

    def _read(self, body: bytes) -> wire.Near | None:
        near = _decode(body)
        if near.v != wire.VERSION:
            return None
        self._body = body
        return near
