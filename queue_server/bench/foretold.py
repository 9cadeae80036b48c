"""How right the waits shown are: the forecast beside the sums that other systems show, on the same days.

    python -m queue_server forecast-bench --traces DIR ...

Each day is played through the real domain. At each issue the forecast, the usual formula (tickets ahead x mean / open
windows) and the hall's own plain sum say how long it will be; then the call comes. Between days the forecast is packed
and unpacked as by a restart. On some days every few minutes everybody who waits is looked at, and what was called a
risk is compared with what broke. Waits are minutes from max(check-in, slot), as the promise counts them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from queue_server.bench import foretold_speed
from queue_server.domain.messages import Event, TicketCalled
from queue_server.domain.model import Kind
from queue_server.domain.state import Hall
from queue_server.forecast import look, tables
from queue_server.forecast.conformal import within
from queue_server.forecast.guest import AtIssue
from queue_server.forecast.sketch import scene_of
from queue_server.simulate import generate, traces
from queue_server.simulate.day import run_day
from queue_server.simulate.guests import QueueingSum, breaks_of
from queue_server.simulate.plan import plan_of, rules_of
from queue_server.simulate.traces import Trace

LOOK_EVERY = timedelta(minutes=5)
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
FIRST_HOUR = timedelta(minutes=60)
RATIO_AIM, COVERAGE_AIM, RECALL_AIM, PRECISION_AIM, LEAD_AIM = 0.35, (0.88, 0.93), 0.90, 0.60, 15.0


@dataclass(slots=True)
class Shown:
    """One ticket: what was said at issue, and the wait that came."""

    day: str
    kind: Kind
    since_opening: timedelta
    p50: float
    p90: float
    naive: float
    plain: float
    wait: float = -1.0


@dataclass(slots=True)
class Watched:
    """One ticket's risk over time: minutes left until the promise breaks, and P(W > L)."""

    kind: Kind
    seen: list[tuple[float, float]] = field(default_factory=list)
    broken: bool = False


