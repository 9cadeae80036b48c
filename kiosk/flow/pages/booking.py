"""The places of a booking: a day, a slot, who it is for, and what came of it; and the ways beside a number.

``matters`` is what is to be booked. Answers of the hall stand in a page as they came. A page never holds a person:
a card laid down on the way is the session's (``Session.person``), and ``read_s`` only says since when.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow.pages.common import Printing
from queue_server.wire import messages as wire


@dataclass(frozen=True, slots=True)
class OtherWays:
    """What the confirm page of a small panel has no room for."""

    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something of the checklist is not at hand."""

    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """The checklist to be carried away on a phone."""

    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Days:
    matters: tuple[str, ...]
    reply: wire.DaysReply
    page: int = 0


@dataclass(frozen=True, slots=True)
class Slots:
    """``taken``: the slot that was wanted has just gone, and these are the others."""

    matters: tuple[str, ...]
    reply: wire.SlotsReply
    page: int = 0
    taken: bool = False


@dataclass(frozen=True, slots=True)
class NoPlaces:
    """A day that is full. ``nearest``: the first slot of another day."""

    matters: tuple[str, ...]
    day: wire.DayOffer
    reason: wire.Reason | None
    nearest: wire.Instant | None


@dataclass(frozen=True, slots=True)
class BookConfirm:
    """One slot, not booked yet. A card laid down now belongs to the booking; ``read_s`` on the monotonic clock.

    ``ticket``: a number of today that the citizen has and that the booking does not replace.
    """

    matters: tuple[str, ...]
    slot_start: wire.Instant
    read_s: float | None = None
    trouble: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """``job`` is the print job of the booking slip, under way or ended; a reprint is offered once."""

    reply: wire.BookedReply
    printing: Printing = "none"
    job: str = ""
    reprinted: bool = False
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class OnList:
    """On the waiting list of a full day."""

    reply: wire.WaitingReply
    printing: Printing = "none"
    job: str = ""
    reprinted: bool = False


@dataclass(frozen=True, slots=True)
class Away:
    """How one may step out and come back."""
