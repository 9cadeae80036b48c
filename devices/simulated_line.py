"""The far end of a serial cable, in software: a pseudo-terminal whose name does not change.

Every simulator stands on one. ``plug`` makes the pty and points a symbolic link at it, which is what
drivers open; ``unplug`` closes it and takes the link away, so a driver sees what a pulled USB cable looks
like. What the driver writes arrives in ``on_bytes`` on the line's own thread; ``send`` goes the other way,
both through the line's faults. A pty ignores the baud rate but remembers it, so a simulator may ask for it.
"""

from __future__ import annotations

import os
import random
import select
import termios
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from devices.simulated_cable import Cable
from devices.simulated_wire import FarEnd, LineFaults

__all__ = ["FarEnd", "LineFaults", "Place", "SimulatedLine", "far_end"]

_ROOM_S = 1.0  # how long a byte waits for room before it is lost, as on a wire that nobody reads
_RATES = {getattr(termios, f"B{rate}"): rate for rate in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)}


@dataclass(slots=True)
class _Plugged:
    master: int
    slave: int  # held open, else the master reads as broken while no driver has the port open
    wake_read: int
    wake_write: int
    target: str
    ended: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    descriptors_closed: bool = False


class SimulatedLine(Cable[_Plugged]):
    """A ``FarEnd`` that is a pty; ``link_path`` is what the driver opens."""

    def __init__(
        self,
        link_path: str | os.PathLike[str],
        on_bytes: Callable[[bytes], None] | None = None,
        faults: LineFaults | None = None,
        noise_source: random.Random | None = None,
    ) -> None:
        super().__init__(on_bytes, faults, noise_source, lambda: self.baud)
        self.link_path = Path(link_path)

    @property
    def address(self) -> str:
        return str(self.link_path)

    @property
    def baud(self) -> int | None:
        """The rate to which the driver has set the port; None while unplugged or where the rate is unusual."""
        with self._changing:
            if self._plugged is None:
                return None
            return _RATES.get(termios.tcgetattr(self._plugged.slave)[5])

    def plug(self) -> None:
        """Put the cable in. ``FileExistsError`` where something that is no link stands at ``link_path``."""
        self._join_leaving()
        with self._changing:
            if self._plugged is not None:
                return
            if self.link_path.exists() and not self.link_path.is_symlink():
                raise FileExistsError(f"{self.link_path} exists and is not a simulator's link")
            master, slave = os.openpty()
            os.set_blocking(master, False)
            tty.setraw(slave, termios.TCSANOW)
            wake_read, wake_write = os.pipe()
            plugged = _Plugged(master, slave, wake_read, wake_write, os.ttyname(slave))
            fresh = self.link_path.with_name(f".{self.link_path.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(plugged.target)
            fresh.replace(self.link_path)  # in one step: nobody sees a half-made link
            plugged.thread = threading.Thread(target=self._listen, args=(plugged,), name=f"line {self.link_path.name}")
            self._plugged = plugged
            plugged.thread.start()

    def unplug(self) -> None:
        """Pull the cable; a driver that has the port open finds its line broken."""
        with self._changing:
            plugged, self._plugged = self._plugged, None
            if plugged is None:
                return
            plugged.ended.set()
            with suppress(OSError):
                if str(self.link_path.readlink()) == plugged.target:
                    self.link_path.unlink()
        os.write(plugged.wake_write, b"x")
        self._await(plugged.thread)
        with self._writing:
            self._shut(plugged)

    @staticmethod
    def _push(plugged: _Plugged, data: bytes) -> bool:
        left = memoryview(data)
        until = time.monotonic() + _ROOM_S
        while left and not plugged.ended.is_set() and not plugged.descriptors_closed:
            with suppress(BlockingIOError):
                left = left[os.write(plugged.master, left) :]
                continue
            if time.monotonic() >= until:
                return False
            select.select([plugged.wake_read], [plugged.master], [], until - time.monotonic())
        return not left

    def _listen(self, plugged: _Plugged) -> None:
        sources = [plugged.master, plugged.wake_read]
        while not plugged.ended.is_set():
            waited = plugged.master in select.select(sources, [], [], 0)[0]
            if not waited:
                select.select(sources, [], [])
            if plugged.ended.is_set():
                return
            try:
                data = os.read(plugged.master, self._wire.bytes_to_bring)
            except BlockingIOError:  # it was the other source, or nothing
                continue
            if self._wire.bring(data, self._hear, plugged.ended, waited=waited):
                self.unplug()

    @staticmethod
    def _shut(plugged: _Plugged) -> None:
        if plugged.descriptors_closed:
            return
        plugged.descriptors_closed = True
        for fd in (plugged.slave, plugged.master, plugged.wake_read, plugged.wake_write):
            os.close(fd)


Place = str | os.PathLike[str] | FarEnd
"""Where a simulator stands: the path of a link to a pty that is made for it, or a far end that exists already."""


def far_end(
    place: Place,
    on_bytes: Callable[[bytes], None],
    faults: LineFaults | None = None,
    noise_source: random.Random | None = None,
) -> FarEnd:
    """The far end at ``place``, with ``on_bytes`` and, where given, ``faults`` set. ``noise_source`` is a new pty's."""
    if isinstance(place, str | os.PathLike):
        return SimulatedLine(place, on_bytes, faults, noise_source)
    place.on_bytes = on_bytes
    place.faults = faults or place.faults
    return place
