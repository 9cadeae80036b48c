"""The benchmark itself: which runs, in which order, and the table of figures.

Echo and server take turns on one broker, so that both meet the same machine in the same minute; what counts is
their ratio. The echo's terminals ask halls of their own names, which the queue server does not hear. Each run
is checked against the database before its figure may be printed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from queue_server.bench import check, clerks, history
from queue_server.bench.city import COUNTERS, MATTER, City, NotReady, hall_name
from queue_server.bench.load import Load, Outcome, percentile, run
from queue_server.broker import SERVER_USER, BrokerError, password

RATE_OF_THE_MEDIAN = 500
AIMS = {"closed": 3000.0, "ratio": 0.5, "p99_ms": 15.0, "p99_echoes": 4.0, "restart_s": 5.0}
LATE_MS = 5.0
"""A generator that was later than this (p99) measured itself too: its latencies are marked as too high."""


class Void(RuntimeError):  # noqa: N818  (named for the condition)
    """A run whose figures must not be shown: what was told and what is stored differ, or the generator was late."""


def main(chosen: argparse.Namespace) -> int:
    """Run it all. Exit code 0; 1 when a run was void; 2 when it could not be started."""
    home = Path(tempfile.mkdtemp(prefix="jiaohao-bench-"))
    try:
        figures = _Suite(chosen, home).go()
    except Void as void:
        _say(f"no figures: {void}")
        return 1
    except (NotReady, BrokerError, clerks.ClerkError, history.Stumbled, OSError) as error:
        _say(f"could not measure: {error}")
        return 2
    finally:
        if chosen.keep:
            _say(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    sys.stdout.write(table(figures))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


class _Suite:
    def __init__(self, chosen: argparse.Namespace, home: Path) -> None:
        self.chosen = chosen
        self.home = home
        self.city = City(home / "city", halls=max(1, chosen.halls), database=chosen.database)
        self.seed = 0
        self.told = 0

    def go(self) -> dict[str, Any]:
        chosen, city = self.chosen, self.city
        figures: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
            "database": "postgresql" if chosen.database else "sqlite, WAL, synchronous=FULL",
            "halls": city.halls,
            "seconds": chosen.seconds,
            "runs": chosen.runs,
        }
        try:
            city.broker.start()
            city.start_server()
            with self._echo():
                figures["closed"] = self._closed()
                figures["open"] = {str(rate): self._open(rate) for rate in chosen.rates}
            figures["calls"] = self._calls(figures["closed"]["echo"]["per_second"])
            stored = check.stored_tickets(city.database_url)
            if stored != self.told:
                raise Void(f"{self.told} tickets were told, {stored} are stored")
            if city.stop_server():
                raise Void("the server did not end in order")
        finally:
            city.stop()
        if chosen.old_tickets:
            figures["restart"] = self._restart()
        figures["aims"] = aims(figures)
        return figures

    # --- runs -------------------------------------------------------------------------------------------

    @contextmanager
    def _echo(self) -> Iterator[None]:
        city = self.city
        halls = ",".join(echo_hall(n) for n in range(city.halls))
        echo = subprocess.Popen(
            [sys.executable, "-m", "queue_server.bench.echo", "127.0.0.1", str(city.mqtt_port), SERVER_USER, halls],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert echo.stdin is not None  # noqa: S101  (we asked for pipes)
            assert echo.stdout is not None  # noqa: S101
            echo.stdin.write(password(city.directory, SERVER_USER) + "\n")
            echo.stdin.flush()
            if echo.stdout.readline().strip() != "ready":
                raise NotReady("the echo responder did not come up")
            yield
        finally:
            echo.terminate()
            echo.wait()

    def _load(self, rate: float | None, *, echo: bool) -> Outcome:
        """One run in a process of its own, checked. Raises Void."""
        city = self.city
        self.seed += 1
        terminals = city.terminals()
        if echo:
            terminals = tuple(replace(t, hall=echo_hall(n)) for n, t in enumerate(terminals))
        load = Load(
            host="127.0.0.1",
            port=city.mqtt_port,
            terminals=terminals,
            matter=MATTER,
            seconds=self.chosen.seconds,
            rate=rate,
            window=self.chosen.window,
            seed=self.seed,
        )
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            outcome = pool.submit(run, load).result()
        name = f"{'echo' if echo else 'server'} at {f'{rate:.0f}/s' if rate else 'full speed'}"
        if not echo:
            self.told += len(outcome.acknowledged)
            differ = check.differences(city.database_url, outcome)
            if differ:
                raise Void(f"{name}: {'; '.join(differ)}")
        elif outcome.unanswered:
            raise Void(f"{name}: {outcome.unanswered} requests were never answered")
        _say(
            f"{name}: {outcome.per_second:.0f}/s, p50 {percentile(outcome.latencies_ms, 50):.2f} ms, "
            f"p99 {percentile(outcome.latencies_ms, 99):.2f} ms"
            + (f", generator late by {outcome.late_ms:.2f} ms (p99)" if rate else "")
        )
        return outcome

    def _turns(self, rate: float | None, runs: int) -> tuple[list[Outcome], list[Outcome]]:
        """Echo and server in turn, so often."""
        echoes, servers = [], []
        for _ in range(runs):
            echoes.append(self._load(rate, echo=True))
            servers.append(self._load(rate, echo=False))
        return echoes, servers

    def _closed(self) -> dict[str, Any]:
        echoes, servers = self._turns(None, self.chosen.runs)
        echo = statistics.median(o.per_second for o in echoes)
        server = statistics.median(o.per_second for o in servers)
        return {
            "window": self.chosen.window,
            "echo": {"per_second": echo, "runs": [round(o.per_second) for o in echoes]},
            "server": {"per_second": server, "runs": [round(o.per_second) for o in servers]},
            "ratio": server / echo,
        }

    def _open(self, rate: int) -> dict[str, Any]:
        runs = self.chosen.runs if rate == RATE_OF_THE_MEDIAN else 1
        echoes, servers = self._turns(float(rate), runs)
        echo, server = _latency(echoes), _latency(servers)
        return {"echo": echo, "server": server, "p99_ratio": server["p99_ms"] / echo["p99_ms"]}

    def _calls(self, echo_per_second: float) -> dict[str, Any]:
        city = self.city
        windows = [(hall_name(n), str(c)) for c in range(1, COUNTERS + 1) for n in range(city.halls)]
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            calls = pool.submit(
                clerks.work, "127.0.0.1", city.http_port, city.secret, windows, self.chosen.seconds
            ).result()
        differ = check.call_differences(city.database_url, calls.called)
        if calls.refused:
            differ.append(f"refused: {calls.refused}")
        if differ:
            raise Void(f"call-next: {'; '.join(differ)}")
        _say(f"call-next: {calls.per_second:.0f}/s over HTTP, {calls.presses_per_second:.0f} keys/s in all")
        return {
            "per_second": calls.per_second,
            "keys_per_second": calls.presses_per_second,
            "p50_ms": percentile(calls.latencies_ms, 50),
            "p99_ms": percentile(calls.latencies_ms, 99),
            "ratio": calls.per_second / echo_per_second,
        }

    def _restart(self) -> dict[str, Any]:
        """A killed server comes back to a million old tickets: until it is well, and until it gives a number."""
        city = City(self.home / "old", halls=self.city.halls)
        _say(f"making {self.chosen.old_tickets} old tickets (some minutes)")
        old = history.fill(city.database_url, city.plans, self.chosen.old_tickets, datetime.now(UTC), MATTER, _say)
        try:
            city.broker.start()
            first = city.start_server()
            self.city = city
            self._load(float(RATE_OF_THE_MEDIAN), echo=False)
            city.kill_server()
            ready = city.start_server()
            self._load(float(RATE_OF_THE_MEDIAN), echo=False)
        finally:
            city.stop()
        _say(f"restart with {old} old tickets: {ready:.2f} s")
        return {
            "old_tickets": old,
            "megabytes": history.size_mb(city.directory),
            "first_start_s": first,
            "after_kill_s": ready,
        }


def echo_hall(n: int) -> str:
    """A hall that only the echo responder hears."""
    return f"echo-{n:03d}"


def _latency(outcomes: list[Outcome]) -> dict[str, Any]:
    """Medians over the runs of each run's p50 and p99."""
    p99s = [percentile(o.latencies_ms, 99) for o in outcomes]
    return {
        "p50_ms": statistics.median(percentile(o.latencies_ms, 50) for o in outcomes),
        "p99_ms": statistics.median(p99s),
        "p99_runs_ms": [round(p99, 2) for p99 in p99s],
        "late_p99_ms": max(o.late_ms for o in outcomes),
        "tickets": sum(len(o.acknowledged) for o in outcomes),
    }


