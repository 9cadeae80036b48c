"""Pins behind a pigpio daemon, on this machine or another one: gpiozero's factory, on a connection that can be lost.

gpiozero's PiGPIOFactory and the pigpio client do the talking; what lies beneath them is replaced, because a kiosk
runs for months and the client's own connection does not stand that: it waits for an answer without any limit, its
notification thread burns a whole core for ever once the daemon is gone (it reads the end of the stream again and
again), each reconnection leaves an atexit handler behind, and a refused connection is printed on the terminal.
Here an answer has ``ANSWER_S``, every trouble is a ``DeviceError``, the thread ends and says so, and nothing is left.

The bytes are pigpio's (its "socket interface" page): a command is four little-endian 32-bit words ``cmd p1 p2 p3``,
echoed with the result in the fourth; a notification is 12 bytes, ``seqno flags tick level``.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pigpio
from gpiozero.pins.pi import PiFactory
from gpiozero.pins.pigpio import PiGPIOFactory, PiGPIOPin

from devices.errors import DeviceError, DeviceLost, DeviceSilent, LinkGarbled, PortMissing

CONNECT_S = 2.0
ANSWER_S = 2.0
TICK_WRAP_S = 2**32 / 1e6
"""The daemon's microseconds run over after so many seconds."""

_REPORT = struct.Struct("<HHII")
_BR1, _NB, _NC, _NOIB = 10, 19, 21, 99


@dataclass(frozen=True, slots=True)
class Report:
    """``level`` holds the levels of pins 0 to 31 as bits, at ``tick`` microseconds; ``flags`` 0 for a change of level.

    Flags of 32, 64 and 128 say watchdog, keep-alive and event: no level changed.
    """

    seqno: int
    flags: int
    tick: int
    level: int


def cut_reports(data: bytes) -> tuple[list[Report], bytes]:
    """The whole reports in ``data``, and the bytes that are left over (fewer than 12)."""
    whole = len(data) - len(data) % _REPORT.size
    return [Report(*_REPORT.unpack_from(data, at)) for at in range(0, whole, _REPORT.size)], data[whole:]


