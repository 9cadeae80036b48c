"""What lies around a terminal: other halls with their coming hours, other terminals, the nearest first.

Retained, one for each terminal, and small: it changes when a day begins, not when a citizen comes. It carries hours as
times, never a word like "open": a terminal that has had no news for days reads it by its own clock, and a time that has
passed says nothing any more.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from queue_server.wire.types import VERSION, Id, Instant

Metres = Annotated[int, msgspec.Meta(ge=0, description="as the crow flies")]


class Opening(msgspec.Struct, frozen=True):
    """The doors are open from ``opens`` up to and without ``closes``."""

    opens: Instant
    closes: Instant


class NearHall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hall in another house, or another hall in this one, with its openings of the coming days in order.

    ``metres`` only where the plan knows both places.
    """

    hall: Id
    name_zh: str
    name_en: str
    address_zh: str
    openings: list[Opening]
    metres: Metres | None = None


class NearKiosk(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another terminal: its code, its site, and where it stands there."""

    kiosk: Id
    site_zh: str
    site_en: str
    place_zh: str = ""
    metres: Metres | None = None


class Near(msgspec.Struct, kw_only=True, frozen=True):
    """``.../down/near``, retained: where else, seen from this terminal. Data, used from the last good copy."""

    halls: list[NearHall] = []
    kiosks: list[NearKiosk] = []
    v: int = VERSION
