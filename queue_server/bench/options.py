"""The bench's command line, apart from the bench itself so that ``serve`` need not load it."""

from __future__ import annotations

import argparse
from pathlib import Path

CITY_TICKETS = 1_000_000


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m queue_server bench``."""
    parser.add_argument("--json", type=Path, default=None, metavar="FILE", help="write the figures there too")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measured run")
    parser.add_argument("--halls", type=int, default=50, help="halls, one kiosk each (50 or more)")
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs of which the median is taken")
    parser.add_argument("--rates", type=int, nargs="*", default=[200, 500, 2000], help="open loop, tickets a second")
    parser.add_argument("--window", type=int, default=400, help="requests under way in the closed loop")
    parser.add_argument("--old-tickets", type=int, default=CITY_TICKETS, help="for the restart; 0 leaves it out")
    parser.add_argument("--database", default=None, metavar="URL", help="PostgreSQL instead of SQLite (empty database)")
    parser.add_argument("--keep", action="store_true", help="leave the data directory for looking at")


def add_forecast(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m queue_server forecast-bench``."""
    add = parser.add_argument
    add("--traces", type=Path, nargs="*", default=[], metavar="DIR", help="recorded days to foretell besides")
    add("--days", type=int, default=40, help="invented days; 40 give a thousand priority tickets")
    add("--risk-days", type=int, default=8, help="of these, days on which risks are watched")
    add("--windows", type=int, default=10)
    add("--load", type=float, default=0.95)
    add("--seed", type=int, default=1)
    add("--futures", type=int, default=100)
    add("--look-rounds", type=int, default=20, help="rounds of the timing of one refresh; 0 leaves it out")
    add("--latency", action="store_true", help="also the open-loop latency of tickets with forecasts on and off")
    add("--json", type=Path, default=None, metavar="FILE", help="write the figures there too")
