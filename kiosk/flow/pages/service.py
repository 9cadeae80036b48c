"""The places of looking something up: the menu, how far a ticket or a case is, and what an office has on record.

A page holds masked lines at most; the whole ones of a record stand in it for ten seconds, when the citizen has asked
for them, and never in a page that is not shown (``flow.record``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.events import RecordLine
from kiosk.flow.pages.common import Printing
from queue_server.wire import messages as wire


@dataclass(frozen=True, slots=True)
class ServiceMenu:
    """What can be done here without a window."""


@dataclass(frozen=True, slots=True)
class ProgressWays:
    """Which ticket or case? By its code, a card, or a number."""


@dataclass(frozen=True, slots=True)
class TypeTicket:
    """First the group's letter, then the digits."""

    letter: str = ""
    digits: str = ""


@dataclass(frozen=True, slots=True)
class TypeCase:
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What was found. ``chosen``: of several, the one that is shown; -1 while the citizen chooses."""

    reply: wire.ProgressReply
    chosen: int = -1


@dataclass(frozen=True, slots=True)
class NoProgress:
    """Nothing was found, or could not be asked: the reply's sentence says what to check."""

    reply: wire.RefusedReply


@dataclass(frozen=True, slots=True)
class LookUps:
    """Everything that can be looked up here with a card."""

    page: int = 0


@dataclass(frozen=True, slots=True)
class Consent:
    """What is read, why, how long it is kept. ``separate``: the second question, for a sensitive record."""

    matter: str
    separate: bool = False


@dataclass(frozen=True, slots=True)
class LayCard:
    """The card must lie here now: a typed number shows nobody anything."""

    matter: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """``whole``: every line as it is, only until ``whole_until_s``. ``job``: the print under way or ended."""

    matter: str
    lines: tuple[RecordLine, ...] = field(default=(), repr=False)
    opened: bool = False
    whole: tuple[RecordLine, ...] = field(default=(), repr=False)
    whole_until_s: float = 0.0
    warned: bool = False
    printing: Printing = "none"
    job: str = ""


@dataclass(frozen=True, slots=True)
class NoRecord:
    """Nothing on record, the office paused, another's card: what is so, and a ticket instead."""

    matter: str
    reply: wire.RefusedReply


@dataclass(frozen=True, slots=True)
class TakeAway:
    """It is printed: paper and card are to be taken along. ``sure``: the printer has said so."""

    matter: str
    job: str
    sure: bool = True


Why = Literal["offline", "reader", "unopened"]


@dataclass(frozen=True, slots=True)
class CannotLookUp:
    """Not now, not here: the line is down, the reader is out, the answer could not be opened."""

    why: Why
    matter: str = ""
