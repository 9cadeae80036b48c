"""Citizen numbers and dates as cards carry them and people type them (GB 11643-1999, GB/T 7408).

Pure functions. A citizen number has 18 places: six for the place of first registration, eight for the
birth date, three in sequence, and a check character so that a slip of one digit is noticed.
"""

from __future__ import annotations

import re
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"  # GB 11643: the check character for the weighted sum modulo 11
_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_DATE = re.compile(r"[0-9]{8}")
_REGIONS = {"81": "hong-kong", "82": "macao", "83": "taiwan"}
_EARLIEST = date(1850, 1, 1)


def check_character(first17: str) -> str:
    """Return the 18th character, ``0``-``9`` or ``X``, that belongs to the first seventeen digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def is_number(text: str) -> bool:
    """Whether ``text`` is eighteen places with the right check character (capital X); says nothing of the date."""
    return bool(_NUMBER.fullmatch(text)) and check_character(text[:17]) == text[17]


def region_of(number: str) -> str:
    """Return whose resident holds a citizen number: ``hong-kong``, ``macao``, ``taiwan``, or "" for the mainland."""
    return _REGIONS.get(number[:2], "") if len(number) == 18 else ""


def compact_date(text: str) -> date | None:
    """Return the date written ``YYYYMMDD``; None for anything else, such as 30 February or ``长期``."""
    if not (_DATE.fullmatch(text) and text.isascii()):
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return day if day >= _EARLIEST else None


def typed_number_trouble(typed: str, today: date) -> str | None:
    """Return what is wrong with a typed citizen number, or None if it may be used.

    ``too-short``, ``fifteen-digits`` (the form before 1999, no longer valid), ``bad-number`` (wrong check
    character or too long), ``bad-date`` (no such day, or after ``today``). Lower-case x counts as X.
    """
    number = typed.upper()
    if len(number) == 15 and number.isascii() and number.isdigit():
        return "fifteen-digits"
    if len(number) < 18:
        return "too-short"
    if not is_number(number):
        return "bad-number"
    born = compact_date(number[6:14])
    return "bad-date" if born is None or born > today else None
