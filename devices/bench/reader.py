"""The card reader's place on the bench: cards are laid on it and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.bench.misuse import Deed, MisuseError, word
from devices.idcard.people import PEOPLE
from devices.idcard.sim import IdCardSim


class ReaderPlace:
    """A reader behind the pty ``link_path``."""

    def __init__(self, link_path: Path) -> None:
        self.sim = IdCardSim(link_path)

    def sights(self) -> dict[str, Any]:
        card = self.sim.card
        return {
            "card": card.key if card else None,
            "label": card.label if card else "",
            "reads": self.sim.reads,
        }

    def deeds(self) -> dict[str, Deed]:
        return {"lay": self._lay, "lift": lambda _detail: self.sim.lift()}

    def mend(self) -> None:
        """Nothing but switches can be wrong here: a card that lies there is no fault."""

    def _lay(self, detail: Mapping[str, Any]) -> None:
        card = word(detail, "card")
        if card not in PEOPLE:
            raise MisuseError("unknown-card", f"there is no card {card!r}, only {', '.join(PEOPLE)}")
        self.sim.put(card)


def cards() -> list[dict[str, str]]:
    """The invented cards that can be laid on the reader."""
    return [{"key": p.key, "label": p.label, "name": p.name, "number": p.number} for p in PEOPLE.values()]
