"""A USB printer reached by libusb, without the kernel's printer driver: ``usb:VVVV:PPPP`` or ``usb:VVVV:PPPP:SERIAL``.

What pyusb's own printing recipes do wrong, each seen in the field, is what this module is about. libusb counts time
in milliseconds, and 0 means for ever: a printer without paper takes no bytes (it answers NAK), so a write without an
end hangs the program. A read that asks for less than a packet loses the packet: reads ask for whole packets, and what
nobody wanted yet is kept. Nothing is ever reset: a reset in the middle of somebody's ticket prints half of it. The
kernel's driver ``usblp`` is asked to let go only where it holds the interface, and gets it back on close.
"""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

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

try:
    import usb.core
    import usb.util
    from usb.core import USBError, USBTimeoutError
except ModuleNotFoundError as missing:  # an extra of its own: most kiosks have no such printer
    raise LibraryMissing("pyusb is not installed; it comes with the extra 'usb'") from missing

_ADDRESS: Final = re.compile(r"usb:([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?")
_PRINTER_CLASS: Final = 7
_BOTH_WAYS: Final = 2  # the printer class's protocol 2: bulk out and bulk in
_PACKETS_AT_ONCE: Final = 64
_WRITE_AT_ONCE: Final = 16_384
_NOTHING_SAID_S: Final = 0.01
_DROPS: Final = 8

hosts: list[Any] = []
"""USB buses beside the machine's own, as pyusb backends; a simulated one adds itself here while it is plugged in."""


@dataclass(frozen=True, slots=True)
class UsbName:
    """Which device: vendor and product number, and its serial number where two are alike."""

    vendor: int
    product: int
    serial: str | None = None


def parse(address: str) -> UsbName:
    """The device that ``address`` names. Raises BadAddress."""
    found = _ADDRESS.fullmatch(address)
    if not found:
        raise BadAddress(f"{address}: write usb:VVVV:PPPP or usb:VVVV:PPPP:SERIAL, the numbers as lsusb shows them")
    return UsbName(int(found[1], 16), int(found[2], 16), found[3])


class UsbLine:
    """An open printer; see ``transport.Transport``. Raises PortMissing, PortForbidden, PortBusy, DeviceLost."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._came = bytearray()
        self._device: Any = None
        name = parse(address)
        with _translated(address, opening=True):
            device = _find(name)
            if device is None:
                raise PortMissing(f"nothing answers at {address}")
            self._held = _Held(device)
            self._device = device
            try:
                self._interface, self._to, self._from = self._held.take()
            except BaseException:
                self.close()
                raise

    def read(self, n: int, timeout_s: float) -> bytes:
        """See ``Transport``. A printer without a way back never says anything."""
        until = time.monotonic() + timeout_s
        device = self._open_device()
        if self._from is None:
            time.sleep(max(0.0, timeout_s))
        while self._from is not None and not self._came:
            whole_packets = self._from.wMaxPacketSize * _PACKETS_AT_ONCE
            with _translated(self.address, halted=self._from), suppress(USBTimeoutError):
                self._came += device.read(self._from, whole_packets, _ms(until - time.monotonic())).tobytes()
            left_s = until - time.monotonic()
            if self._came or left_s <= 0:
                break
            # some printers answer an empty packet where they should answer nothing: that is no reason to spin
            time.sleep(min(_NOTHING_SAID_S, left_s))
        data = bytes(self._came[:n])
        del self._came[:n]
        return data

    def write(self, data: bytes, timeout_s: float) -> None:
        """See ``Transport``; a printer that takes no more raises WriteStuck."""
        until = time.monotonic() + timeout_s
        device = self._open_device()
        at = 0
        while at < len(data):
            left_s = until - time.monotonic()
            with _translated(self.address, halted=self._to), suppress(USBTimeoutError):
                at += device.write(self._to, data[at : at + _WRITE_AT_ONCE], _ms(left_s))
            if at < len(data) and time.monotonic() >= until:
                raise WriteStuck(f"{self.address} took {at} of {len(data)} bytes in time")

    def drop_input(self) -> None:
        """Forget what has come; a printer that never stops talking is listened to for some packets only."""
        for _ in range(_DROPS):
            self._came.clear()
            if not self.read(1, 0.0):
                return
        self._came.clear()

    def set_baud(self, baud: int) -> None:
        """USB has no rate."""

    def close(self) -> None:
        """Give the interface back, to the kernel's driver where it was its."""
        device, self._device = self._device, None
        if device is not None:
            self._held.give_back()

    def _open_device(self) -> Any:
        if self._device is None:
            raise DeviceLost(f"{self.address} is closed")
        return self._device


