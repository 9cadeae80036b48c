"""``print test`` and ``print status``: one ticket that shows what a printer can, or what it says of itself."""

from __future__ import annotations

import argparse
import json

from devices.commands.running import first
from devices.commands.saying import ADDRESS, WAIT_S, answer, note
from devices.events import Condition, DeviceEvent, Health, Printed, PrintResult
from devices.printer.driver import Printer, PrintJob
from devices.printer.profile import ProfileError, load_profile
from devices.printer.slip import Feed, Line, Qr, Rule, Slip
from devices.printer.units import Units
from devices.transport import open_transport


def define(parser: argparse.ArgumentParser) -> None:
    parser.description = "Prints a test ticket, or reads the printer's state without printing anything."
    parser.epilog = (
        "Exit code of test: 0 printed or sent, else 1; of status: 0 ready (also with little paper left), else 1. "
        "2 wrong command, 130 interrupted."
    )
    parser.add_argument("what", choices=("test", "status"))
    parser.add_argument("--port", required=True, help=ADDRESS)
    parser.add_argument("--profile", default="generic", help="the printer's profile (default %(default)s)")
    parser.add_argument("--paper", type=int, default=80, choices=(58, 80), metavar="MM", help="58 or 80 (default)")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS", help="how long (default %(default)g)")
    parser.set_defaults(work=_print)


def _print(options: argparse.Namespace) -> int:
    try:
        profile = load_profile(options.profile, options.paper)
    except ProfileError as error:
        note(str(error))
        return 2
    printer = Printer(open_transport(options.port), profile, Units(None))
    try:
        note(f"asking the printer at {options.port}")
        model = printer.identify()
        if options.what == "status":
            heard = first(printer, lambda seen: isinstance(seen, Health), options.wait)
            return _print_health(heard, model, as_json=options.json)
        note(f"{model}: printing")
        job = PrintJob("test", test_slip())
        ended = first(printer, lambda seen: isinstance(seen, Printed), options.wait, [job], waiting="printing")
    finally:
        printer.close()
    if not isinstance(ended, Printed):
        note(f"no end of the print within {options.wait:g} s")
        return 1
    result = {"result": str(ended.result), "reason": ended.reason, "model": model}
    answer(json.dumps(result) if options.json else " ".join(filter(None, (str(ended.result), ended.reason))))
    return 0 if ended.result in {PrintResult.PRINTED, PrintResult.SENT} else 1


def test_slip() -> Slip:
    """A ticket with what goes wrong most often: wide marks, a price, rare characters, a code."""
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
        note("the printer's state could not be read in time")
        return 1
    words = {
        "condition": str(heard.condition),
        "reason": heard.reason,
        "model": model,
        "paper_percent": heard.paper_percent,
    }
    if as_json:
        answer(json.dumps(words, ensure_ascii=False))
    else:
        for key, text in words.items():
            answer(f"{key:<16} {'' if text is None else text}")
    return 0 if heard.condition is Condition.OK or heard.reason == "paper-low" else 1
