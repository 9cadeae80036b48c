"""好差评: five words, no default, reasons only after one was chosen, and a way out of the same size (GB/T 39734).

What is rated is a visit that is done, known by the code on its ticket or by its number, or a job that was done here.
Nothing goes out before 提交; who walks away for fifteen seconds has not rated. Without a line the rating lies in the
outbox and goes out later. It says nothing of the person.
"""

from __future__ import annotations

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from kiosk.effects import Send
from kiosk.events import Touched
from kiosk.flow.asking import Step, ended
from kiosk.flow.pages import Asking, Given, Page, Rate, Rated, RateNumber, RateReasons, RateWays, Visit
from kiosk.flow.state import ELDER_TIMES, Fresh, State
from queue_server.wire import messages as wire
from queue_server.wire.people import REASONS

LEAVES_S = 15.0
"""After so long without a touch the page goes, and nothing was rated."""
NUMBER_MIN, NUMBER_MAX = 4, 6
_TICKET = re.compile(
    r"^https?://[^/\s]+(?:/[^\s]*)?/t/([A-Za-z0-9_-]{1,64})/(\d{4})(\d{2})(\d{2})/([A-Z]\d{3,5})/([A-Za-z0-9_-]{22,64})"
)
RatePage = RateWays | RateNumber | Rate | RateReasons | Rated


def of_job(state: State, job: str) -> State:
    """To the five words about a job that was done here."""
    return state.go(Rate(Visit("job", job)))


def of_ticket(state: State, ticket: str, number: str, token: str | None = None) -> State:
    """To the five words about a visit that is done; ``ticket`` is its id, ``token`` proves who holds it."""
    return state.go(Rate(Visit("ticket", ticket, number, token)))


def under_way(state: State) -> bool:
    """Something is being rated, asked or given: no second question above it."""
    session = state.session
    pages = (*session.trail, session.page)
    return session.wish is not None or any(isinstance(page, RatePage | Asking | Given) for page in pages)


def letters(state: State) -> str:
    """The letters with which numbers begin here."""
    return "".join(sorted({matter.group for matter in state.kiosk.catalogue.matters.values()}))


def touched(state: State, page: RatePage, touch: Touched, fresh: Fresh) -> Step:
    match (page, touch):
        case RateWays(), Touched("rate-number"):
            return state.go(RateNumber()), ()
        case RateNumber(), Touched("key", key):
            return _key(state, page, key), ()
        case Rate(visit=visit), Touched("level", level) if level in {"1", "2", "3", "4", "5"}:
            return state.go(RateReasons(visit, int(level), state.kiosk.monotonic_s)), ()
        case RateReasons(opened_s=opened_s), _ if state.kiosk.monotonic_s <= opened_s:
            return state, ()  # the second tap of a double one
        case RateReasons(level=level, chosen=chosen), Touched("reason", reason) if reason in REASONS[level]:
            return state.swap(replace(page, chosen=chosen ^ {reason})), ()
        case RateReasons(), Touched("submit"):
            return _submit(state, page, fresh)
        case ((Rate() | RateReasons()), Touched("skip")):
            return ended(state, fresh)
    return state, ()


def _key(state: State, page: RateNumber, key: str) -> State:
    typed = page.typed
    match key:
        case "enter" if len(typed) >= NUMBER_MIN:
            today = state.kiosk.now.astimezone(ZoneInfo(state.kiosk.site.tz)).date()
            return of_ticket(state, f"{today.isoformat()}-{typed}", typed)
        case "erase":
            typed = typed[:-1]
        case "clear":
            typed = ""
        case _ if key in letters(state) and len(key) == 1 and not typed:
            typed = key
        case _ if key in "0123456789" and len(key) == 1 and typed and len(typed) < NUMBER_MAX:
            typed += key
    return state.swap(RateNumber(typed))


def code(state: State, page: Page, text: str) -> State | None:
    """A code that was held before the scanner while a visit is looked for; None if none is."""
    if not isinstance(page, RateWays | RateNumber):
        return None
    found = _TICKET.match(text)
    if found is None:
        return state.swap(RateWays("not-a-ticket"))
    hall, year, month, day, number, token = found.groups()
    if hall != state.kiosk.site.hall:
        return state.swap(RateWays("other-hall"))
    return of_ticket(state, f"{year}-{month}-{day}-{number}", number, token)


def _submit(state: State, page: RateReasons, fresh: Fresh) -> Step:
    visit = page.visit
    request = wire.Rate(
        id=fresh.request,
        subject=visit.subject,
        of=visit.of,
        level=page.level,
        reasons=[reason for reason in REASONS[page.level] if reason in page.chosen],
        token=visit.token,
    )
    return state.swap(Rated(fresh.request, page.level)), (Send(state.kiosk.site.hall, request),)


def replied(state: State, reply: wire.AnyReply) -> State | None:
    """The hall has it, or says why not; None if the reply is about something else."""
    page = state.session.page
    mine = isinstance(page, Rated) and page.request == reply.id
    if isinstance(reply, wire.RatedReply):
        return state.swap(replace(page, known=True)) if mine and isinstance(page, Rated) else state
    if mine and isinstance(page, Rated) and isinstance(reply, wire.RefusedReply):
        return state.swap(replace(page, no=(reply.zh, reply.en)))
    return None


def timed_out(state: State) -> bool:
    """Nobody has touched the question, or its thanks, for long enough."""
    if not isinstance(state.session.page, Rate | RateReasons | Rated):
        return False
    limit = LEAVES_S * (ELDER_TIMES if state.session.elder else 1)
    return state.kiosk.monotonic_s - state.session.touched_s >= limit
