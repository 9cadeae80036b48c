"""What is attached to this machine: ask every port carefully and name what answers.

The order matters. A printer is asked first and in three bytes, because it would print a reader's frames; a reader
is asked next; what answers neither may be a scan engine, which speaks only when it sees a code. Ports are named
by ``/dev/serial/by-id``, or by-path where several adapters of one make have no serial number of their own, because
``ttyUSB`` numbers move when something is plugged in again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serial.tools import list_ports

from devices.errors import DeviceError, DeviceFault, reason_of
from devices.idcard.driver import Reader
from devices.transport import Transport, open_transport

Kind = Literal["idcard", "printer", "silent", "trouble"]

_PRINTER_RATES = (115_200, 38_400, 19_200, 9_600)
_ANSWER_S = 0.3
_MORE_S = 0.05  # a scan engine that happens to see a code says more than one byte
_DLE_EOT_1 = b"\x10\x04\x01"
_DLE_EOT_4 = b"\x10\x04\x04"


@dataclass(frozen=True, slots=True)
class Found:
    """What answers at ``port``: ``model`` as it names itself, ``baud`` if it has one; ``silent`` may be a scanner."""

    port: str
    kind: Kind
    model: str = ""
    baud: int | None = None


def ports() -> list[str]:
    """Every serial port and USB printer of this machine, by names that survive a re-plug."""
    serial_ports = [port for port in list_ports.comports() if port.vid is not None]
    twins = Counter((port.vid, port.pid) for port in serial_ports if not port.serial_number)
    named = [
        _stable(port.device, by_path=not port.serial_number and twins[port.vid, port.pid] > 1) for port in serial_ports
    ]
    return sorted(named) + [f"file:{path}" for path in sorted(Path("/dev/usb").glob("lp*"))]


def _stable(device: str, *, by_path: bool) -> str:
    for kind in ("by-path",) if by_path else ("by-id", "by-path"):
        for link in sorted(Path("/dev/serial", kind).glob("*")):
            if link.resolve() == Path(device).resolve():
                return str(link)
    return device


def probe(addresses: Iterable[str], note: Callable[[str], None]) -> list[Found]:
    """Ask each address in turn; ``note`` is told what is being asked, as it takes seconds."""
    found = []
    for address in addresses:
        note(f"asking {address}")
        found.append(_ask(address))
    return found


def _ask(address: str) -> Found:
    try:
        line = open_transport(address)
    except DeviceError as error:
        return Found(address, "trouble", reason_of(error))
    try:
        rates = () if address.startswith(("file:", "socket:")) else _PRINTER_RATES
        for rate in rates or (None,):
            if rate is not None:
                line.set_baud(rate)
            if _is_printer(line):
                return Found(address, "printer", "ESC/POS", rate)
        if address.startswith("file:"):
            return Found(address, "silent")
        return _reader(address, line)
    except DeviceError as error:
        return Found(address, "trouble", reason_of(error))
    finally:
        line.close()


def _is_printer(line: Transport) -> bool:
    """Whether two status questions get one byte each, with the bits that every status byte has fixed."""
    for question in (_DLE_EOT_1, _DLE_EOT_4):
        line.drop_input()
        line.write(question, _ANSWER_S)
        answer = line.read(64, _ANSWER_S)
        answer += line.read(64, _MORE_S) if answer else b""
        if len(answer) != 1 or answer[0] & 0b1001_0011 != 0b0001_0010:
            return False
    return True


def _reader(address: str, line: Transport) -> Found:
    reader = Reader(line)
    try:
        model = reader.identify()
    except DeviceFault as error:
        return Found(address, "idcard", error.fault, reader.baud)
    except TimeoutError:
        return Found(address, "silent")
    return Found(address, "idcard", model, reader.baud)


def proposed_profile(found: Iterable[Found]) -> str:
    """The device sections of a kiosk's profile for what was found; the first silent port is taken for the scanner."""
    sections: dict[str, str] = {}
    for device in found:
        section = "scanner" if device.kind == "silent" and not device.port.startswith("file:") else device.kind
        if section in sections or section not in {"idcard", "printer", "scanner"}:
            continue
        port = device.port
        text = f'[{section}]\nport = "{port}"\n'
        if section == "idcard" and device.baud:
            text += f"baud = {device.baud}\n"
        if section == "printer" and device.baud not in {None, 115_200}:
            text = f'[{section}]\nport = "serial:{port}?baud={device.baud}"\n'
        sections[section] = text
    return "\n".join(sections[key] for key in ("idcard", "printer", "scanner") if key in sections)
