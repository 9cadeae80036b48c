"""What one decision costs: the time of "who is next?" with 60 and with 500 people waiting.

python -m queue_server.bench.dispatch

An invented hall fills within an hour; then the same question is put to it again and again, under the deadline
index and, in the same run, under first come, first served, which is the least that any policy must do: look
at everybody who waits. Milliseconds of this process's own processor time, median and best of the rounds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from queue_server import config
from queue_server.domain import dispatch
from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.hall import decide, empty, evolve
from queue_server.domain.messages import TakeTicket
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall

OPENED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def crowd(plan: HallPlan, waiting: int, seed: int = 1) -> tuple[Hall, datetime]:
    """The hall with so many waiting who came within the last hour, and that moment."""
    chance = random.Random(seed)
    matters = [m.id for m in plan.matters.values()]
    hall, now = empty(plan), OPENED
    for n in range(waiting):
        now = OPENED + timedelta(hours=1) * n / waiting
        reason = "age-80" if chance.random() < 0.15 else None
        take = TakeTicket(
            id=str(n), by="kiosk:bench", matters=(chance.choice(matters),), token="t" * 22, priority_reason=reason
        )
        for event in decide(hall, take, now):
            hall = evolve(hall, event)
    return hall, now


def milliseconds(hall: Hall, now: datetime, policy: str, rounds: int, preview: int = 0) -> tuple[float, float]:
    """Median and best of the rounds, for one decision or for a console's list of the next ``preview``."""
    hall = replace(hall, plan=with_policy(hall.plan, policy))
    window = next(iter(hall.plan.counters))
    taken = []
    for _ in range(rounds):
        begun = time.process_time_ns()
        for _ in range(10):
            if preview:
                dispatch.preview(hall, window, now, preview)
            else:
                dispatch.choose(hall, window, now)
        taken.append((time.process_time_ns() - begun) / 10e6)
    return statistics.median(taken), min(taken)


def with_policy(plan: HallPlan, policy: str) -> HallPlan:
    return replace(plan, rules=replace(plan.rules, dispatch=DispatchRules(policy=policy)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit code 0."""
    parser = argparse.ArgumentParser(description="The cost of a decision.")
    parser.add_argument("--waiting", type=int, nargs="*", default=[60, 500], help="how many wait")
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args(arguments)
    plan = next(iter(config.load_plans().halls.values()))
    sys.stdout.write("waiting  what           index median/best ms   first come median/best ms   ratio\n")
    for waiting in chosen.waiting:
        hall, now = crowd(plan, waiting)
        for what, preview in (("one decision", 0), ("list of 8", 8)):
            index = milliseconds(hall, now, "sla", chosen.rounds, preview)
            plain = milliseconds(hall, now, "fifo", chosen.rounds, preview)
            sys.stdout.write(
                f"{waiting:7}  {what:13}  {index[0]:8.3f} / {index[1]:.3f}   {plain[0]:16.3f} / {plain[1]:.3f}"
                f"   {index[0] / plain[0]:12.1f}\n"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
