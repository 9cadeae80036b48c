"""The offices' records and cases: what crosses between an office and us, and how a record is closed up for one reader.

What an office knows of a person passes through this server in memory alone, on its way from the office's answer into
a box for the reading process that asked. Nothing here prints, logs or keeps a value: the structs' ``repr`` hides them,
and every failure is one of three conditions without a value in its text.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PublicKey, SealedBox

from queue_server.people.vault import Identity
from queue_server.wire import messages as wire
from queue_server.wire.inquiry import CaseState

PAD_BYTES = 1024
"""A box's length tells the length of a record to the next kilobyte only."""
MAX_PLAIN_BYTES = 8192

LineKind = Literal["open", "name", "number", "hidden"]
Phrase = Annotated[str, msgspec.Meta(max_length=200)]


class Line(msgspec.Struct, kw_only=True, frozen=True):
    """``kind``: how the screen masks ``value``; an unknown one is hidden by who reads it."""

    label_zh: Phrase
    label_en: Phrase
    value: Phrase
    kind: LineKind = "hidden"

    def __repr__(self) -> str:
        return "Line(***)"


class Record(msgspec.Struct, kw_only=True, frozen=True):
    """What an office has on record about one person."""

    title_zh: Phrase
    title_en: Phrase
    as_of: wire.Instant
    lines: list[Line]

    def __repr__(self) -> str:
        return "Record(***)"


class Case(msgspec.Struct, kw_only=True, frozen=True):
    """One case; ``number`` as printed on the receipt."""

    number: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8,20}$(?!\n)")]
    matter_zh: Phrase
    matter_en: Phrase
    state: CaseState
    since: wire.Instant
    next_zh: Phrase
    next_en: Phrase
    office_zh: Phrase
    office_en: Phrase
    owner_phone: Annotated[str, msgspec.Meta(max_length=32)]
    expected: wire.Instant | None = None

    def __repr__(self) -> str:
        return "Case(***)"


class OfficeAway(ConnectionError):  # noqa: N818  (named for the condition)
    """The office's system is paused, not reached, or said something else than it should."""

    def __init__(self, why: str, office_zh: str = "", office_en: str = "", back_at: datetime | None = None) -> None:
        super().__init__(why)
        self.office_zh, self.office_en, self.back_at = office_zh, office_en, back_at


class NothingOnRecord(LookupError):  # noqa: N818  (named for the condition)
    """The office knows nothing of this."""


class OtherPerson(LookupError):  # noqa: N818  (named for the condition)
    """There is a record, but of somebody else than whose card it was."""


class TooLong(ValueError):  # noqa: N818  (named for the condition)
    """A record that does not fit into a box, and on no slip of paper."""


class Office(Protocol):
    """The other end. Each raises OfficeAway; ``record`` also NothingOnRecord and OtherPerson."""

    def case(self, number: str) -> list[Case]: ...
    def cases_of(self, person: Identity) -> list[Case]: ...
    def record(self, matter: str, person: Identity) -> Record: ...


def boxed(record: Record, reply_key: bytes) -> str:
    """``record`` for the owner of ``reply_key`` (X25519) alone, base64.

    Raises TooLong, and ValueError for a key that is none.
    """
    plain = msgspec.json.encode(record)
    if len(plain) > MAX_PLAIN_BYTES:
        raise TooLong
    padded = plain.ljust(-(-len(plain) // PAD_BYTES) * PAD_BYTES)
    try:
        return base64.b64encode(SealedBox(PublicKey(reply_key)).encrypt(padded)).decode("ascii")
    except (CryptoError, TypeError):
        raise ValueError("not a public key") from None


def told(case: Case) -> wire.CaseProgress:
    """What a screen may say of a case: of its number the last four."""
    return wire.CaseProgress(
        tail=case.number[-4:],
        matter_zh=case.matter_zh,
        matter_en=case.matter_en,
        state=case.state,
        since=case.since,
        next_zh=case.next_zh,
        next_en=case.next_en,
        office_zh=case.office_zh,
        office_en=case.office_en,
        owner_phone=case.owner_phone,
        expected=case.expected,
    )
