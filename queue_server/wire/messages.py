"""The bodies of every MQTT message, as msgspec structs; the HTTP kiosk API uses the same.

JSON, UTF-8, at most ``MAX_BYTES``. Each body carries ``v`` (this file's version) and, where a direction
has several kinds, ``kind``. Unknown fields are ignored (a newer peer may send more), unknown kinds and
wrong versions are refused with a code. Times are RFC 3339 with offset. No message has a field for a
name, an identity number or a phone: a person crosses only as ``person``, a sealed box that the server's
vault alone can open (base64 of a libsodium sealed box, product.md §4.9), and what an office knows of a person
comes back as a box that only the asking session's reading process opens (``inquiry``).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from queue_server.wire import (
    base,
    catalogue,
    devices,
    hall_time,
    inquiry,
    lamps,
    near,
    offers,
    orders,
    people,
    standing,
    texting,
    types,
)

VERSION = types.VERSION
MAX_BYTES = types.MAX_BYTES
Id = types.Id
Instant = types.Instant
Lang = types.Lang
MatterId = types.MatterId
Matters = types.Matters
PlaceName = types.PlaceName
PriorityReason = types.PriorityReason
RequestId = types.RequestId
Sealed = types.Sealed
Token = types.Token
Catalogue = catalogue.Catalogue
CatalogueGroup = catalogue.CatalogueGroup
CatalogueMatter = catalogue.CatalogueMatter
packed, unpacked, older = catalogue.packed, catalogue.unpacked, catalogue.older
Paper = catalogue.Paper
Birth = devices.Birth
DeviceState = devices.DeviceState
Heartbeat = devices.Heartbeat
Peripheral = devices.Peripheral
StateNote = devices.StateNote
NoteCode = devices.NoteCode
TerminalNote = devices.TerminalNote
HelpLamp = lamps.HelpLamp
Lamp = lamps.Lamp
Lamps = lamps.Lamps
Near = near.Near
NearHall = near.NearHall
NearKiosk = near.NearKiosk
Opening = near.Opening
Ack = orders.Ack
AnyOrder = orders.AnyOrder
Emergency = orders.Emergency
Restart = orders.Restart
SetMode = orders.SetMode
SignedOrder = orders.SignedOrder
Request = base.Request
Reply = base.Reply
AskProgress = inquiry.AskProgress
AskRecord = inquiry.AskRecord
AskTime = hall_time.AskTime
TimeReply = hall_time.TimeReply
CaseProgress = inquiry.CaseProgress
ProgressReply = inquiry.ProgressReply
RecordReply = inquiry.RecordReply
TicketProgress = inquiry.TicketProgress
AskDays = offers.AskDays
AskSlots = offers.AskSlots
Book = offers.Book
BookedReply = offers.BookedReply
DayOffer = offers.DayOffer
DaysReply = offers.DaysReply
JoinWaitingList = offers.JoinWaitingList
Reason = offers.Reason
Slot = offers.Slot
SlotsReply = offers.SlotsReply
WaitingReply = offers.WaitingReply
ForOther = people.ForOther
LeftReply = people.LeftReply
Rate = people.Rate
RatedReply = people.RatedReply
ReportLeft = people.ReportLeft
Call = standing.Call
Calls = standing.Calls
GroupOutlook = standing.GroupOutlook
Outlook = standing.Outlook
TextMe = texting.TextMe
TextedReply = texting.TextedReply


class TakeTicket(Request, tag="take-ticket", frozen=True):
    matters: Matters
    token: Token
    place: PlaceName = "here"
    lang: Lang = "zh-Hans"
    priority_reason: PriorityReason | None = None
    for_other: ForOther | None = None
    """Somebody comes for somebody else (代办)."""


class CheckIn(Request, tag="check-in", frozen=True):
    """By booking ``code``, by ``person`` (card or typed number, sealed), or by ``appointment`` after a choice.

    Exactly one of the three.
    """

    token: Token
    code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    person: Sealed | None = None
    appointment: Id | None = None
    lang: Lang = "zh-Hans"
    place: PlaceName = "here"


class Claim(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Somebody without a line says to be booked: by booking ``code``, or as ``person`` (card or typed number)."""

    code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    person: Sealed | None = None


class LeaseBlock(Request, tag="lease-block", frozen=True):
    group: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]$(?!\n)")]
    size: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50


