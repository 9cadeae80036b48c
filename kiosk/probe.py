"""What a robot finger needs to know: which screen is shown and where its controls are. No words, no person.

With ``JIAOHAO_KIOSK_PROBE=PATH`` in the environment the kiosk writes this file anew, atomically, whenever the
screen or its controls change: ``{"screen": ..., "targets": {"action" or "action:value": [x, y, w, h]}}`` in
pixels from the upper left corner, as X counts them. ``drawn`` counts views, so that a waiter sees a change.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

VARIABLE = "JIAOHAO_KIOSK_PROBE"


class Probe:
    """Writes to ``path``; ``None``: never writes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._last: dict[str, Any] = {}
        self._drawn = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Probe:
        value = environment.get(VARIABLE)
        return cls(Path(value) if value else None)

    @property
    def wanted(self) -> bool:
        return self._path is not None

    def write(self, screen: str, targets: Iterable[tuple[str, str, tuple[float, float, float, float]]]) -> None:
        """``targets``: (action, value, rectangle). Written only if something differs from the last time."""
        if self._path is None:
            return
        places = {f"{action}:{value}" if value else action: [round(x) for x in rect] for action, value, rect in targets}
        now = {"screen": screen, "targets": places}
        if now == self._last:
            return
        self._last = now
        self._drawn += 1
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps({**now, "drawn": self._drawn}), encoding="utf-8")
        partial.replace(self._path)
