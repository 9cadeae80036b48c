"""The counter console: the page, its stream, and one route per key.

Each press becomes one command; its id comes from the page and stays over retries, so a lost answer can never
call two people. The answer carries the fresh view, so the page is right at once, whatever the stream does.
"""

from __future__ import annotations

from typing import Any

import anyio
import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery, JSONBody
from litestar.response.base import ASGIResponse

from queue_server.auth import Role, Session
from queue_server.domain.answers import CalledAnswer, RefusedAnswer
from queue_server.domain.model import ALL_SKILLS
from queue_server.domain.state import Hall
from queue_server.http import words
from queue_server.http.alarms import by, places
from queue_server.http.alarms_view import console_alarms
from queue_server.http.counter_view import CounterView, at_window, counter_view
from queue_server.http.door import Door, Part, Refusal, TheDoor, refusal, said
from queue_server.http.guard import CLERK, session_of
from queue_server.http.keys import Press, command
from queue_server.http.live import LiveStream, Shown, shown
from queue_server.http.offline_paper import called_by_paper
from queue_server.people.vault import VaultError

AnyRequest = Request[Any, Any, Any]


class Pressed(msgspec.Struct, kw_only=True):
    """What came of it: ``refused`` with its sentence, or not; and the window as it now is."""

    view: CounterView
    number: str | None = None
    refused: Refusal | None = None


class Person(msgspec.Struct):
    """Who is at the window, as far as may be shown; ``number`` only when ``whole``."""

    ticket: str
    name: str
    last4: str
    whole: bool = False
    number: str = ""


def staff_name(request: AnyRequest) -> str:
    return session_of(request).account.id


def _window(door: Door, hall_id: str, counter_id: str) -> Hall:
    hall = door.hall(hall_id)
    if counter_id not in hall.counters:
        raise NotFoundException("unknown counter")
    return hall


def stands_in(hall: Hall, counter_id: str, session: Session) -> bool:
    """Whether this is a manager before a colleague's open window: what such a person does is said to be so."""
    keeper = hall.counters[counter_id].staff
    return Role.MANAGER in session.account.roles and keeper not in (None, session.account.id)


async def view_now(door: Door, hall_id: str, counter_id: str, session: Session) -> CounterView:
    ticket_id = _window(door, hall_id, counter_id).counters[counter_id].ticket_id
    why = await door.why(hall_id, ticket_id) if ticket_id else None
    hall = door.hall(hall_id)
    if hall.counters[counter_id].ticket_id != ticket_id:
        why = None  # another one was called meanwhile: the next view comes at once
    stand_in = stands_in(hall, counter_id, session)
    watch = console_alarms(hall, counter_id, places(door), by(session))
    who = session.account.id
    return counter_view(hall, counter_id, who, door.clock(), why, watch, stand_in=stand_in, foretold=door.foretold)


# --- pages -------------------------------------------------------------------------------------------


@get("/counter", opt={"who": CLERK}, include_in_schema=False)
async def choose_window(request: AnyRequest, door: TheDoor, hall: FromQuery[str | None] = None) -> Response[str]:
    session = session_of(request)
    names = {a.id: a.display for a in await anyio.to_thread.run_sync(door.auth.everyone)}
    halls = []
    for hall_id, plan in door.plans.halls.items():
        if hall not in (None, hall_id) or not session.account.works_in(hall_id):
            continue
        now = door.hall(hall_id)
        windows = [
            {
                "id": w.id,
                "name_zh": w.name_zh,
                "name_en": w.name_en,
                "mine": now.counters[w.id].staff == session.account.id,
                "open": now.counters[w.id].is_open,
                "staff": names.get(now.counters[w.id].staff or "", "开放 Open"),
                "skills_zh": "综合窗口" if ALL_SKILLS in w.skills else "专窗 " + "、".join(sorted(w.skills)),
            }
            for w in plan.counters.values()
        ]
        waiting = sum(now.waiting.values())
        name = {"name_zh": plan.name_zh, "name_en": plan.name_en}
        halls.append({"id": hall_id, **name, "waiting": waiting, "windows": windows})
    manager = Role.MANAGER in session.account.roles
    return door.page("counter_choose.html", session=session, halls=halls, manager=manager, refused_by=None)


@get("/counter/{hall_id:str}/{counter_id:str}", opt={"who": CLERK}, include_in_schema=False)
async def console(request: AnyRequest, door: TheDoor, hall_id: Part, counter_id: Part) -> Response[str]:
    plan = _window(door, hall_id, counter_id).plan
    return door.page(
        "counter.html",
        session=session_of(request),
        plan=plan,
        window=plan.counters[counter_id],
        idle_s=door.auth.idle_s,
        transfer_reasons=words.TRANSFER_REASONS,
        over_reasons=words.OVER_REASONS,
    )


