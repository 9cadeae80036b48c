"""The four layouts of a card's 256-byte text block: bytes to ``Card``.

UTF-16LE, padded with spaces, fixed offsets. The type flag at 248 must be looked at first: sex and birth date
stand at other places on the foreigner's card of 2017. Rare characters (surrogate pairs, private use) are kept
as they are; half of a pair becomes U+FFFD rather than make the whole card useless.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from devices.errors import UnusableCard
from devices.idcard.numbers import compact_date, is_number
from devices.idcard.record import Card, CardKind

ENDLESS = "长期"
_PADDING = " \0\u3000"


def parse_text(block: bytes) -> Card:
    """Return the card that a 256-byte text block describes.

    Raises ``UnusableCard``: ``unknown-layout`` (wrong size, unknown flag, no name), ``bad-number``, ``bad-date``.
    """
    if len(block) != 256:
        raise UnusableCard("unknown-layout")
    layout = _LAYOUTS.get(_word(block, 248, 2))
    if layout is None:
        raise UnusableCard("unknown-layout")
    return layout(block)


def _resident(block: bytes) -> Card:
    return Card(
        kind=CardKind.RESIDENT,
        name=_name(_word(block, 0, 30)),
        sex=_word(block, 30, 2),
        nation=_word(block, 32, 4),
        born=_date(block, 36),
        address=_word(block, 52, 70),
        number=_citizen_number(block),
        issuer=_word(block, 158, 30),
        valid_from=_date(block, 188),
        valid_to=_last_day(block),
    )


def _hmt_permit(block: bytes) -> Card:
    return Card(
        kind=CardKind.HMT_PERMIT,
        name=_name(_word(block, 0, 30)),
        sex=_word(block, 30, 2),
        born=_date(block, 36),
        address=_word(block, 52, 70),
        number=_citizen_number(block),
        issuer=_word(block, 158, 30),
        valid_from=_date(block, 188),
        valid_to=_last_day(block),
        pass_number=_word(block, 220, 18),
        issue_count=_word(block, 238, 4),
    )


def _foreign_2023(block: bytes) -> Card:
    number = _citizen_number(block)
    if number[0] != "9":
        raise UnusableCard("bad-number")
    # Public sources differ on 220+22: the rest of a long English name, or a pass number and issue count as on 'J'.
    # No name has a digit in it.
    rest = _text(block, 220, 22)
    is_name = not any(character.isdigit() for character in rest)
    english = (_text(block, 52, 70) + (rest if is_name else "")).strip(_PADDING)
    return Card(
        kind=CardKind.FOREIGN_2023,
        name=_name(_word(block, 0, 30) or english),
        sex=_word(block, 30, 2),
        renewal_count=_word(block, 32, 4),
        born=_date(block, 36),
        number=number,
        valid_from=_date(block, 188),
        valid_to=_last_day(block),
        english_name=english,
        country=_word(block, 242, 6),
        old_number_link=_word(block, 250, 6),
        pass_number="" if is_name else _word(block, 220, 18),
        issue_count="" if is_name else _word(block, 238, 4),
    )


def _foreign_2017(block: bytes) -> Card:
    number = _word(block, 122, 30)
    if not (
        len(number) == 15
        and number.isascii()
        and number[:3].isalpha()
        and number[:3].isupper()
        and number[3:].isdigit()
    ):
        raise UnusableCard("bad-number")
    english = _word(block, 0, 120)
    return Card(
        kind=CardKind.FOREIGN_2017,
        name=_name(_word(block, 158, 30) or english),
        sex=_word(block, 120, 2),
        born=_date(block, 220),
        number=number,
        valid_from=_date(block, 188),
        valid_to=_last_day(block),
        english_name=english,
        country=_word(block, 152, 6),
        version=_word(block, 236, 4),
        issuer=_word(block, 240, 8),
    )


_LAYOUTS: dict[str, Callable[[bytes], Card]] = {
    "": _resident,
    "J": _hmt_permit,
    "Y": _foreign_2023,
    "I": _foreign_2017,
}


def _text(block: bytes, at: int, size: int) -> str:
    # utf-16-le, never "utf-16": that would look for a byte order mark in a person's name.
    return block[at : at + size].decode("utf-16-le", "replace")


def _word(block: bytes, at: int, size: int) -> str:
    return _text(block, at, size).strip(_PADDING)


def _name(name: str) -> str:
    if not name:
        raise UnusableCard("unknown-layout")
    return name


def _citizen_number(block: bytes) -> str:
    number = _word(block, 122, 36)
    if not is_number(number):
        raise UnusableCard("bad-number")
    if compact_date(number[6:14]) is None:
        raise UnusableCard("bad-date")
    return number


def _date(block: bytes, at: int) -> date:
    day = compact_date(_word(block, at, 16))
    if day is None:
        raise UnusableCard("bad-date")
    return day


def _last_day(block: bytes) -> date | None:
    return None if _word(block, 204, 16) == ENDLESS else _date(block, 204)
