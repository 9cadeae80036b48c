"""What is plugged into this machine, by names that survive a re-plug.

``ttyUSB0`` is whoever was plugged in first, so ports are named as udev links them: ``/dev/serial/by-id`` says which
device, ``/dev/serial/by-path`` which socket. By-id is better, as a device may move to another socket; but several
adapters of one make without serial numbers (every CH340), or with the same one, share a single by-id link, and then
only the socket tells them apart. Cameras likewise under ``/dev/v4l``. Everything is read from ``/sys`` and from the
links; no port is opened here. ``root`` is another root directory, for tests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path("/")

PortKind = Literal["serial", "usb-printer", "camera", "gpio"]
Hint = Literal["", "printer", "scanner"]

_MAKERS: dict[str, Hint] = {  # USB vendor ids of makers who make nothing else that a kiosk has
    "04b8": "printer",  # Epson
    "0519": "printer",  # Star Micronics
    "1504": "printer",  # Bixolon
    "1d90": "printer",  # Citizen
    "0dd4": "printer",  # Custom
    "1eab": "scanner",  # Newland
    "0c2e": "scanner",  # Honeywell, Metrologic
    "05e0": "scanner",  # Zebra, Symbol
    "05f9": "scanner",  # Datalogic
}
_WORDS: tuple[tuple[Hint, re.Pattern[str]], ...] = (
    ("printer", re.compile(r"print|receipt|thermal|\bpos[-_ ]?(58|80)|\btm-", re.IGNORECASE)),
    ("scanner", re.compile(r"scan|bar ?code|imager|qr ?code|code reader", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class UsbIds:
    """What a USB device says of itself; ``vendor`` and ``product`` are four hexadecimal digits each."""

    vendor: str
    product: str
    serial: str = ""
    maker: str = ""
    model: str = ""

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.maker, self.model))) or f"{self.vendor}:{self.product}"


@dataclass(frozen=True, slots=True)
class Port:
    """One place where a device may be. ``address`` is what a driver opens; ``node`` the device file of today.

    ``name`` is what is known of it without asking: a USB device's own name, a chip's label. ``hint`` says what its
    USB ids promise, "" where they promise nothing.
    """

    address: str
    kind: PortKind
    node: str = ""
    name: str = ""
    hint: Hint = ""


def attached(root: Path = ROOT) -> list[Port]:
    """Every place of this machine where a kiosk's device may be: serial ports, USB printers, cameras, pins."""
    return [*serial_ports(root), *usb_printers(root), *cameras(root), *gpio_chips(root)]


def serial_ports(root: Path = ROOT) -> list[Port]:
    """USB serial ports, then the built-in ones that are really there and free for us."""
    found = {node: _usb_of(node / "device") for node in _class(root, "tty", "ttyUSB*", "ttyACM*")}
    return [*_named(root, "serial", "dev/serial", found), *_built_in(root)]


def usb_printers(root: Path = ROOT) -> list[Port]:
    """USB printers: as ``file:/dev/usb/lpN`` where the kernel drives them, else as ``usb:VVVV:PPPP:SERIAL``.

    Where there are several, lp0 is whoever came first, and those that have serial numbers go by these.
    """
    driven = {node: (node / "device").resolve().parent for node in _class(root, "usbmisc", "lp*")}
    others = {
        interface.resolve().parent
        for interface in sorted((root / "sys/bus/usb/devices").glob("*:*"))
        if _read(interface / "bInterfaceClass") == "07"
    } - set(driven.values())
    ids = {place: _ids(place) for place in (*driven.values(), *others)}
    same = Counter(ids.values())
    ports = []
    for node, place in driven.items():
        usb = ids[place]
        path = f"/dev/usb/{node.name}"
        by_number = len(driven) > 1 and usb is not None and usb.serial and same[usb] == 1
        address = _usb_address(usb) if by_number and usb is not None else f"file:{path}"
        ports.append(Port(address, "usb-printer", path, usb.name if usb else "", "printer"))
    for place in sorted(others):
        usb = ids[place]
        if usb is not None:
            ports.append(Port(_usb_address(usb), "usb-printer", "", usb.name, "printer"))
    return ports


