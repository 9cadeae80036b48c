"""What can be asked of a hall: commands, imperative.

Built by the doors (MQTT, HTTP, timekeeper). Each carries ``id``, the client's own time-ordered id, under
which the first answer is kept, and ``by``, who asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from queue_server.domain.model import Outcome, Place
from queue_server.domain.sheet import BookingSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """``by`` is ``kiosk:ID``, ``phone``, ``staff:ID``, ``manager:ID``, ``city`` or ``system``; never a citizen."""

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
    proxy: str = ""
    """See ``Ticket.proxy``; then ``person_ref`` is whose matter it is, ``agent_ref`` who has come."""
    agent_ref: str | None = None
    authorisation: str = ""


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
    wish: str | None = None
    """The wish on the waiting list for which this place is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment(Command):
    appointment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWaitingList(Command):
    """候补: a place in one slot, or in any slot of ``day``; with ``moves`` one before that appointment's."""

    wish_id: str
    code: str
    matters: tuple[str, ...]
    day: date | None = None
    slot_start: datetime | None = None
    origin: str = "online"
    person_ref: str | None = None
    moves: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveWaitingList(Command):
    wish_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBookingSheet(Command):
    """From now on the slots of that weekday are sold by ``sheet``."""

    sheet: BookingSheet


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


@dataclass(frozen=True, slots=True)
class Advice:
    """Whom a look ahead, made outside the domain, would call next, and what it found (``why``, a few numbers)."""

    ticket_id: str
    why: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNext(Command):
    """``advice`` is followed only while it still fits the hall: see ``dispatch.choose``."""

    counter: str
    advice: Advice | None = None


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


@dataclass(frozen=True, slots=True)
class Claim:
    """Who took a number off line says to be booked: by booking ``code``, or as ``person_ref`` (a card).

    ``unmet``: the door knows already that it is no booking of this hall, and why (``claims.Unmet``).
    """

    code: str | None = None
    person_ref: str | None = None
    unmet: str = ""


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
    claim: Claim | None = None
    """Its citizen says to be booked."""
    proxy: str = ""
    """As in ``TakeTicket``."""
    person_ref: str | None = None
    agent_ref: str | None = None
    authorisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDay(Command):
    """End ``business_date``: open tickets are abandoned, bookings expire, blocks lapse, numbers start anew."""

    business_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Command):
    """Time has passed: report what ran out (amber, broken, service over, returns and pauses lapsed, day over)."""
