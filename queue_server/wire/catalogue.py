"""What a site offers, as the message that a terminal keeps its last good copy of.

A body is JSON; one of more than ``PLAIN_MAX_BYTES`` is the letter ``z`` and the same JSON packed by zlib (RFC 1950):
5,000 matters are 4 MB and travel as a few hundred kB. ``unpacked`` bounds what it makes of a body.
"""

from __future__ import annotations

import re
import zlib
from typing import Final, Literal

import msgspec

from queue_server.wire.types import VERSION, MatterId

PLAIN_MAX_BYTES: Final = 1 << 18
BODY_MAX_BYTES: Final = 1 << 20
"""What a broker carries (``queue_server.broker.MAX_PAYLOAD_BYTES``)."""
UNPACKED_MAX_BYTES: Final = 1 << 24
_PACKED: Final = b"z"


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


def packed(catalogue: Catalogue) -> bytes:
    """The body of ``catalogue``. Raises ValueError for one that no broker would carry."""
    body = msgspec.json.encode(catalogue)
    if len(body) > PLAIN_MAX_BYTES:
        body = _PACKED + zlib.compress(body, 6)
    if len(body) > BODY_MAX_BYTES:
        raise ValueError(f"a catalogue of {len(body)} bytes, packed, is more than {BODY_MAX_BYTES}")
    return body


def unpacked(body: bytes) -> Catalogue:
    """The catalogue in ``body``. Raises msgspec.DecodeError, also for one that is too large, packed or not."""
    if len(body) > BODY_MAX_BYTES:
        raise msgspec.DecodeError(f"{len(body)} bytes are too many for a catalogue")
    if body[:1] == _PACKED:
        maker = zlib.decompressobj()
        try:
            body = maker.decompress(body[1:], UNPACKED_MAX_BYTES)
        except zlib.error as error:
            raise msgspec.DecodeError(f"not packed by zlib: {error}") from None
        if not maker.eof:
            raise msgspec.DecodeError("the packed catalogue is cut off or too large")
    return _decode(body)


def older(version: str, than: str) -> bool:
    """Whether the number with which ``version`` begins (``2-3f110a``) is lower; without numbers nothing is older."""
    one, other = (re.match(r"(\d{1,9})-", text) for text in (version, than))
    return bool(one and other) and int(one[1]) < int(other[1])  # type: ignore[index]


_decode = msgspec.json.Decoder(Catalogue).decode
