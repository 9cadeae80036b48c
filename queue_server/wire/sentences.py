"""The words for every refusal: a code of the hall or of a door -> one sentence in Chinese and in English.

A sentence says what is so and what to do next, in the words of the person who reads it: a citizen at a
kiosk or on a phone, a clerk at a window, or whoever builds a terminal. The table stands in ``words``.
"""

from __future__ import annotations

import string
from collections.abc import Mapping

from queue_server.wire.dates import said
from queue_server.wire.door_words import DoorCode, Wording
from queue_server.wire.words import UNKNOWN, WORDS

__all__ = ["DoorCode", "Facts", "codes", "sentence"]

Facts = Mapping[str, str | int]


def _needs(wording: Wording) -> frozenset[str]:
    return frozenset(name for text in wording for _, name, _, _ in string.Formatter().parse(text) if name)


_NEEDS: dict[str, tuple[frozenset[str], ...]] = {
    str(code): tuple(map(_needs, wordings)) for code, wordings in WORDS.items()
}


def codes() -> frozenset[str]:
    """Every code that has words of its own."""
    return frozenset(_NEEDS)


def sentence(code: str, facts: Facts | None = None) -> tuple[str, str]:
    """``(zh, en)`` for ``code``; a code without words gets the sentence that sends to the general window.

    ``facts``: the values that may be named in it, as they came with the refusal; never personal data. Days among
    them are said in each language's own way.
    """
    at_hand = {name: said(value) for name, value in (facts or {}).items() if value != ""}
    for (zh, en), needs in zip(WORDS.get(code, (UNKNOWN,)), _NEEDS.get(code, (frozenset(),)), strict=True):
        if needs <= at_hand.keys():
            chinese, english = ({name: forms[way] for name, forms in at_hand.items()} for way in (0, 1))
            return (zh.format_map(chinese), en.format_map(english)) if needs else (zh, en)
    return UNKNOWN
