"""What can have happened in a hall: events, past tense.

The only truth: ``evolve`` rebuilds the hall from them alone, so an event carries every choice that was made
(the number given, the due times, what decided a call) and never depends on configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from queue_server.domain.book import Wish
from queue_server.domain.model import Appointment, Block, Outcome, Ticket
from queue_server.domain.sheet import BookingSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``at`` is when it happened in the hall (true time), ``by`` who caused it."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOpened(Event):
    business_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClosed(Event):
    business_date: date
    abandoned: tuple[str, ...] = ()
    """Ticket ids that were still open."""
    expired: tuple[str, ...] = ()
    """Appointment ids of the day that nobody checked in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketIssued(Event):
    """A number was given. ``source``: ``walk-in``, ``check-in`` or ``offline``."""

    ticket: Ticket
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineTicketDisputed(Event):
    """An off-line number was outside the kiosk's block or already taken; what was printed, and what it became."""

    ticket_id: str
    printed_number: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineTicketCompleted(Event):
    """A window took it in by the code on the paper; now its kiosk has told the rest: that its citizen is booked, or

    has come for somebody else. ``ticket`` is what it is from now on.
    """

    ticket_id: str
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotBooked(Event):
    appointment: Appointment


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled(Event):
    appointment_id: str
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMet(Event):
    """The booked citizen checked in and became ``ticket_id``; ``late`` says the booking lost its kind."""

    appointment_id: str
    ticket_id: str
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingSheetSet(Event):
    """From now on the slots of the sheet's weekday are sold by it; what is sold already stays sold."""

    sheet: BookingSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListJoined(Event):
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOffered(Event):
    """A place was given back and is held for this wish until ``until``."""

    wish_id: str
    slot_start: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLapsed(Event):
    """Nobody took the place in time; it goes to the next."""

    wish_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListLeft(Event):
    """``reason``: ``booked``, ``left`` or ``expired``."""

    wish_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCancelled(Event):
    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(Event):
    """First announcement of a calling. ``why`` holds what decided the choice, quantised, for audit and replay."""

    ticket_id: str
    counter: str
    why: dict[str, str | int | float]
    wait_net_s: int | None = None
    wait_gross_s: int | None = None
    """Set at the ticket's very first call only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalledAgain(Event):
    ticket_id: str
    counter: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMissed(Event):
    ticket_id: str
    counter: str
    misses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketReturned(Event):
    """Back after a no-show with a soft target; not callable before the hall's ``not_before_call``-th call."""

    ticket_id: str
    due: datetime
    not_before_call: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPaused(Event):
    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketResumed(Event):
    """``lapsed``: the limit of the pause ran out, not the citizen came back."""

    ticket_id: str
    paused_s: int
    due: datetime
    not_before_call: int
    lapsed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheckBegun(Event):
    ticket_id: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialsAccepted(Event):
    ticket_id: str
    counter: str
    service_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFinished(Event):
    """The visit is over. What it teaches about time at the window (``pace``) stands beside the outcome."""

    ticket_id: str
    counter: str
    outcome: Outcome
    reason: str | None = None
    occupied_s: int = 0
    """How long the window was held, from the call."""
    hour: int = 0
    """Of the call, by the hall's own clock."""
    norms_min: tuple[float, ...] = ()
    """The catalogue's norm of each of the ticket's matters then; empty: nothing to learn from this visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTransferred(Event):
    """Waiting again with the old clock; the fields are what the ticket is now."""

    ticket_id: str
    from_counter: str
    to_counter: str | None
    matters: tuple[str, ...]
    skills: tuple[str, ...]
    service_min: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAbandoned(Event):
    """The citizen did not come back in time after a no-show."""

    ticket_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAmber(Event):
    """``amber_share`` of the limit has passed; ``at`` is that very moment, however late it was noticed."""

    ticket_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBroken(Event):
    """The due time passed before the first call; once per ticket, with its true time."""

    ticket_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAmber(Event):
    ticket_id: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOver(Event):
    ticket_id: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterOpened(Event):
    counter: str
    staff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterClosed(Event):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPaused(Event):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterResumed(Event):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLeased(Event):
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLapsed(Event):
    """The day ended; these numbers of the block were never given. The only gaps there are."""

    block_id: str
    kiosk: str
    group: str
    unused: tuple[int, ...]


HALL_EVENTS: tuple[type[Event], ...] = (
    DayOpened,
    DayClosed,
    TicketIssued,
    OfflineTicketDisputed,
    OfflineTicketCompleted,
    SlotBooked,
    AppointmentCancelled,
    AppointmentMet,
    BookingSheetSet,
    WaitingListJoined,
    PlaceOffered,
    OfferLapsed,
    WaitingListLeft,
    TicketCancelled,
    TicketCalled,
    TicketCalledAgain,
    TicketMissed,
    TicketReturned,
    TicketPaused,
    TicketResumed,
    IdentityCheckBegun,
    MaterialsAccepted,
    TicketFinished,
    TicketTransferred,
    TicketAbandoned,
    PromiseAmber,
    PromiseBroken,
    ServiceAmber,
    ServiceOver,
    CounterOpened,
    CounterClosed,
    CounterPaused,
    CounterResumed,
    BlockLeased,
    BlockLapsed,
)
"""Beside ``watch_events``: all of them together are ``messages.EVENTS``."""
