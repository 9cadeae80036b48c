"""What a citizen asks for, and what the hall promises for it.

A visit may hold several matters (一件事): it is complex if any of them is, needs every skill any of them
needs, and takes as long as all together. The promise is worked out once, from the rules of that moment, and
stored with the ticket: a later change of the rules does not touch a word already given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from queue_server.domain.errors import Code, Refused
from queue_server.domain.floor import Floor
from queue_server.domain.model import HallPlan, Kind, Matter, MatterClass, Place, Promise
from queue_server.domain.rules import Limit, Rules

_UNKNOWN_SERVICE_MIN = 10.0
"""Minutes at the window assumed for a matter the catalogue no longer knows (off-line tickets only)."""


@dataclass(frozen=True, slots=True)
class Want:
    """Several matters as one visit."""

    matters: tuple[str, ...]
    group: str
    matter_class: MatterClass
    skills: tuple[str, ...]
    service_min: float


def matters_of(plan: HallPlan, ids: tuple[str, ...]) -> tuple[Matter, ...]:
    """The matters named, in order, doubles dropped. Refused: no-matter, unknown-matter."""
    if not ids:
        raise Refused(Code.NO_MATTER)
    known = plan.matters
    if len(ids) == 1 and ids[0] in known:
        return (known[ids[0]],)
    for matter in ids:
        if matter not in known:
            raise Refused(Code.UNKNOWN_MATTER, matter=matter)
    return tuple(known[matter] for matter in dict.fromkeys(ids))


def want(plan: HallPlan, ids: tuple[str, ...]) -> Want:
    """What these matters come to together. Refused: no-matter, unknown-matter."""
    return _summed(matters_of(plan, ids))


def _summed(matters: tuple[Matter, ...]) -> Want:
    if len(matters) == 1:
        one = matters[0]
        skills = () if one.skill is None else (one.skill,)
        return Want((one.id,), one.group, one.matter_class, skills, one.service_min)
    is_complex = any(m.matter_class is MatterClass.COMPLEX for m in matters)
    return Want(
        matters=tuple(m.id for m in matters),
        group=matters[0].group,
        matter_class=MatterClass.COMPLEX if is_complex else MatterClass.GENERAL,
        skills=tuple(sorted({m.skill for m in matters if m.skill is not None})),
        service_min=sum(m.service_min for m in matters),
    )


def want_whatever(plan: HallPlan, ids: tuple[str, ...], group: str) -> Want:
    """The same for an off-line ticket, which exists whatever the catalogue says now."""
    known = tuple(plan.matters[m] for m in dict.fromkeys(ids) if m in plan.matters)
    if not known:
        return Want(ids, group, MatterClass.GENERAL, (), _UNKNOWN_SERVICE_MIN)
    summed = _summed(known)
    return Want(ids, group, summed.matter_class, summed.skills, summed.service_min)


def can_be_served(floor: Floor, wanted: Want, place: Place) -> None:
    """Refused: not-remote (a matter needs the citizen in person), no-skill (no window here serves all of it)."""
    if place is Place.REMOTE:
        for matter in wanted.matters:
            if not floor.plan.matters[matter].remote_ok:
                raise Refused(Code.NOT_REMOTE, matter=matter)
    if not floor.able(wanted.skills, remote=place is Place.REMOTE):
        raise Refused(Code.NO_SKILL, matter=wanted.matters[0])


def limit_of(rules: Rules, kind: Kind, matter_class: MatterClass) -> Limit:
    """The hall's limit for a kind and class; the default where its configuration names none."""
    name = f"{kind.value}-{matter_class.value}"
    return rules.limits.get(name) or Rules().limits[name]


def promise(rules: Rules, kind: Kind, matter_class: MatterClass, start: datetime) -> Promise:
    """The first call by ``start`` + limit; amber after ``amber_share`` of it."""
    limit = limit_of(rules, kind, matter_class)
    return Promise(
        kind=kind,
        matter_class=matter_class,
        start=start,
        limit_s=limit.limit_s,
        never_s=limit.never_s,
        amber_at=start + timedelta(seconds=round(limit.limit_s * rules.amber_share)),
        due=start + timedelta(seconds=limit.limit_s),
    )
