"""``simulate``: one simulated device alone, for a driver in another process."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from devices.commands.saying import answer, note
from devices.errors import BadSwitchValue, UnknownSwitch
from devices.idcard.people import PEOPLE
from devices.simulated_socket import SimulatedSocket
from devices.switches import parse_switch, set_switch, switches_of

_ON_A_PTY = ("idcard", "scanner", "printer")
_ON_A_SOCKET = ("camera", "panel")
_HELD_EVERY_S = 3.0


def define(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Stands in for one device until Ctrl-C. Its address, as a driver opens it, is printed on standard output."
    )
    parser.epilog = "Faults by name: python -m devices simulate DEVICE --faults lists them."
    parser.add_argument("device", choices=(*_ON_A_PTY, *_ON_A_SOCKET))
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--link", type=Path, help="a path at which the driver will find it (idcard, scanner, printer)")
    where.add_argument("--tcp-port", type=int, metavar="N", help="a port of 127.0.0.1 (0: any free one)")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[=VALUE]", help="may be repeated")
    parser.add_argument("--faults", action="store_true", help="list the faults and end")
    parser.add_argument("--card", choices=tuple(PEOPLE), help="lay this invented card on the reader")
    parser.add_argument("--code", help="show this code to the scanner every three seconds, or hold it at the camera")
    parser.add_argument("--paper-mm", type=int, default=80, choices=(58, 80), help="the roll in the printer")
    parser.add_argument("--layout", default="demo", help="of the panel: a layout's name or the path of its file")
    parser.set_defaults(work=_simulate)


def _simulate(options: argparse.Namespace) -> int:
    if options.faults:
        with ExitStack() as stack:
            return _list_faults(stack.enter_context(_unplugged(options)))
    wrong = _wrong_place(options)
    if wrong:
        note(wrong)
        return 2
    over = threading.Event()
    with ExitStack() as stack:
        sim = stack.enter_context(_unplugged(options))
        try:
            for fault in options.fault:
                set_switch(sim, *parse_switch(fault))
        except (UnknownSwitch, BadSwitchValue) as error:
            note(str(error))
            return 2
        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, lambda *_signal: over.set()))
        sim.plug()
        _occupy(sim, options)
        address = getattr(sim, "address", None) or sim.line.address
        note(f"a simulated {options.device} stands at {address}; Ctrl-C ends it")
        answer(address)
        over.wait()
    return 0


def _wrong_place(options: argparse.Namespace) -> str:
    """What is wrong with where the device shall stand; empty when it is right."""
    if options.device in _ON_A_SOCKET:
        return f"a simulated {options.device} has no --link: give --tcp-port N or nothing" if options.link else ""
    if options.link is None and options.tcp_port is None:
        return f"where shall the simulated {options.device} stand? give --link PATH or --tcp-port N"
    return ""


@contextmanager
def _unplugged(options: argparse.Namespace) -> Iterator[Any]:
    """The simulator, not yet plugged in; closed in the end."""
    sim = _simulator(options)
    try:
        yield sim
    finally:
        sim.close()


def _simulator(options: argparse.Namespace) -> Any:
    # each needs libraries of its own, which a machine that simulates another need not have
    port = options.tcp_port or 0
    match options.device:
        case "camera":
            from devices.camera.sim import CameraSim  # noqa: PLC0415

            return CameraSim(port)
        case "panel":
            from devices.gpio.layout_file import load_layout  # noqa: PLC0415
            from devices.gpio.sim import PanelSim  # noqa: PLC0415

            return PanelSim(port, load_layout(options.layout))
    place = SimulatedSocket(port=port) if options.link is None else options.link
    match options.device:
        case "idcard":
            from devices.idcard.sim import IdCardSim  # noqa: PLC0415

            return IdCardSim(place)
        case "scanner":
            from devices.scanner.sim import ScannerSim  # noqa: PLC0415

            return ScannerSim(place)
        case _:
            from devices.printer.sim import PrinterSim  # noqa: PLC0415

            return PrinterSim(place, paper_mm=options.paper_mm)


def _occupy(sim: Any, options: argparse.Namespace) -> None:
    """Put before the device what the options say: a card, a code."""
    match options.device:
        case "idcard" if options.card:
            sim.put(options.card)
        case "scanner" if options.code:
            # a daemon: ``hold`` ends with the simulator, but only after its pause
            held = (options.code, sys.maxsize, _HELD_EVERY_S)
            threading.Thread(target=sim.hold, args=held, name="code", daemon=True).start()
        case "camera" if options.code:
            sim.show(options.code)


def _list_faults(sim: Any) -> int:
    for switch in switches_of(sim).values():
        answer(f"{switch.name:<24} {switch.wants}")
    return 0
