"""The hall manager's live page: the hall in figures, what needs a hand, and the way from each figure to its tickets.

Everything on it is drawn by the server; the stream sends the same fragment whenever the hall has moved, and the
page replaces the parts that differ. It stays readable on a locked console, since nothing personal stands on it
(product.md §4.9); what changes anything asks for the password first. An account bound to halls sees only those
(``guard``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import anyio
import msgspec
import sqlalchemy as sa
from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from litestar.response import Redirect
from litestar.response.base import ASGIResponse

from queue_server.cases import Tally
from queue_server.domain import calendar
from queue_server.domain.messages import AcknowledgeAlarm
from queue_server.domain.model import State
from queue_server.http.alarm_view import alarm_groups, risk_lines
from queue_server.http.charts import staffing_chart
from queue_server.http.door import Door, Part, TheDoor, new_id
from queue_server.http.guard import MANAGER, session_of
from queue_server.http.help_book import Help, answered_share, solved_share
from queue_server.http.live import LiveStream, Shown
from queue_server.http.manager_lists import LISTS, listed
from queue_server.http.manager_view import Called, ManagerView, manager_view
from queue_server.http.rights import DAYS, rights
from queue_server.http.timeline import timeline
from queue_server.http.why import explain
from queue_server.store.errors import StoreDown

AnyRequest = Request[Any, Any, Any]
Live = Callable[[], Awaitable[str]]
"""The fragment as it should look now."""
READS: dict[str, Any] = {"who": MANAGER, "while_locked": True, "quiet": True}
GAP_S = 1.0
MOST_AT_ONCE = 200
"""Alarms of one form."""


async def whys(door: Door, hall_id: str, calls: list[Called]) -> dict[str, tuple[str, str]]:
    """The sentence of each call, by ticket id; a call whose reason cannot be read now has none."""
    told = {}
    for call in calls:
        why = await door.why(hall_id, call.ticket)
        if why is not None:
            told[call.ticket] = explain(why)
    return told


async def helped(door: Door, hall_id: str) -> list[Help]:
    """Today's calls for help; none before the hall's day has begun, and while the log cannot be read."""
    hall = door.hall(hall_id)
    day = calendar.business_date(hall.plan, door.clock())
    if hall.business_date != day:
        return []
    try:
        return await anyio.to_thread.run_sync(door.helps.today, door.reports, hall_id, day)
    except StoreDown:
        return []


async def rated(door: Door, hall_id: str) -> Tally | None:
    """Today's ratings, as figures of the whole hall; None where none are taken, or the database is away."""
    if door.ratings is None:
        return None
    day = calendar.business_date(door.hall(hall_id).plan, door.clock())
    try:
        return await anyio.to_thread.run_sync(door.ratings.of_day, hall_id, day)
    except sa.exc.SQLAlchemyError:
        return None


def staffing(door: Door, hall_id: str) -> dict[str, Any]:
    """Windows needed now and through the day; nothing while there is no advice yet, or none for a closed day."""
    hall, now = door.hall(hall_id), door.clock()
    advice = door.advisor.of(hall_id, calendar.business_date(hall.plan, now)) if door.advisor else None
    if advice is None or not advice.half_hours:
        return {"chart": None, "needed": None}
    local = door.local(hall_id, now)
    minute = local.hour * 60 + local.minute
    chart, halves = staffing_chart(advice, minute)
    return {"chart": chart, "halves": halves, "advice": advice, "needed": advice.at(minute)}


async def figures(door: Door, hall_id: str) -> dict[str, Any]:
    """All that the page shows of the hall now."""
    hall, now = door.hall(hall_id), door.clock()
    view: ManagerView = await anyio.to_thread.run_sync(manager_view, hall, now)
    calls, limit_s = await helped(door, hall_id), hall.plan.rules.help_limit_s
    return {
        "v": view,
        "plan": hall.plan,
        "whys": await whys(door, hall_id, view.calls),
        **staffing(door, hall_id),
        "rights": rights(door.foretold.accuracy(hall_id, DAYS)),
        "alarms": alarm_groups(hall),
        "risks": risk_lines(hall),
        "help": answered_share(calls, limit_s, now),
        "help_solved": solved_share(calls),
        "help_limit_s": limit_s,
        "ratings": await rated(door, hall_id),
        "rated_of": sum(1 for ticket in hall.tickets.values() if ticket.state is State.DONE),
        "help_open": [call for call in hall.watch.help.values() if call.answered_at is None],
    }


def stream(request: AnyRequest, door: Door, hall_id: str, fragment: Live) -> ASGIResponse:
    """The fragment, sent whenever it differs from the last one."""
    token = request.state.token

    async def render() -> Shown:
        session = await anyio.to_thread.run_sync(door.auth.session, token)
        if session is None:
            return Shown("gone", "", "over", last=True)
        html = await fragment()
        body = {"html": html, "now": door.stamp(), "locked": session.locked}
        return Shown("view", msgspec.json.encode(body).decode(), f"{session.locked}{html}")

    return LiveStream(door.hub, hall_id, render, door.stamp, gap_s=GAP_S)


