"""The bench's page and its small JSON interface; one address an action, changes pushed as server-sent events.

``POST /api/{device}/{action}`` does what ``Table.do`` can; ``GET /api/state``, ``/api/switches``, ``/api/tickets``,
``/tickets/N.png`` and ``/camera.jpg`` show what there is. Only pages of this very server may post: another page
open in the same browser must not be able to handle the devices.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import File, ServerSentEvent, ServerSentEventMessage
from litestar.static_files import create_static_files_router

from devices.bench.misuse import MisuseError
from devices.bench.reader import cards as all_cards
from devices.bench.table import Table

_PAGE = Path(__file__).parent / "page"
_LOOK_S = 1.0
_GLANCES = 10  # at the panel's lights within that time: they flash up to two and a half times a second
_BODY_MAX = 8192


def build(table: Table, ending: Callable[[], bool] = lambda: False) -> Litestar:
    """The application around ``table``; streams end when ``ending`` says so."""

    @get("/", media_type=MediaType.HTML, include_in_schema=False)
    async def index() -> File:
        return File(_PAGE / "index.html", content_disposition_type="inline", media_type="text/html; charset=utf-8")

    @get("/api/state")
    async def state() -> dict[str, Any]:
        return table.state()

    @get("/api/cards")
    async def cards() -> list[dict[str, str]]:
        return all_cards()

    @get("/api/switches")
    async def switches() -> dict[str, list[dict[str, Any]]]:
        return table.switches()

    @get("/api/tickets", sync_to_thread=True)
    def tickets() -> list[dict[str, Any]]:
        return table.printer.tickets()

    @get("/tickets/{name:str}")
    async def picture(name: FromPath[str]) -> Response[bytes]:
        number = name.removesuffix(".png")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise MisuseError("no-such-ticket", "tickets are /tickets/1.png and so on", 404)
        return Response(
            table.printer.picture(int(number)), media_type="image/png", headers={"Cache-Control": "no-store"}
        )

    @get("/camera.jpg", sync_to_thread=True)
    def view() -> Response[bytes]:
        return Response(table.camera.picture(), media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @post("/api/{device:str}/{action:str}", status_code=200, request_max_body_size=_BODY_MAX)
    async def do(device: FromPath[str], action: FromPath[str], request: Request[Any, Any, Any]) -> dict[str, Any]:
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            raise MisuseError("foreign-page", "only the bench's own page may do this", 403)
        detail = _object(await request.body())
        # pulling a cable waits for the line's thread, so never on the event loop
        await asyncio.to_thread(table.do, device, action, detail)
        return table.state()

    @get("/api/events", include_in_schema=False)
    async def events() -> ServerSentEvent:
        return ServerSentEvent(_changes(table, ending))

    return Litestar(
        route_handlers=[
            index,
            state,
            cards,
            switches,
            tickets,
            picture,
            view,
            do,
            events,
            create_static_files_router(path="/page", directories=[_PAGE]),
        ],
        exception_handlers={MisuseError: _refuse},
        openapi_config=None,
    )


async def _changes(table: Table, ending: Callable[[], bool]) -> AsyncIterator[ServerSentEventMessage]:
    """The state at once, then whenever it differs from what was sent last."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has ended while a device was still moving
            loop.call_soon_threadsafe(changed.set)

    end = table.listen(wake)
    sent = b""
    try:
        while not ending():
            now = msgspec.json.encode(table.state())
            if now != sent:
                sent = now
                yield ServerSentEventMessage(data=now.decode(), event="state")
            await _something(table, changed)
    finally:
        end()


async def _something(table: Table, changed: asyncio.Event) -> None:
    """Wait until something has changed, a light went on or off, or it is time to look again."""
    lights = table.panel.lights()
    for _glance in range(_GLANCES):
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), _LOOK_S / _GLANCES)
        if changed.is_set() or table.panel.lights() != lights:
            changed.clear()
            return


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise MisuseError("bad-json", "the body must be a JSON object") from error


def _refuse(_request: Request[Any, Any, Any], error: MisuseError) -> Response[dict[str, str]]:
    return Response({"code": error.code, "sentence": str(error)}, status_code=error.status)
