"""Reads a request that came up, or says with a code why it cannot be read.

A message of the wrong form still deserves an answer, so that a terminal's maker can find the mistake; for
that the id is picked out of whatever came, where that is possible. What was wrong is said by its place in
the message, never by its value: a value could be a person's.
"""

from __future__ import annotations

import re

import msgspec

from queue_server.wire import messages as wire
from queue_server.wire.door_words import DoorCode

LOOK_INSIDE_BYTES = 65_536
"""Beyond this a message is not parsed at all, not even for its id."""

KINDS: dict[str, type[wire.Request]] = {
    "take-ticket": wire.TakeTicket,
    "check-in": wire.CheckIn,
    "ask-days": wire.AskDays,
    "ask-slots": wire.AskSlots,
    "book": wire.Book,
    "join-waiting-list": wire.JoinWaitingList,
    "lease-block": wire.LeaseBlock,
    "offline-ticket": wire.OfflineTicket,
    "call-help": wire.CallHelp,
    "end-help": wire.EndHelp,
    "ask-progress": wire.AskProgress,
    "ask-record": wire.AskRecord,
    "rate": wire.Rate,
    "report-left": wire.ReportLeft,
    "ask-time": wire.AskTime,
    "text-me": wire.TextMe,
}

_request = msgspec.json.Decoder(wire.AnyRequest)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PLACE = re.compile(r"(?<=`)\$[A-Za-z0-9_.\[\]]*(?=`)")


class _Envelope(msgspec.Struct):
    id: object = None
    v: object = wire.VERSION
    kind: object = None


_envelope = msgspec.json.Decoder(_Envelope)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Unreadable(Exception):  # noqa: N818  (named for the condition)
    """``id``: the request's own, to answer to, or None. ``where``: the place of the mistake, like ``$.matters``."""

    def __init__(self, code: DoorCode, request_id: str | None, where: str = "") -> None:
        super().__init__(code.value, request_id, where)
        self.code = code
        self.id = request_id
        self.where = where


def read(body: bytes) -> wire.AnyRequest:
    """The request in ``body``. Raises Unreadable, and nothing else, for whatever else it is."""
    if len(body) > wire.MAX_BYTES:
        request_id = _look(body).id if len(body) <= LOOK_INSIDE_BYTES else None
        raise Unreadable(DoorCode.TOO_LARGE, _usable(request_id))
    try:
        request: wire.AnyRequest = _request.decode(body)
    except _UNREADABLE as error:
        raise _why(body, error) from None
    if request.v != wire.VERSION:
        raise Unreadable(DoorCode.WRONG_VERSION, request.id, "$.v")
    return request


def place(error: Exception) -> str:
    """Where in the message a msgspec error was, without the value that was there."""
    found = _PLACE.search(str(error))
    return found.group() if found else "$"


def _why(body: bytes, error: Exception) -> Unreadable:
    seen = _look(body)
    request_id = _usable(seen.id)
    if seen.v != wire.VERSION:
        return Unreadable(DoorCode.WRONG_VERSION, request_id, "$.v")
    if isinstance(seen.kind, str) and seen.kind not in KINDS:
        return Unreadable(DoorCode.UNKNOWN_KIND, request_id, "$.kind")
    return Unreadable(DoorCode.MALFORMED, request_id, place(error))


def _look(body: bytes) -> _Envelope:
    try:
        return _envelope.decode(body)
    except _UNREADABLE:
        return _Envelope()


def _usable(request_id: object) -> str | None:
    return request_id if isinstance(request_id, str) and _ID.fullmatch(request_id) else None
