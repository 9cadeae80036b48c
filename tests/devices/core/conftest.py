"""A machine made of directories and links, as /sys and /dev look on a real one, with things plugged into it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Machine:
    """``root`` is its root directory. Paths and links are shaped as on Linux 6.x with systemd's udev rules."""

    root: Path
    plugged: int = 0

    def usb(
        self, vendor: str, product: str, *, serial: str = "", maker: str = "", model: str = "", at: str = ""
    ) -> Path:
        """A USB device in the next socket, or in the one ``at``; its directory under /sys."""
        self.plugged += 1
        place = self.root / f"sys/devices/pci0000:00/0000:00:14.0/usb1/{at or f'1-{self.plugged}'}"
        files = {"idVendor": vendor, "idProduct": product, "serial": serial, "manufacturer": maker, "product": model}
        for name, said in files.items():
            if said:
                self._write(place / name, f"{said}\n")
        return place

    def usb_serial(self, node: str, device: Path, *, by_id: str = "", interface: int = 0) -> None:
        """A tty on a USB device, ``ttyUSB..`` with a driver's port between, ``ttyACM..`` without, and its links."""
        where = device / f"{device.name}:1.{interface}"
        where = where / node if node.startswith("ttyUSB") else where
        self._class_node("tty", node, where)
        self._link(f"dev/serial/by-path/pci-0000:00:14.0-usb-0:{device.name[2:]}:1.{interface}", f"dev/{node}")
        if by_id:
            self._link(f"dev/serial/by-id/{by_id}", f"dev/{node}")

    def camera(self, number: int, device: Path, *, index: int = 0, by_id: str = "") -> None:
        """A video node of a USB camera; index 0 gives pictures, 1 metadata."""
        node = self._class_node("video4linux", f"video{number}", device / f"{device.name}:1.0")
        self._write(node / "index", f"{index}\n")
        self._write(node / "name", "Camera: Camera\n")
        self._link(
            f"dev/v4l/by-path/pci-0000:00:14.0-usb-0:{device.name[2:]}:1.0-video-index{index}", f"dev/video{number}"
        )
        if by_id:
            self._link(f"dev/v4l/by-id/{by_id}-video-index{index}", f"dev/video{number}")

    def pi_video(self, number: int, name: str) -> None:
        """One of the Pi's own video nodes, which hang on no USB device."""
        node = self._class_node("video4linux", f"video{number}", self.root / "sys/devices/platform/soc/fe801000.csi")
        self._write(node / "index", "0\n")
        self._write(node / "name", f"{name}\n")

    def usb_printer(self, device: Path, *, lp: int | None) -> None:
        """A printer-class interface; ``lp`` None: the kernel's driver is not bound."""
        interface = device / f"{device.name}:1.0"
        self._write(interface / "bInterfaceClass", "07\n")
        self._relative_link(self.root / "sys/bus/usb/devices" / interface.name, interface)
        if lp is not None:
            self._class_node("usbmisc", f"lp{lp}", interface, dev=f"usb/lp{lp}")

    def uart(self, node: str, kind: int) -> None:
        """A built-in serial port; ``kind`` 0: the driver found no chip."""
        where = self._class_node("tty", node, self.root / f"sys/devices/platform/soc/{node}.serial")
        self._write(where / "type", f"{kind}\n")

    def file(self, path: str, said: str) -> None:
        self._write(self.root / path, said)

    def link(self, path: str, target: str) -> None:
        self._link(path, target)

    def _class_node(self, kind: str, name: str, device: Path, dev: str = "") -> Path:
        node = device / kind / name
        node.mkdir(parents=True, exist_ok=True)
        self._relative_link(node / "device", device)
        self._relative_link(self.root / "sys/class" / kind / name, node)
        self._write(self.root / "dev" / (dev or name), "")
        return node

    def _link(self, path: str, target: str) -> None:
        self._relative_link(self.root / path, self.root / target)

    def _relative_link(self, link: Path, target: Path) -> None:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)  # as udev does: the last one gets the name
        link.symlink_to(os.path.relpath(target, link.parent))

    def _write(self, path: Path, said: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(said, encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with nothing plugged in."""
    return Machine(tmp_path / "root")


@pytest.fixture
def make_machine(tmp_path: Path) -> Callable[[str], Machine]:
    """Further machines, by a name of their own."""
    return lambda name: Machine(tmp_path / name)
