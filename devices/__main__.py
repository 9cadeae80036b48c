"""The technician's command line: try a device where it stands, or start a simulated one.

Everything here goes through the shipped drivers. A command prints its answer on standard output, progress and
errors on standard error, an error in one line; the exit code is 0 when it worked, 1 when the device did not do
it, 2 when the command was wrong, 130 when it was interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from devices import probe
from devices.errors import BadAddress, DeviceError
from devices.events import (
    CardSeen,
    CardTrouble,
    CodeSeen,
    CodeTrouble,
    Condition,
    DeviceEvent,
    Health,
    Printed,
    PrintResult,
)
from devices.idcard.driver import open_reader
from devices.idcard.record import Card
from devices.idcard.sim import PEOPLE, IdCardSim
from devices.printer.slip import Feed, Line, Qr, Rule, Slip
from devices.scanner.driver import open_scanner
from devices.scanner.sim import ScannerSim
from devices.supervisor import Device, Jobs
from devices.transport import open_transport

WAIT_S = 20.0

_TROUBLES = {
    "replace-card": "the card could not be read: take it off and put it back",
    "unknown-layout": "this is not an identity card that can be read",
    "bad-number": "the card's number is wrong",
    "bad-date": "the card holds a date that does not exist",
    "unreadable-text": "the code's bytes are neither UTF-8 nor GB18030",
    "too-long": "the code is longer than 512 bytes",
    "flood": "codes come faster than anybody could show them",
}


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _first(
    device: Device, wanted: Callable[[DeviceEvent], bool], wait_s: float, jobs: Sequence[object] = ()
) -> DeviceEvent | None:
    """Run ``device`` until it emits what is ``wanted``; None when that takes longer than ``wait_s``."""
    heard: queue.SimpleQueue[DeviceEvent | DeviceError] = queue.SimpleQueue()
    todo: Jobs = queue.SimpleQueue()
    for job in jobs:
        todo.put(job)
    stop = threading.Event()

    def work() -> None:
        try:
            device.run(heard.put, todo, stop)
        except DeviceError as error:
            heard.put(error)

    thread = threading.Thread(target=work, name="device")
    thread.start()
    until = time.monotonic() + wait_s
    try:
        while (left := until - time.monotonic()) > 0:
            try:
                event = heard.get(timeout=min(left, 5.0))
            except queue.Empty:
                if left > 5.0:
                    _note(f"still waiting, {left - 5.0:.0f} s left")
                continue
            if isinstance(event, DeviceError):
                raise event
            if wanted(event):
                return event
            if isinstance(event, CardTrouble | CodeTrouble):
                _note(_TROUBLES.get(event.code, event.code))
        return None
    finally:
        stop.set()
        thread.join()


def _read_idcard(options: argparse.Namespace) -> int:
    reader = open_reader(options.port, baud=options.baud, newest_address=True)
    try:
        _note(f"{reader.identify()} at {reader.baud} baud; put a card on it")
        event = _first(reader, lambda seen: isinstance(seen, CardSeen), options.wait)
    finally:
        reader.close()
    if not isinstance(event, CardSeen):
        _note(f"no card within {options.wait:g} s")
        return 1
    _print_card(event.card, as_json=options.json, unmask=options.unmask)
    return 0


def _print_card(card: Card, *, as_json: bool, unmask: bool) -> None:
    words = card.spelled_out() if unmask else card.masked()
    if as_json:
        print(json.dumps(words, ensure_ascii=False))
        return
    for key, text in words.items():
        print(f"{key:<16} {text}")


def _scan(options: argparse.Namespace) -> int:
    scanner = open_scanner(options.port)
    try:
        scanner.identify()
        _note("show a code")
        event = _first(scanner, lambda seen: isinstance(seen, CodeSeen), options.wait)
    finally:
        scanner.close()
    if not isinstance(event, CodeSeen):
        _note(f"no code within {options.wait:g} s")
        return 1
    print(event.text)
    return 0


def _print(options: argparse.Namespace) -> int:
    # Drawing needs Pillow, which a machine that only reads cards need not have.
    from devices.printer.driver import Printer, PrintJob  # noqa: PLC0415
    from devices.printer.profile import ProfileError, load_profile  # noqa: PLC0415
    from devices.printer.units import Units  # noqa: PLC0415

    try:
        profile = load_profile(options.profile, options.paper)
    except ProfileError as error:
        _note(str(error))
        return 2
    printer = Printer(open_transport(options.port), profile, Units(None))
    try:
        model = printer.identify()
        if options.what == "status":
            heard = _first(printer, lambda seen: isinstance(seen, Health), options.wait)
            return _print_health(heard, model, as_json=options.json)
        _note(f"{model}: printing")
        job = PrintJob("test", _test_slip())
        ended = _first(printer, lambda seen: isinstance(seen, Printed), options.wait, [job])
    finally:
        printer.close()
    if not isinstance(ended, Printed):
        _note(f"no end of the print within {options.wait:g} s")
        return 1
    result = {"result": str(ended.result), "reason": ended.reason, "model": model}
    print(json.dumps(result) if options.json else " ".join(filter(None, (str(ended.result), ended.reason))))
    return 0 if ended.result in {PrintResult.PRINTED, PrintResult.SENT} else 1


def _test_slip() -> Slip:
    return Slip(
        (
            Line("打印测试 Print test", size=2, align="center", bold=True),
            Rule(),
            Line("常用：张三李四，（括号）￥12.50；生僻：䶮𠮷㛃"),
            Line("The quick brown fox 0123456789"),
            Qr("PRINT-TEST"),
            Feed(2),
        )
    )


def _print_health(heard: DeviceEvent | None, model: str, *, as_json: bool) -> int:
    if not isinstance(heard, Health):
        _note("the printer's state could not be read in time")
        return 1
    words = {
        "condition": str(heard.condition),
        "reason": heard.reason,
        "model": model,
        "paper_percent": heard.paper_percent,
    }
    if as_json:
        print(json.dumps(words, ensure_ascii=False))
    else:
        for key, text in words.items():
            print(f"{key:<16} {'' if text is None else text}")
    return 0 if heard.condition is Condition.OK or heard.reason == "paper-low" else 1


def _probe(options: argparse.Namespace) -> int:
    addresses = options.port or probe.ports()
    if not addresses:
        _note("no serial port and no USB printer is attached")
        return 1
    found = probe.probe(addresses, _note)
    if options.json:
        print(json.dumps([dataclasses.asdict(device) for device in found], ensure_ascii=False))
    else:
        for device in found:
            words = (device.port, device.kind, device.model, f"{device.baud} baud" if device.baud else "")
            print("  ".join(filter(None, words)))
        print(f"\n{probe.proposed_profile(found)}", end="")
    return 0 if any(device.kind in {"idcard", "printer"} for device in found) else 1


def _bench(options: argparse.Namespace) -> int:
    # The bench page needs a web server, which a kiosk need not have.
    from devices.bench.serve import serve  # noqa: PLC0415

    serve(options.dir, options.port)
    return 0


def _simulate(options: argparse.Namespace) -> int:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_signal: over.set())
    with _simulator(options):
        _note(f"a simulated {options.device} stands at {options.link}; Ctrl-C ends it")
        over.wait()
    return 0


def _simulator(options: argparse.Namespace) -> AbstractContextManager[object]:
    match options.device:
        case "idcard":
            card_sim = IdCardSim(options.link)
            if options.card:
                card_sim.put(options.card)
            return card_sim
        case "scanner":
            scanner_sim = ScannerSim(options.link)
            if options.code:
                held = (options.code, sys.maxsize, 3.0)
                threading.Thread(target=scanner_sim.hold, args=held, name="code", daemon=True).start()
            return scanner_sim
        case _:
            # Drawing needs Pillow, which a machine that only reads cards need not have.
            from devices.printer.sim import PrinterSim  # noqa: PLC0415

            return PrinterSim(options.link)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devices", description="Try a hall kiosk's devices.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    address = "PATH, serial:PATH?baud=N, socket://HOST:PORT or file:PATH"

    read = commands.add_parser("read", help="read one card").add_subparsers(required=True, metavar="DEVICE")
    idcard = read.add_parser("idcard", help="wait for an identity card and print what it says, masked")
    idcard.add_argument("--port", required=True, help=address)
    idcard.add_argument("--baud", type=int, help="the rate to try first")
    idcard.add_argument("--json", action="store_true", help="one JSON object")
    idcard.add_argument("--unmask", action="store_true", help="print name, number and address in full")
    idcard.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS")
    idcard.set_defaults(work=_read_idcard)

    scan = commands.add_parser("scan", help="wait for a code and print its text")
    scan.add_argument("--port", required=True, help=address)
    scan.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS")
    scan.set_defaults(work=_scan)

    printing = commands.add_parser("print", help="print a test ticket, or read the printer's state")
    printing.add_argument("what", choices=("test", "status"))
    printing.add_argument("--port", required=True, help=address)
    printing.add_argument("--profile", default="generic", help="the printer's profile")
    printing.add_argument("--paper", type=int, default=80, choices=(58, 80), metavar="MM")
    printing.add_argument("--json", action="store_true", help="one JSON object")
    printing.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS")
    printing.set_defaults(work=_print)

    probing = commands.add_parser("probe", help="find what is attached and propose a profile")
    probing.add_argument("--port", action="append", help=f"ask only here, may be repeated: {address}")
    probing.add_argument("--json", action="store_true")
    probing.set_defaults(work=_probe)

    simulate = commands.add_parser("simulate", help="stand in for a device on a pty")
    simulate.add_argument("device", choices=("idcard", "scanner", "printer"))
    simulate.add_argument("--link", required=True, type=Path, help="the path at which a driver will open it")
    simulate.add_argument("--card", choices=tuple(PEOPLE), help="lay this invented card on the reader")
    simulate.add_argument("--code", help="show this code to the scanner every three seconds")
    simulate.set_defaults(work=_simulate)

    bench = commands.add_parser("bench", help="the three simulators and a page with their switches")
    bench.add_argument("--dir", required=True, type=Path, help="where the devices' ptys are linked")
    bench.add_argument("--port", required=True, type=int, help="of the page, on 127.0.0.1")
    bench.set_defaults(work=_bench)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    options = _parser().parse_args(arguments)
    work: Callable[[argparse.Namespace], int] = options.work
    try:
        return work(options)
    except BadAddress as error:
        _note(f"{error}")
        return 2
    except (DeviceError, OSError) as error:
        _note(f"{error}")
        return 1
    except ModuleNotFoundError as error:
        _note(f"this command needs {error.name}, which is not installed here")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
