"""The lamps of a hall: which window's should burn, and how it is with each terminal's call for help.

For a lamp on a window, for a kiosk's own, and for any little light that can read one retained message.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from queue_server.wire.types import VERSION

Colour = Literal["amber", "red"]


class Lamp(msgspec.Struct, frozen=True):
    """A window's lamp burns; ``blinking``: nobody has acknowledged yet."""

    counter: str
    colour: Colour
    blinking: bool


class HelpLamp(msgspec.Struct, frozen=True):
    """``kiosk`` has called for help as ``call``; ``coming``: somebody is on the way, from where the words say."""

    kiosk: str
    call: str
    coming: bool
    who_zh: str = ""
    who_en: str = ""


class Lamps(msgspec.Struct, kw_only=True, frozen=True):
    """``.../pub/lamps``, retained: every lamp that burns and every call for help. What is not named is dark."""

    counters: list[Lamp]
    help: list[HelpLamp]
    v: int = VERSION
