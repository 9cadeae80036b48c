"""The site's catalogue as the kiosk uses it: looked up by id, leafed through by theme, searched by letters.

Made once from the wire's message (a new version replaces it whole). The search takes what an on-screen
keypad can give: characters of the name, full pinyin, initials of the syllables, English words, or the digits
of a telephone keypad on the small panel, where 2 stands for a, b or c. Ranking knows no matter by name: a hit
at the beginning beats one inside, initials beat single syllables, a hot matter comes first among equals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from queue_server.wire import messages as wire

QUERY_MAX = 40
TELEPHONE = MappingProxyType(
    {"2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv", "9": "wxyz"}
)
_DIGIT = str.maketrans({letter: digit for digit, letters in TELEPHONE.items() for letter in letters})


@dataclass(frozen=True, slots=True)
class Entry:
    """A matter with its searchable spellings: each a string in which a query may be found."""

    matter: wire.CatalogueMatter
    initials: str
    syllables: tuple[str, ...]
    english: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``themes`` are (Chinese, English), in the order in which their first matter stands."""

    version: str = ""
    matters: Mapping[str, wire.CatalogueMatter] = field(default_factory=dict, repr=False)
    hot: tuple[str, ...] = ()
    themes: tuple[tuple[str, str], ...] = ()
    entries: tuple[Entry, ...] = field(default=(), repr=False)

    def of_theme(self, theme_zh: str) -> tuple[wire.CatalogueMatter, ...]:
        return tuple(matter for matter in self.matters.values() if matter.theme_zh == theme_zh)

    def of_role(self, role: str) -> str:
        """The id of the matter that is the hall's ``help`` or ``enquiry``; empty if this catalogue has none."""
        return next((name for name, matter in self.matters.items() if matter.role == role), "")

    def hottest(self, count: int) -> tuple[wire.CatalogueMatter, ...]:
        """The site's own hot list, filled up from the top of the catalogue where it is short."""
        ids = dict.fromkeys((*(name for name in self.hot if name in self.matters), *self.matters))
        return tuple(self.matters[name] for name in list(ids)[:count])

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


def from_wire(message: wire.Catalogue) -> Catalogue:
    """What the kiosk keeps of the message; entries of one id twice keep the first."""
    matters: dict[str, wire.CatalogueMatter] = {}
    for matter in message.matters:
        matters.setdefault(matter.id, matter)
    return Catalogue(
        version=message.version,
        matters=matters,
        hot=tuple(message.hot),
        themes=tuple({matter.theme_zh: (matter.theme_zh, matter.theme_en) for matter in matters.values()}.values()),
        entries=tuple(_entry(matter) for matter in matters.values()),
    )


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