class Watcher(AtIssue):
    """The forecast, with its competitors beside it; on ``risks`` days it looks at everybody every few minutes."""

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.day = ""
        self.risks = False
        self.shown: list[Shown] = []
        self.watched: dict[str, Watched] = {}
        self._open: dict[str, Shown] = {}
        self._plain = QueueingSum()
        self._expected: list[float] = []
        self._began: datetime | None = None
        self._looked: datetime | None = None

    def begin(self, day: str, *, risks: bool) -> None:
        """A new day, after a restart: what was learned is read as it was packed."""
        self.day, self.risks = day, risks
        self.hindsight = tables.unpack(tables.pack(self.hindsight))
        self._open, self._expected, self._began, self._looked = {}, [], None, None

    def moved(self, before: Hall, events: Sequence[Event], after: Hall) -> None:
        super().moved(before, events, after)
        for event in events:
            if isinstance(event, TicketCalled) and event.wait_net_s is not None:
                self._open.pop(event.ticket_id).wait = event.wait_net_s / 60
                watched = self.watched.get(f"{self.day}/{event.ticket_id}")
                if watched is not None:
                    watched.broken = event.wait_net_s > after.tickets[event.ticket_id].promise.limit_s
        now = after.now
        if self.risks and now is not None and (self._looked is None or now - self._looked >= LOOK_EVERY):
            self._looked = now
            self._look(after, now)

    def at_issue(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[float, float]:
        ticket = hall.tickets[ticket_id]
        self._began = self._began or now
        self._expected.append(ticket.service_min)
        p50, p90 = super().at_issue(hall, ticket_id, now)
        at_work = sum(1 for counter in hall.counters.values() if counter.is_open and not counter.paused)
        naive = (sum(hall.waiting.values()) - 1) * statistics.fmean(self._expected) / max(1, at_work)
        plain, _ = self._plain.at_issue(hall, ticket_id, now)
        shown = Shown(self.day, ticket.kind, now - self._began, p50, p90, naive, plain)
        self._open[ticket_id] = shown
        self.shown.append(shown)
        return p50, p90

    def _look(self, hall: Hall, now: datetime) -> None:
        if not hall.waiting:
            return
        scene = scene_of(hall, now, self.hindsight.memory, self.breaks, probe=False)
        for ticket_id, late in zip(scene.ids, look.look(scene, self.futures).late, strict=True):
            ticket = hall.tickets[ticket_id]
            watched = self.watched.setdefault(f"{self.day}/{ticket_id}", Watched(ticket.kind))
            left = (ticket.due - now).total_seconds() / 60
            if left > 0:
                watched.seen.append((left, late))


def foretell(trace: Trace, futures: int, risk_days: int = 0, say: Any = lambda _line: None) -> Watcher:
    """Play the days of ``trace`` one after the other."""
    plan = plan_of(trace.hall, (person for day in trace.days for person in day.persons), rules_of(trace.hall))
    watcher = Watcher(breaks_of(trace.hall), futures)
    for n, day in enumerate(trace.days):
        watcher.begin(day.name, risks=n < risk_days)
        run_day(trace.hall, day, plan=plan, forecaster=watcher)
        say(f"{trace.name} {day.name}")
    return watcher


# --- figures ----------------------------------------------------------------------------------------------


def accuracy(shown: Iterable[Shown]) -> dict[str, Any]:
    """Errors of the three predictors, and how the forecast's range held."""
    rows = list(shown)
    if not rows:
        return {"n": 0}

    def error(which: str) -> float:
        return statistics.fmean(abs(getattr(row, which) - row.wait) for row in rows)

    unsure = [row for row in rows if row.p90 > 0]
    return {
        "n": len(rows),
        "wait": statistics.fmean(row.wait for row in rows),
        "mae": error("p50"),
        "naive_mae": error("naive"),
        "plain_mae": error("plain"),
        "ratio": error("p50") / max(1e-9, error("naive")),
        "coverage": statistics.fmean(within(row.wait, row.p90) for row in rows),
        "width": statistics.fmean(row.p90 - row.p50 for row in rows),
        "at_once": 1 - len(unsure) / len(rows),
        "coverage_unsure": statistics.fmean(within(row.wait, row.p90) for row in unsure) if unsure else 1.0,
    }


def risk_table(watched: Iterable[Watched]) -> list[dict[str, float]]:
    """For each threshold: how many of the broken promises were foretold, how many foretold broke, and how early."""
    rows = []
    everybody = list(watched)
    for threshold in THRESHOLDS:
        flagged = [(w, next((left for left, late in w.seen if late >= threshold), None)) for w in everybody]
        broken = sum(w.broken for w in everybody)
        told = [(w, left) for w, left in flagged if left is not None]
        right = [left for w, left in told if w.broken]
        rows.append(
            {
                "threshold": threshold,
                "told": len(told),
                "broken": broken,
                "recall": len(right) / max(1, broken),
                "precision": len(right) / max(1, len(told)),
                "median_lead_min": statistics.median(right) if right else 0.0,
            }
        )
    return rows


def reached(figures: dict[str, Any]) -> dict[str, bool]:
    """Which aims were reached."""
    aims: dict[str, bool] = {}
    for name, one in figures["sets"].items():
        aims[f"{name}: error at most {RATIO_AIM} of the usual formula's"] = one["all"]["ratio"] <= RATIO_AIM
    low, high = COVERAGE_AIM
    for kind in Kind if "invented" in figures["sets"] else ():
        held = figures["sets"]["invented"]["kinds"][kind.value]["coverage"]
        aims[f"invented, {kind.value}: P90 covers {low:.0%} to {high:.0%}"] = low <= held <= high
    if figures["risk"]:
        aims["one threshold of risk with recall, precision and lead"] = any(
            row["recall"] >= RECALL_AIM and row["precision"] >= PRECISION_AIM and row["median_lead_min"] >= LEAD_AIM
            for row in figures["risk"]
        )
    if "refresh" in figures:
        aims[f"a refresh with 60 waiting in {foretold_speed.AIM_MS} ms"] = (
            figures["refresh"]["median_ms"] <= foretold_speed.AIM_MS
        )
    if "latency" in figures:
        aims[f"tickets' p99 at most {foretold_speed.LATENCY_AIM} times"] = (
            figures["latency"]["ratio_p99"] <= foretold_speed.LATENCY_AIM
        )
    return aims


def main(chosen: argparse.Namespace) -> int:
    """Print the tables. Exit code 0; 2 for a trace that cannot be read."""
    try:
        sets = {directory.resolve().name: traces.read(directory) for directory in chosen.traces}
        recipe = generate.Recipe(windows=chosen.windows, load=chosen.load, seed=chosen.seed)
    except (traces.BadTrace, generate.BadRecipe) as bad:
        sys.stderr.write(f"{bad}\n")
        return 2
    figures: dict[str, Any] = {"sets": {}, "risk": []}
    if chosen.days:
        sets["invented"] = generate.trace(recipe, chosen.days)
    for name, trace in sets.items():
        watcher = foretell(trace, chosen.futures, chosen.risk_days if name == "invented" else 0, _say)
        figures["sets"][name] = _figures(watcher)
        figures["risk"] = risk_table(watcher.watched.values()) if watcher.watched else figures["risk"]
    if chosen.look_rounds:
        figures["refresh"] = foretold_speed.refresh(recipe, chosen.futures, chosen.look_rounds)
    if chosen.latency:
        figures["latency"] = foretold_speed.latency(_say)
    figures["aims"] = reached(figures)
    sys.stdout.write("\n".join(_lines(figures)) + "\n")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _figures(watcher: Watcher) -> dict[str, Any]:
    rows = watcher.shown
    days = [row.day for row in rows]
    return {
        "days": len(set(days)),
        "all": accuracy(rows),
        "kinds": {kind.value: accuracy(row for row in rows if row.kind is kind) for kind in Kind},
        "first day, nothing learned": accuracy(row for row in rows if row.day == days[0]),
        "first hour after a restart": accuracy(
            row for row in rows if row.day != days[0] and row.since_opening < FIRST_HOUR
        ),
    }


def _lines(figures: dict[str, Any]) -> list[str]:
    names = ("n", "wait", "MAE", "usual", "sum", "ratio", "P90 %", "width", "at once %")
    head = f"{'':<28}" + "".join(f"{name:>{10 if name == 'at once %' else 7}}" for name in names)
    lines = []
    for name, one in figures["sets"].items():
        lines += [f"{name}, {one['days']} days; minutes", head]
        named = [("all", one["all"]), *one["kinds"].items(), *list(one.items())[3:]]
        for what, row in named:
            if row["n"]:
                lines.append(
                    f"  {what:<26}{row['n']:>7}{row['wait']:>7.1f}{row['mae']:>7.2f}{row['naive_mae']:>7.2f}"
                    f"{row['plain_mae']:>7.2f}{row['ratio']:>7.3f}{100 * row['coverage']:>7.1f}{row['width']:>7.2f}"
                    f"{100 * row['at_once']:>10.0f}"
                )
        lines.append("")
    if figures["risk"]:
        lines.append(
            f"{'P(W > L) at least':<20}{'told':>7}{'broken':>8}{'recall':>8}{'precision':>11}{'median lead':>13}"
        )
        lines += [
            f"{row['threshold']:<20}{row['told']:>7}{row['broken']:>8}{row['recall']:>8.2f}{row['precision']:>11.2f}"
            f"{row['median_lead_min']:>9.0f} min"
            for row in figures["risk"]
        ]
        lines.append("")
    lines += foretold_speed.lines(figures)
    return [*lines, *(f"{'reached ' if yes else 'MISSED  '} {aim}" for aim, yes in figures["aims"].items())]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
