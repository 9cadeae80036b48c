"""A ticket printer to plug in where there is none: it draws every ticket from the very bytes it received.

The other end of the wire, written from the published ESC/POS bytes and sharing nothing with our driver. Real-time
requests (DLE EOT) are answered at once, everything else in order as the paper moves; without paper, with the
cover open or the knife stuck, the rest of the data waits, as in a real printer, and comes out afterwards. Faults
are attributes of ``faults`` and of the line, switchable at any time from any thread.
"""

from __future__ import annotations

import os
import random
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from devices.printer.sim_commands import Command, Commands
from devices.printer.sim_engine import Engine, Ticket
from devices.printer.sim_state import Mechanics, PrinterFaults
from devices.simulated_line import SimulatedLine
from devices.simulated_wire import FarEnd

_PAPER = {80: (576, 32), 58: (384, 40)}  # printable width and margin in dots
_CUTS = {"GS V", "ESC i", "ESC m"}
_TEAR_OFF = Command("a hand")
_NEW_ROLL = "a new roll"
_HAND_S = 0.5
"""Small printers have no knife: so long a ticket hangs out before somebody tears it off at the bar."""
_KEPT = 200
_DOTS_PER_MM = 8
_FULL_S = 0.02  # how often a printer with a full buffer looks whether its cable is still in
_TEXTS = {65: b"1.04 SIM", 66: b"JIAOHAO", 67: b"TP-80S", 68: b"SIM0001"}


