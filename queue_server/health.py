"""``/healthz``: whether this server lives, for whoever started it and for a load balancer.

It stands before the web application and needs no session: it says nothing about halls or people. 200 while
every part runs; 503 with what does not. A broker that is away is named but is not our illness: the pages go
on, and the line connects again by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

PATH = "/healthz"


class Health(msgspec.Struct):
    """``fallen``: the parts that have stopped though nobody told them to.

    ``forecast``: ``forecast`` while waits are foretold by simulation, ``estimate`` while the plain sums are shown: no
    illness, and by itself over once its process is back.
    """

    ok: bool
    broker: bool
    fallen: list[str]
    server: str
    forecast: str = "estimate"


def before(application: Asgi, look: Callable[[], Health]) -> Asgi:
    """``application`` with ``/healthz`` in front of it."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await application(scope, receive, send)
            return
        health = look()
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200 if health.ok else 503, "headers": headers})
        await send({"type": "http.response.body", "body": msgspec.json.encode(health)})

    return answer
