"""What can go wrong with a device, named for the condition.

Each error also inherits the standard library's kind, so that a caller who knows nothing of devices can
still write ``except TimeoutError`` or ``except ConnectionError``. ``code`` is stable: it is what a health
record carries as its reason and what a technician looks up. The sentence is for people and never holds
anything that was read from a card.
"""

from __future__ import annotations

from typing import ClassVar


class DeviceError(Exception):
    """Any trouble with a device. ``code`` names the condition; ``str()`` is one line for a technician."""

    code: ClassVar[str] = "device-error"


class BadAddress(DeviceError, ValueError):  # noqa: N818  (named for the condition, as all here)
    """The port's address is not one that can be opened: unknown scheme, no path, a rate that is no number."""

    code = "bad-address"


class DeviceLost(DeviceError, ConnectionError):  # noqa: N818
    """The line broke: unplugged, switched off, the far end closed it, or a second process reads the port."""

    code = "device-lost"


class PortMissing(DeviceLost, FileNotFoundError):  # noqa: N818
    """There is nothing at this address."""

    code = "port-missing"


class PortBusy(DeviceLost, BlockingIOError):  # noqa: N818
    """Another process holds the port."""

    code = "port-busy"


class PortForbidden(DeviceLost, PermissionError):  # noqa: N818
    """This user may not open the port (on Debian: not a member of ``dialout`` or ``lp``)."""

    code = "port-forbidden"


class DeviceSilent(DeviceError, TimeoutError):  # noqa: N818
    """The line stands but the device does not answer."""

    code = "no-answer"


class WriteStuck(DeviceError, TimeoutError):  # noqa: N818
    """The device takes no more bytes: out of paper, cover open, flow control held."""

    code = "write-timeout"


class LinkGarbled(DeviceError, ValueError):  # noqa: N818
    """Answers come but cannot be trusted: checksums fail, lengths are wrong, requests are not understood."""

    code = "link-garbled"


class LibraryMissing(DeviceError, ImportError):  # noqa: N818
    """A library that this device needs is not installed on this machine."""

    code = "library-missing"


class DeviceFault(DeviceError, RuntimeError):  # noqa: N818
    """The device itself reports that it cannot work. ``fault`` is its stable code."""

    def __init__(self, sentence: str, fault: str) -> None:
        super().__init__(sentence)
        self.fault = fault


class UnusableCard(DeviceError, ValueError):  # noqa: N818
    """A card was read but must not be used: ``bad-number``, ``bad-date``, ``unknown-layout``."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class UnknownSwitch(DeviceError, LookupError):  # noqa: N818
    """A simulator has no fault of this name."""

    code = "unknown-fault"


class BadSwitchValue(DeviceError, ValueError):  # noqa: N818
    """A simulator's fault does not take this value."""

    code = "bad-value"


def reason_of(error: DeviceError) -> str:
    """The stable reason code of ``error`` for a health record."""
    match error:
        case DeviceFault():
            return error.fault
        case UnusableCard():
            return error.trouble
        case _:
            return error.code
