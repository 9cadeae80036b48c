"""What of a person may be shown where (product.md §4.9): 张* at a kiosk, 张*明 at a counter, four digits of the number.

A name is masked by its visible characters, so that a rare character (CJK extensions, a variation selector)
counts as one and is never cut in two.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

Style = Literal["kiosk", "counter", "outlet"]
_DOTS = "·•‧・"


@dataclass(frozen=True, slots=True)
class Masked:
    """``name`` as the style allows, empty where no name is known; ``last4`` of the number."""

    name: str
    last4: str


def mask_name(name: str, style: Style) -> str:
    """``张晓明`` becomes ``张*`` for a kiosk, ``张*明`` for a counter or an outlet; two characters: ``张*`` for all.

    A name in Latin letters keeps first letters: ``SMITH JOHN`` becomes ``S*`` for a kiosk, ``S* J*`` elsewhere.
    """
    words = name.split()
    if not words:
        return ""
    if name.isascii():
        return f"{words[0][0]}*" if style == "kiosk" else " ".join(f"{word[0]}*" for word in words)
    signs = _signs("".join(words))
    if style == "kiosk" or len(signs) <= 2:
        return f"{signs[0]}*"
    middle = "".join(sign if sign in _DOTS else "*" for sign in signs[1:-1])
    return f"{signs[0]}{middle}{signs[-1]}"


def _signs(text: str) -> list[str]:
    """``text`` as what a reader sees as characters: a mark or variation selector stays with its base."""
    signs: list[str] = []
    for char in text:
        if signs and unicodedata.category(char) in {"Mn", "Me", "Mc", "Cf"}:
            signs[-1] += char
        else:
            signs.append(char)
    return signs


def mask_phone(phone: str) -> str:
    """``138****5678``: for the terminal at which it was typed, and nowhere else."""
    return f"{phone[:3]}****{phone[-4:]}"
