"""A USB printer in software: the device end of two bulk pipes, standing on a ``SimulatedBus``.

It is a ``FarEnd`` like the simulated cables: what the host sends by bulk out arrives in ``on_bytes``, ``send`` fills
the bulk in pipe, both through the faults of the cable. Plugging in gives it a new address on its bus. While
``on_bytes`` does not return (a printer whose buffer is full), the pipe fills up and the host hears NAK.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from devices.simulated_cable import Cable
from devices.simulated_usb_bus import PACKET, Plugged, SimulatedBus
from devices.simulated_wire import LineFaults

_ANSWERS = 4096  # bytes that wait in the device until the host fetches them
_ROOM_S = 1.0


class SimulatedUsb(Cable[Plugged]):
    """A printer-class device as a ``FarEnd``; ``address`` is ``usb:VVVV:PPPP:SERIAL``.

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
        super().__init__(on_bytes, faults, noise_source)
        self.bus = bus or SimulatedBus()
        self.vendor, self.product, self.serial = vendor, product, serial
        self.kernel_driver = False
        self.held = False
        self.forbidden = False
        self.stalled = False
        self.says_nothing_in_packets = False
        self.resets = 0

    @property
    def address(self) -> str:
        return f"usb:{self.vendor:04x}:{self.product:04x}" + (f":{self.serial}" if self.serial else "")

    @property
    def now(self) -> Plugged | None:
        """What the bus knows of it while it is plugged in."""
        return self._plugged

    def plug(self) -> None:
        """Put the cable in: the device appears on its bus, at a new address."""
        self._join_leaving()
        with self._changing:
            if self._plugged is not None:
                return
            now = Plugged(self.bus.welcome(self))
            now.thread = threading.Thread(target=self._listen, args=(now,), name=f"usb {self.serial}")
            self._plugged = now
            now.thread.start()

    def unplug(self) -> None:
        """Pull the cable; whatever is under way ends with ENODEV."""
        with self._changing:
            now, self._plugged = self._plugged, None
            if now is None:
                return
            self.bus.farewell(self)
            now.ended.set()
            with now.changed:
                now.changed.notify_all()
        self._await(now.thread)

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

    @staticmethod
    def _push(plugged: Plugged, data: bytes) -> bool:
        with plugged.changed:
            for at in range(0, len(data), PACKET):
                room = plugged.changed.wait_for(
                    lambda: plugged.ended.is_set() or sum(map(len, plugged.back)) + PACKET <= _ANSWERS, _ROOM_S
                )
                if not room or plugged.ended.is_set():
                    return False
                plugged.back.append(data[at : at + PACKET])
                plugged.changed.notify_all()
        return True
