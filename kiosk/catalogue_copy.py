"""The site's catalogue on this kiosk's disk: the last good one, so that a start without a link offers what it should.

In the order of trust: the copy of what the site last sent, else the catalogue that came with the software.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from firmware_cfg.catalogue import CATALOGUE
from kiosk.durable import write_whole
from queue_server.wire import messages as wire

log = logging.getLogger(__name__)


class CatalogueCopy:
    """``version`` is that of the catalogue in use, empty before ``first``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.version = ""

    def first(self) -> wire.Catalogue:
        """What to start with."""
        try:
            catalogue = wire.unpacked(self._path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            if not isinstance(error, FileNotFoundError):
                log.warning("%s cannot be used: %s", self._path, error)
            catalogue = wire.unpacked(CATALOGUE.read_bytes())
        self.version = catalogue.version
        return catalogue

    def take(self, body: bytes) -> wire.Catalogue | None:
        """The catalogue in ``body`` if it is news, kept for the next start. Raises msgspec.DecodeError.

        An older edition, or one without a matter, is refused and said to be.
        """
        catalogue = wire.unpacked(body)
        if catalogue.v != wire.VERSION or catalogue.version == self.version:
            return None
        if wire.older(catalogue.version, self.version) or not catalogue.matters:
            log.warning("the catalogue %s is refused: %s is in use", catalogue.version, self.version)
            return None
        try:
            write_whole(self._path, body)
        except OSError as error:
            log.warning("the catalogue cannot be kept: %s", error)  # it serves until the next start
        self.version = catalogue.version
        return catalogue
