"""The technician's list of terminals: live, and the place where a third-party terminal gets its token."""

from __future__ import annotations

from typing import Any

import anyio
import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from litestar.response.base import ASGIResponse

from queue_server.http.devices_view import FleetView, fleet_view
from queue_server.http.door import Door, TheDoor
from queue_server.http.guard import DEVICES, session_of
from queue_server.http.live import FLEET, LiveStream, Shown
from queue_server.http.orders_view import DANGERS
from queue_server.http.sites import sites_now, wall

AnyRequest = Request[Any, Any, Any]
Form = URLEncodedBody[dict[str, str]]


def view_now(door: Door) -> FleetView:
    """Blocks on the database."""
    return fleet_view(door.fleet.devices(), door.clock(), lambda at: wall(door, at), sites_now(door))


async def _view(door: Door) -> FleetView:
    return await anyio.to_thread.run_sync(view_now, door)


@get("/devices", opt={"who": DEVICES}, include_in_schema=False)
async def devices(request: AnyRequest, door: TheDoor) -> Response[str]:
    view = await _view(door)
    return door.page("devices.html", session=session_of(request), v=view, token="", token_for="", dangers=DANGERS)


@get("/devices/events", opt={"who": DEVICES, "quiet": True}, include_in_schema=False)
async def events(request: AnyRequest, door: TheDoor) -> ASGIResponse:
    token = request.state.token

    async def render() -> Shown:
        session = await anyio.to_thread.run_sync(door.auth.session, token)
        if session is None or session.locked:
            return Shown("gone", "", "over", last=True)
        view = await _view(door)
        still = msgspec.structs.replace(view, devices=[msgspec.structs.replace(d, age_s=0) for d in view.devices])
        html = door.render("devices_live.html", v=view, session=session)
        return Shown(
            "view", msgspec.json.encode({"html": html, "now": door.stamp()}).decode(), msgspec.json.encode(still)
        )

    return LiveStream(door.hub, FLEET, render, door.stamp)


@post("/devices/token", opt={"who": DEVICES}, status_code=200, include_in_schema=False)
async def token(request: AnyRequest, door: TheDoor, data: Form) -> Response[str]:
    """A fresh bearer token for one registered terminal; the older one dies at once. Shown once."""
    device = data.get("device", "")
    if device not in door.plans.devices:
        raise NotFoundException("unknown terminal")
    session = session_of(request)
    made = await anyio.to_thread.run_sync(door.auth.issue_terminal_token, session.account, device)
    view = await _view(door)
    return door.page("devices.html", session=session, v=view, token=made, token_for=device, dangers=DANGERS)


@post("/devices/key", opt={"who": DEVICES}, include_in_schema=False)
async def key(request: AnyRequest, door: TheDoor, data: Form) -> Redirect:
    """The key that a terminal shows now is its own: the technician has compared it there. Logged under their name."""
    device, offered = data.get("device", ""), data.get("key", "")
    if device not in door.plans.devices:
        raise NotFoundException("unknown terminal")
    if await anyio.to_thread.run_sync(door.fleet.confirm_key, device, offered):
        account = session_of(request).account
        await anyio.to_thread.run_sync(door.auth.note, account, "key-confirmed", f"{device} {offered[:16]}")
    return Redirect("/devices", status_code=303)


ROUTES = [devices, events, token, key]
