"""``measure``: how fast a device and its driver are here, each figure beside what it is measured against."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator

from devices.commands.saying import answer

_MODULES = {
    "idcard": "devices.idcard.measure",
    "printer": "devices.printer.measure",
    "decoders": "devices.camera.measure",
}


def define(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "idcard: from the card laid down to its event, beside the wire's own time; printer: a ticket's rendering and "
        "sending; decoders: milliseconds a picture and hit rate of both. Measured on simulators in this process."
    )
    parser.add_argument("what", nargs="+", choices=tuple(_MODULES), metavar="|".join(_MODULES))
    parser.add_argument("--quick", action="store_true", help="fewer runs: some seconds instead of minutes")
    parser.set_defaults(work=_measure)


def _measure(options: argparse.Namespace) -> int:
    # each needs libraries of its own, so only what is asked for is imported
    for count, what in enumerate(options.what):
        lines: Iterator[str] = importlib.import_module(_MODULES[what]).figures(quick=options.quick)
        if count:
            answer("")
        for line in lines:
            answer(line)
    return 0
