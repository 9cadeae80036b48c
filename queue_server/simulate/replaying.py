"""``python -m queue_server replay``: recorded days against a running server, beside the simulator's own calls."""

from __future__ import annotations

import argparse
import sys

from queue_server.broker import BrokerError
from queue_server.simulate import files, traces
from queue_server.simulate.day import run_day
from queue_server.simulate.plan import rules_of
from queue_server.simulate.play import NobodyCalled
from queue_server.simulate.replay import NotAsPlayed, replay
from queue_server.simulate.traces import BadTrace


def main(chosen: argparse.Namespace) -> int:
    """Exit code 0 if every line agrees, 1 if one differs, 2 with one line where it cannot be tried."""
    differs = 0
    try:
        trace = traces.read(chosen.trace)
        for day in trace.days:
            if chosen.day not in (None, day.number, day.name):
                continue
            said = run_day(trace.hall, day, dispatch=rules_of(trace.hall, chosen.policy)).calls
            done = replay(chosen.trace, trace.hall, day, chosen.policy)
            lines = zip(files.calls_csv(said).splitlines(), files.calls_csv(done).splitlines(), strict=True)
            wrong = [f"  simulate {a}   server {b}" for a, b in lines if a != b]
            differs += len(wrong)
            sys.stdout.write(f"{trace.name} {day.name}: {len(said) - len(wrong)} of {len(said)} calls as simulated\n")
            sys.stdout.write("".join(f"{line}\n" for line in wrong[:20]))
    except (BadTrace, BrokerError, NobodyCalled, NotAsPlayed, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if differs else 0
