"""The citizen's phone page: opened by the code on the ticket, no app, no sign-in, no scripts needed.

The token is the whole secret. Unknown, expired and guessed addresses get one and the same answer, and an
address that guesses often is slowed down (``limits``).
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.response import Redirect
from litestar.response.base import ASGIResponse

from queue_server.domain import messages
from queue_server.domain.answers import RefusedAnswer
from queue_server.domain.messages import Command
from queue_server.domain.model import Ticket
from queue_server.domain.state import Hall
from queue_server.http.door import Door, Part, Refusal, TheDoor, new_id, refusal
from queue_server.http.guard import PUBLIC, remote
from queue_server.http.live import MOVED, LiveStream, Shown
from queue_server.http.ticket_view import TicketView, awaits_synchronisation, ticket_view

AnyRequest = Request[Any, Any, Any]
_TICKET = "/t/{hall_id:str}/{day:str}/{number:str}/{token:str}"


def found(hall: Hall, day: date, number: str, token: str) -> Ticket | None:
    """The ticket with that very token; compared in constant time."""
    ticket = hall.tickets.get(f"{day.isoformat()}-{number}")
    if ticket is None or not secrets.compare_digest(ticket.token.encode(), token.encode()):
        return None
    return ticket


def parse_day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date() if len(text) == 8 else None  # noqa: DTZ007  (a date only)
    except ValueError:
        return None


def language(asked: str | None, ticket_lang: str = "zh-Hans") -> str:
    """The page speaks Chinese or English; Japanese and Korean tickets get English."""
    if asked in ("zh", "en"):
        return asked
    return "zh" if ticket_lang.startswith("zh") else "en"


def find(request: AnyRequest, door: Door, hall_id: str, day: str, number: str, token: str) -> Ticket | Response[Any]:
    """The ticket, or what to answer instead: gone (the same for every miss), or not yet synchronised."""
    where, when = remote(request), parse_day(day)
    lang = language(request.query_params.get("lang"))
    big = "big" in request.query_params
    open_ = door.limits.tickets.open(where)
    try:
        hall = door.hall(hall_id) if open_ else None
    except NotFoundException:
        hall = None
    if hall is not None and when is not None:
        ticket = found(hall, when, number, token)
        if ticket is not None:
            return ticket
        unknown = f"{when.isoformat()}-{number}" not in hall.tickets
        if unknown and len(token) >= 22 and awaits_synchronisation(hall, when, number):
            plan = hall.plan
            return door.page(
                "ticket_offline.html",
                lang=lang,
                big=big,
                hall_zh=plan.name_zh,
                hall_en=plan.name_en,
                number=number,
            )
    door.limits.tickets.miss(where)
    return door.page("ticket_gone.html", status=404 if open_ else 429, slow=not open_, lang=lang, big=big)


def _live(door: Door, view: TicketView, lang: str, *, big: bool) -> str:
    return door.render("ticket_live.html", v=view, lang=lang, big=big)


def _page(
    request: AnyRequest, door: Door, hall_id: str, ticket: Ticket, refused_by: Refusal | None = None
) -> Response[str]:
    hall = door.hall(hall_id)
    view = ticket_view(hall, hall.tickets.get(ticket.id, ticket), door.clock(), door.foretold)
    query = request.query_params
    return door.page(
        "ticket.html",
        status=409 if refused_by else 200,
        v=view,
        lang=language(query.get("lang"), ticket.lang),
        big="big" in query,
        ask=query.get("ask", ""),
        refused_by=refused_by,
    )


@get("/t", opt={"who": PUBLIC}, include_in_schema=False)
async def how(request: AnyRequest, door: TheDoor) -> Response[str]:
    return door.page("ticket_how.html", lang=language(request.query_params.get("lang")), big=False)


@get(_TICKET, opt={"who": PUBLIC}, include_in_schema=False)
async def page(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    day: Part,
    number: Part,
    token: Part,
) -> Response[Any]:
    ticket = find(request, door, hall_id, day, number, token)
    return ticket if isinstance(ticket, Response) else _page(request, door, hall_id, ticket)


@get(_TICKET + "/events", opt={"who": PUBLIC}, include_in_schema=False)
async def events(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    day: Part,
    number: Part,
    token: Part,
) -> ASGIResponse:
    first = find(request, door, hall_id, day, number, token)
    if isinstance(first, Response):
        return ASGIResponse(status_code=first.status_code or 404, media_type="text/plain", body=b"")
    lang, big = language(request.query_params.get("lang"), first.lang), "big" in request.query_params
    ticket_id = first.id

    async def render() -> Shown:
        hall = door.hall(hall_id)
        ticket = hall.tickets.get(ticket_id)
        if ticket is None:
            return MOVED
        view = ticket_view(hall, ticket, door.clock(), door.foretold)
        body = {"state": view.state, "ahead": view.ahead, "html": _live(door, view, lang, big=big)}
        still = _live(door, msgspec.structs.replace(view, at=""), lang, big=big)
        return Shown("view", msgspec.json.encode(body).decode(), still)

    return LiveStream(door.hub, hall_id, render, door.stamp)


def command(action: str, ticket: Ticket) -> Command:
    who = {"id": new_id(), "by": "phone", "ticket_id": ticket.id}
    match action:
        case "pause":
            return messages.PauseTicket(**who)
        case "resume":
            return messages.ResumeTicket(**who)
        case "cancel":
            return messages.CancelTicket(**who)
        case "return":
            return messages.ReturnAfterNoShow(**who)
    raise NotFoundException("unknown action")


_WISHED = {"pause": "paused", "resume": "waiting", "cancel": "cancelled", "return": "waiting"}


@post(_TICKET + "/{action:str}", opt={"who": PUBLIC}, status_code=200, include_in_schema=False)
async def act(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    day: Part,
    number: Part,
    token: Part,
    action: Part,
) -> Response[Any]:
    """A button of the page: a plain form, so that it works without scripts. Pressing twice does no harm."""
    ticket = find(request, door, hall_id, day, number, token)
    if isinstance(ticket, Response):
        return ticket
    wish = command(action, ticket)
    if ticket.state.value != _WISHED[action]:
        answer = await door.ask(hall_id, wish)
        if isinstance(answer, RefusedAnswer):
            return _page(request, door, hall_id, ticket, refusal(answer))
    query = request.query_params
    keep = f"?lang={language(query.get('lang'), ticket.lang)}{'&big=1' if 'big' in query else ''}"
    return Redirect(request.url.path.rsplit("/", 1)[0] + keep, status_code=303)


ROUTES = [how, page, events, act]
