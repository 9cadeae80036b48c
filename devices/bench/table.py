"""The three simulated devices on one table, and everything a hand can do to them, by name.

The page, the tests and the journeys all go through ``do``: a device, an action, and a few words of detail. Bad
requests come back as ``Misuse`` with a stable code and a sentence. ``state`` is all that can be seen, as plain
data; ``listen`` tells of changes, on whatever thread they happen, so a listener must only enqueue.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from devices.idcard.people import PEOPLE
from devices.idcard.sim import IdCardSim
from devices.printer.sim import PrinterSim
from devices.printer.sim_engine import Ticket
from devices.scanner.sim import ScannerSim

MM_PER_S = 250.0
"""As fast as a quick thermal printer, so that printing is seen to take its moment."""

TEXT_MAX = 512


class MisuseError(ValueError):
    """A request that makes no sense on this bench; ``code`` is stable."""

    def __init__(self, code: str, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status


class Table:
    """Reader, scanner and printer on ptys in ``folder``; plugged in from the start until ``close``."""

    def __init__(self, folder: Path, *, paper_mm: int = 80, mm_per_s: float | None = MM_PER_S) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._listeners: list[Callable[[], None]] = []
        self._guard = threading.Lock()
        self.idcard = IdCardSim(folder / "idcard")
        self.scanner = ScannerSim(folder / "scanner")
        self.printer = PrinterSim(
            folder / "printer",
            paper_mm=paper_mm,
            mm_per_s=mm_per_s,
            on_ticket=lambda _ticket: self._tell(),
            on_change=self._tell,
        )
        self._devices: dict[str, IdCardSim | ScannerSim | PrinterSim] = {
            "idcard": self.idcard,
            "scanner": self.scanner,
            "printer": self.printer,
        }
        self._shown: list[str] = []
        self._lost_codes = 0
        self._actions = self._all_actions()
        for device in self._devices.values():
            device.plug()

    def close(self) -> None:
        """Pull all cables for good; no pty, link or thread is left."""
        for device in self._devices.values():
            device.close()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called after every change; returns what ends it."""
        with self._guard:
            self._listeners.append(listener)

        def end() -> None:
            with self._guard:
                self._listeners.remove(listener)

        return end

    def do(self, device: str, action: str, detail: Mapping[str, Any]) -> None:
        """Handle ``device`` in the way named ``action``. Raises MisuseError."""
        if device not in self._devices:
            raise MisuseError("unknown-device", f"there is no {device} here, only {', '.join(self._devices)}", 404)
        deed = self._actions.get((device, action))
        if deed is None:
            known = ", ".join(sorted(name for one, name in self._actions if one == device))
            raise MisuseError("unknown-action", f"{device} can be asked for {known}", 404)
        deed(detail)
        self._tell()

    # -- what can be seen

    def state(self) -> dict[str, Any]:
        """Everything that shows, as JSON-ready data."""
        card = self.idcard.card
        latest = self.printer.tickets[-1].number if self.printer.tickets else 0
        return {
            "idcard": {
                **self._cable("idcard"),
                "card": card.key if card else None,
                "label": card.label if card else "",
                "reads": self.idcard.reads,
            },
            "scanner": {**self._cable("scanner"), "shown": self._shown[-3:], "lost_codes": self._lost_codes},
            "printer": {
                **self._cable("printer"),
                "paper": self.printer.paper,
                "cover_open": self.printer.cover_open,
                "jammed": self.printer.jammed,
                "busy": self.printer.busy,
                "received_bytes": self.printer.received_bytes,
                "strange_commands": self.printer.strange_commands,
            },
            "latest_ticket": latest,
        }

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
            for ticket in reversed(list(self.printer.tickets))
        ]

    def picture(self, number: int) -> bytes:
        """The PNG of ticket ``number``. Raises MisuseError."""
        for ticket in list(self.printer.tickets):
            if ticket.number == number:
                return ticket.png
        raise MisuseError("no-such-ticket", f"ticket {number} is not in the tray", 404)

    def cards(self) -> list[dict[str, str]]:
        """The invented cards that can be laid on the reader."""
        return [{"key": p.key, "label": p.label, "name": p.name, "number": p.number} for p in PEOPLE.values()]

    def _cable(self, name: str) -> dict[str, Any]:
        device = self._devices[name]
        line = device.line
        faults = {} if isinstance(device, ScannerSim) else asdict(device.faults)
        return {"plugged": line.plugged, "path": str(line.link_path), "faults": faults, "line": asdict(line.faults)}

    def _tell(self) -> None:
        with self._guard:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    # -- what can be done

    def _all_actions(self) -> dict[tuple[str, str], Callable[[Mapping[str, Any]], None]]:
        printer = self.printer
        deeds: dict[tuple[str, str], Callable[[Mapping[str, Any]], None]] = {
            ("idcard", "lay"): self._lay,
            ("idcard", "lift"): lambda _detail: self.idcard.lift(),
            ("scanner", "show"): self._show,
            ("printer", "tear"): lambda _detail: printer.set_paper("out"),
            ("printer", "low"): lambda _detail: printer.set_paper("low"),
            ("printer", "load"): lambda _detail: printer.set_paper("full"),
            ("printer", "open"): lambda _detail: printer.open_cover(),
            ("printer", "close"): lambda _detail: printer.close_cover(),
            ("printer", "jam"): lambda _detail: printer.jam(),
            ("printer", "unjam"): lambda _detail: printer.unjam(),
        }
        for name, device in self._devices.items():
            deeds[name, "unplug"] = partial(_unplug, device)
            deeds[name, "replug"] = partial(_replug, device)
            deeds[name, "fault"] = partial(self._fault, name)
        return deeds

    def _lay(self, detail: Mapping[str, Any]) -> None:
        card = _word(detail, "card")
        if card not in PEOPLE:
            raise MisuseError("unknown-card", f"there is no card {card!r}, only {', '.join(PEOPLE)}")
        self.idcard.put(card)

    def _show(self, detail: Mapping[str, Any]) -> None:
        text = _word(detail, "text")
        if not text or len(text) > TEXT_MAX:
            raise MisuseError("bad-text", f"a code holds 1 to {TEXT_MAX} characters")
        if not self.scanner.line.plugged:
            self._lost_codes += 1
            return
        self._shown = [*self._shown, text][-3:]
        self.scanner.show(text)

    def _fault(self, name: str, detail: Mapping[str, Any]) -> None:
        """Switch one fault of a device or its line: ``{"name": "silence", "value": true}``."""
        wanted, value = _word(detail, "name"), detail.get("value")
        device = self._devices[name]
        switches: list[Any] = [device.line.faults]
        if not isinstance(device, ScannerSim):
            switches.append(device.faults)
        for switch in switches:
            kinds = {field.name: field.type for field in fields(switch)}
            if wanted in kinds:
                setattr(switch, wanted, _fitting(value, str(kinds[wanted])))
                if isinstance(device, PrinterSim):
                    device.set_offline(offline=device.faults.offline)
                return
        names = sorted(field.name for switch in switches for field in fields(switch))
        raise MisuseError("unknown-fault", f"{name} has the faults {', '.join(names)}")


def _unplug(device: IdCardSim | ScannerSim | PrinterSim, _detail: Mapping[str, Any]) -> None:
    device.unplug()


def _replug(device: IdCardSim | ScannerSim | PrinterSim, _detail: Mapping[str, Any]) -> None:
    device.plug()


def _word(detail: Mapping[str, Any], key: str) -> str:
    said = detail.get(key)
    if not isinstance(said, str):
        raise MisuseError("missing-detail", f"say {key!r} as a string")
    return said


def _fitting(value: object, kind: str) -> object:
    """``value`` if it fits a switch of type ``kind``. Raises MisuseError."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "int" and isinstance(value, int) and number and 0 <= value <= 4096:
        return value
    if "float" in kind and isinstance(value, int | float) and number and 0 <= value <= 1000:
        return float(value)
    if "None" in kind and value is None:
        return None
    raise MisuseError("bad-value", f"this switch takes a value of type {kind}")


def _codes_in(ticket: Ticket) -> list[str]:
    """Codes that came as dots, read from the picture as a phone would."""
    if not ticket.images:
        return []
    with Image.open(io.BytesIO(ticket.png)) as picture:
        return [found.text for found in zxingcpp.read_barcodes(picture)]
