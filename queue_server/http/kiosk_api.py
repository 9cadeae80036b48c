"""The HTTP door of third-party terminals: the same bodies as over MQTT, for those who cannot speak it.

A terminal registered in the plans authenticates with its bearer token (made by a technician on ``/devices``)
and may ask only its own halls. ``POST requests`` answers exactly what the broker would have brought; a
repeated request id brings the first answer again.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import anyio
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, JSONBody, QueryParameter

from firmware_cfg.catalogue import load_catalogue
from queue_server import questions, shipped_catalogue, translate
from queue_server.domain.state import Hall
from queue_server.elsewhere import right_hall
from queue_server.http.door import Door, Part, TheDoor, new_id
from queue_server.http.guard import TERMINAL
from queue_server.sealed import DoorRefused
from queue_server.texter import texted
from queue_server.wire import messages as wire
from queue_server.wire.sentences import DoorCode

AnyRequest = Request[Any, Any, Any]
MATTERS_AT_ONCE = 10
_SECURITY: list[dict[str, list[str]]] = [{"terminal": []}]
_REFUSED = {409: ResponseSpec(wire.RefusedReply, description="The hall or this door says no: a code and a sentence.")}


class NotThisHall(NotFoundException):
    """The terminal is not registered for this hall; it learns no more than that."""


def _own_hall(request: AnyRequest, door: Door, hall_id: str) -> tuple[Hall, str]:
    device: str = request.state.device
    if hall_id not in door.plans.devices[device].halls:
        raise NotThisHall("this terminal is not registered for that hall")
    return door.hall(hall_id), device


def _reply(reply: wire.AnyReply) -> Response[Any]:
    return Response(reply, status_code=409 if isinstance(reply, wire.RefusedReply) else 200)


@post(
    "/api/1/halls/{hall_id:str}/requests",
    opt={"who": TERMINAL},
    status_code=200,
    security=_SECURITY,
    tags=["terminals"],
    summary="Ask the hall",
    description=(
        "Take a ticket, check in, ask for slots, book, lease a block of numbers, hand in an off-line ticket, rate."
    ),
    responses=_REFUSED,
)
async def ask_hall(
    request: AnyRequest, door: TheDoor, hall_id: Part, data: JSONBody[wire.AnyRequest]
) -> Response[wire.AnyReply]:
    hall, device = _own_hall(request, door, hall_id)
    if data.v != wire.VERSION:
        return _reply(translate.refused(data.id, DoorCode.WRONG_VERSION))
    if isinstance(data, wire.AskDays | wire.AskSlots | wire.AskTime):
        return _reply(await anyio.to_thread.run_sync(questions.ask, data, hall, door.clock()))
    if isinstance(data, wire.AskProgress | wire.AskRecord) and door.inquiries is not None:
        return _reply(await anyio.to_thread.run_sync(door.inquiries.answer, data, hall_id, device))
    try:
        if isinstance(data, wire.Rate) and door.ratings is not None:
            await anyio.to_thread.run_sync(door.ratings.take, data, hall, device)
            return _reply(wire.RatedReply(id=data.id))
        if isinstance(data, wire.TextMe):
            return _reply(await anyio.to_thread.run_sync(texted, door.texter, data, hall))
        # The vault blocks on its database and on a box to be opened: not on the loop.
        command = await anyio.to_thread.run_sync(translate.to_command, data, hall, device, door.vault, new_id)
        command = right_hall(command, hall, map(door.hall, door.desk.halls()))
    except DoorRefused as no:
        return _reply(translate.refused(data.id, no.code, no.facts))
    answer = await door.ask(hall_id, command)
    return _reply(translate.to_reply(data.id, answer, door.hall(hall_id)))


@get(
    "/api/1/halls/{hall_id:str}/slots",
    opt={"who": TERMINAL},
    security=_SECURITY,
    tags=["terminals"],
    summary="Free slots of one day",
    responses=_REFUSED,
)
async def slots(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    day: FromQuery[date],
    matter: Annotated[list[str], QueryParameter(description="matter ids, one to ten")],
) -> Response[wire.AnyReply]:
    hall, _ = _own_hall(request, door, hall_id)
    wanted = wire.AskSlots(id=new_id(), matters=matter[:MATTERS_AT_ONCE], day=day)
    return _reply(await anyio.to_thread.run_sync(questions.slots, wanted, hall, door.clock()))


@get(
    "/api/1/halls/{hall_id:str}/catalogue",
    opt={"who": TERMINAL},
    security=_SECURITY,
    tags=["terminals"],
    summary="The matters that can be asked for",
)
async def catalogue(request: AnyRequest, door: TheDoor, hall_id: Part) -> wire.Catalogue:
    _own_hall(request, door, hall_id)
    return shipped_catalogue.catalogue(load_catalogue())


ROUTES = [ask_hall, slots, catalogue]
