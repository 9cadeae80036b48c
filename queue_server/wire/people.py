"""What a terminal says for people: a ticket for somebody else, a rating, a thing that was left behind.

A rating names what was rated, never who did; persons cross only as sealed boxes, and what was left behind is
told by its kind alone.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from queue_server.wire.base import Reply, Request
from queue_server.wire.types import Sealed, Token

Relation = Literal["spouse", "child", "parent", "relative", "trustee", "outlet"]
"""What whoever stands here is to the person whose matter it is (child: 子女); ``outlet`` is 村居代办."""
Authorisation = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Za-z0-9-]{4,32}$(?!\n)", description="number of an outlet's proxy authorisation"),
]
Left = Literal["card", "print"]
Level = Annotated[
    int, msgspec.Meta(ge=1, le=5, description="5 very satisfied ... 1 very dissatisfied; 1 and 2 are bad")
]
ReasonCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z-]{0,31}$(?!\n)")]
Subject = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}$(?!\n)", description="a ticket's or a job's id")]

BAD = 2
"""This level and the one below are 差评 (国办发〔2019〕51号)."""
RELATIONS: tuple[Relation, ...] = ("spouse", "child", "parent", "relative", "trustee", "outlet")
REASONS: dict[int, tuple[str, ...]] = {
    5: ("quick", "kind", "clear", "few-trips"),
    4: ("quick", "kind", "clear", "few-trips"),
    3: ("long-wait", "unclear", "machine-hard", "many-papers"),
    2: ("long-wait", "unkind", "unclear", "not-done"),
    1: ("long-wait", "unkind", "unclear", "not-done"),
}
"""What may be given as the reason of each level, in the order in which it is offered."""


class ForOther(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """代办. ``agent`` is who stands here, ``person`` whose matter it is; what is missing the window checks."""

    relation: Relation
    agent: Sealed | None = None
    person: Sealed | None = None
    authorisation: Authorisation | None = None


class Rate(Request, tag="rate", frozen=True):
    """One rating of one visit or one self-service job; the first counts. A ticket's ``token`` proves who holds it."""

    subject: Subject
    level: Level
    of: Literal["ticket", "job"] = "ticket"
    reasons: Annotated[list[ReasonCode], msgspec.Meta(max_length=8)] = msgspec.field(default_factory=list)
    token: Token | None = None


class ReportLeft(Request, tag="report-left", frozen=True):
    """Something lies at this terminal whose owner has gone; with ``gone`` it has been taken away."""

    what: Left
    gone: bool = False


class RatedReply(Reply, tag="rated", frozen=True):
    """The rating is kept."""


class LeftReply(Reply, tag="left", frozen=True):
    """The hall's people know of it (or that it is over)."""
