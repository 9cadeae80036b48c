"""What the hall answers to a command: plain records that the log keeps beside the events.

The first answer to a command's id is the answer for ever; a door turns it into a wire message or a page,
and a retry after a crash gets the very same record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from queue_server.domain.book import Wish
from queue_server.domain.model import Appointment, Block, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAnswer:
    """A number was given (take, check-in).

    ``ahead``: predicted calls before this one; the seconds are P50 and P90 of the wait.
    """

    ticket_id: str
    number: str
    group: str
    business_date: date
    token: str
    matters: tuple[str, ...]
    kind: Kind
    checked_in_at: datetime
    due: datetime
    ahead: int
    wait_p50_s: int
    wait_p90_s: int
    slot_start: datetime | None = None
    late: bool = False
    next_slot: datetime | None = None
    """For who came too late for the booking: the next slot that can be booked instead of waiting now."""
    nobody: str = ""
    """Why no window can serve this citizen now (``strain.NOBODY``); empty when one can."""
    for_other: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedAnswer:
    appointment: Appointment


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAnswer:
    """On the waiting list; ``ahead`` wait for places of the same day before this one."""

    wish: Wish
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledAnswer:
    ticket_id: str
    number: str
    counter: str
    calls: int
    why: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockAnswer:
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """An off-line ticket is in the hall; ``printed_number`` differs from ``number`` only if disputed."""

    ticket_id: str
    number: str
    printed_number: str
    booked: str = ""
    """Of somebody who said to be booked: ``met``, ``late``, ``early`` or ``unmet``."""
    slot_start: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAnswer:
    """Help was called (or is over); ``help_id`` is the call that stands, ``answered``: somebody is on the way."""

    help_id: str
    answered: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAnswer:
    """The hall's people know of what was left at the terminal (or that it is over)."""

    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAnswer:
    """What a note of risk came to (``risks.Noted``)."""

    ticket_id: str
    noted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneAnswer:
    """It was done; ``ticket_id`` says to whom, where there is one."""

    ticket_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAnswer:
    """``choices``: appointment ids, when the code is several-appointments."""

    code: str
    facts: dict[str, str | int] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


Answer = (
    TicketAnswer
    | BookedAnswer
    | WaitingAnswer
    | CalledAnswer
    | BlockAnswer
    | RecordedAnswer
    | HelpAnswer
    | LeftAnswer
    | RiskAnswer
    | DoneAnswer
    | RefusedAnswer
)

ANSWERS: tuple[type[Answer], ...] = (
    TicketAnswer,
    BookedAnswer,
    WaitingAnswer,
    CalledAnswer,
    BlockAnswer,
    RecordedAnswer,
    HelpAnswer,
    LeftAnswer,
    RiskAnswer,
    DoneAnswer,
    RefusedAnswer,
)
"""For the log's codec: an answer's kind in the log is its class name."""
