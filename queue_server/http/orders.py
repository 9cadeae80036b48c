"""One terminal's page, and what staff may tell terminals: emergency, open or closed, restart, a technician's code.

An emergency takes two steps: first what every screen of the site would say, then the order. Every order and every
look at a code is a line in the audit table. A code is shown to technicians alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast, get_args

import anyio
import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from queue_server.auth import Account, Role
from queue_server.fleet import DeviceView
from queue_server.http.devices_view import device_line
from queue_server.http.door import Door, Part, TheDoor
from queue_server.http.guard import DEVICES, NotYours, session_of
from queue_server.http.orders_view import DANGERS, MODES, NOTES, order_line, words_of
from queue_server.http.sites import wall
from queue_server.orders import Code, Commander
from queue_server.wire import orders as wire_orders

AnyRequest = Request[Any, Any, Any]
Form = URLEncodedBody[dict[str, str]]
TECHNICIAN = frozenset({Role.TECHNICIAN})


def _commander(door: Door) -> Commander:
    if door.commander is None:
        raise NotFoundException("this server gives no orders")
    return door.commander


def _device(door: Door, account: Account, device_id: str) -> DeviceView:
    """Raises NotFoundException for an unknown terminal, NotYours where none of its halls is the account's."""
    view = door.fleet.device(device_id)
    if view is None:
        raise NotFoundException("unknown terminal")
    halls = view.registration.halls
    if account.halls and not any(account.works_in(hall) for hall in halls):
        raise NotYours("your account is for another hall")
    return view


def _site(door: Door, account: Account, site: str) -> str:
    plan = door.plans.sites.get(site)
    if plan is None:
        raise NotFoundException("unknown site")
    halls = [hall for device in door.plans.devices.values() if device.site == site for hall in device.halls]
    if account.halls and not any(account.works_in(hall) for hall in halls):
        raise NotYours("your account is for another hall")
    return site


async def _page(request: AnyRequest, door: Door, view: DeviceView, code: Code | None, *, asked: bool) -> Response[str]:
    now = door.clock()

    def clock(at: Any) -> str:
        return wall(door, at)

    recent = await anyio.to_thread.run_sync(_commander(door).recent, view.id)
    account = session_of(request).account
    return door.page(
        "device.html",
        session=session_of(request),
        d=device_line(view, now, clock),
        orders=[order_line(issued, view.id, now, clock) for issued in recent],
        notes=[(clock(note.at), *NOTES.get(note.code, (note.code, note.code))) for note in view.notes],
        modes=MODES,
        technician=Role.TECHNICIAN in account.roles,
        code=code,
        no_code=asked and code is None,
        drift_s=round(view.drift_s),
    )


@get("/devices/{device_id:str}", opt={"who": DEVICES}, include_in_schema=False)
async def device(request: AnyRequest, door: TheDoor, device_id: Part) -> Response[str]:
    view = _device(door, session_of(request).account, device_id)
    return await _page(request, door, view, None, asked=False)


@post("/devices/{device_id:str}/code", opt={"who": TECHNICIAN}, status_code=200, include_in_schema=False)
async def code(request: AnyRequest, door: TheDoor, device_id: Part) -> Response[str]:
    """The running one-time code, by the terminal's own clock."""
    account = session_of(request).account
    view = _device(door, account, device_id)
    if door.codes is None:
        raise NotFoundException("this server keeps no codes")
    await anyio.to_thread.run_sync(door.auth.note, account, "technician-code", device_id)
    found = await anyio.to_thread.run_sync(door.codes.code, device_id, view.drift)
    return await _page(request, door, view, found, asked=True)


@post("/devices/{device_id:str}/order", opt={"who": DEVICES}, include_in_schema=False, status_code=200)
async def order(request: AnyRequest, door: TheDoor, device_id: Part, data: Form) -> Response[Any]:
    """``what``: open, closed, maintenance or restart."""
    account = session_of(request).account
    _device(door, account, device_id)
    commander, what = _commander(door), data.get("what", "")
    if what in MODES:
        give = partial(commander.set_mode, account.id, device_id, cast("wire_orders.Mode", what))
    elif what == "restart":
        give = partial(commander.restart, account.id, device_id)
    else:
        raise NotFoundException("unknown order")
    await anyio.to_thread.run_sync(give)
    await anyio.to_thread.run_sync(door.auth.note, account, "terminal-order", f"{device_id} {what}")
    return Redirect(f"/devices/{device_id}", status_code=303)


@post("/devices/emergency", opt={"who": DEVICES}, include_in_schema=False, status_code=200)
async def emergency(request: AnyRequest, door: TheDoor, data: Form) -> Response[Any]:
    """Without ``sure`` the page that asks; with it the order. ``over`` lifts and asks nothing."""
    session = session_of(request)
    site, danger = _site(door, session.account, data.get("site", "")), data.get("danger", "")
    if danger not in get_args(wire_orders.Danger):
        raise NotFoundException("unknown danger")
    zh, en = (" ".join(data.get(name, "").split()) for name in ("zh", "en"))
    unfit = danger == "other" and not _fits(zh, en)
    if danger != "over" and (unfit or data.get("sure") != "yes"):
        return door.page(
            "emergency.html",
            session=session,
            site=door.plans.sites[site],
            danger=danger,
            words=DANGERS[danger],
            zh=zh,
            en=en,
            unfit=unfit,
            zh_max=wire_orders.ZH_MAX,
            en_max=wire_orders.EN_MAX,
            devices=_commander(door).audience(site),
            status=400 if unfit and data.get("sure") else 200,
        )
    give = partial(_commander(door).emergency, session.account.id, site, cast("wire_orders.Danger", danger), zh, en)
    issued = await anyio.to_thread.run_sync(give)
    said, _ = words_of(issued.order)
    await anyio.to_thread.run_sync(door.auth.note, session.account, "emergency", f"{site} {said}")
    return Redirect("/devices", status_code=303)


def _fits(zh: str, en: str) -> bool:
    """Whether terminals take these sentences: both languages, short enough, no controls."""
    try:
        msgspec.convert({"zh": zh, "en": en}, type=_Sentences)
    except msgspec.ValidationError:
        return False
    return bool(zh and en)


class _Sentences(msgspec.Struct):
    zh: wire_orders.OwnZh
    en: wire_orders.OwnEn


ROUTES = [device, code, order, emergency]
