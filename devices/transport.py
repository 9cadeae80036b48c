"""A line to a device: bytes out, bytes in, and one kind of error when it breaks.

An address says what lies at the other end: ``/dev/serial/by-id/...`` or ``serial:PATH?baud=9600`` is a
serial port, ``socket://host:port`` a network printer or a serial server, ``file:PATH`` a character device
such as ``/dev/usb/lp0`` or a plain file to write into, ``usb:VVVV:PPPP`` a printer by libusb (see
``usb_line``). pyserial opens and sets up serial ports; reading and writing is done here on the descriptor,
because pyserial waits for *all* bytes asked for and an unplug comes out of it as three different exceptions
(SerialException, OSError, and termios.error, which is not even an OSError). Whatever the system raises is
translated here, once, and nowhere else.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import stat
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import serial

from devices.errors import (
    BadAddress,
    DeviceError,
    DeviceLost,
    LibraryMissing,
    PortBusy,
    PortForbidden,
    PortMissing,
    WriteStuck,
)
from devices.knock import knock_watch

DEFAULT_BAUD = 115_200
CONNECT_S = 3.0
_AT_ONCE = 4096


class Transport(Protocol):
    """An open line. Used by one thread at a time; every method may raise ``DeviceLost``."""

    address: str

    def read(self, n: int, timeout_s: float) -> bytes:
        """Return what has come, 1 to ``n`` bytes, waiting at most ``timeout_s`` for the first; else ``b""``."""
        ...

    def write(self, data: bytes, timeout_s: float) -> None:
        """Hand over all of ``data`` within ``timeout_s``, or raise ``WriteStuck`` (some bytes may have left)."""
        ...

    def drop_input(self) -> None:
        """Forget what has come and was not read."""
        ...

    def set_baud(self, baud: int) -> None:
        """Change the rate of a serial line; a socket or file has none and ignores it."""
        ...

    def close(self) -> None:
        """Give the line back. Never raises; may be called twice."""
        ...


@contextmanager
def _translated(address: str) -> Iterator[None]:
    try:
        yield
    except DeviceError:
        raise
    except (OSError, termios.error) as error:  # SerialException is an OSError
        number = error.args[0] if error.args and isinstance(error.args[0], int) else None
        number = getattr(error, "errno", None) or number
        if number in {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ECONNREFUSED, errno.EHOSTUNREACH}:
            raise PortMissing(f"nothing answers at {address}") from error
        if number in {errno.EACCES, errno.EPERM}:
            raise PortForbidden(f"no permission to open {address}") from error
        if number in {errno.EAGAIN, errno.EBUSY}:
            raise PortBusy(f"{address} is used by another process") from error
        raise DeviceLost(f"the line to {address} broke") from error


class _Line:
    """What serial ports, sockets and files share: waiting on a descriptor."""

    def __init__(self, address: str, fd: int) -> None:
        self.address = address
        self._fd = fd

    def read(self, n: int, timeout_s: float) -> bytes:
        with _translated(self.address):
            ready, _, _ = select.select([self._open_fd()], [], [], max(0.0, timeout_s))
            if not ready:
                return b""
            try:
                data = os.read(self._fd, n)
            except BlockingIOError:  # another reader was faster, or a spurious wake-up
                return b""
            if not data:  # "ready, and nothing": how Linux says that the far end is gone
                raise DeviceLost(f"the line to {self.address} was closed at the far end")
            return data

    def write(self, data: bytes, timeout_s: float) -> None:
        left = memoryview(data)
        until = time.monotonic() + timeout_s
        with _translated(self.address):
            while left:
                _, ready, _ = select.select([], [self._open_fd()], [], max(0.0, until - time.monotonic()))
                if not ready:
                    raise WriteStuck(f"{self.address} took {len(data) - len(left)} of {len(data)} bytes in time")
                with suppress(BlockingIOError):
                    left = left[os.write(self._fd, left[:_AT_ONCE]) :]

    def drop_input(self) -> None:
        with _translated(self.address):
            while select.select([self._open_fd()], [], [], 0)[0]:
                try:
                    if not os.read(self._fd, _AT_ONCE):
                        raise DeviceLost(f"the line to {self.address} was closed at the far end")
                except BlockingIOError:
                    return

    def set_baud(self, baud: int) -> None:
        """A socket or file has no rate."""

    def _open_fd(self) -> int:
        if self._fd < 0:
            raise DeviceLost(f"{self.address} is closed")
        return self._fd


class SerialLine(_Line):
    """A serial port, 8N1, taken exclusively (which holds only against those who ask too)."""

    def __init__(self, address: str, path: str, baud: int) -> None:
        with _translated(address):
            try:
                # timeout=0: pyserial never waits, this module does. No RTS/CTS, no DSR/DTR: most cables lack the wires.
                self._port = serial.Serial(path, baud, timeout=0, write_timeout=0, exclusive=True)
            except ValueError as error:  # a rate that this port cannot do
                raise BadAddress(f"{path} cannot run at {baud} baud") from error
        super().__init__(address, self._port.fileno())

    def drop_input(self) -> None:
        with _translated(self.address):
            self._open_fd()
            self._port.reset_input_buffer()

    def set_baud(self, baud: int) -> None:
        with _translated(self.address):
            self._open_fd()
            self._port.baudrate = baud

    def close(self) -> None:
        self._fd = -1
        with suppress(OSError, termios.error):
            self._port.close()


class SocketLine(_Line):
    """A TCP connection: a printer's port 9100, or a serial server."""

    def __init__(self, address: str, host: str, port: int) -> None:
        with _translated(address):
            self._socket = _connected(host, port)
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        super().__init__(address, self._socket.fileno())

    def close(self) -> None:
        self._fd = -1
        self._socket.close()


