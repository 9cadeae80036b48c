"""A hall of the domain, furnished as ``hall.json`` says: so that nobody of the trace is refused.

One matter for each (class, skill, mean) that occurs, because the mean is all that a policy may know of a service
beforehand. Slots have room for everybody who holds one and nobody comes too early for his; the doors are open from
the first arrival to the last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.model import Calendar, CounterPlan, HallPlan, Hours, Kind, Matter, MatterClass
from queue_server.domain.rules import Limit, Rules
from queue_server.simulate.moments import ZONE, micros_of, moment_of
from queue_server.simulate.traces import HallTrace, Person

HALL = "traces"
SITE = "traces"

_EVERYBODY = 100_000
_DAY_S = 86_400
_SLOT_S = 900
_GROUPS = {
    MatterClass.GENERAL: ("A", "一般事项", "General"),
    MatterClass.COMPLEX: ("B", "复杂事项", "Complex"),
}


def matter_of(person: Person) -> str:
    """The id of the matter for which the person comes."""
    mean = repr(person.matter_mean_min).replace(".", "_")
    return f"{person.matter_class}-{person.skill or 'any'}-{mean}"


def plan_of(
    hall: HallTrace, persons: Iterable[Person], dispatch: DispatchRules | None = None, *, learn: bool = False
) -> HallPlan:
    """The plan for one or several days' ``persons``; ``dispatch`` with the weights of ``hall`` (see ``rules_of``).

    A trace tells the mean of each matter, so there is nothing to ``learn`` unless the means are known to be wrong.
    """
    persons = list(persons)
    counters = {
        window.id: CounterPlan(window.id, f"{window.id}号窗口", f"Window {window.id}", frozenset(window.skills))
        for window in hall.windows
    }
    opens, closes, slot_s = _hours(hall, persons)
    return HallPlan(
        id=HALL,
        site=SITE,
        name_zh="演练大厅",
        name_en="Hall of the traces",
        address_zh="示例路1号",
        tz=ZONE,
        calendar=Calendar(week=((Hours(_local(opens), _local(closes)),),) * 7),
        counters=counters,
        matters={matter_of(person): _matter(person) for person in persons},
        rules=Rules(
            limits={
                f"{kind}-{matter_class}": Limit(round(row.limit_min * 60), round(row.never_min * 60))
                for kind in Kind
                for matter_class in MatterClass
                for row in (hall.limits(kind, matter_class),)
            },
            late_after_s=round(hall.late_after_min * 60),
            early_check_in_s=_DAY_S,
            slot_s=slot_s,
            slot_capacity=_EVERYBODY,
            dispatch=dispatch or rules_of(hall),
            learn_service=learn,
        ),
    )


def rules_of(hall: HallTrace, policy: str = "sla", **numbers: float) -> DispatchRules:
    """Dispatch by ``policy`` with the weights of ``hall.json``; ``numbers`` replace coefficients of the index."""
    weights = {kind.value: max(hall.limits(kind, matter_class).weight for matter_class in MatterClass) for kind in Kind}
    return DispatchRules(policy=policy, weights=weights, **numbers)  # type: ignore[arg-type]  # named by the caller


def _matter(person: Person) -> Matter:
    group, zh, en = _GROUPS[person.matter_class]
    name = f"{person.matter_mean_min:g} min" + (f", skill {person.skill}" if person.skill else "")
    return Matter(
        id=matter_of(person),
        name_zh=f"{zh} {name}",
        name_en=f"{en}, {name}",
        group=group,
        group_zh=zh,
        group_en=en,
        matter_class=person.matter_class,
        skill=person.skill,
        service_min=person.matter_mean_min,
    )


def _hours(hall: HallTrace, persons: list[Person]) -> tuple[int, int, int]:
    """Opening, close (whole seconds from minute 0) and the length of a slot on whose grid all of them begin."""
    arrivals = [person.arrive_min for person in persons if person.arrive_min is not None]
    slots = sorted({round(person.slot_min * 60) for person in persons if person.slot_min is not None})
    opens = math.floor(min([hall.open_min, *arrivals]) * 60)
    opens = min([opens, *slots])
    slot_s = math.gcd(_SLOT_S, *(slot - opens for slot in slots))
    closes = math.ceil(max([hall.close_min, *(at + 1 for at in arrivals)]) * 60)
    return opens, max([closes, *(slot + slot_s for slot in slots)]), slot_s


def _local(second: int) -> time:
    return _moment(second).astimezone(ZoneInfo(ZONE)).time()


def _moment(second: int) -> datetime:
    return moment_of(0) + timedelta(seconds=second)


def opening_us(hall: HallTrace, persons: Iterable[Person]) -> int:
    """When the windows open: with the hall, or with the first who comes."""
    return min([micros_of(hall.open_min), *(micros_of(p.arrive_min) for p in persons if p.arrive_min is not None)])
