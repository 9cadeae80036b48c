"""The command lines of the simulator, apart from it so that ``serve`` need not load it."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "simulate": "queue_server.simulate.command",
    "generate": "queue_server.simulate.making",
    "replay": "queue_server.simulate.replaying",
    "promises": "queue_server.simulate.promises",
    "compare": "queue_server.simulate.compare",
}
"""Each command and the module whose ``main`` runs it, loaded when it is chosen."""
POLICIES = ("sla", "fifo", "appointments-first", "edf")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the simulator's commands to the server's."""
    add_simulate(commands.add_parser("simulate", help="play recorded days through the real domain, print J"))
    add_generate(commands.add_parser("generate", help="invent a hall and its days, in the same format"))
    add_replay(commands.add_parser("replay", help="play recorded days to a running server, compare with simulate"))
    add_promises(commands.add_parser("promises", help="does the promise hold on unseen days? figures by their targets"))
    add_compare(commands.add_parser("compare", help="policies by load: docs/dispatch.md and its plot"))


def run(chosen: argparse.Namespace) -> int:
    """Run the chosen command; its exit code."""
    code: int = import_module(COMMANDS[chosen.command]).main(chosen)
    return code


def add_simulate(parser: argparse.ArgumentParser) -> None:
    """``python -m queue_server simulate TRACE_DIR ...``."""
    add = parser.add_argument
    add("traces", type=Path, nargs="+", metavar="TRACE_DIR", help="directories with hall.json and day-NNN.jsonl")
    add("--policy", choices=POLICIES, default="sla")
    add("--rollouts", action="store_true", help="with --policy sla: try the coming hour out before each call")
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


def add_promises(parser: argparse.ArgumentParser) -> None:
    """``python -m queue_server promises``."""
    add = parser.add_argument
    add("--windows", type=int, default=10)
    add("--days", type=int, default=30, help="days a load")
    add("--rollouts", action="store_true", help="with a look ahead before each call, through the domain: an hour or so")
    add("--sets", type=int, default=8, help="seeds over which the shares of who is late are taken")
    add("--seed", type=int, default=20_260, help="the first of them")
    add("--domain", action="store_true", help="through the domain instead of its compiled twin: the same, slower")
    add("--json", action="store_true")


def add_compare(parser: argparse.ArgumentParser) -> None:
    """``python -m queue_server compare``; drawing needs matplotlib, a development tool."""
    add = parser.add_argument
    add(
        "--traces",
        type=Path,
        nargs="*",
        default=[],
        metavar="TRACE_DIR",
        help="recorded traces for the benchmark",
    )
    add("--out", type=Path, default=Path("docs"), metavar="DIR", help="where dispatch.md and dispatch.svg go")
    add("--windows", type=int, default=10)
    add("--days", type=int, default=30, help="days a load")
    add("--loads", type=float, nargs="*", default=None)
    add("--domain", action="store_true", help="invented days through the domain, not its twin: the same, slower")
    add("--rollouts", action="store_true", help="also play the recorded traces with a look ahead before each call")
    add("--others", type=int, default=10, metavar="N", help="how many other halls are tried")
