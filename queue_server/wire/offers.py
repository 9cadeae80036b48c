"""Booking on the wire: which days and slots are offered, a place taken, and the waiting list."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from queue_server.wire.base import Reply, Request
from queue_server.wire.types import Instant, Matters, Sealed


class AskDays(Request, tag="ask-days", frozen=True):
    """On which days of the horizon these matters can be booked."""

    matters: Matters


class AskSlots(Request, tag="ask-slots", frozen=True):
    """Which slots are free for these matters on ``day``."""

    matters: Matters
    day: date


class Book(Request, tag="book", frozen=True):
    matters: Matters
    slot_start: Instant
    person: Sealed | None = None
    origin: Literal["on-site", "phone", "online", "city"] = "on-site"


class JoinWaitingList(Request, tag="join-waiting-list", frozen=True):
    """For one slot that is full, or with ``day`` alone for any slot of that day. A place is taken on the phone page."""

    matters: Matters
    day: date | None = None
    slot_start: Instant | None = None
    person: Sealed | None = None
    origin: Literal["on-site", "phone", "online", "city"] = "on-site"


class BookedReply(Reply, tag="booked", frozen=True):
    appointment: str
    code: str
    matters: list[str]
    slot_start: Instant
    hall_zh: str
    hall_en: str
    address_zh: str = ""
    early_min: int | None = None
    """One may check in so many minutes before the slot; None from a server that does not say it, like the next two."""
    late_min: int | None = None
    """So many minutes late it still counts as an appointment."""
    cancel_min: int | None = None
    """Until so many minutes before the slot it can be moved or cancelled."""


class WaitingReply(Reply, tag="waiting", frozen=True):
    """On the waiting list, ``ahead`` before; ``path`` is the page where a place is offered and taken."""

    wish: str
    code: str
    matters: list[str]
    day: date
    ahead: int
    hold_min: int
    path: str
    hall_zh: str
    hall_en: str
    slot_start: Instant | None = None


class Slot(msgspec.Struct, frozen=True, omit_defaults=True):
    """``why`` says by a code why a slot without a free place is not offered; the reply has its words."""

    start: Instant
    free: int
    why: str = ""


class Reason(msgspec.Struct, frozen=True):
    zh: str
    en: str


class DayOffer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One open day of the horizon: places free in all, and the first slot that has one.

    Without a place ``why`` says by a code why; ``waits``: one may join the day's waiting list.
    """

    day: date
    free: int
    first: Instant | None = None
    why: str = ""
    waits: bool = False


class DaysReply(Reply, tag="days", frozen=True, omit_defaults=True):
    """The open days from today to the end of the horizon, in order; ``reasons`` as in ``SlotsReply``."""

    days: list[DayOffer]
    reasons: dict[str, Reason] = msgspec.field(default_factory=dict)


class SlotsReply(Reply, tag="slots", frozen=True, omit_defaults=True):
    """The slots of the day that have not begun. With ``why`` none of them can be booked.

    ``reasons`` holds the words of every code that is used here.
    """

    day: date
    slots: list[Slot]
    why: str = ""
    reasons: dict[str, Reason] = msgspec.field(default_factory=dict)
