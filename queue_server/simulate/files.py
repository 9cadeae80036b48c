"""What a simulation leaves behind: ``day-NNN.csv`` with the calls, ``forecast-NNN.csv`` with what was foretold.

Calls stand in the order in which they were made, forecasts in the order of issue. A minute is written as the shortest
decimal that is that very time, so the same calls make the same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from queue_server.simulate.day import Told
from queue_server.simulate.moments import MINUTE_US, minute_of
from queue_server.simulate.play import Call
from queue_server.simulate.traces import DayTrace

CALLS = ("id", "called_min", "window")
FORECASTS = ("id", "p50_min", "p90_min")


def calls_csv(calls: Iterable[Call]) -> str:
    """``id,called_min,window``."""
    return _csv(CALLS, ((call.person, repr(minute_of(call.at_us)), call.window) for call in calls))


def forecasts_csv(told: Iterable[Told]) -> str:
    """``id,p50_min,p90_min``: the wait as the promise counts it (sla.md §1), from max(check-in, slot) to the call."""
    return _csv(FORECASTS, ((one.person, f"{one.p50_min:.3f}", f"{one.p90_min:.3f}") for one in told))


def read_calls(text: str) -> list[Call]:
    """The calls of ``day-NNN.csv``."""
    return [
        Call(int(row["id"]), round(float(row["called_min"]) * MINUTE_US), row["window"])
        for row in csv.DictReader(StringIO(text))
    ]


def write(out: Path, day: DayTrace, calls: Iterable[Call], told: Iterable[Told] | None) -> None:
    """Both files of a day; ``told`` None: no forecasts were asked for."""
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{day.name}.csv").write_text(calls_csv(calls), encoding="utf-8", newline="")
    if told is not None:
        (out / f"forecast-{day.number}.csv").write_text(forecasts_csv(told), encoding="utf-8", newline="")


def _csv(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
    return text.getvalue()
