"""What an office has on record about who stands here: agreed to, looked up with the card, shown masked, printed.

The record itself never comes here. The reading process of the session holds it: it gives this flow masked lines, the
whole ones for ten seconds when the citizen asks after a warning, and the paper straight to the printer. After fifteen
seconds without a touch the screen is covered. A page that is not shown holds no whole line, and the session's end takes
the process with all it knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from kiosk.catalogue import Catalogue
from kiosk.effects import Effect, OpenRecord, PrintRecord, Repeat, ShowRecord
from kiosk.events import CardRead, RecordOpened, RecordTrouble, RecordWhole, Touched
from kiosk.flow import asking, rating
from kiosk.flow.asking import Step
from kiosk.flow.pages import (
    CannotLookUp,
    Confirm,
    Consent,
    Covered,
    LayCard,
    LookUps,
    NoRecord,
    Page,
    Printing,
    Record,
    Searching,
    TakeAway,
)
from kiosk.flow.state import Card, Fresh, State, Wish
from queue_server.wire import messages as wire

WHOLE_S = 10.0
COVER_S = 15.0
"""A result that nobody has touched for so long is covered; one touch shows it again, masked."""
RecordPage = LookUps | Consent | LayCard | Record | NoRecord | TakeAway | CannotLookUp
_ENDS: dict[str, Printing] = {"printed": "printed", "sent": "sent", "failed": "failed"}


def look_ups(catalogue: Catalogue) -> tuple[wire.CatalogueMatter, ...]:
    """The matters that a terminal with a card reader can look up, the site's wanted ones first."""
    found = [matter for matter in catalogue.matters.values() if matter.look_up != "no"]
    warm = {name: place for place, name in enumerate(catalogue.hot)}
    return tuple(sorted(found, key=lambda matter: warm.get(matter.id, len(warm))))


def offered(state: State, matters: tuple[wire.CatalogueMatter, ...]) -> bool:
    """Whether this one matter can be looked up here and now, instead of waiting for a window."""
    return state.kiosk.link_up and state.kiosk.works("idcard") and len(matters) == 1 and matters[0].look_up != "no"


def begin(state: State, matter: str) -> State:
    """To the consent for ``matter``; where it cannot be looked up now, to a page that says why."""
    known = state.kiosk.catalogue.matters.get(matter)
    if known is None or known.look_up == "no":
        return state
    if not state.kiosk.link_up:
        return state.go(CannotLookUp("offline", matter))
    if not state.kiosk.works("idcard"):
        return state.go(CannotLookUp("reader", matter))
    return state.go(Consent(matter))


def touched(state: State, page: RecordPage, touch: Touched, fresh: Fresh) -> Step:
    match (page, touch):
        case LookUps(), Touched("look-up", name):
            return begin(state, name), ()
        case LookUps(), Touched("search"):
            return state.go(Searching(look_up=True)), ()
        case (LookUps(), Touched("page", leaf)) if leaf.isdecimal():
            return state.swap(replace(page, page=int(leaf))), ()
        case Consent(), Touched("agree"):
            return _agreed(state, page, fresh)
        case Consent(), Touched("disagree"):
            return _to_the_list(state), ()
        case ((NoRecord() | CannotLookUp() | Record()), Touched("take-ticket")) if page.matter:
            return state.go(Confirm((page.matter,))), ()
        case CannotLookUp() | NoRecord(), Touched("again") if page.matter:
            found = begin(_to_the_list(state), page.matter)
            # Still not: the page that stands says so once more, or who listens would hear nothing.
            return found, ((Repeat(whole=True),) if found.session.page == page else ())
        case TakeAway(job=job), Touched("taken"):
            return rating.of_job(state, job), ()  # what is done at a terminal is asked about there (DB2203/T 8 5.1.3)
        case Record(opened=True, printing="none" | "failed"), Touched("show-whole"):
            return state.swap(replace(page, warned=True)), ()
        case Record(warned=True), Touched("show-now"):
            return state.swap(replace(page, warned=False)), (ShowRecord(),)
        case Record(), Touched("hide"):
            return state.swap(hidden(page)), ()
        case Record(opened=True), Touched("print") if may_print(state, page):
            printing = replace(hidden(page), printing="printing", job=fresh.job)
            return state.swap(printing), (_paper(state, page.matter, fresh.job),)
    return state, ()


def _paper(state: State, matter: str, job: str) -> PrintRecord:
    known, site = state.kiosk.catalogue.matters.get(matter), state.kiosk.site
    at = state.kiosk.now.astimezone(ZoneInfo(site.tz))
    zh, en = (known.name_zh, known.name_en) if known is not None else ("", "")
    return PrintRecord(job, state.session.lang, zh, en, site.name_zh, f"{at:%Y-%m-%d %H:%M}")


def may_print(state: State, page: Record) -> bool:
    return state.kiosk.works("printer") and page.printing in {"none", "failed"}


