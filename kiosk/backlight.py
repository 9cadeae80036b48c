"""The panel's own backlight, where the kernel offers one (/sys/class/backlight): darker while nobody is there."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = Path("/sys/class/backlight")
DIM_SHARE = 0.3


class Backlight:
    """Sets every backlight there is; a terminal without one, or without the right to it, stays as it is."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._panels: dict[Path, int] = {}
        for panel in sorted(folder.glob("*")) if folder.is_dir() else ():
            with suppress(OSError, ValueError):
                self._panels[panel / "brightness"] = int((panel / "max_brightness").read_text(encoding="ascii"))
        self._dim = False

    def set(self, *, dim: bool) -> None:
        """Written only when it changes."""
        if dim == self._dim:
            return
        self._dim = dim
        for file, most in self._panels.items():
            try:
                file.write_text(str(max(1, round(most * DIM_SHARE)) if dim else most), encoding="ascii")
            except OSError as error:
                log.warning("%s cannot be set: %s", file, type(error).__name__)
