"""What every simulated cable does alike, be it a pty, a socket or a USB pipe.

Bytes go through the faults of its ``Wire``; sendings do not mix; it may be pulled out by any thread, also by its own
listening one, which then cannot wait for itself and is joined later. How it is plugged in and out, and how bytes
are handed to the host, is each cable's own.
"""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Generic, Protocol, Self, TypeVar

from devices.simulated_wire import LineFaults, Wire


class PluggedIn(Protocol):
    """A cable from one plugging in to the next pulling out; ``ended`` is set first of all when it comes out."""

    @property
    def ended(self) -> threading.Event: ...


Plugged = TypeVar("Plugged", bound=PluggedIn)


class Cable(ABC, Generic[Plugged]):
    """A ``FarEnd`` but for what its kind of cable must say. Starts unplugged.

    ``on_bytes`` may be set any time before ``plug``. All methods may be called from any thread, also from
    within ``on_bytes``.
    """

    def __init__(
        self,
        on_bytes: Callable[[bytes], None] | None,
        faults: LineFaults | None,
        noise_source: random.Random | None,
        rate: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.on_bytes: Callable[[bytes], None] = on_bytes or (lambda _data: None)
        self.faults = faults or LineFaults()
        self._wire = Wire(lambda: self.faults, rate, noise_source)
        self._plugged: Plugged | None = None
        self._changing = threading.Lock()  # plugged or not
        self._writing = threading.RLock()  # sendings do not mix
        self._leaving: list[threading.Thread] = []  # threads that unplugged themselves, joined later

    @property
    @abstractmethod
    def address(self) -> str:
        """What a driver opens."""

    @property
    def plugged(self) -> bool:
        return self._plugged is not None

    @abstractmethod
    def plug(self) -> None:
        """Put the cable in."""

    @abstractmethod
    def unplug(self) -> None:
        """Pull the cable; a driver that has the port open finds its line broken."""

    @staticmethod
    @abstractmethod
    def _push(plugged: Plugged, data: bytes) -> bool:
        """Hand ``data`` to the host; False when nobody takes it."""

    def close(self) -> None:
        """Unplug for good: no thread or descriptor is left."""
        self.unplug()
        self._join_leaving()

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        """Send ``data`` towards the driver through the faults of the moment; blocks while the wire is slow.

        Unplugged, or with nobody reading, bytes are lost as on any wire.
        """
        with self._writing:
            plugged = self._plugged
            comes_out = plugged is not None and self._wire.carry(data, partial(self._push, plugged), plugged.ended)
        if comes_out:
            self.unplug()  # after the lock: the listening thread, which this waits for, may want to send

    def _hear(self, data: bytes) -> None:
        self.on_bytes(data)  # looked up each time: it may be set anew

    def _await(self, thread: threading.Thread | None) -> None:
        """Wait for the end of a listening thread, at once or, if this is itself, later."""
        if thread is threading.current_thread():
            self._leaving.append(thread)
        elif thread is not None:
            thread.join()

    def _join_leaving(self) -> None:
        here = threading.current_thread()
        for thread in [one for one in self._leaving if one is not here]:
            thread.join()
            with suppress(ValueError):  # another thread joined it, too
                self._leaving.remove(thread)
