"""``probe``: find what is attached, ask each port what it is, and propose the profile's device sections."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re

from devices import probe
from devices.commands.codes import is_camera
from devices.commands.saying import ADDRESS, answer, note
from devices.ports import Port, attached
from devices.proposal import proposed_profile

_PINS = re.compile(r"(lgpio|mock)(:|$)|pigpio://")
_USABLE = {"idcard", "printer", "scanner", "camera"}


def define(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Asks every serial port, USB printer and camera what it is (some seconds each) and proposes the device "
        "sections of a terminal's profile. No setting of any device is changed, and no printer prints anything."
    )
    parser.epilog = "Exit code: 0 something usable was found, 1 nothing, 2 wrong command, 130 interrupted."
    parser.add_argument("--port", action="append", help=f"ask only here, may be repeated: {ADDRESS}, or a camera's")
    parser.add_argument(
        "--listen",
        type=float,
        metavar="SECONDS",
        help="afterwards wait so long at silent ports for a code shown to the scanner",
    )
    parser.add_argument("--json", action="store_true", help="one JSON list instead of lines and a profile")
    parser.set_defaults(work=_probe)


def _probe(options: argparse.Namespace) -> int:
    ports = [port_at(address) for address in options.port] if options.port else attached()
    if not ports:
        note("no serial port, USB printer or camera is attached")
        return 1
    found = probe.probe(ports, note)
    silent = [device for device in found if device.kind == "silent"]
    if options.listen and silent:
        heard = {device.port: device for device in probe.listen(silent, options.listen, note)}
        found = [heard.get(device.port, device) for device in found]
    if options.json:
        answer(json.dumps([dataclasses.asdict(device) for device in found], ensure_ascii=False))
    else:
        for device in found:
            words = (device.port, device.kind, device.model, f"{device.baud} baud" if device.baud else "")
            answer("  ".join(filter(None, words)))
        answer(f"\n# In place of the device sections of the terminal's profile:\n\n{proposed_profile(found)}".rstrip())
    return 0 if any(device.kind in _USABLE for device in found) else 1


def port_at(address: str) -> Port:
    """An address that somebody gave, as a place to ask; with what this machine knows of it."""
    known = next((port for port in attached() if address in {port.address, port.node}), None)
    if known is not None:
        return dataclasses.replace(known, address=address)
    if is_camera(address):
        return Port(address, "camera")
    if _PINS.match(address):
        return Port(address, "gpio", name="pins")
    if address.startswith(("usb:", "file:")):
        return Port(address, "usb-printer")
    return Port(address, "serial")
