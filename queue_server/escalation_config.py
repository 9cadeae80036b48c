"""``[site.hall.rules.escalation]`` of a hall's TOML: whom each alarm is told, how long it may wait, who comes next.

    [site.hall.rules.escalation.broken]
    to = ["lamp", "counter", "manager"]     # [] tells nobody
    acknowledge_within_s = 300              # 0: goes no further
    then = ["district"]

    [site.hall.rules.escalation.no-window]  # no-window, all-paused, no-skill: once it has lasted after_s,
    after_s = 60                            # and at most every again_after_s
    again_after_s = 600

    [site.hall.rules.escalation.risk]       # see ``domain.escalation_rules.RiskRules``
    at_risk = 0.3

What is not given stays as it is by default; every mistake is said at once, a wrong name with a near one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from queue_server.domain.escalation_rules import (
    OF_THE_HALL,
    STEPS,
    AlarmKind,
    EscalationRules,
    RiskRules,
    Step,
    To,
)

KINDS = tuple(kind.value for kind in AlarmKind)
PEOPLE = tuple(to.value for to in To)

_Table = TypeVar("_Table", Step, RiskRules)


def escalation_rules(table: object) -> EscalationRules:
    """Raises ValueError with every mistake, TypeError if ``table`` is none."""
    if not isinstance(table, dict):
        raise TypeError("rules.escalation must be a table")
    mistakes: list[str] = []
    steps, risk = dict(STEPS), RiskRules()
    for name, entry in table.items():
        where = f"escalation.{name}"
        if name == "risk":
            risk = _changed(risk, entry, where, mistakes)
            if not 0 <= risk.clear_below <= risk.at_risk <= risk.likely <= 1:
                mistakes.append(f"{where}: needs 0 <= clear_below <= at_risk <= likely <= 1")
        elif name in KINDS:
            kind = AlarmKind(name)
            steps[kind] = _changed(steps[kind], entry, where, mistakes)
            mistakes += _wrong(kind, steps[kind], where)
        else:
            mistakes.append(f"{where}: unknown{_near(name, ['risk', *KINDS])}")
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return EscalationRules(steps, risk)


def _changed(default: _Table, entry: object, where: str, mistakes: list[str]) -> _Table:
    """``default`` with what ``entry`` says otherwise; ``default`` itself where ``entry`` is wrong."""
    if not isinstance(entry, dict):
        mistakes.append(f"{where}: needs a table")
        return default
    known = list(type(default).__dataclass_fields__)
    wrong = [f"{where}.{key}: unknown{_near(key, known)}" for key in entry if key not in known]
    for key in ("to", "then"):
        names = entry.get(key, [])
        if isinstance(names, list):
            wrong += [f"{where}.{key}: nobody is {n!r}{_near(str(n), PEOPLE)}" for n in names if n not in PEOPLE]
    try:
        if not wrong:
            return msgspec.convert({**msgspec.to_builtins(default), **entry}, type(default))
    except msgspec.ValidationError as error:
        wrong.append(f"{where}: {error}")
    mistakes += wrong
    return default


def _wrong(kind: AlarmKind, step: Step, where: str) -> Iterable[str]:
    for name in ("acknowledge_within_s", "after_s", "again_after_s"):
        if getattr(step, name) < 0:
            yield f"{where}.{name}: less than nothing"
    if bool(step.then) != bool(step.acknowledge_within_s):
        yield f"{where}: then and acknowledge_within_s only make sense together"
    if kind not in OF_THE_HALL and (step.after_s or step.again_after_s):
        yield f"{where}: after_s and again_after_s are for {', '.join(sorted(OF_THE_HALL))}"
    if len(set(step.to)) != len(step.to) or len(set(step.then)) != len(step.then):
        yield f"{where}: somebody is named twice"


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""
