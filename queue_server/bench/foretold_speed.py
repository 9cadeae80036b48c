"""What a forecast costs: one refresh of a full hall, and what tickets notice of it.

The refresh is what the forecasting process does for 60 people waiting at ten windows, beside drawing them up (the
server's part) and beside the plain sum for as many. The latency is that of the open-loop benchmark with every window
open, the same server with its forecasts off and on, in turn, so that both meet the same machine in the same minutes.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from queue_server.bench.city import COUNTERS, MATTER, City, hall_name
from queue_server.bench.clerks import ACCOUNT, PASSWORD, Console
from queue_server.bench.load import Load, RequestIds, percentile, run
from queue_server.domain import estimate
from queue_server.domain.errors import Refused
from queue_server.domain.hall import decide, empty, evolve
from queue_server.domain.messages import CallNext, Command, OpenCounter, TakeTicket
from queue_server.domain.state import Hall
from queue_server.forecast import look
from queue_server.forecast.memory import Memory
from queue_server.forecast.sketch import scene_of
from queue_server.simulate import generate
from queue_server.simulate.moments import moment_of
from queue_server.simulate.plan import matter_of, plan_of, rules_of

WAITING = 60
AIM_MS = 150
LATENCY_AIM = 1.2
RATE = 500.0
HALLS = 50
SECONDS = 5.0
TURNS = 3
ROUNDS = 3


def full_hall(recipe: generate.Recipe, waiting: int = WAITING) -> tuple[Hall, datetime, Memory]:
    """Every window busy and so many waiting, two hours into an invented day, with that day's people to come."""
    trace = generate.trace(recipe, 1)
    people = [p for p in trace.days[0].persons if p.kind == "walkin"]
    plan = plan_of(trace.hall, trace.days[0].persons, rules_of(trace.hall))
    hall, now, memory = empty(plan), moment_of(0) + timedelta(hours=1), Memory()
    asked = 0

    def do(command: type[Command], by: str, **more: Any) -> None:
        nonlocal hall, asked
        asked += 1
        events = decide(hall, command(id=f"{asked}", by=by, **more), now)
        for event in events:
            hall = evolve(hall, event)
        memory.note(events, hall)

    for window in plan.counters:
        do(OpenCounter, f"staff:{window}", counter=window, staff=window)
    for n in range(waiting + len(plan.counters)):
        person = people[n % len(people)]
        reason = "age-80" if person.priority else None
        do(TakeTicket, "kiosk:k", matters=(matter_of(person),), token="t" * 22, priority_reason=reason)
        now += timedelta(seconds=40)
    for window in plan.counters:
        with contextlib.suppress(Refused):  # nobody waits whom it can serve
            do(CallNext, f"staff:{window}", counter=window)
    return hall, now, memory


def refresh(recipe: generate.Recipe, futures: int, rounds: int) -> dict[str, float]:
    """Milliseconds of one core."""
    hall, now, memory = full_hall(recipe)
    look.look(scene_of(hall, now, memory), 2)
    took: dict[str, list[float]] = {"draw": [], "look": [], "plain": []}
    for _ in range(rounds):
        at = time.process_time()
        scene = scene_of(hall, now, memory)
        took["draw"].append(time.process_time() - at)
        at = time.process_time()
        look.look(scene, futures)
        took["look"].append(time.process_time() - at)
        at = time.process_time()
        for ticket_id in scene.ids:
            estimate.wait_range(hall, ticket_id, now)
        estimate.outlook(hall, now)
        took["plain"].append(time.process_time() - at)
    middle = {name: statistics.median(times) * 1000 for name, times in took.items()}
    return {
        "waiting": len(scene.ids),
        "probes": len(scene.probes),
        "median_ms": middle["look"],
        "draw_ms": middle["draw"],
        "plain_ms": middle["plain"],
    }


def latency(say: Callable[[str], None]) -> dict[str, Any]:
    """p50 and p99 of a ticket, forecasts off and on: a fresh city each time, in turn; medians over the runs."""
    runs: dict[str, list[list[float]]] = {"off": [], "on": []}
    for round_ in range(ROUNDS):
        for name, own in runs.items():
            home = Path(tempfile.mkdtemp(prefix="jiaohao-forecast-"))
            city = City(home / "city", halls=HALLS, environment={"JIAOHAO_FORECASTS": name})
            wanted = "forecast" if name == "on" else "estimate"
            try:
                city.broker.start()
                city.start_server()
                _open_windows(city)
                _load(city, round_)  # people come, windows are at work, and the first looks ahead are made
                city.until(partial(_shows, city, wanted), f"a server that shows its {wanted}")
                for turn in range(TURNS):
                    own.append(_load(city, turn))
                    say(f"forecasts {name}: p99 {percentile(own[-1], 99):.2f} ms")
            finally:
                city.stop()
                shutil.rmtree(home, ignore_errors=True)
    found: dict[str, Any] = {
        name: {f"p{share}_ms": statistics.median(percentile(one, share) for one in own) for share in (50, 99)}
        for name, own in runs.items()
    }
    for share in (50, 99):
        found[f"ratio_p{share}"] = found["on"][f"p{share}_ms"] / found["off"][f"p{share}_ms"]
    return found


def _load(city: City, seed: int) -> list[float]:
    """One open-loop run in a process of its own; milliseconds of each ticket."""
    load = Load("127.0.0.1", city.mqtt_port, city.terminals(), MATTER, SECONDS, RATE, seed=seed)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(run, load).result().latencies_ms


def _shows(city: City, wanted: str) -> bool:
    """Whether the server's health says so of its waits."""
    with urllib.request.urlopen(f"{city.url}/healthz", timeout=2.0) as response:  # noqa: S310  (our own address)
        return bool(json.load(response)["forecast"] == wanted)


def _open_windows(city: City) -> None:
    """Somebody sits at every window: without that there is nothing to foretell."""
    console, ids = Console("127.0.0.1", city.http_port), RequestIds(1)
    console.sign_in("/staff/setup", secret=city.secret, name=ACCOUNT, display="Bench", password=PASSWORD)
    for n in range(city.halls):
        for counter in range(1, COUNTERS + 1):
            console.press(hall_name(n), str(counter), "open", ids())
    console.close()


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures for people."""
    found = []
    if "refresh" in figures:
        one = figures["refresh"]
        found.append(
            f"one refresh, {one['waiting']:.0f} waiting and {one['probes']:.0f} who might come: "
            f"{one['median_ms']:.0f} ms in the process, {one['draw_ms']:.1f} ms in the server; "
            f"plain sums for as many {one['plain_ms']:.1f} ms"
        )
    if "latency" in figures:
        one = figures["latency"]
        for share in (50, 99):
            on, off = one["on"][f"p{share}_ms"], one["off"][f"p{share}_ms"]
            ratio = one[f"ratio_p{share}"]
            found.append(
                f"a ticket at {RATE:.0f}/s, p{share}: {on:.2f} ms with forecasts, {off:.2f} without ({ratio:.2f})"
            )
    return [*found, ""]
