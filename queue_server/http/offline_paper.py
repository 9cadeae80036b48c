"""An off-line ticket is shown before its kiosk has been heard of: to a phone, and to a window's scanner.

What stands on the paper is believed when it bears the signature of a registered terminal, for this hall, from a
block of today. Then a window takes the ticket into the hall itself, under its token, and calls it; the kiosk that
hands it in later is told that it is there already. The phone gets a page that says "not yet synchronised", or is
sent on to the ticket's own page.
"""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from firmware_cfg.sign import is_signed
from queue_server.domain import messages, offline
from queue_server.domain.answers import RecordedAnswer, RefusedAnswer
from queue_server.domain.issuing import number_text
from queue_server.domain.messages import Command
from queue_server.domain.state import Hall
from queue_server.http.door import Door, Part, Refusal, TheDoor, new_id, refusal, said
from queue_server.http.guard import PUBLIC, remote
from queue_server.http.keys import Press
from queue_server.http.phone import language
from queue_server.wire import offline_code
from queue_server.wire.door_words import DoorCode
from queue_server.wire.offline_code import BadCode, OfflineCode
from queue_server.wire.offline_words import PaperCode
from queue_server.wire.paths import ticket_path

AnyRequest = Request[Any, Any, Any]
_TICKET = re.compile(
    r"https?://[^\s/]+(?:/[^\s]*)?/t/([A-Za-z0-9_-]{1,64})/(\d{8})/([A-Z]\d{3,5})/[A-Za-z0-9_-]{22,64}"
)


def believed(door: Door, hall_id: str, text: str) -> OfflineCode | str:
    """The ticket that ``text`` stands for, or the code of why it is not believed."""
    try:
        code, signature = offline_code.read(text)
    except BadCode:
        return PaperCode.UNREADABLE
    device = door.fleet.device(code.kiosk)
    if device is None or not device.key or hall_id not in device.registration.halls:
        return PaperCode.UNKNOWN_TERMINAL
    body = code.body(hall_id)
    if is_signed(bytes.fromhex(device.key), offline_code.PURPOSE, body, signature):
        return code
    if device.offered_key and is_signed(bytes.fromhex(device.offered_key), offline_code.PURPOSE, body, signature):
        return PaperCode.KEY_CHANGED
    return DoorCode.BAD_SIGNATURE


def why_not_here(hall: Hall, code: OfflineCode) -> str:
    """Why a ticket that is genuine cannot be taken in today; empty if it can."""
    block = hall.blocks.get(code.block)
    if block is None:
        gone = any(old.id == code.block for day in hall.past for old in day.blocks)
        return PaperCode.OTHER_DAY if gone else PaperCode.UNKNOWN_BLOCK
    lent = block.kiosk == code.kiosk and block.group == code.group and block.first <= code.number <= block.last
    return "" if lent else PaperCode.UNKNOWN_BLOCK


async def called_by_paper(door: Door, hall_id: str, counter: str, press: Press, by: str) -> Command | Refusal:
    """What was scanned, taken into the hall where it is not there yet; then the command that calls it.

    The same paper as often as one likes is one ticket: its token says so.
    """
    text = (press.paper or "").strip()
    hall = door.hall(hall_id)
    if ticket := _TICKET.fullmatch(text):
        name, day, number = ticket.groups()
        if name != hall_id:
            return said(PaperCode.OTHER_HALL)
        if hall.business_date is None or f"{hall.business_date:%Y%m%d}" != day:
            return said(PaperCode.OTHER_DAY)
        return _call(press, by, counter, f"{hall.business_date.isoformat()}-{number}")
    found = offline_code.address(text)
    if found is None:
        return said(PaperCode.UNREADABLE)
    if found[0] != hall_id:
        return said(PaperCode.OTHER_HALL)
    code = believed(door, hall_id, found[1])
    if isinstance(code, str):
        return said(code)
    known = offline.by_token(hall, code.token)
    if known is not None:
        return _call(press, by, counter, known.id)
    if no := why_not_here(hall, code):
        return said(no)
    answer = await door.ask(hall_id, _recorded(code, by))
    if isinstance(answer, RefusedAnswer):
        return refusal(answer)
    if not isinstance(answer, RecordedAnswer):
        return said(DoorCode.INTERNAL)
    return _call(press, by, counter, answer.ticket_id)


def _recorded(code: OfflineCode, by: str) -> messages.RecordOfflineTicket:
    return messages.RecordOfflineTicket(
        id=new_id(),
        by=by,
        block_id=code.block,
        kiosk=code.kiosk,
        group=code.group,
        number=code.number,
        matters=code.matters,
        token=code.token,
        checked_in_at=code.checked_in_at,
        clock_uncertainty_s=code.clock_uncertainty_s,
        lang=code.lang,
    )


def _call(press: Press, by: str, counter: str, ticket_id: str) -> messages.CallTicket:
    return messages.CallTicket(id=press.id, by=by, counter=counter, ticket_id=ticket_id, reason="shown-at-window")


@get("/o/{hall_id:str}/{code:str}", opt={"who": PUBLIC}, include_in_schema=False)
async def paper(request: AnyRequest, door: TheDoor, hall_id: Part, code: Part) -> Response[Any]:
    """For the citizen's phone. Foreign, forged and old codes get one and the same answer, as unknown tickets do."""
    where, query = remote(request), request.query_params
    open_ = door.limits.tickets.open(where)
    try:
        hall = door.hall(hall_id) if open_ else None
    except NotFoundException:
        hall = None
    found = believed(door, hall_id, code) if hall is not None else PaperCode.OTHER_HALL
    lang, big = language(query.get("lang")), "big" in query
    if hall is None or not isinstance(found, OfflineCode):
        door.limits.tickets.miss(where)
        return door.page("ticket_gone.html", status=404 if open_ else 429, slow=not open_, lang=lang, big=big)
    lang = language(query.get("lang"), found.lang)
    known = offline.by_token(hall, found.token)
    if known is not None:
        there = ticket_path(hall_id, known.business_date, known.number, known.token)
        return Redirect(f"{there}?lang={lang}{'&big=1' if big else ''}", status_code=303)
    if why_not_here(hall, found):
        return door.page("ticket_gone.html", status=404, slow=False, lang=lang, big=big)
    plan = hall.plan
    number = number_text(found.group, found.number)
    return door.page(
        "ticket_offline.html", lang=lang, big=big, hall_zh=plan.name_zh, hall_en=plan.name_en, number=number
    )


ROUTES = [paper]
