"""The waiting list on a phone (候补): join for a slot or a day that is full, take what is offered, or leave.

The page of a wish has its secret in its address, like a booking's; it needs no account, keeps no name or number and
works without scripts: it simply loads itself again. Taking an offered place is the same command as any booking.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any

import anyio
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from queue_server import translate
from queue_server.domain import calendar, messages
from queue_server.domain.answers import BookedAnswer, RefusedAnswer, WaitingAnswer
from queue_server.domain.book import Wish, WishState
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall
from queue_server.http import words
from queue_server.http.booking import bad_number, booked
from queue_server.http.door import Door, Part, Refusal, TheDoor, new_id, refusal, said
from queue_server.http.guard import PUBLIC, remote
from queue_server.http.phone import language
from queue_server.http.ticket_view import matter_names
from queue_server.people.numbers import BadNumber, check
from queue_server.people.vault import Identity, VaultError
from queue_server.wire.paths import booking_path, wish_path

AnyRequest = Request[Any, Any, Any]
Form = URLEncodedBody[dict[str, str]]
_WISH = "/w/{hall_id:str}/{wish_id:str}/{code:str}"
_FIELDS = ("hall", "m", "day", "slot", "replaces", "code")


def when(plan: HallPlan, day: date, start: datetime | None) -> tuple[str, str]:
    """The day, and the slot where it is one, in both languages."""
    weekday = words.WEEKDAYS[day.weekday()]
    clock = "" if start is None else calendar.clock_text(plan, start)
    zh = f"{day.month}月{day.day}日（{weekday[0]}）{clock or '任一时段'}"
    return zh, f"{weekday[1]} {day.day} {day:%b}, {clock or 'any time'}"


def _slot(text: str) -> datetime | None:
    """Raises ValueError for what is no time with an offset."""
    if not text:
        return None
    start = datetime.fromisoformat(text)
    if start.tzinfo is None:
        raise ValueError("a slot's time needs its offset")
    return start.astimezone(UTC)


def _join_page(
    door: Door, hall: Hall, fields: dict[str, str], lang: str, refused_by: Refusal | None = None
) -> Response[str]:
    matter = hall.plan.matters.get(fields.get("m", ""))
    try:
        start = _slot(fields.get("slot", ""))
        day = date.fromisoformat(fields["day"]) if start is None else calendar.business_date(hall.plan, start)
    except (ValueError, KeyError, OverflowError):
        raise NotFoundException("no such day") from None
    if matter is None:
        raise NotFoundException("no such matter")
    when_zh, when_en = when(hall.plan, day, start)
    return door.page(
        "wait.html",
        status=409 if refused_by else 200,
        hall=hall.plan,
        matter=matter,
        when_zh=when_zh,
        when_en=when_en,
        day=day.isoformat(),
        f={name: fields.get(name, "") for name in _FIELDS},
        request=new_id(),
        hold_min=hall.plan.rules.waiting_list_hold_s // 60,
        refused_by=refused_by,
        lang=lang,
        big=False,
    )


def _hall(door: Door, fields: dict[str, str]) -> Hall:
    name = fields.get("hall", "")
    return door.hall(name or next(iter(door.plans.halls)))


@get("/wait", opt={"who": PUBLIC}, include_in_schema=False)
async def join_page(request: AnyRequest, door: TheDoor) -> Response[str]:
    query = {k: str(v)[:64] for k, v in request.query_params.items()}
    return _join_page(door, _hall(door, query), query, language(query.get("lang")))


@post("/wait", opt={"who": PUBLIC}, status_code=200, include_in_schema=False)
async def join(request: AnyRequest, door: TheDoor, data: Form) -> Response[Any]:
    lang, where = language(data.get("lang")), remote(request)
    fields = {k: v[:64] for k, v in data.items() if k in _FIELDS}
    hall = _hall(door, fields)
    if not door.limits.bookings.open(where):
        return _join_page(door, hall, fields, lang, said("busy"))
    door.limits.bookings.miss(where)
    old = None
    if fields.get("replaces"):
        old = booked(hall, fields["replaces"], fields.get("code", ""))
        if old is None:
            return _join_page(door, hall, fields, lang, said("unknown-appointment"))
    try:
        wanted = data.get("request", "")
        command = messages.JoinWaitingList(
            id=wanted if 0 < len(wanted) <= 64 else new_id(),
            by="phone",
            wish_id=secrets.token_urlsafe(16),
            code=translate.new_code(hall),
            matters=(fields.get("m", ""),) if old is None else old.matters,
            day=date.fromisoformat(fields.get("day", "")),
            slot_start=_slot(fields.get("slot", "")),
            person_ref=None if old is None else old.person_ref,
            moves=None if old is None else old.id,
        )
    except (ValueError, OverflowError):
        return _join_page(door, hall, fields, lang, said("bad-value"))
    answer = await door.ask(hall.plan.id, command)
    if isinstance(answer, WaitingAnswer):
        return Redirect(f"{wish_path(hall.plan.id, answer.wish.id, answer.wish.code)}?lang={lang}", status_code=303)
    no = refusal(answer) if isinstance(answer, RefusedAnswer) else said("internal")
    return _join_page(door, hall, fields, lang, no)


def _find(request: AnyRequest, door: Door, hall_id: str, wish_id: str, code: str) -> Wish | Response[Any]:
    """The wish with this id and code; one and the same answer for every miss."""
    where = remote(request)
    open_ = door.limits.tickets.open(where)
    if open_ and hall_id in door.plans.halls:
        wish = door.hall(hall_id).book.wishes.get(wish_id)
        if wish is not None and secrets.compare_digest(wish.code.encode(), code.encode()):
            return wish
    door.limits.tickets.miss(where)
    lang = language(request.query_params.get("lang"))
    return door.page("ticket_gone.html", status=404 if open_ else 429, slow=not open_, lang=lang, big=False)


def _wish_page(
    request: AnyRequest, door: Door, hall_id: str, wish: Wish, refused_by: Refusal | None = None
) -> Response[str]:
    hall = door.hall(hall_id)
    wish = hall.book.wishes.get(wish.id, wish)
    plan = hall.plan
    matter_zh, matter_en = matter_names(plan, wish.matters)
    offered = wish.offered if wish.state in {WishState.OFFERED, WishState.BOOKED, WishState.LAPSED} else None
    when_zh, when_en = when(plan, wish.day, offered or wish.slot_start)
    return door.page(
        "wish.html",
        status=409 if refused_by else 200,
        w=wish,
        hall=plan,
        path=wish_path(hall_id, wish.id, wish.code),
        matter_zh=matter_zh,
        matter_en=matter_en,
        when_zh=when_zh,
        when_en=when_en,
        ahead=hall.book.ahead_of(wish),
        until="" if wish.until is None else calendar.clock_text(plan, wish.until),
        hold_min=plan.rules.waiting_list_hold_s // 60,
        request=new_id(),
        at=calendar.clock_text(plan, door.clock()),
        refused_by=refused_by,
        lang=language(request.query_params.get("lang")),
        big=False,
    )


@get(_WISH, opt={"who": PUBLIC}, include_in_schema=False)
async def wish_page(request: AnyRequest, door: TheDoor, hall_id: Part, wish_id: Part, code: Part) -> Response[Any]:
    found = _find(request, door, hall_id, wish_id, code)
    return found if isinstance(found, Response) else _wish_page(request, door, hall_id, found)


@post(_WISH + "/take", opt={"who": PUBLIC}, status_code=200, include_in_schema=False)
async def take(
    request: AnyRequest, door: TheDoor, hall_id: Part, wish_id: Part, code: Part, data: Form
) -> Response[Any]:
    """Take the place that is held: an ordinary booking, once however often the form is sent."""
    wish = _find(request, door, hall_id, wish_id, code)
    if isinstance(wish, Response):
        return wish
    ref = wish.person_ref
    number = data.get("number", "").strip()
    if number and wish.moves is None:
        try:
            checked = check(number[:40], door.clock().date())
            ref = await anyio.to_thread.run_sync(door.vault.remember, Identity("", checked), wish.offered)
        except BadNumber as bad:
            return _wish_page(request, door, hall_id, wish, bad_number(bad.code))
        except VaultError:
            return _wish_page(request, door, hall_id, wish, said("bad-value"))
    wanted = data.get("request", "")
    command = messages.BookSlot(
        id=wanted if 0 < len(wanted) <= 64 else new_id(),
        by="phone",
        appointment_id=secrets.token_urlsafe(16),
        code=translate.new_code(door.hall(hall_id)),
        matters=wish.matters,
        slot_start=wish.offered or wish.joined_at,
        origin=wish.origin,
        person_ref=ref,
        replaces=wish.moves,
        wish=wish.id,
    )
    answer = await door.ask(hall_id, command)
    if isinstance(answer, BookedAnswer):
        lang = language(request.query_params.get("lang"))
        path = booking_path(hall_id, answer.appointment.id, answer.appointment.code)
        return Redirect(f"{path}?lang={lang}&new=1", status_code=303)
    no = refusal(answer) if isinstance(answer, RefusedAnswer) else said("internal")
    return _wish_page(request, door, hall_id, wish, no)


@post(_WISH + "/leave", opt={"who": PUBLIC}, status_code=200, include_in_schema=False)
async def leave(request: AnyRequest, door: TheDoor, hall_id: Part, wish_id: Part, code: Part) -> Response[Any]:
    wish = _find(request, door, hall_id, wish_id, code)
    if isinstance(wish, Response):
        return wish
    answer = await door.ask(hall_id, messages.LeaveWaitingList(id=new_id(), by="phone", wish_id=wish.id))
    if isinstance(answer, RefusedAnswer):
        return _wish_page(request, door, hall_id, wish, refusal(answer))
    lang = language(request.query_params.get("lang"))
    return Redirect(f"{wish_path(hall_id, wish_id, code)}?lang={lang}", status_code=303)


ROUTES = [join_page, join, wish_page, take, leave]