class _Held:
    """What was taken of a device, in the order in which it must be given back."""

    def __init__(self, device: Any) -> None:
        self._device = device
        self._claimed: int | None = None
        self._kernel_had: int | None = None

    def take(self) -> tuple[Any, Any, Any]:
        """Claim the printing interface: it, its way out, and its way in or None. Raises USBError, PortMissing."""
        try:
            configuration = self._device.get_active_configuration()
        except USBError as error:
            if error.errno is not None:
                raise
            self._device.set_configuration()  # nobody has, not even the kernel
            configuration = self._device.get_active_configuration()
        interface, to, back = _printing(configuration)
        number = interface.bInterfaceNumber
        with suppress(NotImplementedError):  # where the system has no such drivers
            if self._device.is_kernel_driver_active(number):
                self._device.detach_kernel_driver(number)
                self._kernel_had = number
        usb.util.claim_interface(self._device, number)
        self._claimed = number
        if interface.bAlternateSetting or _settings_of(configuration, number) > 1:
            interface.set_altsetting()
        return interface, to, back

    def give_back(self) -> None:
        """Release, let the kernel's driver in again, close. Never raises."""
        with suppress(USBError, NotImplementedError):
            if self._claimed is not None:
                usb.util.release_interface(self._device, self._claimed)
        with suppress(USBError, NotImplementedError):
            if self._kernel_had is not None:
                self._device.attach_kernel_driver(self._kernel_had)
        with suppress(USBError):
            usb.util.dispose_resources(self._device)


def _printing(configuration: Any) -> tuple[Any, Any, Any]:
    """The interface to print by: a printer's, best one that talks back, else the first with a bulk way out and in."""
    best: tuple[int, Any, Any, Any] | None = None
    for interface in configuration:
        to, back = _bulk(interface, usb.util.ENDPOINT_OUT), _bulk(interface, usb.util.ENDPOINT_IN)
        if to is None:
            continue
        printer = interface.bInterfaceClass == _PRINTER_CLASS
        if not printer and back is None:
            continue
        rank = 4 * printer + 2 * (back is not None) + (printer and interface.bInterfaceProtocol == _BOTH_WAYS)
        if best is None or rank > best[0]:
            best = (rank, interface, to, back)
    if best is None:
        raise PortMissing("the USB device has no interface to print by")
    return best[1:]


def _bulk(interface: Any, direction: int) -> Any:
    for endpoint in interface:
        bulk = usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        if bulk and usb.util.endpoint_direction(endpoint.bEndpointAddress) == direction:
            return endpoint
    return None


def _settings_of(configuration: Any, number: int) -> int:
    return sum(interface.bInterfaceNumber == number for interface in configuration)


def _find(name: UsbName) -> Any:
    """The device of that name, or None. Raises USBError where only such stand there as may not be asked."""
    refused: USBError | None = None
    for device in _alike(name):
        if name.serial is None:
            return device
        try:
            # asked for directly, because pyusb's own "langids" hides that the device may not be opened
            languages = usb.util.get_langids(device)
            if languages and usb.util.get_string(device, device.iSerialNumber, languages[0]) == name.serial:
                return device
        except USBError as error:
            refused = refused if error.errno == errno.EPIPE else error  # EPIPE: it has no strings
        usb.util.dispose_resources(device)  # asking opened it
    if refused is not None:
        raise refused
    return None


def _alike(name: UsbName) -> Iterator[Any]:
    for backend in (*hosts, None):  # None: the machine's own libusb
        try:
            yield from usb.core.find(find_all=True, backend=backend, idVendor=name.vendor, idProduct=name.product)
        except usb.core.NoBackendError as error:
            if not hosts:
                raise LibraryMissing("libusb is not installed; on Debian it is the package libusb-1.0-0") from error


def bus_watch(address: str) -> Callable[[], object]:
    """A cheap look at the bus: changes when a device of that name is plugged in or out, None while there is none.

    A device that was plugged in anew has a new address on its bus. The serial number is not asked for: that would
    mean opening every device of the kind four times a second.
    """
    name = parse(address)

    def look() -> object:
        try:
            there = sorted((device.bus or 0, device.address or 0) for device in _alike(name))
        except (USBError, DeviceError):
            return None
        return tuple(there) or None

    return look


def _ms(seconds: float) -> int:
    """Milliseconds for libusb, at least one: none would be for ever."""
    return max(1, round(seconds * 1000))


@contextmanager
def _translated(address: str, *, opening: bool = False, halted: Any = None) -> Iterator[None]:
    """What libusb raises, as the errors of this package."""
    try:
        yield
    except (DeviceError, USBTimeoutError):
        raise
    except USBError as error:
        match error.errno:
            case errno.ENODEV | errno.ENOENT if opening:
                raise PortMissing(f"nothing answers at {address}") from error
            case errno.EACCES | errno.EPERM:
                raise PortForbidden(f"no permission to open {address}") from error
            case errno.EBUSY:
                raise PortBusy(f"{address} is used by another process") from error
            case errno.EPIPE if halted is not None:
                # the printer stalled the pipe; what it took is unknown. The next opening finds it free again.
                with suppress(USBError):
                    halted.clear_halt()
        raise DeviceLost(f"the line to {address} broke") from error
