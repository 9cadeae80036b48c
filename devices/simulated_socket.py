"""The far end of a network cable, in software: a printer's port 9100 on this machine.

Like ``simulated_line``, but TCP: ``plug`` listens, ``unplug`` resets the connection and refuses new ones, as a
printer does that was switched off and on. As network printers do, it serves one connection and lets others wait.
The port is kept while unplugged, so the address stays good.
"""

from __future__ import annotations

import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from devices.simulated_cable import Cable
from devices.simulated_wire import LineFaults

_ROOM_S = 1.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class _Plugged:
    listener: socket.socket
    wake: socket.socket
    wakened: socket.socket
    client: socket.socket | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class SimulatedSocket(Cable[_Plugged]):
    """A ``FarEnd`` that is a TCP server on 127.0.0.1; ``port`` 0 takes a free one."""

    def __init__(
        self,
        on_bytes: Callable[[bytes], None] | None = None,
        faults: LineFaults | None = None,
        noise_source: random.Random | None = None,
        *,
        port: int = 0,
    ) -> None:
        super().__init__(on_bytes, faults, noise_source)
        self._keeper = _bound(port)  # never listens: it keeps the number while nothing is plugged in
        self._port: int = self._keeper.getsockname()[1]

    @property
    def address(self) -> str:
        return f"socket://127.0.0.1:{self._port}"

    def plug(self) -> None:
        """Listen."""
        self._join_leaving()
        with self._changing:
            if self._plugged is not None:
                return
            listener = _bound(self._port)
            listener.listen(4)
            plugged = _Plugged(listener, *socket.socketpair())
            plugged.thread = threading.Thread(target=self._serve, args=(plugged,), name=f"socket {self._port}")
            self._plugged = plugged
            plugged.thread.start()

    def unplug(self) -> None:
        """Refuse new connections and reset the one that is open."""
        with self._changing:
            plugged, self._plugged = self._plugged, None
            if plugged is None:
                return
            plugged.ended.set()
        with suppress(OSError):  # its thread was faster and has closed everything
            plugged.wake.send(b"x")
        self._await(plugged.thread)  # it cleans up when it gets back to its loop

    def close(self) -> None:
        super().close()
        self._keeper.close()

    @staticmethod
    def _push(plugged: _Plugged, data: bytes) -> bool:
        client = plugged.client
        left = memoryview(data)
        until = time.monotonic() + _ROOM_S
        while left and client is not None and not plugged.ended.is_set():
            try:
                left = left[client.send(left) :]
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
                select.select([plugged.wakened], [client], [], until - time.monotonic())
            except OSError:  # it hung up
                return False
        return not left

    def _serve(self, plugged: _Plugged) -> None:
        try:
            while not plugged.ended.is_set():
                if plugged.client is None:
                    self._accept(plugged)
                else:
                    self._listen(plugged, plugged.client)
        finally:
            plugged.ended.set()
            self._hang_up(plugged)
            for one in (plugged.listener, plugged.wake, plugged.wakened):
                one.close()

    @staticmethod
    def _accept(plugged: _Plugged) -> None:
        ready, _, _ = select.select([plugged.listener, plugged.wakened], [], [])
        if plugged.listener in ready and not plugged.ended.is_set():
            with suppress(OSError):  # who wanted in has gone again
                client, _ = plugged.listener.accept()
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                plugged.client = client

    def _listen(self, plugged: _Plugged, client: socket.socket) -> None:
        waited = client in select.select([client, plugged.wakened], [], [], 0)[0]
        if not waited:
            select.select([client, plugged.wakened], [], [])
        if plugged.ended.is_set():
            return
        try:
            data = client.recv(self._wire.bytes_to_bring)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up(plugged)
        elif self._wire.bring(data, self._hear, plugged.ended, waited=waited):
            self.unplug()

    def _hang_up(self, plugged: _Plugged) -> None:
        with self._writing:  # nobody is sending to it
            client, plugged.client = plugged.client, None
            if client is not None:
                with suppress(OSError):
                    if plugged.ended.is_set():  # pulled out: a reset, not a good-bye
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                client.close()


def _bound(port: int) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", port))
    except OSError:
        one.close()
        raise
    return one
