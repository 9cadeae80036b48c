"""The places of the way to a ticket: one frozen record per page, with what the page needs to know and no more.

A page never holds a name, a number or a sealed person. ``guide`` marks the way of somebody who only wants to
know what to bring; ``page`` counts leaves from 0 and is clamped by the view that knows how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from queue_server.wire import messages as wire

Printing = Literal["none", "printing", "printed", "sent", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Start:
    """Three actions; a card or a code begins a check-in without a touch."""


@dataclass(frozen=True, slots=True)
class Hot:
    """The matters most people come for, and the ways to all others."""

    guide: bool = False


@dataclass(frozen=True, slots=True)
class Themes:
    guide: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True)
class InTheme:
    theme_zh: str
    guide: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True)
class Searching:
    """``typed``: letters and characters, or telephone digits on a small panel. ``theme_zh``: only among its matters."""

    typed: str = ""
    guide: bool = False
    theme_zh: str = ""
    look_up: bool = False
    """Only among what can be looked up here, and leading there instead of to a ticket."""


@dataclass(frozen=True, slots=True)
class Found:
    typed: str
    guide: bool = False
    page: int = 0
    theme_zh: str = ""
    look_up: bool = False


@dataclass(frozen=True, slots=True)
class Confirm:
    """What to bring, how long it takes, and on which paper: one page before the ticket."""

    matters: tuple[str, ...]
    guide: bool = False


@dataclass(frozen=True, slots=True)
class CheckInWays:
    pass


@dataclass(frozen=True, slots=True)
class TypeNumber:
    """The reading process holds the digits; ``length`` is all that is known here."""

    length: int = 0
    trouble: str = ""
    tries: int = 0
    """How often a whole number was wrong."""
    booking: bool = False
    """It is for a booking that is being made, and begins no check-in."""


@dataclass(frozen=True, slots=True)
class TypeCode:
    """A booking code is digits only, so that the number pad is enough for it."""

    typed: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """``session.wish`` is on its way; ``since_s`` on the monotonic clock."""

    since_s: float


@dataclass(frozen=True, slots=True)
class Several:
    """More than one appointment today: which one?"""

    choices: tuple[wire.Choice, ...]
    page: int = 0


@dataclass(frozen=True, slots=True)
class SaysBooked:
    """The hall cannot be heard, and somebody is booked: a number now, which is their check-in (``flow.offline``)."""


@dataclass(frozen=True, slots=True)
class Given:
    """A ticket. ``job`` is the print job under way or ended; a reprint is offered once."""

    ticket: wire.TicketReply
    printing: Printing = "none"
    job: str = ""
    reprinted: bool = False
    remote: bool = False
    """It is called by video: one waits at the site's own place for that."""
    own: Literal["", "waiting", "known", "renumbered"] = ""
    """The terminal's own number: the hall does not know it yet, knows it, or had to give another."""
    booked: Literal["", "said", "met", "late", "early", "unmet"] = ""
    """Of an own number whose citizen says to be booked: not matched yet, and what became of it."""
    texted: str = field(default="", repr=False)
    """The phone that will be told, as it may be shown."""


@dataclass(frozen=True, slots=True)
class TypePhone:
    """Which phone shall be told of the ticket ``path``. The reading process holds the digits; ``shown`` is covered.

    ``request``: under which it was sent to the hall, since ``since_s`` on the monotonic clock; empty while it is typed.
    """

    path: str = field(repr=False)
    length: int = 0
    shown: str = field(default="", repr=False)
    trouble: str = ""
    request: str = ""
    masked: str = field(default="", repr=False)
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server said no; its own sentence says what to do next. ``kind`` is that of the wish, for what ``matters``."""

    reply: wire.RefusedReply
    checking_in: bool = False
    kind: str = ""
    matters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A card, a code or the kiosk itself did not do what it should; ``code`` picks the sentence."""

    code: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class More:
    """What does not fit into the small panel's bar."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The citizen has hidden the screen from those behind."""


@dataclass(frozen=True, slots=True)
class StillThere:
    """Time is nearly out; any touch on "continue" gives all of it again, without limit."""

    since_s: float


@dataclass(frozen=True, slots=True)
class Shut:
    """The door is open or the tamper loop broken: nothing is begun until both are closed."""
