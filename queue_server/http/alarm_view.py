"""Open alarms as the hall's manager sees them: gathered by what they are about, the gravest first.

A hall in trouble has the same alarm many times over; twenty equal lines would hide the one that differs. So
each kind is one entry with its tickets, and can be taken on as a whole. Risks stand apart, each with its cure.
Pure.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from queue_server.domain.escalation_rules import RED, RISKS, AlarmKind, To
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall
from queue_server.domain.watch import Alarm, Cure
from queue_server.http import alarm_words
from queue_server.http.words import Pair

SHOWN = 6
"""Alarms of a kind told one by one."""


class AlarmLine(msgspec.Struct, frozen=True):
    """``about``: the place or skill. ``goes_on_at``: when the district is told unless somebody takes it on;
    ``district``: it has been.
    """

    id: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    ticket: str
    since: datetime
    taken_at: datetime | None
    goes_on_at: datetime | None
    district: bool


class AlarmGroup(msgspec.Struct, frozen=True):
    """All open alarms of one kind. ``open_ids``: those that nobody has taken on."""

    kind: str
    zh: str
    en: str
    level: str
    lines: list[AlarmLine]
    open_ids: list[str]

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def shown(self) -> list[AlarmLine]:
        return self.lines[:SHOWN]

    @property
    def district(self) -> int:
        """How many of them the district has been told."""
        return sum(1 for line in self.lines if line.district and line.taken_at is None)

    @property
    def goes_on_at(self) -> datetime | None:
        """When the district is told the next of them."""
        return min((line.goes_on_at for line in self.lines if line.goes_on_at is not None), default=None)


class RiskLine(msgspec.Struct, frozen=True):
    """Somebody whose promise will probably break, and what was found to help; empty words where nothing was."""

    id: str
    number: str
    ticket: str
    level: str
    kind: str
    matter_class: str
    late_percent: str
    due: datetime
    cure_zh: str
    cure_en: str
    window: str
    """The window to ask."""
    may_open: bool
    """Nobody sits at that window: whoever reads this may."""
    taken: bool


def alarm_groups(hall: Hall) -> list[AlarmGroup]:
    """What was told the manager (risks apart): what nobody has taken on first, red before amber, oldest first."""
    kinds: dict[AlarmKind, list[Alarm]] = {}
    for alarm in hall.watch.alarms.values():
        if alarm.kind not in RISKS and (To.MANAGER in alarm.to or To.DISTRICT in alarm.to):
            kinds.setdefault(alarm.kind, []).append(alarm)
    groups = [_group(hall.plan, kind, alarms) for kind, alarms in kinds.items()]
    return sorted(groups, key=lambda g: (not g.open_ids, g.level != "over", g.lines[0].since))


def risk_lines(hall: Hall) -> list[RiskLine]:
    """Those at risk, the likeliest to break first."""
    found = [alarm for alarm in hall.watch.alarms.values() if alarm.kind in RISKS]
    found.sort(key=lambda a: (-(a.p_late or 0.0), a.n))
    return [line for alarm in found if (line := _risk(hall, alarm)) is not None]


def _group(plan: HallPlan, kind: AlarmKind, alarms: list[Alarm]) -> AlarmGroup:
    alarms.sort(key=lambda a: (a.acknowledged_at is not None, a.n))
    zh, en = alarm_words.kind_words(plan, kind)
    level = "over" if kind in RED else "amber"
    open_ids = [alarm.id for alarm in alarms if alarm.acknowledged_at is None]
    return AlarmGroup(kind.value, zh, en, level, [_line(plan, alarm) for alarm in alarms], open_ids)


def _line(plan: HallPlan, alarm: Alarm) -> AlarmLine:
    told = To.DISTRICT in alarm.to
    about_zh, about_en = alarm_words.subject_words(plan, alarm)
    if alarm.number:  # the number itself is a link
        about_zh, about_en = (text.removeprefix(alarm.number).lstrip(" ·,") for text in (about_zh, about_en))
    return AlarmLine(
        alarm.id,
        *_sentence(plan, alarm),
        about_zh=about_zh,
        about_en=about_en,
        ticket=alarm.subject if alarm.number else "",
        since=alarm.raised_at,
        taken_at=alarm.acknowledged_at,
        goes_on_at=None if alarm.acknowledged_at or told else alarm.escalates_at,
        district=told,
    )


def _sentence(plan: HallPlan, alarm: Alarm) -> Pair:
    (zh, en), (about_zh, about_en) = alarm_words.kind_words(plan, alarm.kind), alarm_words.subject_words(plan, alarm)
    return (f"{about_zh} {zh}", f"{en}: {about_en}") if about_zh else (zh, en)


def _risk(hall: Hall, alarm: Alarm) -> RiskLine | None:
    ticket = hall.tickets.get(alarm.subject)
    if ticket is None:
        return None
    plan, cure = hall.plan, alarm.cure
    zh, en = ("", "") if cure is None else alarm_words.cure_words(plan, cure)
    window = "" if cure is None else _window(plan, cure)
    risk = hall.watch.risks.get(ticket.id)
    return RiskLine(
        id=alarm.id,
        number=ticket.number,
        ticket=ticket.id,
        level="over" if alarm.kind is AlarmKind.LIKELY else "amber",
        kind=ticket.kind.value,
        matter_class=ticket.matter_class.value,
        late_percent=f"{100 * ((risk.p_late if risk is not None else alarm.p_late) or 0.0):.0f}%",
        due=ticket.due,
        cure_zh=zh,
        cure_en=en,
        window=window,
        may_open=bool(window) and cure is not None and cure.kind == "open-window" and not hall.counters[window].is_open,
        taken=alarm.acknowledged_at is not None,
    )


def _window(plan: HallPlan, cure: Cure) -> str:
    """The window the cure is about, if it is one of this hall's; else empty."""
    window = cure.argument.partition(":")[0]
    return window if cure.kind in {"open-window", "lend-skill", "move-break"} and window in plan.counters else ""