class PrinterSim:
    """The printer at the far end of a cable: a pty at the path given, or any ``FarEnd``. Starts unplugged.

    ``mm_per_s`` is how fast paper moves (None: as fast as it is computed). ``on_ticket`` and ``on_change`` are
    called on the printer's threads and must only enqueue.
    """

    def __init__(
        self,
        end: str | os.PathLike[str] | FarEnd,
        *,
        paper_mm: int = 80,
        mm_per_s: float | None = None,
        noise_source: random.Random | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_ticket: Callable[[Ticket], None] = lambda _ticket: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        if isinstance(end, str | os.PathLike):
            end = SimulatedLine(end, noise_source=noise_source)
        self.line: FarEnd = end
        self.line.on_bytes = self._receive
        self.faults = PrinterFaults()
        self.tickets: deque[Ticket] = deque(maxlen=_KEPT)
        self.received_bytes = 0
        self.paper_mm = paper_mm
        self._commands = Commands()
        self._engine = Engine(*_PAPER[paper_mm])
        self._mm_per_s = mm_per_s
        self._listens = True
        self._clock = clock
        self._on_ticket = on_ticket
        self._on_change = on_change
        self._waiting: deque[Command] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._state = Mechanics()
        self._pushes = False
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="printer simulator", daemon=True)
        self._thread.start()

    # -- what a hand does to it

    @property
    def address(self) -> str:
        """What a driver opens."""
        return self.line.address

    @property
    def paper(self) -> str:
        """``full``, ``low`` or ``out``."""
        return self._state.paper

    @property
    def cover_open(self) -> bool:
        return self._state.cover_open

    @property
    def jammed(self) -> bool:
        return self._state.jammed

    @property
    def busy(self) -> bool:
        """Whether received data still waits to be printed."""
        with self._changed:
            return bool(self._waiting)

    @property
    def strange_commands(self) -> int:
        """How many commands came that no manual knows: a sign of lost bytes."""
        return self._engine.unknown

    def plug(self) -> None:
        """Put the cable in; a bus reset empties the receive buffer, paper half printed stays."""
        with self._changed:
            if not self.line.plugged and not self.faults.keeps_data:
                self._commands.forget()
                self._waiting.clear()
                self._waiting_bytes = 0
        self.line.plug()
        self._on_change()

    def unplug(self) -> None:
        """Pull the cable."""
        self.line.unplug()
        self._on_change()

    def set_paper(self, paper: str) -> None:
        """``full`` (a new roll), ``low`` (near its end) or ``out`` (torn, empty)."""
        if paper not in {"full", "low", "out"}:
            raise ValueError(f"paper is full, low or out, not {paper!r}")
        self._set(paper=paper)

    def load_roll(self, paper_mm: int) -> None:
        """Put in a full roll, 80 or 58 mm wide, after what still waits; what stood half printed is thrown away."""
        if paper_mm not in _PAPER:
            raise ValueError(f"paper is 80 or 58 mm wide, not {paper_mm}")
        with self._changed:
            self._waiting.append(Command(_NEW_ROLL, bytes([paper_mm])))
        self._set(paper="full")

    def open_cover(self) -> None:
        self._set(cover_open=True)

    def close_cover(self) -> None:
        self._set(cover_open=False)

    def jam(self) -> None:
        """The knife is stuck now."""
        self._set(jammed=True)

    def unjam(self) -> None:
        self._set(jammed=False)

    def set_offline(self, *, offline: bool) -> None:
        with self._changed:
            self.faults.offline = offline
        self._set()

    def switch_off_and_on(self) -> None:
        """Its supply, with the cable left in: what it had received is forgotten, paper half printed stays."""
        with self._changed:
            self._commands.forget()
            self._waiting.clear()
            self._waiting.append(Command("ESC @"))
            self._waiting_bytes = 0
            self._pushes = False
        self._set()

    def faults_changed(self) -> None:
        """A switch was moved: what waited for it goes on, and status is sent to who asked for changes."""
        self._set()

    def close(self) -> None:
        """Unplug for good and end the printer's thread."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self.line.close()
        self._thread.join()

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _set(self, *, paper: str | None = None, cover_open: bool | None = None, jammed: bool | None = None) -> None:
        with self._changed:
            state = self._state
            state.paper = state.paper if paper is None else paper
            state.cover_open = state.cover_open if cover_open is None else cover_open
            state.jammed = state.jammed if jammed is None else jammed
            self._changed.notify_all()
        if self._pushes:
            self._answer(self._state.status_back(self.faults))
        self._on_change()

    # -- what comes in

    def _receive(self, data: bytes) -> None:
        """What the cable brings. While this does not return, nothing more is taken from it."""
        with self._changed:
            self.received_bytes += len(data)
            commands = self._commands.feed(data)
            for command in commands:
                if not command.name.startswith("DLE"):
                    self._waiting.append(command)
                    self._waiting_bytes += command.size
            self._changed.notify_all()
        for command in commands:
            if command.name == "DLE EOT" and 1 <= command.args[0] <= 4:
                self._answer(self._state.realtime(command.args[0], self.faults))
        with self._changed:
            while self._full() and self.line.plugged and not self._ended:
                self._changed.wait(_FULL_S)

    def _full(self) -> bool:
        most = self.faults.buffer_bytes
        return most is not None and self._waiting_bytes > most

    def _answer(self, data: bytes) -> None:
        if not self.faults.deaf:
            self.line.send(data)

    # -- what comes out

    def _work(self) -> None:
        while True:
            with self._changed:
                ready = self._changed.wait_for(
                    lambda: self._ended or (self._waiting and not self._state.stopped(self.faults)),
                    _HAND_S if self._engine.hangs_out else None,
                )
                if self._ended:
                    return
                command = self._waiting.popleft() if ready else _TEAR_OFF
                self._waiting_bytes -= command.size
            self._do(command)
            with self._changed:
                self._changed.notify_all()

    def _do(self, command: Command) -> None:
        match command.name:
            case "ESC =":  # told to listen, or that what follows is for another device on this line
                self._listens = bool(command.args[0] & 1)
            case name if not self._listens and name not in {_TEAR_OFF.name, _NEW_ROLL}:
                pass
            case name if name in _CUTS:
                self._cut(command)
            case _TEAR_OFF.name:
                self._drop(command)
            case name if name == _NEW_ROLL:
                self.paper_mm = command.args[0]
                self._engine.roll(*_PAPER[self.paper_mm])
                self._on_change()
            case "GS r" if not self.faults.no_fence:
                self._answer(self._state.paper_sensor(self.faults))
            case "GS ( H" if len(command.args) == 6 and command.args[0] == 48 and not self.faults.no_process_id:
                self._answer(b"\x37\x22" + command.args[2:6] + b"\x00")
            case "GS I" if not self.faults.no_name and command.args[0] in _TEXTS:
                self._answer(b"\x5f" + _TEXTS[command.args[0]] + b"\x00")
            case "GS a":
                self._pushes = command.args[0] != 0
                if self._pushes:
                    self._answer(self._state.status_back(self.faults))
            case _:
                before = self._engine.dots
                self._engine.execute(command)
                self._move(self._engine.dots - before)

    def _cut(self, command: Command) -> None:
        if self.faults.jam_at_cut:
            self.faults.jam_at_cut = False
            with self._changed:
                self._waiting.appendleft(command)
                self._waiting_bytes += command.size
            self._set(jammed=True)
            return
        self._drop(command)

    def _drop(self, command: Command) -> None:
        ticket = self._engine.cut(command, self._clock())
        self.tickets.append(ticket)
        self._on_ticket(ticket)

    def _move(self, dots: int) -> None:
        """Paper moved: it takes its time, it may end, and somebody may open the cover over it."""
        if dots <= 0:
            return
        millimetres = dots / _DOTS_PER_MM
        if self._mm_per_s:
            with self._changed:
                self._changed.wait_for(lambda: self._ended, millimetres / self._mm_per_s)
        left = self.faults.tear_after_mm
        if left is not None:
            self.faults.tear_after_mm = left - millimetres if left > millimetres else None
            if left <= millimetres:
                self._set(paper="out")
        left = self.faults.open_after_mm
        if left is not None:
            self.faults.open_after_mm = left - millimetres if left > millimetres else None
            if left <= millimetres:
                self._set(cover_open=True)
