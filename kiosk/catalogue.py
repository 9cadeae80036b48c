"""The site's catalogue as the kiosk uses it: looked up by id, leafed through by theme, searched by ``kiosk.search``.

Made once from the wire's message; a new version replaces it whole. Making it takes a second for 5,000 matters, so it
is made where nobody waits (``kiosk.link``'s thread), and ``from_wire`` remembers the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.search import QUERY_MAX, Index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from queue_server.wire import messages as wire

__all__ = ["QUERY_MAX", "Catalogue", "from_wire"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``themes`` are (Chinese, English), in the order in which their first matter stands."""

    version: str = ""
    matters: Mapping[str, wire.CatalogueMatter] = field(default_factory=dict, repr=False)
    hot: tuple[str, ...] = ()
    themes: tuple[tuple[str, str], ...] = ()
    index: Index = field(default_factory=lambda: Index(()), repr=False, compare=False)

    def of_theme(self, theme_zh: str) -> tuple[wire.CatalogueMatter, ...]:
        return tuple(matter for matter in self.matters.values() if matter.theme_zh == theme_zh)

    def hottest(self, count: int) -> tuple[wire.CatalogueMatter, ...]:
        """The site's own hot list, filled up from the top of the catalogue where it is short."""
        ids = dict.fromkeys((*(name for name in self.hot if name in self.matters), *self.matters))
        return tuple(self.matters[name] for name in list(ids)[:count])

    def of_role(self, role: str) -> str:
        """The id of the matter that is the hall's ``help`` or ``enquiry``; empty if this catalogue has none."""
        return next((name for name, matter in self.matters.items() if matter.role == role), "")

    def find(self, query: str, theme_zh: str = "") -> tuple[wire.CatalogueMatter, ...]:
        """Every matter that fits ``query`` (of the theme), the best first."""
        return self.index.find(query, theme_zh)


_made: dict[int, tuple[wire.Catalogue, Catalogue]] = {}


def from_wire(message: wire.Catalogue) -> Catalogue:
    """What the kiosk keeps of the message; entries of one id twice keep the first."""
    kept = _made.get(id(message))
    if kept is not None and kept[0] is message:
        return kept[1]
    matters: dict[str, wire.CatalogueMatter] = {}
    for matter in message.matters:
        matters.setdefault(matter.id, matter)
    made = Catalogue(
        version=message.version,
        matters=matters,
        hot=tuple(message.hot),
        themes=tuple({matter.theme_zh: (matter.theme_zh, matter.theme_en) for matter in matters.values()}.values()),
        index=Index(matters.values(), message.hot),
    )
    _made.clear()
    _made[id(message)] = (message, made)
    return made
