"""Where the panel's pins are, by an address that says it: nothing is guessed and nothing is fallen back on.

``lgpio`` is this machine's own pins (``lgpio:4`` those of /dev/gpiochip4), ``pigpio://HOST:PORT`` those of a pigpio
daemon, ``mock`` gpiozero's pretended ones. gpiozero left to itself tries four libraries in turn and ends, with
nothing but a warning, on the one that works least; so its factory is always made here and given to each device.
"""

from __future__ import annotations

import os
import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.errors import (
    BadAddress,
    DeviceError,
    DeviceFault,
    DeviceLost,
    PortBusy,
    PortForbidden,
    PortMissing,
)
from devices.gpio.lgpio_import import import_lgpio

_DAEMON = re.compile(r"pigpio://([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_LOCAL = re.compile(r"lgpio(?::([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Pins:
    """An open pin factory of gpiozero's. ``wrap_s``: after how long its time stamps run over, None for never.

    ``model`` names the board, for people. ``on_lost`` asks for a call (on any thread) when the pins are gone.
    """

    address: str
    factory: Any
    model: str
    wrap_s: float | None = None
    on_lost: Callable[[Callable[[], None]], None] = lambda _told: None


def open_pins(address: str) -> Pins:
    """The pins at ``address``; raises BadAddress, PortMissing, PortForbidden, DeviceSilent, DeviceLost.

    DeviceFault ``driver-missing`` where the Python library for it is not installed.
    """
    if daemon := _daemon_at(address):
        return _open_daemon(address, *daemon)
    if local := _LOCAL.fullmatch(address):
        return _open_local(address, int(local[1]) if local[1] else None)
    if address == "mock":
        return _open_mock()
    raise _unknown(address)


def pins_watch(address: str) -> Callable[[], object]:
    """A cheap look whether pins stand at ``address``: its value changes when a chip or a daemon comes back.

    A daemon on this machine is known by its listening socket, without troubling it; another machine's is called.
    Raises BadAddress.
    """
    if daemon := _daemon_at(address):
        host, port = daemon
        if host in {"localhost", "::1"} or host.startswith("127."):
            return lambda: _listener(port)
        return lambda: _reachable(host, port)
    if _LOCAL.fullmatch(address):
        return lambda: tuple((node, node.stat().st_ctime_ns) for node in _chips()) or None
    if address == "mock":
        return lambda: True
    raise _unknown(address)


@contextmanager
def translated(address: str) -> Iterator[None]:
    """What the pin libraries raise, as ours."""
    try:
        yield
    except DeviceError:
        raise
    except Exception as error:
        kind = type(error)
        origin = f"{kind.__module__}.{kind.__name__}"
        said = str(error).strip("'\"")
        if kind.__name__ == "GPIOPinInUse" or "GPIO busy" in said:
            raise PortBusy(f"{address}: a pin is used by another program ({said})") from error
        if "no permission" in said:
            raise PortForbidden(f"{address}: {said}") from error
        if isinstance(error, OSError | struct.error) or origin.startswith(("lgpio.", "pigpio.", "gpiozero.")):
            raise DeviceLost(f"{address}: {said}") from error
        raise


def _unknown(address: str) -> BadAddress:
    return BadAddress(f"{address!r} are no pins: write lgpio, lgpio:CHIP, pigpio://HOST:PORT or mock")


def _daemon_at(address: str) -> tuple[str, int] | None:
    if not address.startswith("pigpio:"):
        return None
    found = _DAEMON.fullmatch(address)
    if found is None or not 0 < int(found[2]) < 65536:
        raise BadAddress(f"{address}: write pigpio://HOST:PORT, for example pigpio://127.0.0.1:8888")
    return found[1].strip("[]"), int(found[2])


@contextmanager
def _library(name: str) -> Iterator[None]:
    try:
        yield
    except (ImportError, AttributeError) as error:  # AttributeError: an empty lgpio that pip sometimes picks
        raise DeviceFault(f"the Python library {name} is missing or too old ({error})", "driver-missing") from error
    except OSError as error:
        raise DeviceFault(
            f"the Python library {name} finds no directory to work in ({error})", "driver-missing"
        ) from error


def _open_daemon(address: str, host: str, port: int) -> Pins:
    with _library("pigpio or gpiozero"):
        from devices.gpio.daemon import TICK_WRAP_S, DaemonFactory  # noqa: PLC0415  (an optional library)

    with translated(address):
        factory = DaemonFactory(host, port)

        def on_lost(told: Callable[[], None]) -> None:
            factory.when_lost = told

        return _opened(address, factory, TICK_WRAP_S, on_lost)


def _open_mock() -> Pins:
    with _library("gpiozero"):
        from gpiozero.pins.mock import MockFactory, MockPin  # noqa: PLC0415  (an optional library)

    return Pins("mock", MockFactory(revision="a02082", pin_class=MockPin), "pretended pins")


def _open_local(address: str, chip: int | None) -> Pins:
    with _library("lgpio"):
        import_lgpio()
        from gpiozero.exc import PinUnknownPi  # noqa: PLC0415  (an optional library)
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415  (an optional library)

    node = Path(f"/dev/gpiochip{chip}") if chip is not None else next(iter(_chips()), Path("/dev/gpiochip0"))
    if not node.exists():
        raise PortMissing(f"this machine has no {node}: no GPIO pins, or no driver for them")
    if not os.access(node, os.R_OK | os.W_OK):
        raise PortForbidden(f"no permission to use {node}: add this user to the group gpio")
    with translated(address):
        try:
            return _opened(address, LGPIOFactory(chip=chip), None, lambda _told: None)
        except PinUnknownPi as error:
            raise PortMissing(f"{node} is there, but this is no Raspberry Pi: {error}") from error


def _chips() -> list[Path]:
    return sorted(Path("/dev").glob("gpiochip*"))


def _opened(address: str, factory: Any, wrap_s: float | None, on_lost: Callable[[Callable[[], None]], None]) -> Pins:
    try:
        return Pins(address, factory, f"Raspberry Pi {factory.board_info.model}", wrap_s, on_lost)
    except BaseException:
        factory.close()
        raise


# -- looking without opening


def _listener(port: int) -> object:
    """The inode of the socket that listens on ``port`` here; a daemon that is started anew has a new one."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:  # 0A: listening
                return fields[9]
    return None


def _reachable(host: str, port: int) -> object:
    try:
        with socket.create_connection((host, port), 0.2):
            return True
    except OSError:
        return None
