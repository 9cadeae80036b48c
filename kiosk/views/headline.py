"""What an office or the hall says in several sentences: the first is what is so and stands large, the rest what to do.

Many sentences in letters of one size are a wall; one of them and a line below are read at a glance.
"""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[。；])(?!$)|(?<=[.;?!]) +")


def headline(said: str) -> tuple[str, str]:
    """The first sentence without its stop, and the rest; one sentence alone keeps its stop."""
    for stop in ("。", ". "):
        first, found, rest = said.partition(stop)
        if found and rest.strip():
            return first, rest.strip()
    return said, ""


def line_by_line(said: str) -> str:
    """Each sentence, and each half of one, in a line of its own: steps to be followed one after the other."""
    return "\n".join(_END.split(said))
