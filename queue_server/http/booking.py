"""Booking on a phone: matter, then day and slot, then a check-in code; no account, no scripts needed.

An identity number is optional: with it the citizen checks in at the kiosk by card alone. It goes straight
into the vault and appears in no command, address or log. The form carries a request id made with the page,
so sending it twice books once.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

import anyio
import segno
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from firmware_cfg.catalogue import load_catalogue
from queue_server import translate
from queue_server.domain import booking as slots
from queue_server.domain import calendar, messages
from queue_server.domain.answers import BookedAnswer, RefusedAnswer
from queue_server.domain.errors import Refused
from queue_server.domain.model import Appointment, Booking
from queue_server.domain.state import Hall
from queue_server.http import words
from queue_server.http.door import Door, Part, Refusal, TheDoor, new_id, refusal, said
from queue_server.http.guard import PUBLIC, remote
from queue_server.http.phone import language
from queue_server.http.ticket_view import matter_names
from queue_server.people.numbers import BadNumber, check
from queue_server.people.vault import Identity, VaultError
from queue_server.wire.booking_words import why_not
from queue_server.wire.paths import booking_path

AnyRequest = Request[Any, Any, Any]
Form = URLEncodedBody[dict[str, str]]
_BOOKING = "/b/{hall_id:str}/{appointment_id:str}/{code:str}"


def booked(hall: Hall, appointment_id: str, code: str) -> Appointment | None:
    """The booking with this id and code, both of which only its holder has."""
    appointment = hall.appointments.get(appointment_id)
    if appointment is None or not secrets.compare_digest(appointment.code.encode(), code.encode()):
        return None
    return appointment


def matching(hall: Hall, query: str) -> list[dict[str, Any]]:
    """The bookable matters under their themes, filtered by name, pinyin or initials."""
    wanted = "".join(query.lower().split())
    themes: dict[str, dict[str, Any]] = {}
    for matter in load_catalogue().matters:
        own = hall.plan.matters.get(matter.id)
        if own is None or not own.bookable:
            continue
        text = (own.name_zh, own.name_en.lower(), matter.pinyin.replace(" ", ""), matter.initials)
        if wanted and not any(wanted in part for part in text):
            continue
        theme = themes.setdefault(matter.theme_zh, {"zh": matter.theme_zh, "en": matter.theme_en, "matters": []})
        theme["matters"].append(own)
    return list(themes.values())


def days(hall: Hall, matter: str, now: datetime) -> list[dict[str, Any]]:
    """Each open day of the horizon and its free places."""
    plan = hall.plan
    today = calendar.business_date(plan, now)
    last = calendar.open_days_ahead(plan, today, plan.rules.booking_horizon_days)
    listed = []
    for ahead in range((last - today).days + 1):
        day = today + timedelta(days=ahead)
        if not calendar.hours_of(plan, day):
            continue
        free = sum(offer.free for offer in slots.offers(hall, (matter,), day, now))
        weekday = words.WEEKDAYS[day.weekday()]
        listed.append({"day": day.isoformat(), "date": f"{day.month}/{day.day}", "weekday": weekday, "free": free})
    return listed


def parts_of_day(times: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The day's places by night, morning, afternoon and evening: a round-the-clock hall has a hundred."""
    parts: dict[str, dict[str, Any]] = {}
    for time in times:
        zh, en = words.PARTS_OF_DAY[int(time["hhmm"][:2]) // 6]
        parts.setdefault(zh, {"zh": zh, "en": en, "times": []})["times"].append(time)
    return list(parts.values())


def _hall_of(door: Door, hall_id: str | None) -> Hall | None:
    if hall_id is None and len(door.plans.halls) == 1:
        hall_id = next(iter(door.plans.halls))
    return door.hall(hall_id) if hall_id is not None else None


def _form_page(
    door: Door, hall: Hall | None, fields: dict[str, str], lang: str, refused_by: Refusal | None = None
) -> Response[str]:
    """The step that ``fields`` (hall, m, day, replaces, code, q) have reached."""
    now = door.clock()
    context: dict[str, Any] = {"lang": lang, "big": False, "refused_by": refused_by, "f": fields, "hall": None}
    status = 409 if refused_by else 200
    if hall is None:
        return door.page("book.html", step="hall", halls=list(door.plans.halls.values()), **context)
    context |= {"hall": hall.plan}
    matter = hall.plan.matters.get(fields.get("m", ""))
    if matter is None:
        themes = matching(hall, fields.get("q", ""))
        return door.page("book.html", step="matter", themes=themes, status=status, **context)
    try:
        offered = days(hall, matter.id, now)
        chosen = fields.get("day") or next((d["day"] for d in offered if d["free"]), "")
        day = date.fromisoformat(chosen) if chosen else calendar.business_date(hall.plan, now)
        offered_then = slots.day_offer(hall, (matter.id,), day, now)
    except Refused as no:
        fields = {**fields, "m": ""}
        context |= {"f": fields, "refused_by": said(no.code, no.facts)}
        return door.page("book.html", step="matter", themes=matching(hall, ""), status=409, **context)
    except ValueError:
        raise NotFoundException("no such day") from None
    times = [
        {
            "at": o.start.isoformat(),
            "hhmm": calendar.clock_text(hall.plan, o.start),
            "free": o.free,
            "why": o.why,
            "waits": slots.may_wait(hall, o, now),
        }
        for o in offered_then.slots
        if o.why is not slots.NotOffered.BEGUN
    ]
    used = {o.why for o in offered_then.slots if o.why} - {slots.NotOffered.BEGUN}
    used |= {offered_then.why} if offered_then.why else set()
    listed = {
        "any_free": any(t["free"] for t in times),
        "any_waits": any(t["waits"] for t in times),
        "whys": [why_not(code) for code in sorted(used)],
        "days": offered,
        "day": day.isoformat(),
        "parts": parts_of_day(times),
        "matter": matter,
        "request": new_id(),
    }
    return door.page("book.html", step="slot", status=status, **listed, **context)


@get("/book", opt={"who": PUBLIC}, include_in_schema=False)
async def book_page(request: AnyRequest, door: TheDoor) -> Response[str]:
    query = {k: str(v)[:64] for k, v in request.query_params.items()}
    hall = _hall_of(door, query.get("hall"))
    # Working out a week's places walks the whole catalogue: not on the loop.
    return await anyio.to_thread.run_sync(_form_page, door, hall, query, language(query.get("lang")))


@post("/book", opt={"who": PUBLIC}, status_code=200, include_in_schema=False)
async def book(request: AnyRequest, door: TheDoor, data: Form) -> Response[Any]:
    lang, where = language(data.get("lang")), remote(request)
    hall = _hall_of(door, data.get("hall"))
    fields = {k: v[:64] for k, v in data.items() if k in ("hall", "m", "day", "replaces", "code")}
    if hall is None:
        return _form_page(door, None, fields, lang)
    if not door.limits.bookings.open(where):
        return _form_page(door, hall, fields, lang, said("busy"))
    door.limits.bookings.miss(where)
    try:
        command = await _command(door, hall, data)
    except BadNumber as bad:
        return _form_page(door, hall, fields, lang, bad_number(bad.code))
    except (ValueError, VaultError):
        return _form_page(door, hall, fields, lang, said("bad-value", {"field": "slot"}))
    answer = await door.ask(hall.plan.id, command)
    if isinstance(answer, BookedAnswer):
        made = answer.appointment
        path = booking_path(hall.plan.id, made.id, made.code)
        return Redirect(f"{path}?lang={lang}&new=1", status_code=303)
    no = refusal(answer) if isinstance(answer, RefusedAnswer) else said("internal")
    return _form_page(door, door.hall(hall.plan.id), fields, lang, no)


async def _command(door: Door, hall: Hall, data: dict[str, str]) -> messages.BookSlot:
    """The wish of the form. Raises BadNumber, ValueError (no slot chosen), VaultError."""
    start = datetime.fromisoformat(data.get("slot", ""))
    if start.tzinfo is None:
        raise ValueError("a slot's time needs its offset")
    request = data.get("request", "")
    old = booked(hall, data.get("replaces", ""), data.get("code", "")) if data.get("replaces") else None
    if data.get("replaces") and old is None:
        raise ValueError("unknown booking to move")
    ref = old.person_ref if old is not None else None
    number = data.get("number", "").strip()
    if number:
        checked = check(number[:40], door.clock().date())
        # No name: a stranger's form must not rename somebody whose card was already read.
        ref = await anyio.to_thread.run_sync(door.vault.remember, Identity("", checked), start)
    return messages.BookSlot(
        id=request if 0 < len(request) <= 64 else new_id(),
        by="phone",
        appointment_id=secrets.token_urlsafe(16),
        code=translate.new_code(hall),
        matters=(data.get("m", ""),),
        slot_start=start.astimezone(UTC),
        origin="online",
        person_ref=ref,
        replaces=old.id if old is not None else None,
    )


def bad_number(code: str) -> Refusal:
    zh, en = words.BAD_NUMBERS.get(code, words.BAD_NUMBERS["bad-number"])
    return Refusal(code, zh, en)


def _find(request: AnyRequest, door: Door, hall_id: str, appointment_id: str, code: str) -> Appointment | Response[Any]:
    where = remote(request)
    open_ = door.limits.tickets.open(where)
    if open_ and hall_id in door.plans.halls:
        appointment = booked(door.hall(hall_id), appointment_id, code)
        if appointment is not None:
            return appointment
    door.limits.tickets.miss(where)
    lang = language(request.query_params.get("lang"))
    return door.page("ticket_gone.html", status=404 if open_ else 429, slow=not open_, lang=lang, big=False)


def _booking_page(
    request: AnyRequest, door: Door, hall_id: str, appointment: Appointment, refused_by: Refusal | None = None
) -> Response[str]:
    hall = door.hall(hall_id)
    now = door.clock()
    a = hall.appointments.get(appointment.id) or appointment
    day = calendar.business_date(hall.plan, a.slot_start)
    zh, en = matter_names(hall.plan, a.matters)
    ticket = hall.tickets.get(a.ticket_id) if a.ticket_id else None
    weekday = words.WEEKDAYS[day.weekday()]
    changeable = a.state is Booking.BOOKED and now <= a.slot_start - timedelta(seconds=hall.plan.rules.cancel_until_s)
    # Who moved a booking opens the old address: it leads on to the new one.
    return door.page(
        "booking.html",
        status=409 if refused_by else 200,
        a=a,
        hall=hall.plan,
        path=booking_path(hall_id, a.id, a.code),
        when_zh=f"{day.month}月{day.day}日（{weekday[0]}）{calendar.clock_text(hall.plan, a.slot_start)}",
        when_en=f"{weekday[1]} {day.day} {day:%b}, {calendar.clock_text(hall.plan, a.slot_start)}",
        matter_zh=zh,
        matter_en=en,
        code=f"{a.code[:4]} {a.code[4:]}" if len(a.code) == translate.CODE_DIGITS else a.code,
        qr=segno.make(a.code, error="m", micro=False).svg_data_uri(border=2, scale=8),
        changeable=changeable,
        day=day.isoformat(),
        cancel_min=hall.plan.rules.cancel_until_s // 60,
        early_min=hall.plan.rules.early_check_in_s // 60,
        late_min=hall.plan.rules.late_after_s // 60,
        called=ticket.number if ticket else "",
        lang=language(request.query_params.get("lang")),
        big=False,
        ask=request.query_params.get("ask", ""),
        new="new" in request.query_params,
        refused_by=refused_by,
    )


@get(_BOOKING, opt={"who": PUBLIC}, include_in_schema=False)
async def booking_page(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    appointment_id: Part,
    code: Part,
) -> Response[Any]:
    found = _find(request, door, hall_id, appointment_id, code)
    return found if isinstance(found, Response) else _booking_page(request, door, hall_id, found)


@post(_BOOKING + "/cancel", opt={"who": PUBLIC}, status_code=200, include_in_schema=False)
async def cancel(
    request: AnyRequest,
    door: TheDoor,
    hall_id: Part,
    appointment_id: Part,
    code: Part,
) -> Response[Any]:
    found = _find(request, door, hall_id, appointment_id, code)
    if isinstance(found, Response):
        return found
    if found.state is not Booking.CANCELLED:
        wish = messages.CancelAppointment(id=new_id(), by="phone", appointment_id=found.id)
        answer = await door.ask(hall_id, wish)
        if isinstance(answer, RefusedAnswer):
            return _booking_page(request, door, hall_id, found, refusal(answer))
    lang = language(request.query_params.get("lang"))
    return Redirect(f"{booking_path(hall_id, appointment_id, code)}?lang={lang}", status_code=303)


ROUTES = [book_page, book, booking_page, cancel]
