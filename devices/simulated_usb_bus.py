"""A USB bus in software, as a back end of pyusb: what ``usb_line`` talks to where there is no hardware.

It does what ``usb.backend.IBackend`` asks for, so pyusb's own core and the shipped line run unchanged above it, and so
do the rules of the real thing: packets of 64 bytes, a read shorter than a packet loses it, an interface that somebody
else holds is busy, a full printer answers NAK until the time is over (and 0 ms is for ever), a device that went away is
ENODEV, one that comes back has another address. Written from the USB and printer class specifications.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Protocol

from usb.core import USBError, USBTimeoutError

from devices import usb_line

PACKET = 64
OUT, IN = 0x01, 0x82
_FIFO = 1024  # bytes that the device's controller takes before its firmware does
_STRINGS = {1: "JIAOHAO", 2: "Ticket printer"}
_SERIAL_INDEX = 3
_ENGLISH = 0x0409
_BUS_NUMBER = 250  # no real machine has so many


@dataclass(slots=True)
class Plugged:
    """A device on its bus, from one plugging in to the next pulling out."""

    address: int
    ended: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)
    out: bytearray = field(default_factory=bytearray)
    back: deque[bytes] = field(default_factory=deque)
    claimed_by: object = None
    configuration: int = 1
    thread: threading.Thread | None = None


class UsbDevice(Protocol):
    """What the bus knows of a device; the switches may be set at any time."""

    vendor: int
    product: int
    serial: str
    kernel_driver: bool
    held: bool
    forbidden: bool
    stalled: bool
    says_nothing_in_packets: bool
    resets: int

    @property
    def now(self) -> Plugged | None: ...


@dataclass(eq=False, slots=True)
class _Handle:
    device: UsbDevice
    now: Plugged


class SimulatedBus:
    """A back end for pyusb; it stands beside the machine's own buses as long as anything is plugged in."""

    def __init__(self) -> None:
        self._devices: list[UsbDevice] = []
        self._last_address = 1
        self._changing = threading.Lock()

    # -- the far side of the cable

    def welcome(self, device: UsbDevice) -> int:
        """``device`` was plugged in; its address on this bus."""
        with self._changing:
            if not self._devices:
                usb_line.hosts.append(self)
            self._devices.append(device)
            self._last_address += 1
            return self._last_address

    def farewell(self, device: UsbDevice) -> None:
        """``device`` was pulled out."""
        with self._changing:
            self._devices.remove(device)
            if not self._devices:
                usb_line.hosts.remove(self)

    # -- what pyusb asks of a back end (see usb.backend.IBackend)

    def enumerate_devices(self) -> Iterator[tuple[UsbDevice, Plugged]]:
        with self._changing:
            there = list(self._devices)
        return iter([(device, device.now) for device in there if device.now is not None])

    def get_parent(self, _device: object) -> None:
        return None

    def get_device_descriptor(self, device: tuple[UsbDevice, Plugged]) -> Any:
        it, now = device
        return SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x0200,
            bDeviceClass=0,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=PACKET,
            idVendor=it.vendor,
            idProduct=it.product,
            bcdDevice=0x0100,
            iManufacturer=1,
            iProduct=2,
            iSerialNumber=_SERIAL_INDEX if it.serial else 0,
            bNumConfigurations=1,
            address=now.address,
            bus=_BUS_NUMBER,
            port_number=1,
            port_numbers=(1,),
            speed=2,
        )

    def get_configuration_descriptor(self, _device: object, _config: int) -> Any:
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=32,
            bNumInterfaces=1,
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0xC0,
            bMaxPower=1,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, _device: object, intf: int, alt: int, _config: int) -> Any:
        if intf or alt:
            raise IndexError("it has one interface in one setting")
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=4,
            bInterfaceNumber=0,
            bAlternateSetting=0,
            bNumEndpoints=2,
            bInterfaceClass=7,
            bInterfaceSubClass=1,
            bInterfaceProtocol=2,
            iInterface=0,
            extra_descriptors=[],
        )

    def get_endpoint_descriptor(self, _device: object, ep: int, _intf: int, _alt: int, _config: int) -> Any:
        return SimpleNamespace(
            bLength=7,
            bDescriptorType=5,
            bEndpointAddress=(OUT, IN)[ep],
            bmAttributes=2,
            wMaxPacketSize=PACKET,
            bInterval=0,
            bRefresh=0,
            bSynchAddress=0,
            extra_descriptors=[],
        )

    def open_device(self, device: tuple[UsbDevice, Plugged]) -> _Handle:
        it, now = device
        if now.ended.is_set():
            raise _error(errno.ENODEV)
        if it.forbidden:
            raise _error(errno.EACCES)
        return _Handle(it, now)

    def close_device(self, handle: _Handle) -> None:
        _let_go(handle)  # closing lets go of whatever was held

    def get_configuration(self, handle: _Handle) -> int:
        _there(handle)
        return handle.now.configuration

    def set_configuration(self, handle: _Handle, value: int) -> None:
        _there(handle)
        handle.now.configuration = value

    def set_interface_altsetting(self, handle: _Handle, _intf: int, _alt: int) -> None:
        _there(handle)

    def claim_interface(self, handle: _Handle, _intf: int) -> None:
        _there(handle)
        if handle.device.held or handle.device.kernel_driver or handle.now.claimed_by not in {None, handle}:
            raise _error(errno.EBUSY)
        handle.now.claimed_by = handle

    def release_interface(self, handle: _Handle, _intf: int) -> None:
        _there(handle)
        _let_go(handle)

    def is_kernel_driver_active(self, handle: _Handle, _intf: int) -> bool:
        _there(handle)
        return handle.device.kernel_driver

    def detach_kernel_driver(self, handle: _Handle, _intf: int) -> None:
        _there(handle)
        if not handle.device.kernel_driver:
            raise _error(errno.ENOENT)
        handle.device.kernel_driver = False

    def attach_kernel_driver(self, handle: _Handle, _intf: int) -> None:
        _there(handle)
        if handle.now.claimed_by is not None:
            raise _error(errno.EBUSY)
        handle.device.kernel_driver = True

    def clear_halt(self, handle: _Handle, _ep: int) -> None:
        _there(handle)
        handle.device.stalled = False

    def reset_device(self, handle: _Handle) -> None:
        _there(handle)
        handle.device.resets += 1

    def bulk_write(self, handle: _Handle, _ep: int, _intf: int, data: array[int], timeout: int) -> int:
        now = _ready(handle)
        if handle.device.stalled:
            raise _error(errno.EPIPE)
        until = _until(timeout)
        left = memoryview(data.tobytes())
        taken = 0
        with now.changed:
            while left:
                room = now.changed.wait_for(lambda: now.ended.is_set() or len(now.out) < _FIFO, _left(until))
                if now.ended.is_set():
                    raise _error(errno.ENODEV)
                if not room:
                    break
                piece = left[: _FIFO - len(now.out)]
                now.out += piece
                taken += len(piece)
                left = left[len(piece) :]
                now.changed.notify_all()
        if left and not taken:
            raise _timeout()
        return taken

    def bulk_read(self, handle: _Handle, _ep: int, _intf: int, buff: array[int], timeout: int) -> int:
        now = _ready(handle)
        until = _until(timeout)
        at = 0
        with now.changed:
            while at < len(buff):
                said = handle.device.says_nothing_in_packets or now.changed.wait_for(
                    lambda: now.ended.is_set() or now.back, _left(until)
                )
                if now.ended.is_set():
                    raise _error(errno.ENODEV)
                if not said and not at:
                    raise _timeout()
                if not now.back:
                    return at
                packet = now.back.popleft()
                now.changed.notify_all()
                if len(packet) > len(buff) - at:
                    raise _error(errno.EOVERFLOW)  # and what did not fit is lost, as on the wire
                buff[at : at + len(packet)] = array("B", packet)
                at += len(packet)
                if len(packet) < PACKET:
                    return at
        return at

    # pyusb looks all three kinds up before it calls the one that an endpoint is of; there are only bulk ones here
    intr_write = iso_write = bulk_write
    intr_read = iso_read = bulk_read

    def ctrl_transfer(
        self, handle: _Handle, kind: int, request: int, value: int, _index: int, data: array[int], _timeout_ms: int
    ) -> int:
        _there(handle)
        if (kind, request, value >> 8) != (0x80, 6, 3):
            raise _error(errno.EPIPE)  # how a device says that it does not know a request
        text = {**_STRINGS, _SERIAL_INDEX: handle.device.serial}
        said = text[value & 0xFF].encode("utf-16-le") if value & 0xFF else _ENGLISH.to_bytes(2, "little")
        answer = bytes([len(said) + 2, 3]) + said
        data[: len(answer)] = array("B", answer)
        return len(answer)


def _let_go(handle: _Handle) -> None:
    if handle.now.claimed_by is handle:
        handle.now.claimed_by = None


def _there(handle: _Handle) -> None:
    if handle.now.ended.is_set():
        raise _error(errno.ENODEV)


def _ready(handle: _Handle) -> Plugged:
    _there(handle)
    if handle.now.claimed_by is not handle:
        raise _error(errno.EIO)
    return handle.now


def _until(timeout_ms: int) -> float | None:
    """When a transfer of ``timeout_ms`` ends; 0 is for ever, as in libusb."""
    return time.monotonic() + timeout_ms / 1000 if timeout_ms else None


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())


def _error(number: int) -> USBError:
    return USBError(os.strerror(number), None, number)


def _timeout() -> USBTimeoutError:
    return USBTimeoutError(os.strerror(errno.ETIMEDOUT), None, errno.ETIMEDOUT)
