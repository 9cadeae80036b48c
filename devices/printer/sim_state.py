"""The other end's mechanics: paper, cover, knife and head, and the status bytes that tell of them.

Bytes as the manuals print them: DLE EOT 1 to 4 has bits 1 and 4 set and 0 and 7 clear in every byte, an Automatic
Status Back is four bytes of which the first has bit 4 set. A clone leaves the fixed bits out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class PrinterFaults:
    """Switches of the printer; the line's own (silence, slow, noise ..) are in ``line.faults``.

    ``offline``: nothing is printed; ``says_offline``: the bit is set, but it prints.
    ``tear_after_mm``, ``open_after_mm``: the paper ends, the cover is opened so many millimetres into the next ticket
    (None: never). ``jam_at_cut``: the next cut gets stuck. ``clone``: status bytes without their fixed bits. ``deaf``:
    prints, but answers nothing at all. ``near_end``: the sensor sees little paper. ``hot``: the head must cool;
    ``broken``: an error that only a mechanic mends. ``buffer_bytes``: with more than so many bytes not printed yet,
    nothing more is taken from the cable, not even a status request (None: all is taken). ``keeps_data``: a pulled
    cable does not empty the receive buffer, as with serial cables.
    """

    offline: bool = False
    says_offline: bool = False
    no_process_id: bool = False
    no_fence: bool = False
    no_name: bool = False
    clone: bool = False
    deaf: bool = False
    hot: bool = False
    broken: bool = False
    near_end: bool = False
    keeps_data: bool = False
    jam_at_cut: bool = False
    tear_after_mm: float | None = None
    open_after_mm: float | None = None
    buffer_bytes: int | None = None


@dataclass(slots=True)
class Mechanics:
    """How the machine stands; ``paper`` is ``full``, ``low`` or ``out``."""

    paper: str = "full"
    cover_open: bool = False
    jammed: bool = False

    def stopped(self, faults: PrinterFaults) -> bool:
        """Whether nothing is printed and no paper moves."""
        return self.paper == "out" or self.cover_open or self.jammed or faults.offline or faults.hot or faults.broken

    def realtime(self, n: int, faults: PrinterFaults) -> bytes:
        """The answer to DLE EOT ``n``, 1 to 4."""
        match n:
            case 1:
                bits = 0x08 if faults.says_offline or self.stopped(faults) else 0
            case 2:
                error = self.jammed or faults.hot or faults.broken
                bits = (0x04 if self.cover_open else 0) | (0x20 if self.paper == "out" else 0) | (0x40 if error else 0)
            case 3:
                bits = (0x08 if self.jammed else 0) | (0x20 if faults.broken else 0) | (0x40 if faults.hot else 0)
            case _:
                bits = {"full": 0x00, "low": 0x0C, "out": 0x6C}[self._sensed(faults)]
        return bytes([bits if faults.clone else bits | 0x12])

    def paper_sensor(self, faults: PrinterFaults) -> bytes:
        """The answer to GS r 1."""
        return {"full": b"\x00", "low": b"\x03", "out": b"\x0f"}[self._sensed(faults)]

    def status_back(self, faults: PrinterFaults) -> bytes:
        """The four bytes of Automatic Status Back."""
        first = 0x10 | (0x08 if faults.says_offline or self.stopped(faults) else 0) | (0x20 if self.cover_open else 0)
        second = (0x08 if self.jammed else 0) | (0x20 if faults.broken else 0) | (0x40 if faults.hot else 0)
        return bytes([first, second]) + self.paper_sensor(faults) + b"\x00"

    def _sensed(self, faults: PrinterFaults) -> str:
        return "low" if faults.near_end and self.paper == "full" else self.paper
