"""What can be asked of a hall (commands, imperative) and what can have happened (events, past tense).

Commands are built by the doors (MQTT, HTTP, timekeeper); each carries ``id``, the client's own
time-ordered id, under which the first answer is kept, and ``by``, who asks. Events are the only truth:
``evolve`` rebuilds the hall from them alone, so an event carries every choice that was made (the number
given, the due times, what decided a call) and never depends on configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from queue_server.domain.model import Appointment, Block, Outcome, Place, Ticket

# --- commands ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """``by`` is ``kiosk:ID``, ``phone``, ``staff:ID``, ``city`` or ``system``; never a citizen."""

    id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTicket(Command):
    """A walk-in (or priority, if a reason is declared) asks for a number."""

    matters: tuple[str, ...]
    token: str
    place: Place = Place.HERE
    lang: str = "zh-Hans"
    priority_reason: str | None = None
    person_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSlot(Command):
    """Book one place in the slot that starts at ``slot_start``; ``code`` and ``appointment_id`` come from the door."""

    appointment_id: str
    code: str
    matters: tuple[str, ...]
    slot_start: datetime
    origin: str = "online"
    person_ref: str | None = None
    replaces: str | None = None
    """An appointment of the same person that this one moves; it is cancelled in the same decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment(Command):
    appointment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Command):
    """The citizen is here: by appointment id, by code, or by person (card, typed number): exactly one of the three."""

    token: str
    appointment_id: str | None = None
    code: str | None = None
    person_ref: str | None = None
    lang: str = "zh-Hans"
    place: Place = Place.HERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTicket(Command):
    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAfterNoShow(Command):
    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTicket(Command):
    """暂离."""

    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTicket(Command):
    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCounter(Command):
    """``staff`` sits down at the window."""

    counter: str
    staff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCounter(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseCounter(Command):
    """The window calls nobody until resumed; whom it serves it finishes."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCounter(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNext(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTicket(Command):
    """Call one named ticket to this window: the citizen shows an off-line ticket, or a supervisor decides."""

    counter: str
    ticket_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAgain(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoShow(Command):
    """过号."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginIdentityCheck(Command):
    """Starts the service clock (沪府办发〔2022〕1号 四(三): 身份核验+提交材料)."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMaterials(Command):
    """Stops the service clock."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish(Command):
    """``reason`` is required when the service clock ran over its limit."""

    counter: str
    outcome: Outcome | None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Command):
    """Send the current citizen on, clock and promise kept: to a window, to other matters, or both."""

    counter: str
    to_counter: str | None = None
    to_matters: tuple[str, ...] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseBlock(Command):
    """Reserve the next ``size`` numbers of ``group`` for off-line issue by one kiosk."""

    block_id: str
    kiosk: str
    group: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOfflineTicket(Command):
    """A ticket that a kiosk has already given. It has happened: it cannot be refused.

    ``checked_in_at`` is the kiosk's best knowledge, off by at most ``clock_uncertainty_s``.
    """

    block_id: str
    kiosk: str
    group: str
    number: int
    matters: tuple[str, ...]
    token: str
    checked_in_at: datetime
    clock_uncertainty_s: int = 0
    lang: str = "zh-Hans"
    place: Place = Place.HERE
    priority_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDay(Command):
    """End ``business_date``: open tickets are abandoned, bookings expire, blocks lapse, numbers start anew."""

    business_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Command):
    """Time has passed: report what ran out (amber, broken, service over, returns and pauses lapsed, day over)."""


# --- events ------------------------------------------------------------------------------------------


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
    ticket_id: str
    counter: str
    outcome: Outcome
    reason: str | None = None


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


EVENTS: tuple[type[Event], ...] = (
    DayOpened,
    DayClosed,
    TicketIssued,
    OfflineTicketDisputed,
    SlotBooked,
    AppointmentCancelled,
    AppointmentMet,
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
"""Every event there is, for the log's codec: an event's kind in the log is its class name."""