class OfflineTicket(Request, tag="offline-ticket", frozen=True):
    """A ticket already given from a leased block. It has happened, so the hall takes it in whatever it says."""

    block: Id
    group: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]$(?!\n)")]
    number: Annotated[int, msgspec.Meta(ge=1, le=99_999)]
    matters: Matters
    token: Token
    checked_in_at: Instant
    clock_uncertainty_s: Annotated[int, msgspec.Meta(ge=0, le=86_400 * 30)] = 0
    lang: Lang = "zh-Hans"
    place: PlaceName = "here"
    priority_reason: PriorityReason | None = None
    claim: Claim | None = None
    """Its citizen says to be booked: the hall matches it, and this ticket becomes the check-in."""
    for_other: ForOther | None = None
    """As in ``take-ticket``."""


class CallHelp(Request, tag="call-help", frozen=True):
    """Somebody at this terminal asks for a person. ``screen`` is the page's name, never what stands on it."""

    screen: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,32}$(?!\n)")] = ""
    lang: Lang = "zh-Hans"
    again: bool = False
    """The second ring: nobody has answered the first."""


class EndHelp(Request, tag="end-help", frozen=True):
    """Somebody has come (or the citizen needs nobody any more): the call with the id ``call`` is over."""

    call: RequestId
    because: Literal["came", "withdrawn"] = "came"


AnyRequest = (
    TakeTicket
    | CheckIn
    | AskDays
    | AskSlots
    | Book
    | JoinWaitingList
    | LeaseBlock
    | OfflineTicket
    | CallHelp
    | EndHelp
    | AskProgress
    | AskRecord
    | Rate
    | ReportLeft
    | AskTime
    | TextMe
)


class TicketReply(Reply, tag="ticket", frozen=True):
    """A number, committed before this was sent.

    Minutes are a range that holds in 9 of 10 cases; ``promised_by`` is the promise.
    """

    number: str
    group: str
    group_zh: str
    group_en: str
    ticket: str
    business_date: date
    token: str
    matters: list[str]
    ticket_kind: Literal["appointment", "priority", "walk-in"]
    checked_in_at: Instant
    promised_by: Instant
    ahead: int
    wait_min_low: int
    wait_min_high: int
    hall_zh: str
    hall_en: str
    area_zh: str
    area_en: str
    path: str
    """Path of the phone page, to be put behind the profile's public address."""
    slot_start: Instant | None = None
    late: bool = False
    nobody: str = ""
    """Why nobody can serve this citizen now, a code with a sentence; then the minutes are no promise."""
    next_slot: Instant | None = None
    """For who came too late for the booking: the next slot that can be booked instead of waiting now."""
    for_other: bool = False
    """Taken by somebody for somebody else; who and what they are to each other is not said."""


class BlockReply(Reply, tag="block", frozen=True, omit_defaults=True):
    """Numbers ``first`` to ``last``, good until the doors close that day (``until``)."""

    block: str
    group: str
    business_date: date
    first: int
    last: int
    until: Instant | None = None


class RecordedReply(Reply, tag="recorded", frozen=True, omit_defaults=True):
    """An off-line ticket is in the hall; ``number`` differs from the ``printed`` one only if that was disputed."""

    number: str
    ticket: str
    printed: str = ""
    booked: Literal["", "met", "late", "early", "unmet"] = ""
    """What became of the word to be booked: the ticket is the check-in (``late``, ``early``: in line as a walk-in),

    or no booking was matched.
    """
    slot_start: Instant | None = None


class Choice(msgspec.Struct, frozen=True):
    """One of several appointments of the same person today."""

    appointment: str
    slot_start: Instant
    matters: list[str]


class RefusedReply(Reply, tag="refused", frozen=True):
    """No, with a stable ``code`` and one sentence that says what to do next."""

    code: str
    zh: str
    en: str
    facts: dict[str, str | int] = msgspec.field(default_factory=dict)
    choices: list[Choice] = msgspec.field(default_factory=list)


class HelpReply(Reply, tag="help", frozen=True):
    """The call that stands for this terminal, and how it is with it, in one sentence to the citizen."""

    call: str
    state: Literal["called", "coming", "ended"]
    zh: str
    en: str


AnyReply = (
    TicketReply
    | BookedReply
    | WaitingReply
    | DaysReply
    | SlotsReply
    | BlockReply
    | RecordedReply
    | HelpReply
    | ProgressReply
    | RecordReply
    | RatedReply
    | LeftReply
    | TextedReply
    | TimeReply
    | RefusedReply
)
