"""What a citizen wants to know: how far a ticket or a case is, and what an office has on record about them.

Nothing here says anything of a person in the clear. Progress names a ticket by its number, and a case by the end of
its own. A record comes as a box that only the reading process of the citizen's own session opens: its public key
lies inside the sealed person (``reply``), so that nobody on the way can put another in its place.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from queue_server.wire.base import Reply, Request
from queue_server.wire.types import Instant, MatterId, Sealed

TicketState = Literal["waiting", "called", "serving", "done", "missed", "paused", "cancelled", "abandoned"]
CaseState = Literal["received", "accepted", "checking", "supplement", "ready", "done", "declined"]
CASE_DIGITS = (8, 20)
"""A case number's fewest and most digits."""
MAX_BOX = 12_000
"""Characters of a record's box: what a slip of paper holds, many times over."""


class AskProgress(Request, tag="ask-progress", frozen=True):
    """By ``path`` (a ticket's page, as its code says), ``number`` (typed), ``case`` or ``person``: exactly one."""

    path: Annotated[str, msgspec.Meta(pattern=r"^/t/[A-Za-z0-9_/-]{1,240}$(?!\n)")] | None = None
    number: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][0-9]{3,5}$(?!\n)")] | None = None
    case: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8,20}$(?!\n)")] | None = None
    person: Sealed | None = None


class AskRecord(Request, tag="ask-record", frozen=True):
    """What the office of ``matter`` has on record about the person whose card lies on the reader.

    ``consent``: what the citizen has agreed to; a sensitive matter needs ``separate``.
    """

    matter: MatterId
    person: Sealed
    consent: Literal["plain", "separate"] = "plain"


class TicketProgress(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What the hall's board could show of one number. ``until``: so long a paused or missed one may come back."""

    number: str
    state: TicketState
    ahead: int = 0
    wait_min_low: int = 0
    wait_min_high: int = 0
    nobody: str = ""
    window_zh: str = ""
    window_en: str = ""
    area_zh: str = ""
    area_en: str = ""
    until: Instant | None = None


class CaseProgress(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One case at an office. ``tail``: the last four digits of its number. ``next_*``: what the citizen does now.

    ``owner_phone`` is the office's.
    """

    tail: str
    matter_zh: str
    matter_en: str
    state: CaseState
    since: Instant
    next_zh: str
    next_en: str
    office_zh: str
    office_en: str
    owner_phone: str
    expected: Instant | None = None


class ProgressReply(Reply, tag="progress", frozen=True):
    """Something was found: a ticket of today, cases, or both. Nothing found is a refusal with what to check."""

    ticket: TicketProgress | None = None
    cases: list[CaseProgress] = msgspec.field(default_factory=list)


class RecordReply(Reply, tag="record", frozen=True):
    """``box``: base64 of a libsodium sealed box to the asking process's own key."""

    matter: str
    box: Annotated[str, msgspec.Meta(max_length=MAX_BOX)]