def _agreed(state: State, page: Consent, fresh: Fresh) -> Step:
    matter = state.kiosk.catalogue.matters.get(page.matter)
    if matter is None:
        return state, ()
    if matter.look_up == "sensitive" and not page.separate:
        return state.go(Consent(page.matter, separate=True)), ()
    if state.session.laid:
        return ask(state, page.matter, state.session.laid, fresh)
    return state.go(LayCard(page.matter)), ()


def ask(state: State, matter: str, person: str, fresh: Fresh) -> Step:
    """Ask for the record of who lies on the reader. Only ever called after the consents."""
    if not state.kiosk.link_up:
        return state.go(CannotLookUp("offline", matter)), ()
    known = state.kiosk.catalogue.matters.get(matter)
    separate = known is not None and known.look_up == "sensitive"
    request = wire.AskRecord(
        id=fresh.request, matter=matter, person=person, consent="separate" if separate else "plain"
    )
    wish = Wish(fresh.request, "record", paper=False, lang=state.session.lang, matters=(matter,))
    return asking.ask(state, request, wish)


def card_laid(state: State, page: Page, card: CardRead, fresh: Fresh) -> Step:
    """Where a card is wanted it is used; on the pages before that it is kept, sealed, for when it is."""
    session = replace(state.session, laid=card.person, card=Card(card.masked_name, card.last4, card.expired))
    state = replace(state, session=session)
    return ask(state, page.matter, card.person, fresh) if isinstance(page, LayCard) else (state, ())


def answered(wish: Wish, reply: wire.AnyReply) -> tuple[Page, tuple[Effect, ...]] | None:
    """The page of an answer and what is done with its box; None for one that is about something else."""
    matter = wish.matters[0] if wish.matters else ""
    match reply:
        case wire.RecordReply(box=box):
            return Record(matter), (OpenRecord(box),)
        case wire.RefusedReply(code="card-again"):
            return LayCard(matter), ()
        case wire.RefusedReply():
            return NoRecord(matter, reply), ()
    return None


def heard(state: State, event: RecordOpened | RecordWhole | RecordTrouble) -> State:
    """What the reading process says of the record it holds."""
    match event:
        case RecordOpened(lines=lines):
            return _with(state, lambda page: replace(page, lines=lines, opened=True))
        case RecordTrouble():
            return _with(state, lambda page: CannotLookUp("unopened", page.matter))
        case RecordWhole(lines=lines) if isinstance(state.session.page, Record):
            until_s = state.kiosk.monotonic_s + WHOLE_S
            return state.swap(replace(state.session.page, whole=lines, whole_until_s=until_s))
    return state


def print_ended(state: State, job: str, result: str) -> State | None:
    """The end of a record's print; None for any other job."""
    pages = (*state.session.trail, state.session.page)
    if not any(isinstance(page, Record) and page.job == job and job for page in pages):
        return None
    if result in {"printed", "sent"}:
        return _with(state, lambda page: TakeAway(page.matter, job, sure=result == "printed"))
    return _with(state, lambda page: replace(page, printing=_ENDS.get(result, "unknown")))


def tidied(state: State) -> State:
    """No whole line in a page that is not shown, nor longer than it was asked for."""
    session, now_s = state.session, state.kiosk.monotonic_s
    page = session.page
    if isinstance(page, Record) and page.whole and now_s >= page.whole_until_s:
        page = hidden(page)
    trail = session.trail
    if any(isinstance(behind, Record) and (behind.whole or behind.warned) for behind in trail):
        trail = tuple(hidden(behind) if isinstance(behind, Record) else behind for behind in trail)
    if page is session.page and trail is session.trail:
        return state
    return replace(state, session=replace(session, page=page, trail=trail))


def hidden(page: Record) -> Record:
    return replace(page, whole=(), whole_until_s=0.0, warned=False)


def covered_in_time(state: State) -> State | None:
    """A result that nobody has touched for a while goes under the cover; None where there is none to cover."""
    page = state.session.page
    if not isinstance(page, Record) or page.printing == "printing":
        return None
    if state.kiosk.monotonic_s - state.session.touched_s < COVER_S:
        return None
    return state.go(Covered())


def _to_the_list(state: State) -> State:
    """Back to what can be looked up, with nothing agreed to."""
    trail = state.session.trail
    for place in range(len(trail) - 1, -1, -1):
        if isinstance(trail[place], LookUps):
            return replace(state, session=replace(state.session, page=trail[place], trail=trail[:place]))
    return state.swap(LookUps())


def _with(state: State, change: Callable[[Record], Page]) -> State:
    """Change the record's page, shown or behind another."""
    session = state.session
    pages = tuple(change(page) if isinstance(page, Record) else page for page in (*session.trail, session.page))
    return replace(state, session=replace(session, trail=pages[:-1], page=pages[-1]))
