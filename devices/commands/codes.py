"""``scan``: wait for one code, from a serial scan engine or from a camera, and print its text."""

from __future__ import annotations

import argparse
import re
from typing import get_args

from devices.commands.running import first
from devices.commands.saying import ADDRESS, WAIT_S, answer, note
from devices.errors import BadAddress, DeviceError
from devices.events import CodeSeen
from devices.scanner.dialects import TriggerName
from devices.scanner.driver import open_scanner
from devices.supervisor import Device

_CAMERA = re.compile(r"http://|v4l2:|picamera2|\d{1,3}$|/dev/(video|v4l/)")


def define(parser: argparse.ArgumentParser) -> None:
    parser.description = "Waits for one code and prints its text on one line."
    parser.epilog = "Exit code: 0 a code was read, 1 none came or no device, 2 wrong command, 130 interrupted."
    parser.add_argument(
        "--port",
        required=True,
        help=f"a scanner: {ADDRESS}; a camera: /dev/video0, /dev/v4l/by-id/.., picamera2 or http://HOST/PATH",
    )
    parser.add_argument(
        "--decoder", choices=("zxing", "zbar"), default="zxing", help="a camera's (default %(default)s)"
    )
    parser.add_argument("--prefix", action="append", default=[], help="what the scanner is set to send before a code")
    parser.add_argument(
        "--trigger",
        choices=get_args(TriggerName),
        default="none",
        help="whose command switches the scanner's light on (none by default: it scans always)",
    )
    parser.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS", help="how long (default %(default)g)")
    parser.set_defaults(work=_scan)


def _scan(options: argparse.Namespace) -> int:
    device = _open(options)
    try:
        note(f"opening {options.port}")
        note(f"{device.identify()}; show a code")
        event = first(device, lambda seen: isinstance(seen, CodeSeen), options.wait, waiting="waiting for a code")
    finally:
        device.close()
    if not isinstance(event, CodeSeen):
        note(f"no code within {options.wait:g} s")
        return 1
    answer(event.text)
    return 0


def is_camera(address: str) -> bool:
    """Whether an address names a camera rather than a serial line."""
    return _CAMERA.match(address) is not None


def _open(options: argparse.Namespace) -> Device:
    if not is_camera(options.port):
        prefixes = tuple(prefix.encode() for prefix in options.prefix)
        try:
            return open_scanner(options.port, prefixes=prefixes, trigger=options.trigger)
        except DeviceError:
            raise
        except ValueError as error:
            raise BadAddress(str(error)) from error
    # a machine that only has a scanner need not have what a camera needs
    from devices.camera.driver import open_camera  # noqa: PLC0415

    return open_camera(options.port, decoder=options.decoder)
