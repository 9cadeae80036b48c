"""Days and times as each language says them: 今天 12月1日 周二 10:15, Tomorrow, Tue Dec 1 10:15.

What an office or the hall sends as ``2026-12-01`` or ``2026-12-01 10:15`` becomes words here; nobody reads a raw date.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from kiosk.flow import State
from kiosk.text import Words
from kiosk.views.parts import local
from queue_server.wire.dates import told

_OF_RECORDS = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


def weekday(day: date, w: Words) -> str:
    names = (w("周一"), w("周二"), w("周三"), w("周四"), w("周五"), w("周六"), w("周日"))
    return names[day.weekday()]


def month_name(month: int, w: Words) -> str:
    """As it stands before a day: "12月", "Dec "."""
    months = (
        *(w("1月"), w("2月"), w("3月"), w("4月"), w("5月"), w("6月")),
        *(w("7月"), w("8月"), w("9月"), w("10月"), w("11月"), w("12月")),
    )
    return months[month - 1]


def plain_day(day: date, w: Words) -> str:
    """12月1日 周二"""
    return w("{month}{day}日 {weekday}", month=month_name(day.month, w), day=day.day, weekday=weekday(day, w))


def day_name(state: State, day: date, w: Words) -> str:
    """今天 12月1日 周二: the nearest two by their own names as well."""
    text = plain_day(day, w)
    ahead = (day - local(state, state.kiosk.now).date()).days
    return {0: w("今天 {date}", date=text), 1: w("明天 {date}", date=text)}.get(ahead, text)


def moment(state: State, start: datetime, w: Words) -> str:
    at = local(state, start)
    return f"{day_name(state, at.date(), w)} {at:%H:%M}"


def of_fact(state: State, fact: object, w: Words) -> str:
    """A day, or a day and a time, among the facts of a refusal; "" for what is none."""
    meant = told(fact)
    return "" if meant is None else f"{day_name(state, meant[0], w)} {meant[1]}".strip()


def of_record(shown: str, w: Words) -> str:
    """What stands in a record; a month or a day alone is said in words, everything else as the office has it."""
    found = _OF_RECORDS.fullmatch(shown)
    if found is None or not 1 <= int(found[2]) <= 12:
        return shown
    year, month, day = found.groups()
    name = month_name(int(month), w).strip()
    if day is None:
        return w("{year}年{month}", year=year, month=name)
    return w("{year}年{month}{day}日", year=year, month=month_name(int(month), w), day=int(day))
