"""What citizens can come for: the catalogue that is shipped, as plain records.

``catalogue.json`` is made from ``data/matters.csv`` by ``make_catalogue`` and read here. A *group* is what
shares a letter and a sequence of numbers; a *theme* is a heading under which a citizen looks. They are the
same word for most matters, but the sensitive themes (救助, 助残) take the letter of 综合服务, because a letter of
their own would tell the whole waiting area what somebody came for (product.md §4.9).

Minutes, class and materials of the CSV are estimates to be checked against the official guides; names are as
published. The JSON has the shape of the wire's catalogue message, so that a site's catalogue and the shipped
one are read alike.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

CATALOGUE = Path(__file__).parent / "catalogue.json"


@dataclass(frozen=True, slots=True)
class Group:
    """``letter`` A to Z without I and O, which are read as 1 and 0."""

    letter: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Theme:
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One line of a checklist. ``free``: why it need not be handed in (``licence``, ``shared``, ``free``), or empty.

    ``later``: the matter is begun without it (容缺受理), and it is brought afterwards.
    """

    name_zh: str
    name_en: str = ""
    free: str = ""
    later: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """One entry. ``skill`` None: every window may serve it. ``service_min``: minutes at the window.

    ``materials_zh``: what to bring, one line each; (免交) in a line says that it need not be handed in.
    ``pinyin``: syllables with blanks, no tones; ``initials``: their first letters.
    ``self_service``: whether a terminal can do it. ``look_up``: whether one with a card reader can show and print its
    result, ``sensitive`` if that takes a consent of its own.
    ``papers`` is ``materials_zh`` taken apart.
    ``service`` marks what is not a matter of the catalogue's list but a service of the hall (综合咨询, 帮办 ...);
    ``role`` says which of them a terminal must find by itself: ``help`` (帮办), ``enquiry`` (综合咨询).
    ``proxy``: somebody else may come for it; if not, ``proxy_zh`` and ``proxy_en`` say what to do instead.
    """

    id: str
    name_zh: str
    name_en: str
    group: str
    matter_class: Literal["general", "complex"]
    service_min: float
    theme_zh: str
    theme_en: str
    materials_zh: tuple[str, ...]
    skill: str | None
    bookable: bool
    remote_ok: bool
    sensitive: bool
    service: bool
    pinyin: str
    initials: str
    self_service: Literal["no", "partial", "yes"] = "no"
    look_up: Literal["no", "plain", "sensitive"] = "no"
    papers: tuple[Paper, ...] = ()
    proxy: bool = False
    proxy_zh: str = ""
    proxy_en: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``version`` changes with the content. ``hot``: six matter ids for the first page, most wanted first."""

    version: str
    groups: tuple[Group, ...]
    themes: tuple[Theme, ...]
    matters: tuple[Matter, ...]
    hot: tuple[str, ...]

    def group(self, letter: str) -> Group:
        """Raises KeyError for a letter that is not in use."""
        for group in self.groups:
            if group.letter == letter:
                return group
        raise KeyError(letter)


class BadCatalogue(ValueError):  # noqa: N818  (named for the condition)
    """The file is not a catalogue: a missing field, a matter of no group, an id that stands twice."""


def read_catalogue(data: bytes) -> Catalogue:
    """The catalogue in ``data`` (JSON, UTF-8). Raises BadCatalogue."""
    try:
        raw: dict[str, Any] = json.loads(data)
        catalogue = Catalogue(
            version=raw["version"],
            groups=tuple(Group(**group) for group in raw["groups"]),
            themes=tuple(Theme(**theme) for theme in raw["themes"]),
            matters=tuple(map(_matter, raw["matters"])),
            hot=tuple(raw["hot"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadCatalogue(f"not a catalogue: {error}") from error
    letters = {group.letter for group in catalogue.groups}
    ids = [matter.id for matter in catalogue.matters]
    stray = [matter.id for matter in catalogue.matters if matter.group not in letters]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    unknown = [name for name in catalogue.hot if name not in ids]
    if stray or twice or unknown:
        raise BadCatalogue(f"without a group: {stray}; ids that stand twice: {twice}; hot but not listed: {unknown}")
    return catalogue


def _matter(raw: dict[str, Any]) -> Matter:
    papers = tuple(Paper(**paper) for paper in raw.get("papers", ()))
    return Matter(**{**raw, "materials_zh": tuple(raw["materials_zh"]), "papers": papers})


@cache
def load_catalogue() -> Catalogue:
    """The shipped catalogue, or the city's own that ``JIAOHAO_CATALOGUE`` names. Raises BadCatalogue, OSError."""
    return read_catalogue(Path(os.environ.get("JIAOHAO_CATALOGUE") or CATALOGUE).read_bytes())
