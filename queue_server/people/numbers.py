"""The citizen identity number, GB 11643-1999: six digits of place, eight of birth, three of order, one check.

Weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2; the sum modulo 11 picks the check character from 1 0 X 9 8 7 6 5
4 3 2. Residence permits of Hong Kong, Macao and Taiwan residents (81, 82, 83) and the foreigners' permanent
residence card of 2023 (9) follow the same rule; that card's older form has three letters and twelve digits.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_LETTERS = re.compile(r"[A-Z]{3}[0-9]{12}")
_SEPARATORS = str.maketrans("", "", " -\t\u00a0\u3000")
_EARLIEST = 1850


class BadNumber(ValueError):  # noqa: N818  (named for the condition)
    """Not an identity number; ``code`` says why. Never holds the number.

    ``too-short``, ``too-long``, ``fifteen-digits`` (the first generation's number: the 18-digit one stands on
    the card), ``bad-date`` (no such day, or not yet) and ``bad-number`` (wrong characters or check character).
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def normalise(text: str) -> str:
    """Full-width characters become plain, ``x`` becomes ``X``, blanks and hyphens go."""
    return unicodedata.normalize("NFKC", text).translate(_SEPARATORS).upper()


def check(text: str, today: date) -> str:
    """The number in its normal form. Raises BadNumber."""
    number = normalise(text)
    if _LETTERS.fullmatch(number):
        return number
    if re.fullmatch(r"[0-9]{15}", number):
        raise BadNumber("fifteen-digits")
    if len(number) != 18:
        raise BadNumber("too-short" if len(number) < 18 else "too-long")
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise BadNumber("bad-number")
    if not _is_past_day(number[6:14], today):
        raise BadNumber("bad-date")
    if check_character(number) != number[17]:
        raise BadNumber("bad-number")
    return number


def check_character(digits: str) -> str:
    """The eighteenth character that belongs to the first seventeen of ``digits``."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(digits[:17], _WEIGHTS, strict=True)) % 11]


def _is_past_day(yyyymmdd: str, today: date) -> bool:
    try:
        born = date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return False
    return born.year >= _EARLIEST and born <= today