def cameras(root: Path = ROOT) -> list[Port]:
    """USB cameras' picture nodes; and one on the Raspberry Pi's ribbon cable as ``picamera2``.

    A USB camera has a second node, for its metadata, which gives no pictures; the Pi's codecs and image processors
    have a dozen more, which are no cameras.
    """
    nodes = _class(root, "video4linux", "video*")
    found = {node: _usb_of(node / "device") for node in nodes if _read(node / "index") in {"0", ""}}
    ribbon = any(re.match(r"unicam|rp1-cfe", _read(node / "name")) for node in nodes)
    usb_cameras = {node: place for node, place in found.items() if place is not None}
    pi = [Port("picamera2", "camera", "", "camera on the ribbon cable")] if ribbon else []
    return [*_named(root, "camera", "dev/v4l", usb_cameras), *pi]


def gpio_chips(root: Path = ROOT) -> list[Port]:
    """The header's pins, where this is a Raspberry Pi with a GPIO chip; other machines' chips wire no panel."""
    chips = sorted((root / "dev").glob("gpiochip*"))
    model = _read(root / "proc/device-tree/model")
    return [Port("lgpio", "gpio", f"/dev/{chips[0].name}", model)] if chips and "Raspberry Pi" in model else []


def hint_of(usb: UsbIds) -> Hint:
    """What the USB ids promise: the maker's number first, else the words of its name."""
    if usb.vendor in _MAKERS:
        return _MAKERS[usb.vendor]
    return next((hint for hint, words in _WORDS if words.search(usb.name)), "")


# -- names


def _named(root: Path, kind: PortKind, links: str, found: Mapping[Path, Path | None]) -> list[Port]:
    """Ports for class nodes and the USB devices behind them, by the links under ``links``."""
    ids = {place: _ids(place) for place in found.values() if place is not None}
    same = Counter(ids.values())
    ports = []
    for node, place in found.items():
        usb = ids.get(place) if place is not None else None
        twins = usb is not None and same[usb] > 1
        folders = ("by-path",) if twins else ("by-id", "by-path")
        address = _link(root, root / "dev" / node.name, [f"{links}/{folder}" for folder in folders])
        ports.append(Port(address, kind, f"/dev/{node.name}", usb.name if usb else "", hint_of(usb) if usb else ""))
    return sorted(ports, key=lambda port: port.address)


def _link(root: Path, node: Path, folders: Iterable[str]) -> str:
    """The first link to ``node`` in ``folders``; the node's own name where there is none."""
    target = node.resolve()
    for folder in folders:
        for link in sorted((root / folder).glob("*")):
            if link.resolve() == target:
                return f"/{link.relative_to(root)}"
    return f"/{node.relative_to(root)}"


def _built_in(root: Path) -> list[Port]:
    """Built-in UARTs, but neither the console (somebody logs in there) nor the Pi's way to its Bluetooth chip."""
    console = _read(root / "sys/class/tty/console/active").split()
    bluetooth = (root / "dev/serial1").resolve()
    ports = []
    for node in _class(root, "tty", "ttyS*", "ttyAMA*"):
        device = root / "dev" / node.name
        there = _read(node / "type") not in {"", "0"}  # 0: the driver found no chip
        if there and node.name not in console and device.resolve() != bluetooth:
            name = "/dev/serial0" if (root / "dev/serial0").resolve() == device.resolve() else f"/dev/{node.name}"
            ports.append(Port(name, "serial", f"/dev/{node.name}", "built-in"))
    return ports


# -- /sys


def _class(root: Path, kind: str, *patterns: str) -> list[Path]:
    folder = root / "sys/class" / kind
    return sorted(node for pattern in patterns for node in folder.glob(pattern))


def _usb_of(device: Path) -> Path | None:
    """The USB device that ``device`` is a part of, as its directory."""
    place = device.resolve()
    return next((folder for folder in (place, *place.parents) if (folder / "idVendor").is_file()), None)


def _ids(place: Path) -> UsbIds | None:
    vendor, product = _read(place / "idVendor").lower(), _read(place / "idProduct").lower()
    if not vendor:
        return None
    return UsbIds(vendor, product, _read(place / "serial"), _read(place / "manufacturer"), _read(place / "product"))


def _usb_address(usb: UsbIds) -> str:
    return ":".join(filter(None, ("usb", usb.vendor, usb.product, usb.serial)))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip(" \t\r\n\0")
    except OSError:
        return ""
