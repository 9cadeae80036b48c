"""The hall's open alarms and calls for help as staff see them, and what a window's console shows of them.

Pure: hall and time in, plain records out; numbers, windows and terminals, never a person (product.md §4.9). A clerk
sees what is told to lamps and windows, a manager everything. The manager's page may include the same fragment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from queue_server.domain import told
from queue_server.domain.escalation_rules import OF_HELP, RED, To
from queue_server.domain.state import Hall
from queue_server.domain.watch import Alarm
from queue_server.http import alarm_words as words
from queue_server.http.words import Pair

PAST_SHOWN = 8
TO_CLERKS = frozenset({To.LAMP, To.COUNTER})


class AlarmLine(msgspec.Struct, frozen=True):
    """One alarm. ``level`` is red or amber; ``to`` everybody told so far, escalated or not."""

    id: str
    kind: str
    level: str
    zh: str
    en: str
    subject_zh: str
    subject_en: str
    ticket: str
    more_zh: str
    more_en: str
    raised_at: datetime
    to: list[str]
    escalated: bool
    acknowledged_at: datetime | None
    cleared_at: datetime | None = None


class HelpLine(msgspec.Struct, frozen=True):
    """One call for help, the longest waiting first. ``level``: ok, amber or red; ``mine``: I said that I would go."""

    id: str
    kiosk: str
    place_zh: str
    screen: str
    lang: str
    called_at: datetime
    level: str
    answered_at: datetime | None
    mine: bool


class AlarmsView(msgspec.Struct, frozen=True):
    now: datetime
    red: int
    amber: int
    unacknowledged: int
    alarms: list[AlarmLine]
    help: list[HelpLine]
    past: list[AlarmLine]


def alarms_view(hall: Hall, now: datetime, places: Mapping[str, str], who: str, *, manager: bool) -> AlarmsView:
    """For ``who`` (as in a command's ``by``). ``places``: where each terminal stands."""
    shown = [alarm for alarm in told.open_alarms(hall) if reaches(alarm, manager=manager)]
    lines = [line(hall, alarm, places) for alarm in shown]
    red = sum(alarm.kind in RED for alarm in shown)
    return AlarmsView(
        now=now,
        red=red,
        amber=len(shown) - red,
        unacknowledged=sum(alarm.acknowledged_at is None for alarm in shown),
        alarms=lines,
        help=help_lines(hall, places, who),
        past=[
            line(hall, alarm, places)
            for alarm in [a for a in hall.watch.past if reaches(a, manager=manager)][:PAST_SHOWN]
        ],
    )


def reaches(alarm: Alarm, *, manager: bool) -> bool:
    """Whether an alarm is told to somebody of this role."""
    return manager or not TO_CLERKS.isdisjoint(alarm.to)


def line(hall: Hall, alarm: Alarm, places: Mapping[str, str]) -> AlarmLine:
    plan = hall.plan
    zh, en = words.kind_words(plan, alarm.kind)
    subject_zh, subject_en = words.subject_words(plan, alarm, places.get(alarm.kiosk or "", ""))
    more_zh, more_en = _more(hall, alarm)
    return AlarmLine(
        id=alarm.id,
        kind=alarm.kind.value,
        level="red" if alarm.kind in RED else "amber",
        zh=zh,
        en=en,
        subject_zh=subject_zh,
        subject_en=subject_en,
        ticket=alarm.subject if alarm.number else "",
        more_zh=more_zh,
        more_en=more_en,
        raised_at=alarm.raised_at,
        to=[one.value for one in alarm.to],
        escalated=alarm.level > 1,
        acknowledged_at=alarm.acknowledged_at,
        cleared_at=alarm.cleared_at,
    )


def _more(hall: Hall, alarm: Alarm) -> Pair:
    """What would cure it; else why nobody can be called; else, of a past one, how it ended."""
    if alarm.cleared_at is not None:
        return words.CLEARED.get(alarm.cleared_because, (alarm.cleared_because, alarm.cleared_because))
    if alarm.cure is not None:
        return words.cure_words(hall.plan, alarm.cure)
    return words.REASONS.get(alarm.reason, ("", ""))


def help_lines(hall: Hall, places: Mapping[str, str], who: str) -> list[HelpLine]:
    calls = sorted(hall.watch.help.values(), key=lambda c: (c.answered_at is not None, c.called_at, c.id))
    return [
        HelpLine(
            id=call.id,
            kiosk=call.kiosk,
            place_zh=places.get(call.kiosk, ""),
            screen=call.screen,
            lang=call.lang,
            called_at=call.called_at,
            level="ok" if call.answered_at else "red" if call.over else "amber",
            answered_at=call.answered_at,
            mine=call.answered_by == who,
        )
        for call in calls
    ]


class ConsoleAlarms(msgspec.Struct, frozen=True):
    """What a window's console shows: its lamp (red, amber or empty), its alarms, and who calls for help.

    The alarms about a call for help are the call itself in red or amber, so they are not shown twice.
    """

    lamp: str
    blinking: bool
    alarms: list[AlarmLine]
    help: list[HelpLine]


def console_alarms(hall: Hall, counter_id: str, places: Mapping[str, str], who: str) -> ConsoleAlarms:
    lamp = told.lamps(hall).get(counter_id)
    return ConsoleAlarms(
        lamp="" if lamp is None else "red" if lamp.red else "amber",
        blinking=lamp is not None and lamp.blinking,
        alarms=[line(hall, alarm, places) for alarm in told.at_counter(hall, counter_id) if alarm.kind not in OF_HELP],
        help=help_lines(hall, places, who),
    )
