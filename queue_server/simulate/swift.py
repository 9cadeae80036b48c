"""The same day through the compiled twin: thousands of days in the time the domain takes for a few.

For comparisons over many days and for tuning. A test holds it to the domain, call for call; what is published of a
trace comes from the domain.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.simulate.moments import MINUTE_US, micros_of, minute_of
from queue_server.simulate.plan import opening_us
from queue_server.simulate.play import Call, least_flexible_first
from queue_server.simulate.traces import DayTrace, HallTrace, Person, kind_of, start_of
from queue_server.twin import arrays, kernel
from queue_server.twin.arrays import LONG_AGO, NEVER, People, Windows


def run_day(hall: HallTrace, day: DayTrace, dispatch: DispatchRules) -> list[Call]:
    """The calls of ``day``, in their order."""
    came = [_on_the_clock(person) for person in day.persons if person.came]
    came.sort(key=lambda person: (person.arrive_min, person.id))
    service = np.array([p.service_min for p in came], dtype=np.float64)
    windows, opens = windows_of(hall), opening_us(hall, came) / MINUTE_US
    windows = windows._replace(free=np.full(len(windows.order), opens))
    made = kernel.play(
        kernel.Parameters.of(dispatch), people_of(hall, came, dispatch), windows, service, from_min=opens
    )
    calls = [
        Call(person.id, round(called * MINUTE_US), hall.windows[window].id)
        for person, called, window in zip(came, made.called[0], made.window[0], strict=True)
    ]
    return sorted(calls, key=lambda call: call.at_us)


def _on_the_clock(person: Person) -> Person:
    """With times that the domain's clock has: whole microseconds."""
    arrive, service = (minute_of(micros_of(at or 0.0)) for at in (person.arrive_min, person.service_min))
    return msgspec.structs.replace(person, arrive_min=arrive, service_min=service)


def people_of(hall: HallTrace, came: Sequence[Person], rules: DispatchRules) -> People:
    """Those who came, in the order given."""
    rows = []
    for person in came:
        kind = kind_of(person, hall)
        lines = hall.limits(kind, person.matter_class)
        able = [1 << k for k, w in enumerate(hall.windows) if person.skill is None or person.skill in w.skills]
        arrive = person.arrive_min or 0.0
        slot = LONG_AGO if person.slot_min is None or person.slot_min < arrive else person.slot_min
        known = {
            "ready": arrive,
            "came": arrive,
            "clock": start_of(person),
            "slot": slot,
            "kind": arrays.KINDS.index(kind),
            "limit": lines.limit_min,
            "never": lines.never_min,
            "weight": rules.weights[kind.value],
            "expected": person.matter_mean_min,
            "windows": sum(able),
            "scarce": person.skill is not None,
        }
        rows.append(tuple(known.get(name, 0) for name in People._fields))  # nobody is back from a no-show or a pause
    return arrays.people_of(rows)


def windows_of(hall: HallTrace) -> Windows:
    """The windows with their breaks, open from minute 0."""
    breaks = [w.break_min or (NEVER, NEVER) for w in hall.windows]
    none = np.full(len(breaks), NEVER)
    return Windows(
        free=np.zeros(len(breaks)),
        break_from=np.array([begins for begins, _ in breaks]),
        break_to=np.array([ends for _, ends in breaks]),
        closes=none,
        order=np.array([hall.windows.index(w) for w in least_flexible_first(hall.windows)], dtype=np.int64),
    )
