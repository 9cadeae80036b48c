"""The technician's list of terminals: live, and the place where a third-party terminal gets its token."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import anyio
import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response.base import ASGIResponse

from queue_server.http.devices_view import FleetView, fleet_view
from queue_server.http.door import Door, TheDoor
from queue_server.http.guard import DEVICES, session_of
from queue_server.http.live import FLEET, LiveStream, Shown

AnyRequest = Request[Any, Any, Any]
Form = URLEncodedBody[dict[str, str]]


def _wall(door: Door, at: datetime) -> str:
    """On the clock of the first hall's city: day only where it is not today."""
    zone = ZoneInfo(next(iter(door.plans.halls.values())).tz if door.plans.halls else "UTC")
    local, today = at.astimezone(zone), door.clock().astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"


def view_now(door: Door) -> FleetView:
    return fleet_view(door.fleet.devices(), door.clock(), lambda at: _wall(door, at))


@get("/devices", opt={"who": DEVICES}, include_in_schema=False)
async def devices(request: AnyRequest, door: TheDoor) -> Response[str]:
    return door.page("devices.html", session=session_of(request), v=view_now(door), token="", token_for="")


@get("/devices/events", opt={"who": DEVICES, "quiet": True}, include_in_schema=False)
async def events(request: AnyRequest, door: TheDoor) -> ASGIResponse:
    token = request.state.token

    async def render() -> Shown:
        session = await anyio.to_thread.run_sync(door.auth.session, token)
        if session is None or session.locked:
            return Shown("gone", "", "over", last=True)
        view = view_now(door)
        still = msgspec.structs.replace(view, devices=[msgspec.structs.replace(d, age_s=0) for d in view.devices])
        html = door.render("devices_live.html", v=view)
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
    return door.page("devices.html", session=session, v=view_now(door), token=made, token_for=device)


ROUTES = [devices, events, token]
