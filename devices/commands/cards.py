"""``read idcard``: wait for one identity card and print what it says, masked unless asked otherwise."""

from __future__ import annotations

import argparse
import json

from devices.commands.running import first
from devices.commands.saying import ADDRESS, WAIT_S, answer, note
from devices.events import CardSeen
from devices.idcard.driver import open_reader
from devices.idcard.record import Card


def define(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(required=True, metavar="DEVICE")
    idcard = kinds.add_parser(
        "idcard",
        help="wait for an identity card and print what it says, masked",
        description="Waits for one identity card and prints it: name, number, address and birth starred out.",
        epilog="Exit code: 0 a card was read, 1 no card or no reader, 2 wrong command, 130 interrupted.",
    )
    idcard.add_argument("--port", required=True, help=ADDRESS)
    idcard.add_argument("--baud", type=int, help="the rate to try first; else all are tried in turn")
    idcard.add_argument("--json", action="store_true", help="one JSON object on one line")
    idcard.add_argument("--unmask", action="store_true", help="print name, number and address in full (personal data!)")
    idcard.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS", help="how long (default %(default)g)")
    idcard.set_defaults(work=_read)


def _read(options: argparse.Namespace) -> int:
    reader = open_reader(options.port, baud=options.baud, newest_address=True)
    try:
        note(f"asking for a card reader at {options.port}")
        note(f"{reader.identify()} at {reader.baud} baud; put a card on it")
        reader.greet_again()
        event = first(reader, lambda seen: isinstance(seen, CardSeen), options.wait, waiting="waiting for a card")
    finally:
        reader.close()
    if not isinstance(event, CardSeen):
        note(f"no card within {options.wait:g} s: if one lies there, take it off and put it back")
        return 1
    _print_card(event.card, as_json=options.json, unmask=options.unmask)
    return 0


def _print_card(card: Card, *, as_json: bool, unmask: bool) -> None:
    words = card.spelled_out() if unmask else card.masked()
    if as_json:
        answer(json.dumps(words, ensure_ascii=False))
        return
    for key, text in words.items():
        answer(f"{key:<16} {text}")
