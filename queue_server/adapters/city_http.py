"""The platform over HTTP and JSON, as it is published in ``docs/city-platform.md``; the client's end of the wire.

    GET  /api/wishes                  -> {"wishes": [...]}        open ones, oldest first, at most 200
    POST /api/results                 <- {"results": [...]}
    PUT  /api/halls/HALL/slots        <- {"days": [...]}
    PUT  /api/halls/HALL/states       <- {"states": {"REF": "booked"}}

Every request carries ``Authorization: Bearer TOKEN``. Whatever is not a 200 with the right JSON is CityAway.
"""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

import msgspec

from queue_server.adapters.city import CityAway, DaySlots, Result, Wished

WITHIN_S = 10.0
MOST_BYTES = 4_000_000


class _Wishes(msgspec.Struct):
    wishes: list[Wished]


_decode = msgspec.json.Decoder(_Wishes)


class HttpPlatform:
    """``base`` is http(s)://host[:port]; the token prints nowhere."""

    def __init__(self, base: str, token: str) -> None:
        """Raises ValueError for an address that is not http or https."""
        parts = urllib.parse.urlsplit(base)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("the city platform's address must be http:// or https://")
        self._base = base.rstrip("/")
        self._token = token

    def __repr__(self) -> str:
        return f"HttpPlatform({self._base!r}, token=***)"

    def open_wishes(self) -> list[Wished]:
        body = self._send("GET", "/api/wishes")
        try:
            return _decode.decode(body).wishes
        except msgspec.MsgspecError as error:
            raise CityAway(f"its wishes cannot be read: {type(error).__name__}") from None

    def answer(self, results: list[Result]) -> None:
        self._send("POST", "/api/results", {"results": results})

    def publish_slots(self, hall: str, days: list[DaySlots]) -> None:
        self._send("PUT", f"/api/halls/{urllib.parse.quote(hall)}/slots", {"days": days})

    def publish_states(self, hall: str, states: Mapping[str, str]) -> None:
        self._send("PUT", f"/api/halls/{urllib.parse.quote(hall)}/states", {"states": dict(states)})

    def _send(self, method: str, path: str, body: Any = None) -> bytes:
        request = urllib.request.Request(  # noqa: S310  (http or https: looked at when it was made)
            self._base + path,
            data=None if body is None else msgspec.json.encode(body),
            method=method,
            headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S) as reply:  # noqa: S310
                return bytes(reply.read(MOST_BYTES))
        except (OSError, urllib.error.URLError, ValueError) as error:
            raise CityAway(type(error).__name__) from None
