"""A USB printer in software: the device end of two bulk pipes, standing on a ``SimulatedBus``.

It is a ``FarEnd`` like the simulated cables: what the host sends by bulk out arrives in ``on_bytes``, ``send`` fills
the bulk in pipe, both through the faults of the cable. Plugging in gives it a new address on its bus. While
``on_bytes`` does not return (a printer whose buffer is full), the pipe fills up and the host hears NAK.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Self

from devices.simulated_usb_bus import PACKET, Plugged, SimulatedBus
from devices.simulated_wire import LineFaults, Wire

_ANSWERS = 4096  # bytes that wait in the device until the host fetches them
_ROOM_S = 1.0


class SimulatedUsb:
    """A printer-class device as a ``FarEnd``; ``address`` is ``usb:VVVV:PPPP:SERIAL``. Starts unplugged.

    ``kernel_driver`` says whether ``usblp`` holds it, ``held`` another program, ``forbidden`` that this user may not
    open it; ``stalled`` halts the pipe out until the halt is cleared; ``says_nothing_in_packets`` answers a read with
    an empty packet where it should wait. ``resets`` counts the resets, which nobody should ever ask for.
    """

    def __init__(
        self,
        on_bytes: Callable[[bytes], None] | None = None,
        faults: LineFaults | None = None,
        noise_source: random.Random | None = None,
        *,
        bus: SimulatedBus | None = None,
        vendor: int = 0x0416,
        product: int = 0x5011,
        serial: str = "SIM0001",
    ) -> None:
        self.on_bytes: Callable[[bytes], None] = on_bytes or (lambda _data: None)
        self.faults = faults or LineFaults()
        self.bus = bus or SimulatedBus()
        self.vendor, self.product, self.serial = vendor, product, serial
        self.kernel_driver = False
        self.held = False
        self.forbidden = False
        self.stalled = False
        self.says_nothing_in_packets = False
        self.resets = 0
        self.now: Plugged | None = None
        self._wire = Wire(lambda: self.faults, noise_source=noise_source)
        self._changing = threading.Lock()
        self._writing = threading.RLock()
        self._leaving: list[threading.Thread] = []

    @property
    def address(self) -> str:
        return f"usb:{self.vendor:04x}:{self.product:04x}" + (f":{self.serial}" if self.serial else "")

    @property
    def plugged(self) -> bool:
        return self.now is not None

    def plug(self) -> None:
        """Put the cable in: the device appears on its bus, at a new address."""
        self._join_leaving()
        with self._changing:
            if self.now is not None:
                return
            now = Plugged(self.bus.welcome(self))
            now.thread = threading.Thread(target=self._listen, args=(now,), name=f"usb {self.serial}")
            self.now = now
            now.thread.start()

    def unplug(self) -> None:
        """Pull the cable; whatever is under way ends with ENODEV."""
        with self._changing:
            now, self.now = self.now, None
            if now is None:
                return
            self.bus.farewell(self)
            now.ended.set()
            with now.changed:
                now.changed.notify_all()
        if now.thread is threading.current_thread():
            self._leaving.append(now.thread)
        elif now.thread is not None:
            now.thread.join()

    def close(self) -> None:
        """Unplug for good: no thread is left."""
        self.unplug()
        self._join_leaving()

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        """Send towards the host; waits a second for room, then the bytes are lost. Kept while nobody reads."""
        with self._writing:
            now = self.now
            comes_out = now is not None and self._wire.carry(data, partial(_push, now), now.ended)
        if comes_out:
            self.unplug()

    def _listen(self, now: Plugged) -> None:
        waited = False
        while True:
            with now.changed:
                now.changed.wait_for(lambda: now.out or now.ended.is_set())
                if now.ended.is_set():
                    return
                data = bytes(now.out[: self._wire.bytes_to_bring])
                del now.out[: len(data)]
                now.changed.notify_all()
            if self._wire.bring(data, self._hear, now.ended, waited=waited):
                self.unplug()
            waited = bool(now.out)

    def _hear(self, data: bytes) -> None:
        self.on_bytes(data)

    def _join_leaving(self) -> None:
        here = threading.current_thread()
        for thread in [one for one in self._leaving if one is not here]:
            thread.join()
            self._leaving.remove(thread)


def _push(now: Plugged, data: bytes) -> bool:
    with now.changed:
        for at in range(0, len(data), PACKET):
            room = now.changed.wait_for(
                lambda: now.ended.is_set() or sum(map(len, now.back)) + PACKET <= _ANSWERS, _ROOM_S
            )
            if not room or now.ended.is_set():
                return False
            now.back.append(data[at : at + PACKET])
            now.changed.notify_all()
    return True
