"""What happens to bytes on their way along a simulated cable, whatever the cable is made of.

``LineFaults`` are the switches: noise, loss, slowness, silence, a plug that comes out by itself. ``Wire`` applies
them in both directions and knows nothing of ptys or sockets: it is given a function that hands bytes over, and
says when the cable must come out. ``Pace`` lets bytes take the time that a real wire needs, on a schedule: a
thread that wakes a little late does not make the wire slower.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

BITS_A_BYTE = 10  # 8N1: a start bit, eight of data, a stop bit
_USUAL_RATE = 115_200
_AT_ONCE = 4096
_PIECE_S = 0.004  # paced bytes are handed over in pieces of so much wire time, as adapters do
_BUSY_S = 0.02  # bytes found waiting so soon after the last ones were on the wire all the while


@dataclass(slots=True)
class LineFaults:
    """Switches of the wire itself; may be set from any thread at any time.

    ``silence``: nothing is sent. ``slow_s``: seconds before each byte. ``split``: each byte is its own
    write. ``noise``: so many random bytes before each sending. ``loss``: share of bytes lost, 0 to 1.
    ``paced``: bytes take their wire time at the port's rate, in both directions. ``unplug_after``: the
    cable comes out by itself after so many more bytes in either direction; then the switch clears itself.
    """

    silence: bool = False
    slow_s: float = field(default=0.0, metadata={"range": (0, 2)})
    split: bool = False
    noise: int = field(default=0, metadata={"range": (0, 4096)})
    loss: float = field(default=0.0, metadata={"range": (0, 1)})
    paced: bool = False
    unplug_after: int | None = None


class FarEnd(Protocol):
    """A simulator's end of a cable: what simulators stand on, be it a pty or a socket. Starts unplugged.

    ``on_bytes`` is told what the driver writes, on the far end's own thread. All methods may be called from any
    thread, also from within ``on_bytes``.
    """

    faults: LineFaults
    on_bytes: Callable[[bytes], None]

    @property
    def address(self) -> str:
        """What a driver opens."""
        ...

    @property
    def plugged(self) -> bool: ...

    def plug(self) -> None: ...

    def unplug(self) -> None:
        """Pull the cable; a driver that has the port open finds its line broken."""
        ...

    def close(self) -> None:
        """Unplug for good: no thread or descriptor is left."""
        ...

    def send(self, data: bytes) -> None:
        """Send ``data`` towards the driver through the faults; lost where nobody is plugged in."""
        ...


class Pace:
    """One direction of a wire: when its bytes have arrived."""

    def __init__(self) -> None:
        self.free_at_s = 0.0  # when the last byte so far has passed

    def wait(self, count: int, rate: int, ended: threading.Event, *, going_on: bool) -> bool:
        """Wait until ``count`` more bytes have passed; False if the cable came out meanwhile.

        ``going_on``: they follow the bytes before without a gap, however late this thread is.
        """
        now_s = time.monotonic()
        start_s = self.free_at_s if going_on else max(now_s, self.free_at_s)
        self.free_at_s = start_s + count * BITS_A_BYTE / rate
        left_s = self.free_at_s - now_s
        return not (ended.wait(left_s) if left_s > 0 else ended.is_set())

    @property
    def busy(self) -> bool:
        """Whether bytes that are found waiting now must have followed the last ones without a gap."""
        return time.monotonic() - self.free_at_s < _BUSY_S


class Wire:
    """Both directions of one cable. ``rate`` tells the bits a second of the moment, None where it has none."""

    def __init__(
        self,
        faults: Callable[[], LineFaults],
        rate: Callable[[], int | None] = lambda: None,
        noise_source: random.Random | None = None,
    ) -> None:
        self._faults = faults
        self._rate = rate
        self._noise = noise_source or random.Random()
        self._out, self._in = Pace(), Pace()
        self._fuse = threading.Lock()
        self._armed: int | None = None  # the value of ``unplug_after`` that is being counted down
        self._left = 0
        self._pulled: threading.Event | None = None  # the ``ended`` of the plug that came out last

    def carry(self, data: bytes, push: Callable[[bytes], bool], ended: threading.Event) -> bool:
        """Carry ``data`` towards the driver by ``push`` (False: nobody takes it); True: the cable comes out now."""
        faults = self._faults()
        if faults.silence:
            return False
        data = self._noise.randbytes(faults.noise) + data
        if faults.loss:
            data = bytes(byte for byte in data if self._noise.random() >= faults.loss)
        at = 0
        while at < len(data):
            faults = self._faults()  # a switch set meanwhile counts from here on
            piece = data[at : at + self._piece(faults, len(data))]
            if faults.slow_s and ended.wait(faults.slow_s):
                return False
            if faults.paced and not self._out.wait(len(piece), self._bits_a_second(), ended, going_on=at > 0):
                return False
            passing, comes_out = self._through(len(piece), ended)
            if not push(piece[:passing]) or comes_out:
                return comes_out
            at += len(piece)
        return False

    def bring(
        self, data: bytes, on_bytes: Callable[[bytes], None], ended: threading.Event, *, waited: bool = False
    ) -> bool:
        """Bring what the driver wrote to ``on_bytes``; True: the cable comes out now.

        ``waited``: the bytes lay there already when the ones before had been brought.
        """
        if self._faults().paced and not self._in.wait(
            len(data), self._bits_a_second(), ended, going_on=waited and self._in.busy
        ):
            return False
        passing, comes_out = self._through(len(data), ended)
        if passing:
            on_bytes(data[:passing])
        return comes_out

    @property
    def bytes_to_bring(self) -> int:
        """How many of the bytes that the driver wrote to take at most and ``bring`` now."""
        return self._paced_bytes() if self._faults().paced else _AT_ONCE

    def _piece(self, faults: LineFaults, whole: int) -> int:
        if faults.split or faults.slow_s:
            return 1
        return self._paced_bytes() if faults.paced else whole

    def _paced_bytes(self) -> int:
        return max(1, int(_PIECE_S * self._bits_a_second() / BITS_A_BYTE))

    def _bits_a_second(self) -> int:
        return self._rate() or _USUAL_RATE

    def _through(self, count: int, ended: threading.Event) -> tuple[int, bool]:
        """How many of ``count`` bytes still pass, and whether the cable comes out behind them."""
        with self._fuse:
            if ended is self._pulled:  # it is out, though whoever must pull it has not got to it
                return 0, False
            faults = self._faults()
            if faults.unplug_after != self._armed:
                self._armed = faults.unplug_after
                self._left = self._armed or 0
            if self._armed is None:
                return count, False
            if self._left > count:
                self._left -= count
                return count, False
            self._armed = faults.unplug_after = None
            self._pulled = ended
            return self._left, True
