"""What is said in pieces that fit one line of the screen: each piece is shown while it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator

TALL_EMS, COMPACT_EMS = 36.0, 17.0
"""How much fits the line, in widths of a Chinese character."""
_LATIN_EM = 0.56
_STOPS = re.compile(r"(?<=[。；！？])|(?<=[.;!?])\s+")
_BREATHS = re.compile(r"(?<=[，、：])|(?<=[,:])\s+")
_WORDS = re.compile(r"(?<=\s)|(?<=[\u3000-\u9fff\uac00-\ud7a3])")


def ems(text: str) -> float:
    """How wide ``text`` is, in widths of a Chinese character."""
    return sum(1.0 if sign >= "\u2e80" else _LATIN_EM for sign in text)


def pieces(phrase: str, widest: float) -> tuple[str, ...]:
    """``phrase`` in pieces of at most ``widest``: broken after sentences, else at commas, else between words."""
    return tuple(piece for piece in _broken(phrase.strip(), widest, (_STOPS, _BREATHS, _WORDS)) if piece)


def _broken(text: str, widest: float, at: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    if ems(text) <= widest:
        yield text.strip()
        return
    if not at:
        step = int(widest)
        yield from (text[start : start + step].strip() for start in range(0, len(text), step))
        return
    line = ""
    for part in at[0].split(text):
        glue = " " if line and line[-1:].isascii() and at[0] is not _WORDS else ""
        if line and ems(line + glue + part) > widest:
            yield from _broken(line, widest, at[1:])
            line, glue = "", ""
        line += glue + part
    if line:
        yield from _broken(line, widest, at[1:])
