"""The city's own catalogue: a file that takes the place of the shipped one, also while the server runs.

``var/catalogue.json`` is looked at every two seconds. A file that has changed and is a catalogue goes to every
terminal; one that is not, or is too large, or of an older edition, is refused with one line in the log, and what was
in use stays. Matters that no hall serves yet are left out: halls read theirs at the start (``JIAOHAO_CATALOGUE``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from firmware_cfg.catalogue import BadCatalogue, read_catalogue
from queue_server import shipped_catalogue
from queue_server.wire import messages as wire

LOOK_EVERY_S = 2.0
FILE_MAX_BYTES = 1 << 24

log = logging.getLogger(__name__)


class CatalogueFile:
    """``known``: ids of the matters that halls serve. ``version``: what terminals have. ``tell`` raises ValueError."""

    def __init__(
        self, path: Path, known: Collection[str], version: str, tell: Callable[[wire.Catalogue], None]
    ) -> None:
        self._path = path
        self._known = known
        self._tell = tell
        self._seen: tuple[int, int] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)
        self.version = version

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Tell of the file if it has changed since the last look and is good."""
        try:
            stat = self._path.stat()
        except OSError:
            return
        if (stat.st_mtime_ns, stat.st_size) == self._seen:
            return
        self._seen = (stat.st_mtime_ns, stat.st_size)
        try:
            catalogue = self._read(stat.st_size)
            if catalogue.version == self.version:
                return
            self._tell(catalogue)
        except (OSError, ValueError) as error:
            log.error("%s is refused, %s stays in use: %s", self._path, self.version, error)  # noqa: TRY400
            return
        self.version = catalogue.version
        log.info("catalogue %s: %d matters for every terminal", catalogue.version, len(catalogue.matters))

    def _read(self, size: int) -> wire.Catalogue:
        """Raises OSError, BadCatalogue."""
        if size > FILE_MAX_BYTES:
            raise BadCatalogue(f"{size} bytes are too many")
        whole = shipped_catalogue.catalogue(read_catalogue(self._path.read_bytes()))
        if wire.older(whole.version, self.version):
            raise BadCatalogue(f"{whole.version} is an older edition")
        served = [matter for matter in whole.matters if matter.id in self._known]
        if not served:
            raise BadCatalogue("no hall serves any matter of it")
        if len(served) < len(whole.matters):
            log.warning("%d matters that no hall serves are left out", len(whole.matters) - len(served))
        return msgspec.structs.replace(whole, matters=served, hot=[name for name in whole.hot if name in self._known])

    def _run(self) -> None:
        while True:
            self.look()
            if self._stopping.wait(LOOK_EVERY_S):
                return