def aims(figures: dict[str, Any]) -> dict[str, bool]:
    """Which aims were reached."""
    closed = figures["closed"]
    reached = {
        f"closed loop at least {AIMS['closed']:.0f}/s": closed["server"]["per_second"] >= AIMS["closed"],
        f"closed loop at least {AIMS['ratio']} of the echo": closed["ratio"] >= AIMS["ratio"],
    }
    at = figures["open"].get(str(RATE_OF_THE_MEDIAN))
    if at:
        most = max(AIMS["p99_echoes"] * at["echo"]["p99_ms"], AIMS["p99_ms"])
        reached[f"p99 at {RATE_OF_THE_MEDIAN}/s at most {most:.1f} ms"] = at["server"]["p99_ms"] <= most
    if "restart" in figures:
        reached[f"restart at most {AIMS['restart_s']:.0f} s"] = figures["restart"]["after_kill_s"] <= AIMS["restart_s"]
    return reached


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    closed, rows = figures["closed"], []
    rows.append(("", "echo (floor)", "server", "ratio"))
    rows.append(
        (
            "tickets/s, closed loop",
            f"{closed['echo']['per_second']:.0f}",
            f"{closed['server']['per_second']:.0f}",
            f"{closed['ratio']:.2f}",
        )
    )
    for rate, at in figures["open"].items():
        for what in ("p50_ms", "p99_ms"):
            echo, server = at["echo"][what], at["server"][what]
            late = " (generator late)" if at["server"]["late_p99_ms"] > LATE_MS else ""
            rows.append((f"{what[:3]} at {rate}/s, ms{late}", f"{echo:.2f}", f"{server:.2f}", f"{server / echo:.1f}"))
    calls = figures["calls"]
    rows.append(("call-next/s, over HTTP", "", f"{calls['per_second']:.0f}", f"{calls['ratio']:.3f}"))
    if "restart" in figures:
        restart = figures["restart"]
        rows.append((f"restart, {restart['old_tickets']} old tickets, s", "", f"{restart['after_kill_s']:.2f}", ""))
    lines = [f"{a:<42}{b:>14}{c:>12}{d:>9}" for a, b, c, d in rows]
    lines += ["", *(f"{'reached ' if yes else 'MISSED  '} {aim}" for aim, yes in figures["aims"].items())]
    return "\n".join(lines) + "\n"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
