"""The command lines of ``tune`` and ``history``, apart from them so that ``serve`` need not load them."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

COMMANDS = {"tune": "queue_server.tune.command", "history": "queue_server.tune.history"}
"""Each command and the module whose ``main`` runs it, loaded when it is chosen."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both to the server's commands."""
    _add_tune(commands.add_parser("tune", help="find dispatch parameters from a hall's own days, cross-validated"))
    _add_history(commands.add_parser("history", help="write a hall's past days as traces, from the server's record"))


def run(chosen: argparse.Namespace) -> int:
    """Run the chosen command; its exit code."""
    code: int = import_module(COMMANDS[chosen.command]).main(chosen)
    return code


def _add_tune(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("traces", type=Path, nargs="+", metavar="TRACE_DIR", help="directories with hall.json and day-NNN.jsonl")
    add("--trials", type=int, default=400, help="rules tried in one search")
    add("--folds", type=int, default=5, help="parts into which the days are dealt; each is once unseen")
    add("--seed", type=int, default=1)
    add("--plans", type=Path, default=None, help="the city's TOML: compare with --hall's rules, not with the shipped")
    add("--hall", default=None, help="the hall of --plans whose rules are in force")
    add("--json", action="store_true", help="print the figures as JSON")


def _add_history(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("out", type=Path, metavar="DIR", help="where hall.json and day-NNN.jsonl go")
    add("--hall", required=True)
    add("--until", default=None, metavar="DATE", help="the last business date (default: yesterday's)")
    add("--days", type=int, default=30, help="business dates looked at, the last one included")
    add("--var", type=Path, default=Path("var"), help="where the server's data lie")
    add("--plans", type=Path, default=None, help="the city's sites, halls and terminals (TOML)")
    add("--database", default=None, metavar="URL", help="postgresql+psycopg://... instead of SQLite under --var")
