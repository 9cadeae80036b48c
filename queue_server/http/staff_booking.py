"""Booking by staff for somebody who stands at the desk or is on the phone; and the hall's booking sheets.

The same commands as everywhere, so the same rules and the same places; only who is blocked from booking by
missed appointments may be booked on the spot by staff. An identity number goes straight into the vault.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date
from typing import Annotated, Any, Literal

import anyio
import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from queue_server import questions, translate
from queue_server.domain import messages
from queue_server.domain.answers import RefusedAnswer
from queue_server.domain.messages import Command
from queue_server.http.door import Door, Part, TheDoor, new_id, said
from queue_server.http.guard import CLERK, MANAGER, session_of
from queue_server.people.numbers import BadNumber, check
from queue_server.people.vault import Identity, VaultError
from queue_server.wire import messages as wire

AnyRequest = Request[Any, Any, Any]
MATTERS_AT_ONCE = 10
_HALL = "/api/staff/halls/{hall_id:str}"
Sent = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Booked(msgspec.Struct, kw_only=True):
    """``id`` is made by the page once per wish. ``number``: of an identity card, as typed. ``moves``: a booking."""

    id: Sent
    matters: wire.Matters
    slot_start: wire.Instant
    origin: Literal["on-site", "phone"] = "on-site"
    number: Annotated[str, msgspec.Meta(max_length=40)] = ""
    moves: Sent | None = None
    wish: Sent | None = None


class Waits(msgspec.Struct, kw_only=True):
    id: Sent
    matters: wire.Matters
    day: date | None = None
    slot_start: wire.Instant | None = None
    origin: Literal["on-site", "phone"] = "on-site"


class Pressed(msgspec.Struct, kw_only=True):
    id: Sent


def _staff(request: AnyRequest) -> str:
    return f"staff:{session_of(request).account.id}"


def _no(request_id: str, code: str) -> Response[Any]:
    return Response(translate.refused(request_id, code), status_code=409)


async def _answered(door: Door, hall_id: str, command: Command) -> Response[Any]:
    answer = await door.ask(hall_id, command)
    body = translate.to_reply(command.id, answer, door.hall(hall_id))
    status = 409 if isinstance(answer, RefusedAnswer) else 200
    return Response(body, status_code=status, headers={"cache-control": "no-store"})


@get(_HALL + "/slots", opt={"who": CLERK}, include_in_schema=False)
async def slots(
    door: TheDoor,
    hall_id: Part,
    day: FromQuery[date],
    matter: Annotated[list[str], QueryParameter(description="matter ids, one to ten")],
) -> Response[Any]:
    """The slots of a day, those not offered with their reason."""
    wanted = wire.AskSlots(id=new_id(), matters=matter[:MATTERS_AT_ONCE], day=day)
    reply = await anyio.to_thread.run_sync(questions.slots, wanted, door.hall(hall_id), door.clock())
    return Response(reply, status_code=409 if isinstance(reply, wire.RefusedReply) else 200)


@post(_HALL + "/bookings", opt={"who": CLERK}, status_code=200, include_in_schema=False)
async def book(request: AnyRequest, door: TheDoor, hall_id: Part, data: JSONBody[Booked]) -> Response[Any]:
    """Book, move, or take what is held for a wish, on behalf of somebody."""
    hall = door.hall(hall_id)
    old = None if data.moves is None else hall.appointments.get(data.moves)
    wish = None if data.wish is None else hall.book.wishes.get(data.wish)
    ref = old.person_ref if old is not None else None if wish is None else wish.person_ref
    start = data.slot_start.astimezone(UTC)
    if data.number and old is None:
        try:
            number = check(data.number.strip(), door.clock().date())
            # No name: what a clerk types must not rename somebody whose card was already read.
            ref = await anyio.to_thread.run_sync(door.vault.remember, Identity("", number), start)
        except (BadNumber, VaultError):
            return _no(data.id, "bad-value")
    command = messages.BookSlot(
        id=data.id,
        by=_staff(request),
        appointment_id=secrets.token_urlsafe(16),
        code=translate.new_code(hall),
        matters=tuple(data.matters),
        slot_start=start,
        origin=data.origin,
        person_ref=ref,
        replaces=data.moves,
        wish=data.wish,
    )
    return await _answered(door, hall_id, command)


@post(_HALL + "/bookings/{appointment_id:str}/cancel", opt={"who": CLERK}, status_code=200, include_in_schema=False)
async def cancel(
    request: AnyRequest, door: TheDoor, hall_id: Part, appointment_id: Part, data: JSONBody[Pressed]
) -> Response[Any]:
    door.hall(hall_id)
    command = messages.CancelAppointment(id=data.id, by=_staff(request), appointment_id=appointment_id)
    answer = await door.ask(hall_id, command)
    if isinstance(answer, RefusedAnswer):
        no = said(answer.code, answer.facts)
        return Response({"refused": msgspec.to_builtins(no)}, status_code=409)
    return Response({"cancelled": appointment_id})


@post(_HALL + "/waiting-list", opt={"who": CLERK}, status_code=200, include_in_schema=False)
async def wait(request: AnyRequest, door: TheDoor, hall_id: Part, data: JSONBody[Waits]) -> Response[Any]:
    """Put somebody on the waiting list; the answer's path is the page they look at."""
    command = messages.JoinWaitingList(
        id=data.id,
        by=_staff(request),
        wish_id=secrets.token_urlsafe(16),
        code=translate.new_code(door.hall(hall_id)),
        matters=tuple(data.matters),
        day=data.day,
        slot_start=data.slot_start,
        origin=data.origin,
    )
    return await _answered(door, hall_id, command)


@get(_HALL + "/sheets", opt={"who": MANAGER, "quiet": True}, include_in_schema=False)
async def sheets(door: TheDoor, hall_id: Part) -> Response[Any]:
    """The sheets in force, Monday first; a weekday that is missing is sold by the plain rule."""
    book = door.hall(hall_id).book
    return Response([msgspec.to_builtins(book.sheets[weekday]) for weekday in sorted(book.sheets)])


@post(_HALL + "/sheets/refresh", opt={"who": MANAGER}, status_code=202, include_in_schema=False)
async def refresh(door: TheDoor, hall_id: Part) -> Response[Any]:
    """Have the sheets made anew now, beside the desk; they come as events when they are ready."""
    door.hall(hall_id)
    door.refresh_sheets(hall_id)
    return Response({"asked": door.stamp()}, status_code=202)


ROUTES = [slots, book, cancel, wait, sheets, refresh]
