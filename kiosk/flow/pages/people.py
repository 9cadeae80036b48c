"""The places that are there for people: something left behind, a rating, coming for somebody else.

As everywhere a page holds no name, no number of a person and no sealed box: whose cards were laid down on the way
of 替别人办 stands in ``Session.proxy``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.flow.pages.common import TypeNumber

Whose = Literal["agent", "person"]
"""Who stands here, and whose matter it is."""


@dataclass(frozen=True, slots=True)
class CardLeft:
    """A card lies on the reader and its owner's session is over; how long, and who knows, is in ``Kiosk.left_card``."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is rated: ``of`` ticket or job, by its id; a ticket's ``token`` where its code was scanned."""

    of: Literal["ticket", "job"]
    subject: str
    number: str = ""
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RateWays:
    """Which visit? By the code on the ticket, or by its number."""

    trouble: str = ""


@dataclass(frozen=True, slots=True)
class RateNumber:
    """The number on the ticket: a letter, then digits."""

    typed: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """Five words and their faces. Nothing is chosen beforehand."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class RateReasons:
    """``level`` is chosen; ``opened_s``: a finger that has tapped twice must not have chosen anything here."""

    visit: Visit
    level: int
    opened_s: float
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rated:
    """Thank you. ``no``: what the hall has said against it, zh and en."""

    request: str
    level: int
    known: bool = False
    no: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ProxyRelation:
    """替别人办: what is whoever stands here to the person whose matter it is?"""

    matters: tuple[str, ...]
    page: int = 0


@dataclass(frozen=True, slots=True)
class NotForOthers:
    """Why one must come in person for it, and what can be done instead."""

    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProxyCard:
    """The card of ``whose`` turn it is."""

    matters: tuple[str, ...]
    whose: Whose
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ProxyNumber(TypeNumber):
    """The same by the number pad."""

    matters: tuple[str, ...] = ()
    whose: Whose = "agent"


@dataclass(frozen=True, slots=True)
class ProxyPermit:
    """The number of an outlet's authorisation."""

    matters: tuple[str, ...]
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ProxyWithout:
    """The other person's card is not here."""

    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProxyMinor:
    """The other person is under fourteen: a parent or guardian acts for them."""

    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProxyReady:
    """Both are known, as far as they can be: take the number."""

    matters: tuple[str, ...]