def _connected(host: str, port: int) -> socket.socket:
    """Connect within ``CONNECT_S``, however many addresses the name has.

    Only the name itself is looked up in the system's own time; where that matters, write the number.
    """
    until = time.monotonic() + CONNECT_S
    missing = f"nothing answers at {host}:{port}"
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise PortMissing(f"no machine is called {host}") from error
    for n, (*_, at) in enumerate(addresses, 1):
        try:
            return socket.create_connection((str(at[0]), port), timeout=max(0.1, until - time.monotonic()))
        except TimeoutError as error:
            raise PortMissing(f"{missing} within {CONNECT_S:g} s") from error
        except OSError:
            if n == len(addresses):
                raise
    raise PortMissing(missing)


class FileLine(_Line):
    """A character device (both ways where it allows), or a plain file that is appended to and never answers."""

    def __init__(self, address: str, path: str) -> None:
        with _translated(address):
            try:
                device = stat.S_ISCHR(Path(path).stat().st_mode)
            except FileNotFoundError:
                if path.startswith("/dev/"):  # never make a plain file where a device should be
                    raise
                device = False
            self._answers = device
            if device:
                try:
                    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
                except PermissionError:
                    fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
                    self._answers = False
            else:
                fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        super().__init__(address, fd)

    def read(self, n: int, timeout_s: float) -> bytes:
        if self._answers:
            return super().read(n, timeout_s)
        self._open_fd()
        select.select([], [], [], max(0.0, timeout_s))
        return b""

    def drop_input(self) -> None:
        if self._answers:
            super().drop_input()

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)


def open_transport(address: str) -> Transport:
    """Open the line that ``address`` names (see the module's opening); raise ``BadAddress`` or ``DeviceLost``."""
    scheme, rest = _split(address)
    if scheme == "socket":
        return SocketLine(address, *_host_and_port(address))
    if scheme == "file":
        return FileLine(address, rest)
    if scheme == "usb":
        from devices.usb_line import UsbLine  # noqa: PLC0415  only who has such a printer needs pyusb

        return UsbLine(address)
    path, baud = _serial(address, rest)
    return SerialLine(address, path, baud)


def node_watch(address: str) -> Callable[[], object]:
    """Return a cheap look at what stands at ``address``: its value changes when a device is plugged in or out.

    A socket has no node: where it is written as a number, somebody knocks at it (see ``knock``).
    """
    scheme, rest = _split(address)
    if scheme == "socket":
        return knock_watch(*_host_and_port(address))
    if scheme == "usb":
        with suppress(LibraryMissing):  # which opening the line will say
            from devices.usb_line import bus_watch  # noqa: PLC0415  as above

            return bus_watch(address)
        return lambda: None
    path = rest if scheme == "file" else _serial(address, rest)[0]

    def look() -> object:
        try:
            node = Path(path).stat()
        except OSError:
            return None
        # A device node made anew has a new change time, even where it gets its old numbers back.
        return (node.st_rdev, node.st_ino, node.st_ctime_ns) if stat.S_ISCHR(node.st_mode) else True

    return look


def _split(address: str) -> tuple[str, str]:
    if address.startswith("socket://"):
        return "socket", address.removeprefix("socket://")
    if address.startswith("usb:"):
        return "usb", address.removeprefix("usb:")
    for scheme in ("file", "serial"):
        if address.startswith(f"{scheme}:"):
            rest = address.removeprefix(f"{scheme}:")
            rest = "/" + rest.lstrip("/") if rest.startswith("//") else rest
            if not rest:
                raise BadAddress(f"{address}: no path")
            return scheme, rest
    if not address:
        raise BadAddress("the port's address is empty")
    if "://" in address:
        raise BadAddress(
            f"{address}: known are PATH, serial:PATH?baud=N, socket://HOST:PORT, file:PATH and usb:VVVV:PPPP"
        )
    return "plain", address


def _host_and_port(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress(f"{address}: the port is no number from 1 to 65535") from error
    if not host or not port:
        raise BadAddress(f"{address}: write socket://HOST:PORT")
    return host, port


def _serial(address: str, rest: str) -> tuple[str, int]:
    if not address.startswith("serial:"):
        return rest, DEFAULT_BAUD
    path, _, query = rest.partition("?")
    settings = parse_qs(query, keep_blank_values=True)
    unknown = sorted(set(settings) - {"baud"})
    if unknown:
        raise BadAddress(f"{address}: unknown setting {unknown[0]!r}; known is baud")
    baud = settings.get("baud", [str(DEFAULT_BAUD)])[-1]
    if not (baud.isascii() and baud.isdigit() and int(baud) > 0):
        raise BadAddress(f"{address}: baud must be a number such as 115200")
    return unquote(path), int(baud)
