"""Everything that can happen to a session: touches, devices, the server, time.

Threads meet at one inbox; ``Stamped`` carries the session in which an event was caused, and an event of
a previous citizen's session is dropped there. Nothing here holds a full name or number: the reading
process hands over masked text and a sealed box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from queue_server.wire import messages as wire


@dataclass(frozen=True, slots=True)
class Touched:
    """A control was released: ``action`` names it, ``value`` is what it stands for (a matter, a slot, a key)."""

    action: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class CardRead:
    """``masked_name`` as 张*; ``last4`` of the number; ``person`` the sealed box for the server (base64).

    ``mark`` is the same for the same person within this session and worthless beyond it; ``minor``: under 14.
    """

    masked_name: str
    last4: str
    person: str = field(repr=False)
    expired: bool = False
    mark: str = field(default="", repr=False)
    minor: bool = False


@dataclass(frozen=True, slots=True)
class CardTrouble:
    code: str


@dataclass(frozen=True, slots=True)
class CardGone:
    pass


@dataclass(frozen=True, slots=True)
class CodeRead:
    text: str


@dataclass(frozen=True, slots=True)
class CodeTrouble:
    code: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the panel went down: ``call``, ``speech`` (the raised dot), ``0`` to ``9``, ``*``, ``#``."""

    key: str


@dataclass(frozen=True, slots=True)
class PanelChanged:
    """``input`` is door, tamper or presence; ``active``: open, broken, somebody is there."""

    input: str
    active: bool


@dataclass(frozen=True, slots=True)
class TypedProgress:
    """How many signs the reading process holds, and what of them may be shown: dots, or ``138●●●●56`` of a phone."""

    length: int
    shown: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TypedRead:
    """The typed number is complete and its check digit right."""

    last4: str
    person: str = field(repr=False)
    mark: str = field(default="", repr=False)
    minor: bool = False


@dataclass(frozen=True, slots=True)
class PhoneRead:
    """A telephone number is complete: as the screen may show it, and in the box that the server alone opens."""

    masked: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TypedTrouble:
    """``bad-number`` (check digit), ``bad-date``, ``too-short``, ``fifteen-digits``; of a phone ``bad-phone``."""

    code: str


@dataclass(frozen=True, slots=True)
class Replied:
    reply: wire.AnyReply


@dataclass(frozen=True, slots=True)
class PrintEnded:
    """``result`` as ``devices.events.PrintResult``: printed, sent, failed, unknown."""

    job: str
    result: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """``device`` is idcard, printer, scanner, camera or panel; ``condition`` as ``devices.events.Condition``."""

    device: str
    condition: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    up: bool


@dataclass(frozen=True, slots=True)
class CatalogueChanged:
    catalogue: wire.Catalogue


@dataclass(frozen=True, slots=True)
class OutlookChanged:
    outlook: wire.Outlook


@dataclass(frozen=True, slots=True)
class NearChanged:
    """Where else: other halls with their hours, other terminals."""

    near: wire.Near


@dataclass(frozen=True, slots=True)
class HelpChanged:
    """The hall's word on this terminal's call for help: ``call`` empty, there is none; ``coming``, somebody goes.

    ``who_zh``, ``who_en``: from which window, if that is known.
    """

    call: str = ""
    coming: bool = False
    who_zh: str = ""
    who_en: str = ""


@dataclass(frozen=True, slots=True)
class Ticked:
    """Once a second; ``now`` is aware UTC, ``monotonic_s`` never jumps."""

    now: datetime
    monotonic_s: float


@dataclass(frozen=True, slots=True)
class Idle:
    """The session is over: the only way out, and it forgets everything."""


@dataclass(frozen=True, slots=True)
class Focused:
    """The keypad, or a finger that explores, stands on control ``at`` in reading order; -1: on the whole page."""

    at: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order of the server, checked: signed, for this terminal, not expired, newer than the last of its kind."""

    order: wire.AnyOrder


@dataclass(frozen=True, slots=True)
class BlocksChanged:
    """How many numbers of its own the terminal has left that are good now, by letter."""

    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OfflineGiven:
    """A number of the terminal's own, on the disk: ``request`` as in IssueOffline; ``path`` is its signed page."""

    request: str
    group: str
    number: str
    day: date
    checked_in_at: datetime
    path: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfflineNotGiven:
    """``code``: answered (the hall was quicker than ``replaces``), no-numbers, internal."""

    request: str
    code: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of a record as it may be shown now; ``masked``: not as it is."""

    label_zh: str
    label_en: str
    shown: str = field(repr=False)
    masked: bool = True


@dataclass(frozen=True, slots=True)
class RecordOpened:
    """The reading process has opened a record's box and keeps it; ``lines`` are masked."""

    lines: tuple[RecordLine, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordWhole:
    """The same lines as they are: to be shown for seconds, and to be dropped."""

    lines: tuple[RecordLine, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordTrouble:
    """The box does not open with this process's key, or there is no record in it."""

    code: str


@dataclass(frozen=True, slots=True)
class CodeTried:
    """What a technician's code did. ``left``: tries after ``wrong`` and ``used``, minutes while ``locked``."""

    result: Literal["open", "wrong", "used", "locked"]
    left: int = 0


@dataclass(frozen=True, slots=True)
class Inspected:
    """``device`` was opened anew and asked who it is; ``reason`` why it did not answer, empty if it did."""

    device: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FactsFound:
    """(what, value): address, broker, link_s (since when connected; empty: not), outbox (requests without a reply)."""

    facts: tuple[tuple[str, str], ...]


Event = (
    Touched
    | CardRead
    | CardTrouble
    | CardGone
    | CodeRead
    | CodeTrouble
    | KeyPressed
    | PanelChanged
    | TypedProgress
    | TypedRead
    | PhoneRead
    | TypedTrouble
    | Replied
    | PrintEnded
    | DeviceChanged
    | LinkChanged
    | CatalogueChanged
    | OutlookChanged
    | NearChanged
    | HelpChanged
    | Ordered
    | RecordOpened
    | RecordWhole
    | RecordTrouble
    | CodeTried
    | Inspected
    | FactsFound
    | Ticked
    | BlocksChanged
    | OfflineGiven
    | OfflineNotGiven
    | Idle
    | Focused
)


@dataclass(frozen=True, slots=True)
class Stamped:
    """``session`` is None for what concerns the kiosk, not one citizen (link, devices, catalogue, time)."""

    session: str | None
    event: Event
