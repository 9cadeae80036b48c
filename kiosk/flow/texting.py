"""短信提醒: a phone that is told of three ahead and of the call, for who would rather wait elsewhere.

Offered with a ticket that the hall knows, where the hall can send messages. The number is typed into the reading
process and goes out sealed; the screen keeps ``138****5678``. An answer that does not come is said to have not come:
the message may arrive all the same, and the number on the paper is worth as much without it.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import events
from kiosk.effects import Send, TypeKey
from kiosk.flow.asking import Step
from kiosk.flow.pages import Given, Page, TypePhone
from kiosk.flow.state import Fresh, State
from queue_server.wire import messages as wire

PLACES = 11
ANSWER_S = 15.0
"""Without an answer for so long, no more is promised."""
DIGITS = frozenset("0123456789")


def offered(state: State, page: Given) -> bool:
    kiosk = state.kiosk
    can = kiosk.outlook is not None and kiosk.outlook.texts and kiosk.link_up and not kiosk.silent
    return can and not page.own and not page.texted


def begin(state: State, page: Given) -> Step:
    """To the pad."""
    if not offered(state, page):
        return state, ()
    return state.go(TypePhone(page.ticket.path)), (TypeKey("phone"),)


def touched(state: State, page: TypePhone, key: str) -> Step:
    """A key of the pad. While the hall is being asked none of them means anything."""
    if page.request or (key in DIGITS and page.length >= PLACES):
        return state, ()
    if key == "clear":
        key = "phone"  # begin a telephone number anew
    if key in DIGITS | {"erase", "enter", "phone"}:
        return state.swap(replace(page, trouble="")), (TypeKey(key),)
    return state, ()


def heard(state: State, page: TypePhone, said: events.Event, fresh: Fresh) -> Step:
    """What the reading process says of the number."""
    match said:
        case events.TypedProgress(length=length, shown=shown):
            return state.swap(replace(page, length=length, shown=shown)), ()
        case events.TypedTrouble():
            return state.swap(replace(page, trouble="bad-phone")), ()
        case events.PhoneRead(masked=masked, phone=phone) if not page.request:
            asked = wire.TextMe(id=fresh.request, path=page.path, box=phone, lang=state.session.lang)
            sent = replace(page, request=fresh.request, masked=masked, since_s=state.kiosk.monotonic_s, trouble="")
            return state.swap(sent), (Send(state.kiosk.site.hall, asked),)
    return state, ()


def replied(state: State, reply: wire.AnyReply) -> Step | None:
    """The hall's answer; None if the reply is about something else. The page may stand behind a cover or help."""
    page = _asked(state, reply.id)
    if page is None:
        return None
    if isinstance(reply, wire.TextedReply):
        return _told(state, page, reply.masked), ()
    code = reply.code if isinstance(reply, wire.RefusedReply) else "no-answer"
    return _typed_again(state, page, code)


def ticked(state: State) -> Step:
    """An answer that does not come."""
    page = state.session.page
    if isinstance(page, TypePhone) and page.request and state.kiosk.monotonic_s - page.since_s >= ANSWER_S:
        return _typed_again(state, page, "no-answer")
    return state, ()


def _typed_again(state: State, page: TypePhone, code: str) -> Step:
    again = replace(page, request="", masked="", length=0, shown="", trouble=code)
    return _instead(state, page, again), (TypeKey("phone"),)


def _pages(state: State) -> tuple[Page, ...]:
    return (*state.session.trail, state.session.page)


def _asked(state: State, request: str) -> TypePhone | None:
    return next((page for page in _pages(state) if isinstance(page, TypePhone) and page.request == request), None)


def _told(state: State, asked: TypePhone, masked: str) -> State:
    """Back to the ticket, which says so; what stands above the pad stays above."""
    pages = list(_pages(state))
    at = pages.index(asked)
    ticket = max((n for n in range(at) if isinstance(pages[n], Given)), default=-1)
    given = pages[ticket] if ticket >= 0 else None
    if not isinstance(given, Given):
        return state
    return _stack(state, [*pages[:ticket], replace(given, texted=masked), *pages[at + 1 :]])


def _instead(state: State, page: TypePhone, other: TypePhone) -> State:
    return _stack(state, [other if one is page else one for one in _pages(state)])


def _stack(state: State, pages: list[Page]) -> State:
    return replace(state, session=replace(state.session, trail=tuple(pages[:-1]), page=pages[-1]))