class CommandLine:
    """A connection to the daemon with the face of the socket that the pigpio client expects.

    Once broken it stays so: an answer that comes too late must not be taken for the next one.
    """

    def __init__(self, host: str, port: int) -> None:
        self._where = f"{host}:{port}"
        self._broken: DeviceError | None = None
        self._asked = b""
        try:
            self.socket = socket.create_connection((host, port), CONNECT_S)
        except OSError as error:
            raise PortMissing(f"no pigpio daemon answers at {self._where} ({error})") from error
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        if self._broken is not None:
            raise self._broken
        self._asked = data[:4]
        try:
            self.socket.settimeout(ANSWER_S)
            self.socket.sendall(data)
        except TimeoutError as error:
            raise self._break(DeviceSilent(f"the pigpio daemon at {self._where} takes nothing")) from error
        except OSError as error:
            raise self._break(DeviceLost(f"the pigpio daemon at {self._where} is gone")) from error

    sendall = send

    def recv(self, count: int) -> bytes:
        """The answer, all ``count`` bytes of it; a plain ``recv`` may bring fewer, which the client does not expect."""
        until_s = time.monotonic() + ANSWER_S
        data = b""
        while len(data) < count:
            try:
                self.socket.settimeout(max(0.001, until_s - time.monotonic()))
                piece = self.socket.recv(count - len(data))
            except TimeoutError as error:
                raise self._break(
                    DeviceSilent(f"the pigpio daemon at {self._where} does not answer within {ANSWER_S:g} s")
                ) from error
            except OSError as error:
                raise self._break(DeviceLost(f"the pigpio daemon at {self._where} is gone")) from error
            if not piece:
                raise self._break(DeviceLost(f"the pigpio daemon at {self._where} closed the connection"))
            data += piece
        if data[:4] != self._asked:  # the command is echoed; what does not is no pigpio daemon
            raise self._break(LinkGarbled(f"what answers at {self._where} does not speak as a pigpio daemon does"))
        return data

    def close(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it
        self.socket.close()
        self._broken = self._broken or DeviceLost(f"the connection to {self._where} is closed")

    def _break(self, error: DeviceError) -> DeviceError:
        self._broken = error
        return error


class Notices(threading.Thread):
    """The daemon's notifications: the client's own thread, except that it ends. ``lost`` is called when it must."""

    def __init__(self, control: Any, host: str, port: int, lost: Callable[[], None]) -> None:
        super().__init__(name="pigpio notices", daemon=True)
        self._control = control
        self._lost = lost
        self._watchers: tuple[Any, ...] = ()  # the client's records: gpio, bit, edge, func
        self._ending = False
        self._levels = threading.Lock()
        own = pigpio._socklock()  # noqa: SLF001  (the client's own way to speak a command)
        own.s = self._line = CommandLine(host, port)
        try:
            self._level = pigpio._pigpio_command(own, _BR1, 0, 0)  # noqa: SLF001
            self._handle = pigpio._u2i(pigpio._pigpio_command(own, _NOIB, 0, 0))  # noqa: SLF001
        except BaseException:
            self._line.close()
            raise
        self._line.socket.settimeout(None)

    def append(self, watcher: Any) -> None:
        """What the client calls to watch a pin.

        The pin's level is asked for anew: its pull was set after the levels were read, and that made no report.
        The client's own thread goes on from the old level and does not see the pin's first edge.
        """
        self._watch((*self._watchers, watcher))
        levels = pigpio._pigpio_command(self._control, _BR1, 0, 0)  # noqa: SLF001
        with self._levels:
            self._level = (self._level & ~watcher.bit) | (levels & watcher.bit)

    def remove(self, watcher: Any) -> None:
        self._watch(tuple(one for one in self._watchers if one is not watcher))

    def run(self) -> None:
        rest = b""
        while True:
            try:
                data = self._line.socket.recv(4096)
            except OSError:
                data = b""
            if not data:
                break
            reports, rest = cut_reports(rest + data)
            for report in reports:
                if report.flags == 0:
                    self._tell(report)
        if not self._ending:
            self._lost()

    def stop(self) -> None:
        self._ending = True
        with suppress(DeviceError):
            pigpio._pigpio_command(self._control, _NC, self._handle, 0)  # noqa: SLF001
        self._line.close()
        if self.is_alive():
            self.join()

    def _watch(self, watchers: tuple[Any, ...]) -> None:
        self._watchers = watchers
        bits = 0
        for watcher in watchers:
            bits |= watcher.bit
        pigpio._pigpio_command(self._control, _NB, self._handle, bits)  # noqa: SLF001

    def _tell(self, report: Report) -> None:
        with self._levels:
            changed, self._level = report.level ^ self._level, report.level
        for watcher in self._watchers:
            if watcher.bit & changed:
                level = int(bool(watcher.bit & report.level))
                if watcher.edge ^ level:  # 0 rising, 1 falling, 2 either
                    watcher.func(watcher.gpio, level, report.tick)


class _Client(pigpio.pi):  # type: ignore[misc]  # pigpio ships no types
    """The pigpio client on our connections. Its constructor is not called: it would make its own."""

    def __init__(self, host: str, port: int, lost: Callable[[], None]) -> None:
        self._host, self._port = host, port
        self.sl = pigpio._socklock()  # noqa: SLF001
        self.sl.s = CommandLine(host, port)
        try:
            self._notify = Notices(self.sl, host, port, lost)
        except BaseException:
            self.sl.s.close()
            raise
        self._notify.start()
        self.connected = True


class DaemonFactory(PiGPIOFactory):  # type: ignore[misc]  # gpiozero ships no types
    """gpiozero's factory for a pigpio daemon. ``when_lost`` is called, on the client's thread, when it is gone.

    Raises PortMissing, DeviceSilent, DeviceLost; every use of its pins may raise the latter two.
    """

    def __init__(self, host: str, port: int) -> None:
        PiFactory.__init__(self)  # past PiGPIOFactory's own, which would connect by itself
        self.when_lost: Callable[[], None] = lambda: None
        self.pin_class = PiGPIOPin
        self._host, self._port = host, port
        self._spis: list[Any] = []
        self._connection: Any = _Client(host, port, self._lost)

    def _lost(self) -> None:
        self.when_lost()

    def close(self) -> None:
        """End the connection and its thread; never raises, and never waits for a daemon that hangs.

        The pins stay as they are: an output that was put out stays out, where an input would let its line float.
        """
        client, self._connection = self._connection, None
        if client is not None:
            client.stop()
        super().close()  # without a connection nothing is sent any more; gpiozero forgets its pins
