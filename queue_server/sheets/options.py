"""The command lines of booking, apart from it so that ``serve`` need not load it."""

from __future__ import annotations

import argparse
from datetime import date
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "sheets": "queue_server.sheets.command",
    "staffing": "queue_server.sheets.command",
    "bench-booking": "queue_server.bench.booking",
}
"""Each command and the module whose ``main`` runs it, loaded when it is chosen."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], demo: Path) -> None:
    """Add booking's commands to the server's; ``demo``: the plans where none are named."""
    _of_a_hall(commands.add_parser("sheets", help="compute a hall's booking sheets from its record"), demo)
    staffing = commands.add_parser("staffing", help="windows needed per half hour of a day, beside those planned")
    _of_a_hall(staffing, demo)
    figures = commands.add_parser("bench-booking", help="what sheets sell on fresh days; windows for 400 a day")
    add = figures.add_argument
    add("--windows", type=int, nargs="+", default=[10, 4])
    add("--seeds", type=int, nargs="+", default=[1, 2, 3])
    add("--load", type=float, default=0.45, help="walk-ins' work over the windows' minutes less breaks")
    add("--days", type=int, default=100, help="fresh days a seed")
    add("--by-domain", type=int, default=1, help="so many of them are also played by the domain and compared")
    add("--staffing", action=argparse.BooleanOptionalAction, default=True)


def run(chosen: argparse.Namespace) -> int:
    """Run the chosen command; its exit code."""
    code: int = import_module(COMMANDS[chosen.command]).main(chosen)
    return code


def _of_a_hall(parser: argparse.ArgumentParser, demo: Path) -> None:
    add = parser.add_argument
    add("--var", type=Path, default=Path("var"), help="where the data lies; nothing is written")
    add("--plans", type=Path, default=demo, help="the city's sites, halls and terminals (TOML)")
    add("--database", default=None, metavar="URL", help="postgresql+psycopg://... instead of SQLite under --var")
    add("--hall", default=None, help="its id; may be left out where there is only one")
    add("--today", type=date.fromisoformat, default=None, metavar="DATE", help="up to here the record is read")
    if parser.prog.endswith("staffing"):
        add("--day", type=date.fromisoformat, default=None, metavar="DATE", help="default: tomorrow")
    else:
        add("--weekday", choices=WEEKDAYS, nargs="+", default=list(WEEKDAYS))
    add("--days", type=int, default=None, help="simulated days for each question")
    add("--seed", type=int, default=1)
    add("--json", action="store_true", help="one line of JSON a sheet (the server's own nightly way), or the advice")
