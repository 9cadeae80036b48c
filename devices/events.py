"""What a supervised device says, as typed events on one queue: its health, and what it saw or did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devices.idcard.record import Card


class Condition(StrEnum):
    """How a device is: being opened, working, working with a defect (paper low), or not there."""

    STARTING = "starting"
    OK = "ok"
    DEGRADED = "degraded"
    ABSENT = "absent"


class PrintResult(StrEnum):
    """What is known of a print-out. Only PRINTED says that paper came out; nothing is ever resent blindly."""

    PRINTED = "printed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """``since`` is when ``condition`` began (aware UTC); ``reason`` a stable code such as ``paper-out``."""

    device: str
    condition: Condition
    since: datetime
    reason: str = ""
    model: str = ""
    last_ok: datetime | None = None
    paper_percent: int | None = None
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card was read, checked, and is new. The record never leaves the reading process."""

    device: str
    card: Card = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardTrouble:
    """The card must be placed again (``replace-card``) or cannot be used.

    The latter as ``bad-number``, ``bad-date`` or ``unknown-layout``.
    """

    device: str
    code: str


@dataclass(frozen=True, slots=True)
class CardGone:
    device: str


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """A code was scanned; ``text`` is decoded, controls stripped, at most 512 characters."""

    device: str
    text: str = field(repr=False)  # a ticket's token, or whatever else people hold before the window


@dataclass(frozen=True, slots=True)
class CodeTrouble:
    """A scan that cannot be used: ``unreadable-text``, ``too-long``, ``flood``."""

    device: str
    code: str


@dataclass(frozen=True, slots=True)
class Printed:
    """The end of print job ``job``."""

    device: str
    job: str
    result: PrintResult
    reason: str = ""


class PanelInput(StrEnum):
    """What a panel watches: its door, its normally closed tamper loop, somebody standing before it."""

    DOOR = "door"
    TAMPER = "tamper"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class PanelChanged:
    """The door is open, the loop is broken, somebody is there (``active``); told at the start and at each change."""

    device: str
    input: PanelInput
    active: bool


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the panel went down, debounced: ``call``, ``speech``, or the keypad's ``0``-``9``, ``*``, ``#``."""

    device: str
    key: str


DeviceEvent = Health | CardSeen | CardTrouble | CardGone | CodeSeen | CodeTrouble | Printed | PanelChanged | KeyPressed
