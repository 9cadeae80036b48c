"""What is known of each printer unit, kept across restarts: what it calls itself, how it confirms, its roll.

One small JSON file, one entry an address. A file that cannot be read is an empty one (the unit is probed anew);
it is replaced in one step, so a power cut leaves the old or the new.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path


class Confirmation(StrEnum):
    """How a unit can say that a ticket is out, strongest first."""

    PROCESS_ID = "process-id"
    FENCE = "fence"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Unit:
    """``confirmation`` is empty until it has been probed; ``used_mm`` counts from the last new roll.

    ``unfinished_bytes`` is not 0 where a ticket may have stopped in its middle: so many bytes end any command of it.
    """

    model: str = ""
    answers: bool = False
    confirmation: Confirmation | None = None
    used_mm: float = 0.0
    unfinished_bytes: int = 0


class Units:
    """The memory of all units, in ``path`` or (None) only as long as this object lives."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._units = _load(path) if path else {}

    def get(self, address: str) -> Unit:
        return self._units.get(address, Unit())

    def put(self, address: str, unit: Unit) -> None:
        """Remember ``unit``; raises ``OSError`` where the file cannot be written."""
        if self._units.get(address) == unit:
            return
        self._units[address] = unit
        if self._path:
            rounded = {key: asdict(replace(one, used_mm=round(one.used_mm, 1))) for key, one in self._units.items()}
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_name(f".{self._path.name}.new")
            fresh.write_text(json.dumps(rounded, ensure_ascii=False, indent=1), encoding="utf-8")
            fresh.replace(self._path)


def _load(path: Path) -> dict[str, Unit]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(address): Unit(
                model=str(one["model"]),
                answers=bool(one["answers"]),
                confirmation=Confirmation(one["confirmation"]) if one["confirmation"] else None,
                used_mm=float(one["used_mm"]),
                unfinished_bytes=int(one.get("unfinished_bytes", 0)),
            )
            for address, one in said.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
