"""How a hall stands, told to boards and kiosks: retained messages, rebuilt after a broker's loss. Numbers only."""

from __future__ import annotations

import msgspec

from queue_server.wire.types import VERSION, Instant, MatterId


class Call(msgspec.Struct, frozen=True):
    """``number`` to window ``counter``; ``times`` counts announcements. ``lang`` picks the voice's second language."""

    number: str
    counter: str
    at: Instant
    times: int = 1
    lang: str = "zh-Hans"


class Calls(msgspec.Struct, kw_only=True, frozen=True):
    """``.../pub/calls``: the latest first, at most six; numbers only."""

    seq: int
    calls: list[Call]
    v: int = VERSION


class GroupOutlook(msgspec.Struct, frozen=True):
    group: str
    name_zh: str
    name_en: str
    waiting: int
    wait_min_low: int
    wait_min_high: int
    nobody: str = ""


class Outlook(msgspec.Struct, kw_only=True, frozen=True):
    """``.../pub/outlook``: how full the hall is, per group, at most every two seconds.

    ``windows_open`` is how many windows are staffed now; None from a server that does not say it. ``nobody`` is why
    nobody can be served now, a code with a sentence (of the hall, or of a group); then the minutes are no promise.
    ``remote_open``: how many of the staffed windows serve by video; None from a server that does not say it.
    ``hot``: the matters most walk-ins have come for at this hour of the day, the most wanted first; empty: nothing is
    known of it, and the catalogue's own list stands. ``texts``: whether a phone can be told by text message.
    """

    at: Instant
    open: bool
    waiting: int
    wait_min_low: int
    wait_min_high: int
    groups: list[GroupOutlook]
    next_opening: Instant | None = None
    windows_open: int | None = None
    nobody: str = ""
    remote_open: int | None = None
    hot: list[MatterId] = []
    texts: bool = False
    v: int = VERSION
