"""The alarms of a hall: a live page for staff, the same as JSON for programs, and the few things one can do there.

To acknowledge an alarm, to go to somebody who calls for help, to say that it is done. Each press is one command; a
second one does no harm, because each of them happens once. A clerk may take on what is told to windows, a manager
everything. The page is drawn by the server and kept live like the manager's; it stays readable on a locked console.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import anyio
import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.response.base import ASGIResponse

from queue_server.auth import Role, Session
from queue_server.domain.answers import RefusedAnswer
from queue_server.domain.messages import AcknowledgeAlarm, AnswerHelp, Command, EndHelp
from queue_server.domain.state import Hall
from queue_server.http import alarm_words
from queue_server.http.alarms_view import AlarmsView, alarms_view, reaches
from queue_server.http.door import Door, Part, Refusal, TheDoor, new_id, refusal, said
from queue_server.http.guard import CLERK, session_of
from queue_server.http.live import LiveStream, Shown
from queue_server.wire.sentences import DoorCode

AnyRequest = Request[Any, Any, Any]
READS: dict[str, Any] = {"who": CLERK, "while_locked": True, "quiet": True}
GAP_S = 0.5
HelpDeed = Literal["answer", "solved", "unsolved", "over"]
Deed: TypeAlias = FromPath[HelpDeed]
_SOLVED: dict[str, bool | None] = {"solved": True, "unsolved": False, "over": None}


class Done(msgspec.Struct):
    """``refused`` with its sentence, or not; and the alarms as they now are."""

    view: AlarmsView
    refused: Refusal | None = None


def places(door: Door) -> dict[str, str]:
    """Where each terminal stands."""
    return {device.id: device.place_zh for device in door.plans.devices.values()}


def by(session: Session) -> str:
    role = "manager" if is_manager(session) else "staff"
    return f"{role}:{session.account.id}"


def is_manager(session: Session) -> bool:
    return Role.MANAGER in session.account.roles


def view_now(door: Door, hall_id: str, session: Session) -> AlarmsView:
    hall = door.hall(hall_id)
    return alarms_view(hall, door.clock(), places(door), by(session), manager=is_manager(session))


def figures(door: Door, hall_id: str, session: Session) -> Mapping[str, Any]:
    """All that the fragment ``alarms_live.html`` needs."""
    return {
        "a": view_now(door, hall_id, session),
        "plan": door.hall(hall_id).plan,
        "alarm_words": alarm_words,
        "csrf": session.csrf,
    }


# --- the page ----------------------------------------------------------------------------------------


@get("/alarms", opt=READS, include_in_schema=False)
async def choose_hall(request: AnyRequest, door: TheDoor) -> Response[Any]:
    session = session_of(request)
    mine = [plan for hall_id, plan in door.plans.halls.items() if session.account.works_in(hall_id)]
    if len(mine) == 1:
        return Redirect(f"/alarms/{mine[0].id}", status_code=303)
    return door.page("manager_choose.html", session=session, halls=mine, path="/alarms")


@get("/alarms/{hall_id:str}", opt=READS, include_in_schema=False)
async def page(request: AnyRequest, door: TheDoor, hall_id: Part) -> Response[str]:
    session = session_of(request)
    return door.page("alarms.html", session=session, manager=is_manager(session), **figures(door, hall_id, session))


@get("/alarms/{hall_id:str}/events", opt=READS, include_in_schema=False)
async def events(request: AnyRequest, door: TheDoor, hall_id: Part) -> ASGIResponse:
    door.hall(hall_id)
    token = request.state.token

    async def render() -> Shown:
        session = await anyio.to_thread.run_sync(door.auth.session, token)
        if session is None:
            return Shown("gone", "", "over", last=True)
        html = door.render("alarms_live.html", **figures(door, hall_id, session))
        body = {"html": html, "now": door.stamp(), "locked": session.locked}
        return Shown("view", msgspec.json.encode(body).decode(), f"{session.locked}{html}")

    return LiveStream(door.hub, hall_id, render, door.stamp, gap_s=GAP_S)


# --- what can be done --------------------------------------------------------------------------------


async def asked(door: Door, hall_id: str, command: Command) -> Refusal | None:
    answer = await door.ask(hall_id, command)
    return refusal(answer) if isinstance(answer, RefusedAnswer) else None


def not_theirs(hall: Hall, alarm_id: str, session: Session) -> bool:
    """An open alarm that is told to others only."""
    alarm = hall.watch.alarms.get(alarm_id)
    return alarm is not None and not reaches(alarm, manager=is_manager(session))


async def acknowledged(door: Door, hall_id: str, alarm_id: str, session: Session) -> Refusal | None:
    if not_theirs(door.hall(hall_id), alarm_id, session):
        return said(DoorCode.NOT_YOUR_ROLE)
    return await asked(door, hall_id, AcknowledgeAlarm(id=new_id(), by=by(session), alarm_id=alarm_id))


async def helped(door: Door, hall_id: str, help_id: str, deed: HelpDeed, session: Session) -> Refusal | None:
    door.hall(hall_id)
    who = by(session)
    if deed == "answer":
        return await asked(door, hall_id, AnswerHelp(id=new_id(), by=who, help_id=help_id))
    return await asked(door, hall_id, EndHelp(id=new_id(), by=who, help_id=help_id, solved=_SOLVED[deed]))


def _sorry_or_back(door: Door, hall_id: str, no: Refusal | None) -> Response[Any]:
    if no is None:
        return Redirect(f"/alarms/{hall_id}", status_code=303)
    return door.page("sorry.html", status=409, zh=no.zh, en=no.en, refresh=False)


@post("/alarms/{hall_id:str}/{alarm_id:str}/acknowledge", opt={"who": CLERK}, include_in_schema=False)
async def acknowledge(request: AnyRequest, door: TheDoor, hall_id: Part, alarm_id: Part) -> Response[Any]:
    return _sorry_or_back(door, hall_id, await acknowledged(door, hall_id, alarm_id, session_of(request)))


@post("/alarms/{hall_id:str}/help/{help_id:str}/{deed:str}", opt={"who": CLERK}, include_in_schema=False)
async def help_out(
    request: AnyRequest, door: TheDoor, hall_id: Part, help_id: Part, deed: FromPath[HelpDeed]
) -> Response[Any]:
    return _sorry_or_back(door, hall_id, await helped(door, hall_id, help_id, deed, session_of(request)))


# --- for programs: consoles, other pages -------------------------------------------------------------

_API = "/api/staff/halls/{hall_id:str}"


def _done(door: Door, hall_id: str, session: Session, no: Refusal | None) -> Response[Done]:
    body = Done(view_now(door, hall_id, session), no)
    return Response(body, status_code=409 if no else 200, headers={"cache-control": "no-store"})


@get(f"{_API}/alarms", opt={"who": CLERK, "quiet": True}, include_in_schema=False)
async def api_alarms(request: AnyRequest, door: TheDoor, hall_id: Part) -> Response[AlarmsView]:
    return Response(view_now(door, hall_id, session_of(request)), headers={"cache-control": "no-store"})


@post(f"{_API}/alarms/{{alarm_id:str}}/acknowledge", opt={"who": CLERK}, status_code=200, include_in_schema=False)
async def api_acknowledge(request: AnyRequest, door: TheDoor, hall_id: Part, alarm_id: Part) -> Response[Done]:
    session = session_of(request)
    return _done(door, hall_id, session, await acknowledged(door, hall_id, alarm_id, session))


@post(f"{_API}/help/{{help_id:str}}/{{deed:str}}", opt={"who": CLERK}, status_code=200, include_in_schema=False)
async def api_help(
    request: AnyRequest, door: TheDoor, hall_id: Part, help_id: Part, deed: FromPath[HelpDeed]
) -> Response[Done]:
    session = session_of(request)
    return _done(door, hall_id, session, await helped(door, hall_id, help_id, deed, session))


ROUTES = [choose_hall, page, events, acknowledge, help_out, api_alarms, api_acknowledge, api_help]