@get(
    "/api/staff/halls/{hall_id:str}/counters/{counter_id:str}/events",
    opt={"who": CLERK, "quiet": True},
    include_in_schema=False,
)
async def events(request: AnyRequest, door: TheDoor, hall_id: Part, counter_id: Part) -> ASGIResponse:
    _window(door, hall_id, counter_id)
    token = request.state.token

    async def render() -> Shown:
        session = await anyio.to_thread.run_sync(door.auth.session, token)
        if session is None or session.locked:
            # one last word: a locked console shows nothing new
            return Shown("locked" if session else "gone", "", "over", last=True)
        return shown(await view_now(door, hall_id, counter_id, session))

    return LiveStream(door.hub, hall_id, render, door.stamp)


# --- keys --------------------------------------------------------------------------------------------


@post(
    "/api/staff/halls/{hall_id:str}/counters/{counter_id:str}/{action:str}",
    opt={"who": CLERK},
    status_code=200,
    include_in_schema=False,
)
async def pressed(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    counter_id: Part,
    action: Part,
    data: JSONBody[Press],
) -> Response[Pressed]:
    hall = _window(door, hall_id, counter_id)
    session = session_of(request)
    staff, stand_in = session.account.id, stands_in(hall, counter_id, session)
    by = f"{'manager' if stand_in and action != 'open' else 'staff'}:{staff}"
    if action == "call-paper":
        wish = await called_by_paper(door, hall_id, counter_id, data, by)
    else:
        wish = command(action, data, hall, counter_id, by, staff)
    no: Refusal | None = None
    number: str | None = None
    if isinstance(wish, Refusal):
        no = wish
    else:
        answer = await door.ask(hall_id, await door.advised(hall_id, wish))
        if isinstance(answer, RefusedAnswer):
            no = refusal(answer)
        elif stand_in:
            await anyio.to_thread.run_sync(
                door.auth.note, session.account, "stood-in", f"{hall_id}/{counter_id} {action}"
            )
        elif isinstance(answer, CalledAnswer):
            number = answer.number
            door.whys.keep(hall_id, answer.ticket_id, answer.why)
    body = Pressed(view=await view_now(door, hall_id, counter_id, session), number=number, refused=no)
    return Response(body, status_code=409 if no else 200, headers={"cache-control": "no-store"})


# --- the person at the window ------------------------------------------------------------------------

_PERSON = "/api/staff/halls/{hall_id:str}/counters/{counter_id:str}/person"


def _refused(code: str) -> Response[Any]:
    return Response({"refused": msgspec.to_builtins(said(code))}, status_code=409)


@get(_PERSON, opt={"who": CLERK, "quiet": True}, include_in_schema=False)
async def masked(request: AnyRequest, door: TheDoor, hall_id: Part, counter_id: Part) -> Response[Any]:
    """张*明 and the last four digits, for whoever sits at that window."""
    hall = _window(door, hall_id, counter_id)
    ticket = at_window(hall, counter_id)
    if ticket is None or ticket.person_ref is None:
        raise NotFoundException("nobody known is at this window")
    if hall.counters[counter_id].staff != staff_name(request):
        return _refused("not-your-counter")
    try:
        known = await anyio.to_thread.run_sync(door.vault.masked, ticket.person_ref, "counter")
    except VaultError as gone:
        raise NotFoundException("nobody known is at this window") from gone
    return Response(Person(ticket.id, known.name, known.last4), headers={"cache-control": "no-store"})


@post(_PERSON, opt={"who": CLERK}, status_code=200, include_in_schema=False)
async def revealed(request: AnyRequest, door: TheDoor, hall_id: Part, counter_id: Part) -> Response[Any]:
    """The whole name and number, once the identity check has begun; written to the access log first."""
    hall = _window(door, hall_id, counter_id)
    ticket = at_window(hall, counter_id)
    if ticket is None or ticket.person_ref is None:
        raise NotFoundException("nobody known is at this window")
    if hall.counters[counter_id].staff != staff_name(request):
        return _refused("not-your-counter")
    if ticket.identity_at is None:
        return _refused("identity-first")
    by, reason = f"staff:{staff_name(request)}", f"identity check of {ticket.id} at {hall_id}/{counter_id}"
    try:
        who = await anyio.to_thread.run_sync(door.vault.reveal, ticket.person_ref, by, reason)
    except VaultError as gone:
        raise NotFoundException("nobody known is at this window") from gone
    person = Person(ticket.id, who.name, who.number[-4:], whole=True, number=who.number)
    return Response(person, headers={"cache-control": "no-store"})


ROUTES = [choose_window, console, events, masked, revealed, pressed]
