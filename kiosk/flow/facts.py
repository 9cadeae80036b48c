"""The small records of which the state is put together: the site, fresh identifiers, wishes, cards, calls.

Only ``Card``, ``Laid``, ``Proxy``, ``Claim`` and a pending ``Wish`` touch a person, and nothing of one is in their
``repr``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from queue_server.wire import messages as wire

Lang = wire.Lang
"""zh-Hans, zh-Hant, en, ja, ko."""

DEVICES = ("idcard", "printer", "scanner", "camera", "panel")
"""What a terminal can be fitted with; any of them may be away at any moment, and the touch screen is enough."""


@dataclass(frozen=True, slots=True)
class Site:
    """The facts of a profile that the flow and the views need. ``compact``: the small panel.

    ``fitted``: the devices that this terminal was built with, of ``DEVICES``.
    """

    hall: str
    name_zh: str
    public_url: str
    owner: str
    owner_phone: str
    hours_zh: str
    compact: bool = False
    idle_s: float = 60
    warning_s: float = 30
    tz: str = "Asia/Shanghai"
    speech: bool = False
    fitted: frozenset[str] = frozenset(DEVICES)
    remote_phone: str = ""
    remote_hours_zh: str = ""
    """The remote desk that helps when the hall is closed; empty where there is none."""
    remote_zh: str = ""
    """Where one speaks to a window by video here; empty: nowhere."""
    remote_en: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)

    attract_s: float = 0
    """So long untouched, the first page becomes a picture that moves; 0: never."""
    restart_min: int | None = None
    """The minute of the day about which the program begins anew; None: never."""
    dim: tuple[int, int] | None = None
    """From which to which minute of the day an unused screen is drawn darker."""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Fresh:
    """New identifiers for one step, made at the edge: at most one of each is used up.

    ``token``: at least 128 random bits, base64url. ``request``: a UUIDv7.
    """

    session: str
    request: str
    token: str = field(repr=False)
    job: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says to be booked, as they said it: by booking ``code``, or as ``person``, a sealed box."""

    code: str = field(default="", repr=False)
    person: str = field(default="", repr=False)

    @property
    def wired(self) -> wire.Claim:
        return wire.Claim(code=self.code or None, person=self.person or None)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that was asked of the hall, under one request id however often it is sent.

    ``matters``, ``day`` and ``slot_start`` say what it is about; ``remote`` that it is to be served by video;
    ``ticket`` the number of today that a booking follows.
    """

    id: str
    kind: Literal["take", "check-in", "days", "slots", "book", "wait", "progress", "record"]
    paper: bool
    lang: Lang
    matters: tuple[str, ...] = ()
    token: str = field(default="", repr=False)
    own: bool = False
    """A number of the terminal's own was asked for in its place."""
    day: date | None = None
    slot_start: datetime | None = None
    remote: bool = False
    ticket: str = ""
    elsewhere: bool = False
    """It is about another hall: where that is will be the answer."""
    claim: Claim | None = field(default=None, repr=False)
    """Of a check-in, who says to be booked."""
    for_other: wire.ForOther | None = field(default=None, repr=False)

    @property
    def nameless(self) -> Wish:
        """Without whoever it is for: as it is kept when its citizen has left."""
        return replace(self, claim=None, for_other=None)

    @property
    def question(self) -> bool:
        """Whether it changes nothing: it can be dropped, and is not worth waiting for as long."""
        return self.kind in {"days", "slots"}

    @property
    def inquiry(self) -> bool:
        """Only asks what is so: for progress, for a record."""
        return self.kind in {"progress", "record"}


@dataclass(frozen=True, slots=True)
class Card:
    """Masked by the reading process; shown for a few seconds so that people see it is theirs."""

    masked_name: str = field(default="", repr=False)
    last4: str = field(default="", repr=False)
    expired: bool = False
    """The card's validity has run out: the number is given all the same, the window decides."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A person who was read or typed on the way of 替别人办; see ``events.CardRead``."""

    card: Card = field(repr=False)
    person: str = field(repr=False)
    mark: str = field(repr=False)
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Proxy:
    """Who comes for whom. ``lying``: the card that lies on the reader now, whosever turn it was."""

    relation: str = ""
    agent: Laid | None = field(default=None, repr=False)
    person: Laid | None = field(default=None, repr=False)
    authorisation: str = field(default="", repr=False)
    lying: Laid | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the start page says for a while about a ticket whose citizen had left; numbers only."""

    number: str
    result: Literal["printing", "printed", "failed", "renumbered"]
    job: str
    until_s: float
    what: Literal["ticket", "booking"] = "ticket"
    was: str = ""
    """The printed number, where the hall had to give another one."""


@dataclass(frozen=True, slots=True)
class Helping:
    """A call for help on its way: ``request`` as it was asked, ``call`` as the hall knows it."""

    request: str
    stage: Literal["asked", "called", "coming", "unheard"]
    call: str = ""
    who_zh: str = ""
    who_en: str = ""
    """The window from which somebody comes, if it is known."""


@dataclass(frozen=True, slots=True)
class LeftCard:
    """A card that lies on the reader since its owner's session ended, at ``since_s`` (monotonic).

    ``rung``: how often its owner was called after; ``told``: the request by which the hall was told, ``known``: it
    has answered.
    """

    since_s: float
    rung: int = 0
    told: str = ""
    known: bool = False
