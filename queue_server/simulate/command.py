"""``python -m queue_server simulate``: each day of each trace, its calls as CSV, J per day and in all."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from queue_server.simulate import files, traces
from queue_server.simulate.day import run_day
from queue_server.simulate.guests import advising, forecasting
from queue_server.simulate.plan import plan_of, rules_of
from queue_server.simulate.play import NobodyCalled
from queue_server.simulate.score import Score, score_day, together
from queue_server.simulate.traces import BadTrace, Trace


def main(chosen: argparse.Namespace) -> int:
    """Exit code 0; 2 with one line for a trace that cannot be read or played to its end."""
    try:
        read = _read(chosen)
        shown = []
        for directory, trace in zip(chosen.traces, read, strict=True):
            out = chosen.out if chosen.out is None or len(read) == 1 else chosen.out / directory.resolve().name
            shown.append(_simulate(trace, chosen, out))
    except (BadTrace, NobodyCalled, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.json:
        sys.stdout.write(json.dumps({"policy": chosen.policy, "traces": shown}, ensure_ascii=False, indent=1) + "\n")
    return 0


def _read(chosen: argparse.Namespace) -> list[Trace]:
    read = [traces.read(directory) for directory in chosen.traces]
    if chosen.out is not None and len({trace.name for trace in read}) < len(read):
        raise BadTrace("name-twice", chosen.out, 0, "two of the traces would write to one directory")
    return read


def _simulate(trace: Trace, chosen: argparse.Namespace, out: Path | None) -> dict[str, Any]:
    dispatch = rules_of(trace.hall, chosen.policy)
    plan = plan_of(trace.hall, (person for day in trace.days for person in day.persons), dispatch)
    forecaster = forecasting(trace.hall) if chosen.forecasts else None
    adviser = advising(trace.hall) if chosen.rollouts else None
    scores: dict[str, Score] = {}
    for day in trace.days:
        began = time.monotonic()
        progress = _quiet if chosen.quiet else _progress(f"{trace.name} {day.name}", sum(p.came for p in day.persons))
        played = run_day(trace.hall, day, plan=plan, forecaster=forecaster, adviser=adviser, passed=progress)
        scores[day.name] = score_day(trace.hall, day, {call.person: call.at_us for call in played.calls})
        if not chosen.quiet:
            sys.stderr.write(f"\r{trace.name} {day.name}: {time.monotonic() - began:.1f} s\033[K\n")
        if out is not None:
            files.write(out, day, played.calls, played.told if chosen.forecasts else None)
    total = together(scores.values())
    if not chosen.json:
        lines = _lines(trace.name, chosen.policy, scores, total)
        if adviser is not None:
            ms, asked = adviser.ms_per_decision, adviser.asked
            lines.append(f"  rollouts: {ms:.1f} ms a call, {adviser.advised} of {asked} calls advised")
        sys.stdout.write("\n".join(lines) + "\n")
    looked: dict[str, Any] = {}
    if adviser is not None:
        looked = {"ms": round(adviser.ms_per_decision, 2), "advised": adviser.advised, "asked": adviser.asked}
    return {
        "trace": trace.name,
        "windows": len(trace.hall.windows),
        "load": trace.hall.load,
        "days": {name: figures(score) for name, score in scores.items()},
        "all": figures(total),
        **({"rollouts": looked} if looked else {}),
    }


def figures(score: Score) -> dict[str, Any]:
    """What is printed of a score, rounded for reading."""
    return {
        "tickets": score.tickets,
        "j": round(score.j, 3),
        "late_percent": round(score.late_percent, 2),
        "late_percent_by_class": {name: round(share, 2) for name, share in score.late_by_class().items()},
        "walk_in_p95_min": round(score.walk_in_p95_min(), 1),
        "walk_in_worst_min": round(score.walk_in_worst_min(), 1),
    }


def _lines(name: str, policy: str, scores: dict[str, Score], total: Score) -> list[str]:
    rows = [f"  {day}  J {score.j:7.1f}   {score.tickets:4d} tickets" for day, score in scores.items()]
    classes = total.late_by_class()
    late = ", ".join(f"{kind} {classes[kind]:.1f}" for kind in ("appointment", "priority", "walkin") if kind in classes)
    walk_ins = f"walk-ins P95 {total.walk_in_p95_min():.0f} min, worst {total.walk_in_worst_min():.0f} min"
    last = f"  all      J {total.j:7.1f}   {total.tickets:4d} tickets; late %: {late}; {walk_ins}"
    return [f"{name}  {policy}", *rows, last]


def _progress(what: str, people: int) -> Callable[[int], None]:
    def passed(called: int) -> None:
        if called % 20 == 0:
            sys.stderr.write(f"\r{what}: {called} of {people} called\033[K")
            sys.stderr.flush()

    return passed


def _quiet(_called: int) -> None:
    """Nobody looks on."""
