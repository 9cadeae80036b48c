"""What o'clock the hall has: a question that a terminal asks on each new connection, and answers to itself.

A terminal's own clock may be wrong; the hall's is what promises are counted by. The answer is worth as much as it
took to come: a terminal takes it only where question and answer took a second or two.
"""

from __future__ import annotations

from queue_server.wire.base import Reply, Request
from queue_server.wire.types import Instant


class AskTime(Request, tag="ask-time", frozen=True):
    """Not to be kept in an outbox: a late answer is worth nothing."""


class TimeReply(Reply, tag="time", frozen=True):
    """The hall's time when the question was read."""

    at: Instant
