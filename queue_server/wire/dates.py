"""Dates and times of day as people say them: 12月1日 周二 10:15, Tue 1 Dec 10:15.

The hall writes the times among a refusal's facts as ``YYYY-MM-DD HH:MM`` (``HH:MM`` where the day goes without
saying), in its own time; nobody should have to read that. ``said`` is such a fact in words, ``told`` what it means.
"""

from __future__ import annotations

import re
from datetime import date, datetime

WEEKDAYS = tuple(zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FACT = re.compile(r"(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}))?")


def day_words(day: date) -> tuple[str, str]:
    """12月1日 周二 · Tue 1 Dec"""
    zh, en = WEEKDAYS[day.weekday()]
    return f"{day.month}月{day.day}日 周{zh}", f"{en} {day.day} {MONTHS[day.month - 1]}"


def told(fact: object) -> tuple[date, str] | None:
    """Day and time of day ("" if none is named) that ``fact`` means; None if it is no such fact."""
    found = _FACT.fullmatch(fact) if isinstance(fact, str) else None
    if found is None:
        return None
    day, clock = found.groups("")
    try:
        at = datetime.fromisoformat(f"{day} {clock}".strip())
    except ValueError:
        return None
    return at.date(), clock


def said(fact: str | int) -> tuple[str | int, str | int]:
    """``fact`` as it stands in a Chinese and in an English sentence."""
    meant = told(fact)
    if meant is None:
        return fact, fact
    day, clock = meant
    zh, en = day_words(day)
    return f"{zh} {clock}".strip(), f"{en} {clock}".strip()
