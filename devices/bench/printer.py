"""The ticket printer's place on the bench: paper, cover and knife under the hand, and the tray of tickets."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from devices.bench.misuse import Deed, MisuseError
from devices.printer.sim import PrinterSim
from devices.printer.sim_engine import Ticket


class PrinterPlace:
    """A printer behind the pty ``link_path``; ``tell`` is called on its threads when something changed."""

    def __init__(self, link_path: Path, paper_mm: int, mm_per_s: float | None, tell: Callable[[], None]) -> None:
        self.sim = PrinterSim(
            link_path,
            paper_mm=paper_mm,
            mm_per_s=mm_per_s,
            on_ticket=lambda _ticket: tell(),
            on_change=tell,
        )

    def sights(self) -> dict[str, Any]:
        sim = self.sim
        return {
            "paper": sim.paper,
            "paper_mm": sim.paper_mm,
            "cover_open": sim.cover_open,
            "jammed": sim.jammed,
            "busy": sim.busy,
            "received_bytes": sim.received_bytes,
            "strange_commands": sim.strange_commands,
        }

    def deeds(self) -> dict[str, Deed]:
        sim = self.sim
        return {
            "tear": lambda _detail: sim.set_paper("out"),
            "low": lambda _detail: sim.set_paper("low"),
            "load": lambda _detail: sim.set_paper("full"),
            "roll80": lambda _detail: sim.load_roll(80),
            "roll58": lambda _detail: sim.load_roll(58),
            "open": lambda _detail: sim.open_cover(),
            "close": lambda _detail: sim.close_cover(),
            "jam": lambda _detail: sim.jam(),
            "unjam": lambda _detail: sim.unjam(),
        }

    def mend(self) -> None:
        """A full roll, the cover closed, the knife free."""
        self.sim.set_paper("full")
        self.sim.close_cover()
        self.sim.unjam()

    @property
    def latest(self) -> int:
        """The number of the newest ticket, 0 for none."""
        tickets = self.sim.tickets
        return tickets[-1].number if tickets else 0

    def tickets(self) -> list[dict[str, Any]]:
        """The tickets in the tray, newest first, with what the printer itself knew of them."""
        return [
            {
                "number": ticket.number,
                "at": ticket.at.isoformat(timespec="seconds"),
                "lines": list(ticket.lines),
                "qr": list(ticket.qr or _codes_in(ticket)),
                "images": ticket.images,
                "png": f"/tickets/{ticket.number}.png",
            }
            for ticket in reversed(list(self.sim.tickets))
        ]

    def picture(self, number: int) -> bytes:
        """The PNG of ticket ``number``. Raises MisuseError."""
        for ticket in list(self.sim.tickets):
            if ticket.number == number:
                return ticket.png
        raise MisuseError("no-such-ticket", f"ticket {number} is not in the tray", 404)


def _codes_in(ticket: Ticket) -> list[str]:
    """Codes that came as dots, read from the picture as a phone would."""
    if not ticket.images:
        return []
    with Image.open(io.BytesIO(ticket.png)) as picture:
        return [found.text for found in zxingcpp.read_barcodes(picture)]
