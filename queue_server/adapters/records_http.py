"""The offices over HTTP and JSON, as published in ``docs/city-records.md``; the client's end of the wire.

    GET  /api/cases/NUMBER     -> {"cases": [...]}; 404: none
    POST /api/cases            <- {"number"}          -> {"cases": [...]}
    POST /api/records/MATTER   <- {"number", "name"}  -> {"record": ...}; 404: nothing; 409: somebody else's

Whatever is not a 200 with the right JSON is OfficeAway; a 503 may say who is away and until when. Persons stand in
bodies, never in addresses, and cross in the clear only within this machine.
"""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from typing import Any, TypeVar

import msgspec

from queue_server.adapters.addresses import private
from queue_server.adapters.records import Case, NothingOnRecord, OfficeAway, OtherPerson, Record
from queue_server.people.vault import Identity
from queue_server.wire import messages as wire

WITHIN_S = 8.0
MOST_BYTES = 65_536
_PAUSED = 503
T = TypeVar("T")


class _Cases(msgspec.Struct):
    cases: list[Case]


class _Record(msgspec.Struct):
    record: Record


class _Pause(msgspec.Struct):
    office_zh: str = ""
    office_en: str = ""
    back_at: wire.Instant | None = None


class HttpOffice:
    """``base`` is https://host[:port], or http:// on this machine; the token prints nowhere."""

    def __init__(self, base: str, token: str) -> None:
        """Raises ValueError for an address to which a person's number must not be sent."""
        self._base = private(base, "the records'")
        self._token = token

    def __repr__(self) -> str:
        return f"HttpOffice({self._base!r}, token=***)"

    def case(self, number: str) -> list[Case]:
        try:
            return self._ask(f"/api/cases/{urllib.parse.quote(number, safe='')}", None, _Cases).cases
        except NothingOnRecord:
            return []

    def cases_of(self, person: Identity) -> list[Case]:
        return self._ask("/api/cases", {"number": person.number}, _Cases).cases

    def record(self, matter: str, person: Identity) -> Record:
        body = {"number": person.number, "name": person.name}
        return self._ask(f"/api/records/{urllib.parse.quote(matter, safe='')}", body, _Record).record

    def _ask(self, path: str, body: Any, kind: type[T]) -> T:
        request = urllib.request.Request(  # noqa: S310  (looked at when it was made)
            self._base + path,
            data=None if body is None else msgspec.json.encode(body),
            method="GET" if body is None else "POST",
            headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S) as reply:  # noqa: S310
                return msgspec.json.decode(reply.read(MOST_BYTES), type=kind)
        except urllib.error.HTTPError as answer:
            raise _condition(answer) from None
        except msgspec.MsgspecError as error:
            raise OfficeAway(f"its answer cannot be read: {type(error).__name__}") from None
        except (OSError, ValueError) as error:
            raise OfficeAway(type(error).__name__) from None


def _condition(answer: urllib.error.HTTPError) -> Exception:
    with answer:
        match answer.code:
            case 404:
                return NothingOnRecord()
            case 409:
                return OtherPerson()
            case 503:
                try:
                    pause = msgspec.json.decode(answer.read(MOST_BYTES), type=_Pause)
                except (msgspec.MsgspecError, OSError, ValueError):
                    pause = _Pause()
                return OfficeAway("paused", pause.office_zh, pause.office_en, pause.back_at)
    return OfficeAway(f"HTTP {answer.code}")
