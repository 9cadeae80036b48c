"""What a site offers, as the message that a terminal keeps its last good copy of."""

from __future__ import annotations

from typing import Literal

import msgspec

from queue_server.wire.types import VERSION, MatterId


class Paper(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to bring.

    ``free`` says why it need not be handed in: ``licence`` (the office sees the electronic one), ``shared`` (it has
    the data), ``free`` (no reason given); empty: it is needed. A word that is not known counts as ``free``.
    ``later``: the matter is begun without it (容缺), and it is brought afterwards.
    """

    name_zh: str
    name_en: str = ""
    free: str = ""
    later: bool = False


class CatalogueMatter(msgspec.Struct, frozen=True):
    """``self_service``: whether it can be done at a terminal at all. ``look_up``: whether a terminal with a card reader
    can show and print its result, ``sensitive`` if that takes a consent of its own (PIPL 28, 29).

    ``papers`` is the checklist line by line; an older server sends ``materials_zh`` alone, and they stand for it.
    ``proxy``: somebody may come for another person.
    """

    id: MatterId
    name_zh: str
    name_en: str
    group: str
    matter_class: Literal["general", "complex"]
    service_min: float
    theme_zh: str
    theme_en: str
    materials_zh: list[str] = []
    skill: str | None = None
    bookable: bool = True
    remote_ok: bool = True
    sensitive: bool = False
    pinyin: str = ""
    initials: str = ""
    self_service: Literal["no", "partial", "yes"] = "no"
    look_up: Literal["no", "plain", "sensitive"] = "no"
    papers: list[Paper] = []
    proxy: bool = False
    """Whether somebody else may come for it."""
    proxy_zh: str = ""
    proxy_en: str = ""
    """Why not, and what to do instead; empty where there is nothing special to say."""
    role: str = ""
    """What it is to the hall, if that matters: ``help`` (帮办), ``enquiry`` (综合咨询); else empty."""


class CatalogueGroup(msgspec.Struct, frozen=True):
    letter: str
    name_zh: str
    name_en: str


class Catalogue(msgspec.Struct, kw_only=True, frozen=True):
    """``.../down/cat``, retained: what this site offers. Data, versioned, used from the last good copy."""

    version: str
    groups: list[CatalogueGroup]
    matters: list[CatalogueMatter]
    hot: list[str] = []
    v: int = VERSION