# --- the page ----------------------------------------------------------------------------------------


@get("/manager", opt=READS, include_in_schema=False)
async def choose_hall(request: AnyRequest, door: TheDoor) -> Response[Any]:
    session = session_of(request)
    mine = [plan for hall_id, plan in door.plans.halls.items() if session.account.works_in(hall_id)]
    if len(mine) == 1:
        return Redirect(f"/manager/{mine[0].id}", status_code=303)
    return door.page("manager_choose.html", session=session, halls=mine)


@get("/manager/{hall_id:str}", opt=READS, include_in_schema=False)
async def page(request: AnyRequest, door: TheDoor, hall_id: Part) -> Response[str]:
    return door.page("manager.html", session=session_of(request), **await figures(door, hall_id))


@get("/manager/{hall_id:str}/events", opt=READS, include_in_schema=False)
async def events(request: AnyRequest, door: TheDoor, hall_id: Part) -> ASGIResponse:
    door.hall(hall_id)

    session = session_of(request)

    async def fragment() -> str:
        return door.render("manager_live.html", session=session, **await figures(door, hall_id))

    return stream(request, door, hall_id, fragment)


@get("/manager/{hall_id:str}/help", opt=READS, include_in_schema=False)
async def help_page(request: AnyRequest, door: TheDoor, hall_id: Part) -> Response[str]:
    plan, calls = door.hall(hall_id).plan, await helped(door, hall_id)
    return door.page("manager_help.html", session=session_of(request), plan=plan, calls=calls)


@post("/manager/{hall_id:str}/alarms/take", opt={"who": MANAGER}, status_code=200, include_in_schema=False)
async def take_on(request: AnyRequest, door: TheDoor, hall_id: Part) -> Response[Any]:
    """Acknowledge the alarms named in the form; what has ended meanwhile is simply over."""
    form: FormMultiDict = await request.form()
    by = f"manager:{session_of(request).account.id}"
    named = [str(alarm_id) for alarm_id in form.getall("alarm", [])[:MOST_AT_ONCE]]
    wishes = (AcknowledgeAlarm(id=new_id(), by=by, alarm_id=alarm_id) for alarm_id in named)
    await asyncio.gather(*(door.ask(hall_id, wish) for wish in wishes))
    return Redirect(f"/manager/{hall_id}", status_code=303)


# --- from a figure to its tickets --------------------------------------------------------------------


def list_now(door: Door, hall_id: str, what: str, kind: str | None, matter_class: str | None) -> dict[str, Any]:
    if what not in LISTS:
        raise NotFoundException("no such list")
    hall, now = door.hall(hall_id), door.clock()
    rows = listed(hall, now, what, kind, matter_class)
    return {"plan": hall.plan, "what": what, "rows": rows, "kind": kind, "matter_class": matter_class}


@get("/manager/{hall_id:str}/list/{what:str}", opt=READS, include_in_schema=False)
async def tickets(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    what: Part,
    kind: FromQuery[str | None] = None,
    matter_class: FromQuery[str | None] = None,
) -> Response[str]:
    found = list_now(door, hall_id, what, kind, matter_class)
    return door.page("manager_list.html", session=session_of(request), lists=LISTS, **found)


@get("/manager/{hall_id:str}/list/{what:str}/events", opt=READS, include_in_schema=False)
async def ticket_events(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    what: Part,
    kind: FromQuery[str | None] = None,
    matter_class: FromQuery[str | None] = None,
) -> ASGIResponse:
    list_now(door, hall_id, what, kind, matter_class)

    async def fragment() -> str:
        return door.render("manager_list_live.html", **list_now(door, hall_id, what, kind, matter_class))

    return stream(request, door, hall_id, fragment)


@get("/manager/{hall_id:str}/ticket/{day:str}/{number:str}", opt=READS, include_in_schema=False)
async def ticket(request: AnyRequest, door: TheDoor, hall_id: Part, day: Part, number: Part) -> Response[str]:
    """One ticket's timeline, of any day, from the hall's log."""
    hall = door.hall(hall_id)
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise NotFoundException("no such day") from None
    row = await anyio.to_thread.run_sync(door.reports.ticket, hall_id, when, number)
    if row is None:
        raise NotFoundException("no such ticket")
    happened = await anyio.to_thread.run_sync(door.reports.history, hall_id, when, number)
    lines = timeline(hall.plan, [one.event for one in happened])
    return door.page("manager_ticket.html", session=session_of(request), plan=hall.plan, row=row, lines=lines)


ROUTES = [choose_hall, page, events, help_page, take_on, tickets, ticket_events, ticket]
