"""The shipped server on a clock that its starter sets: ``python -m queue_server.simulate.stage``.

Everything is what ``serve`` runs (broker line, desk, store, timekeeper, pages); only the hall is the trace's and the
clock stands still until a line on standard input sets it, RFC 3339, each answered by ``clock LINE`` on standard
output. ``serve`` knows nothing of this: no option of a real server leads to such a clock.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from queue_server import config
from queue_server.clock import SetClock
from queue_server.plans import DevicePlan, Plans, SitePlan
from queue_server.server import Server
from queue_server.simulate import traces
from queue_server.simulate.moments import BOOKING_US, moment_of
from queue_server.simulate.plan import HALL, SITE, plan_of, rules_of
from queue_server.simulate.traces import DayTrace, HallTrace

KIOSK = "kiosk-traces"


def plans_of(hall: HallTrace, day: DayTrace, policy: str) -> Plans:
    """A city of one hall and one kiosk: the very plan that ``run_day`` makes for the day."""
    kiosk = DevicePlan(KIOSK, SITE, (HALL,), owner="值班员(示例)", owner_phone="000-0000")
    plan = plan_of(hall, day.persons, rules_of(hall, policy))
    return Plans({SITE: SitePlan(SITE, plan.name_zh, plan.name_en, (kiosk,))}, {HALL: plan}, {KIOSK: kiosk})


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until standard input ends or SIGTERM comes."""
    parser = argparse.ArgumentParser(prog="python -m queue_server.simulate.stage")
    parser.add_argument("trace", type=Path, metavar="TRACE_DIR")
    parser.add_argument("day", metavar="DAY", help="day-100")
    parser.add_argument("--policy", default="sla")
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--mqtt-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    chosen = parser.parse_args(arguments)
    hall = traces.read_hall(chosen.trace / "hall.json")
    day = traces.read_day(chosen.trace / f"{chosen.day}.jsonl", hall)
    clock = SetClock(moment_of(BOOKING_US))
    threading.Thread(target=_set_from_input, args=(clock,), name="stage", daemon=True).start()
    settings = config.settings(chosen.var, mqtt_port=chosen.mqtt_port, http_port=chosen.http_port)
    return Server(settings, plans_of(hall, day, chosen.policy), clock).run()


def _set_from_input(clock: SetClock) -> None:
    for line in sys.stdin:
        clock.set(datetime.fromisoformat(line.strip()))
        sys.stdout.write(f"clock {line}")
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
