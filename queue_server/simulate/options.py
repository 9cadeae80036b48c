"""The command lines of the simulator, apart from it so that ``serve`` need not load it."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "simulate": "queue_server.simulate.command",
    "generate": "queue_server.simulate.making",
    "replay": "queue_server.simulate.replaying",
}
"""Each command and the module whose ``main`` runs it, loaded when it is chosen."""
POLICIES = ("sla", "fifo", "appointments-first", "edf")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the simulator's commands to the server's."""
    add_simulate(commands.add_parser("simulate", help="play recorded days through the real domain, print J"))
    add_generate(commands.add_parser("generate", help="invent a hall and its days, in the same format"))
    add_replay(commands.add_parser("replay", help="play recorded days to a running server, compare with simulate"))


def run(chosen: argparse.Namespace) -> int:
    """Run the chosen command; its exit code."""
    code: int = import_module(COMMANDS[chosen.command]).main(chosen)
    return code


def add_simulate(parser: argparse.ArgumentParser) -> None:
    """``python -m queue_server simulate TRACE_DIR ...``."""
    add = parser.add_argument
    add("traces", type=Path, nargs="+", metavar="TRACE_DIR", help="directories with hall.json and day-NNN.jsonl")
    add("--policy", choices=POLICIES, default="sla")
    add("--forecasts", action="store_true", help="also write forecast-NNN.csv: the wait shown at issue")
    add("--out", type=Path, default=None, metavar="DIR", help="where day-NNN.csv go (several traces: DIR/NAME/)")
    add("--json", action="store_true", help="print the figures as JSON")
    add("--quiet", action="store_true", help="no progress on stderr")


def add_generate(parser: argparse.ArgumentParser) -> None:
    """``python -m queue_server generate DIR ...``."""
    add = parser.add_argument
    add("out", type=Path, metavar="DIR", help="where hall.json and day-NNN.jsonl go")
    add("--days", type=int, default=5)
    add("--first-day", type=int, default=0, help="number of the first day")
    add("--seed", type=int, default=1)
    add("--windows", type=int, default=10, help="2 to 24")
    add("--load", type=float, default=0.95, help="expected work of those who come / window minutes less breaks")
    add("--appointments", type=float, default=0.45, help="share of the expected work that is booked")
    add("--skills", type=int, default=2, choices=(0, 1, 2), help="how many special skills complex matters may need")
    add("--humps", action="store_true", help="walk-ins in two humps, the morning's higher, instead of one broad one")
    add("--means-wrong", type=float, default=0.0, help="the known means are off by this share, up or down a matter")
    add("--rates-wrong", type=float, default=0.0, help="more (or, negative, fewer) walk-ins than the load says")


def add_replay(parser: argparse.ArgumentParser) -> None:
    """``python -m queue_server replay TRACE_DIR``."""
    add = parser.add_argument
    add("trace", type=Path, metavar="TRACE_DIR")
    add("--day", default=None, metavar="NNN", help="this day alone")
    add("--policy", choices=POLICIES, default="sla")
