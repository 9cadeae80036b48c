"""The search as it was before ``kiosk.search``: found parts and first letters, no slips. Kept to be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.search import QUERY_MAX
from kiosk.spelling import DIGIT as _DIGIT
from kiosk.spelling import TELEPHONE

if TYPE_CHECKING:
    from queue_server.wire import messages as wire


@dataclass(frozen=True, slots=True)
class Entry:
    """A matter with its searchable spellings: each a string in which a query may be found."""

    matter: wire.CatalogueMatter
    initials: str
    syllables: tuple[str, ...]
    english: tuple[str, ...]


class Former:
    def __init__(self, message: wire.Catalogue) -> None:
        self.hot = tuple(message.hot)
        self.entries = tuple(_entry(matter) for matter in message.matters)

    def find(self, query: str) -> tuple[wire.CatalogueMatter, ...]:
        """Every matter that fits ``query``, the best first; of a query longer than 40 signs the first 40 count."""
        wanted = "".join(sign for sign in query[:QUERY_MAX].lower() if sign.isprintable() and not sign.isspace())
        if not wanted:
            return ()
        digits = wanted.isdigit() and all(sign in TELEPHONE for sign in wanted)
        warm = {name: place for place, name in enumerate(self.hot)}
        ranked = []
        for place, entry in enumerate(self.entries):
            rank = _rank(entry, wanted, digits=digits)
            if rank is not None:
                ranked.append((rank, warm.get(entry.matter.id, len(warm)), len(entry.matter.name_zh), place, entry))
        ranked.sort(key=lambda row: row[:4])
        return tuple(row[4].matter for row in ranked)


def _entry(matter: wire.CatalogueMatter) -> Entry:
    return Entry(
        matter=matter,
        initials=matter.initials.lower(),
        syllables=tuple(matter.pinyin.lower().split()),
        english=tuple("".join(sign if sign.isalnum() else " " for sign in matter.name_en.lower()).split()),
    )


def _rank(entry: Entry, wanted: str, *, digits: bool) -> int | None:
    """How well ``wanted`` fits: 0 is best, None is not at all."""
    initials, syllables, english = entry.initials, entry.syllables, entry.english
    if digits:
        initials = initials.translate(_DIGIT)
        syllables = tuple(syllable.translate(_DIGIT) for syllable in syllables)
        english = tuple(word.translate(_DIGIT) for word in english)
    name = entry.matter.name_zh.lower()
    if name.startswith(wanted) or initials.startswith(wanted):
        return 0
    if "".join(syllables).startswith(wanted) or wanted in name:
        return 1
    if wanted in initials:
        return 2
    if any(_spells(syllables[start:], wanted) for start in range(1, len(syllables))):
        return 3
    if any("".join(english[start:]).startswith(wanted) for start in range(len(english))):
        return 4
    if _scattered(initials, wanted):
        return 5
    return None


def _spells(syllables: tuple[str, ...], wanted: str) -> bool:
    """Whether ``wanted`` is typed from here on: whole syllables, the last one perhaps not to its end."""
    return "".join(syllables[: len(wanted)]).startswith(wanted)


def _scattered(text: str, wanted: str) -> bool:
    """Whether the signs of ``wanted`` stand in ``text`` in this order (at least two, the first at the beginning)."""
    if len(wanted) < 2 or not text.startswith(wanted[0]):
        return False
    rest = iter(text)
    return all(sign in rest for sign in wanted)
