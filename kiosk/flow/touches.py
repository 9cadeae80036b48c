"""What a touch does: a ``match`` on (page, touch). A touch that has no meaning on its page does nothing,
which is what makes a second tap on "take a ticket" harmless: the page it was meant for is gone.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.catalogue import QUERY_MAX
from kiosk.effects import TypeKey
from kiosk.events import Touched
from kiosk.flow import (
    asking,
    booking,
    offline,
    progress,
    proxy,
    rating,
    record,
    settings,
    technician,
    texting,
    voicing,
    ways,
)
from kiosk.flow.asking import Step
from kiosk.flow.pages import (
    Asking,
    Away,
    BookConfirm,
    Booked,
    CannotLookUp,
    CardLeft,
    CheckInWays,
    Checklist,
    Confirm,
    Consent,
    Covered,
    Days,
    Emergency,
    Found,
    Given,
    Help,
    Hot,
    InTheme,
    LayCard,
    LookUps,
    Missing,
    More,
    NoPlaces,
    NoProgress,
    NoRecord,
    OnList,
    OtherWays,
    Page,
    Progress,
    ProgressWays,
    Rate,
    Rated,
    RateNumber,
    RateReasons,
    RateWays,
    Record,
    Refusal,
    SaysBooked,
    Searching,
    ServiceMenu,
    Settings,
    Several,
    Shut,
    Slots,
    Start,
    StillThere,
    TakeAway,
    TechPage,
    Themes,
    Trouble,
    TypeCase,
    TypeCode,
    TypeNumber,
    TypePhone,
    TypeTicket,
)
from kiosk.flow.state import Fresh, State

CODE_MIN, CODE_MAX = 4, 16
DIGITS = frozenset("0123456789")
COMMANDS = frozenset({"erase", "clear", "enter"})
KEYS = DIGITS | {"X"} | COMMANDS


def touched(state: State, touch: Touched, fresh: Fresh) -> Step:
    """First the bar, which is the same everywhere, then the page's own controls."""
    page = state.session.page
    match (page, touch):
        case Emergency(), _:
            return state, ()
        case _, Touched("leaf", leaf) if leaf.isdecimal():
            return state.with_leaf(int(leaf)), ()
        case _, Touched("back") if state.session.leaf:
            return state.with_leaf(state.session.leaf - 1), ()
        case ((Start() | Shut()), Touched("technician")):
            return technician.begin(state, fresh)
        case page, _ if isinstance(page, TechPage):
            return technician.touched(state, page, touch, fresh)
        case StillThere(), Touched("more-time"):
            return state.back(), ()
        case StillThere(), Touched("leave"):
            return asking.ended(state, fresh)
        case StillThere(), _:
            return state, ()
        case _, Touched("uncover") if state.session.dark:
            return voicing.darkened(state, dark=False), ()
        case Covered(), Touched("uncover"):
            return state.back(), ()
        case Covered(), _:
            return state, ()
        case Shut(), Touched("language"):
            return settings.next_language(state), ()
        case Shut(), _:
            return state, ()
        case CardLeft(), Touched("home" | "back" | "leave" | "cover"):
            return state, ()
        case Settings(), _ if (changed := settings.touched(state, page, touch)) is not None:
            return changed, ()
        case _, Touched("language"):
            return over(state, Settings()), ()
        case _, Touched("elder" | "voice" | "contrast" | "low"):
            return manner(state, touch.action), ()
        case _, Touched("cover") if state.session.reader and state.kiosk.works("panel"):
            return voicing.darkened(state, dark=not state.session.dark), ()
        case _, Touched("cover"):
            return over(state, Covered()), ()
        case Help() | More(), Touched("help" | "more"):
            return (state.back() if _is(page, touch.action) else over(state, _named(touch.action))), ()
        case _, Touched("help" | "more"):
            return over(state, _named(touch.action)), ()
        case Start(), Touched("home" | "back"):
            return state, ()
        case _, Touched("home"):
            return _home(state, fresh)
        case _, Touched("leave"):
            return asking.ended(state, fresh)
        case Asking(), Touched("back") if (wish := state.session.wish) is not None and wish.question:
            return replace(state, session=replace(state.session, wish=None)).back(), ()
        case Asking() | Given() | Booked() | OnList(), Touched("back"):
            return state, ()
        case SaysBooked(), Touched("back") if offline.under_way(state) is not None:
            return state, ()
        case TypeNumber() | TypePhone(), Touched("back"):
            return state.back(), (TypeKey("clear"),)
        case _, Touched("back"):
            return _home_if_first(state, fresh)
    return _on_page(state, page, touch, fresh)


def manner(state: State, action: str) -> State:
    session = state.session
    match action:
        case "elder":
            session = voicing.elder(state)
        case "contrast":
            session = replace(session, contrast=not session.contrast)
        case "low":
            session = replace(session, low=not session.low)
        case _:
            return voicing.switched(state)
    return replace(state, session=session)


def _named(action: str) -> Page:
    return Help() if action == "help" else More()


def _is(page: Page, action: str) -> bool:
    return isinstance(page, Help) == (action == "help")


def over(state: State, page: Page) -> State:
    """``page`` above what the citizen was doing; More never stands behind another page."""
    return state.swap(page) if isinstance(state.session.page, More) else state.go(page)


def _home_if_first(state: State, fresh: Fresh) -> Step:
    back = state.back()
    return _home(state, fresh) if isinstance(back.session.page, Start) else (back, ())


def _home(state: State, fresh: Fresh) -> Step:
    out, effects = asking.ended(state, fresh)
    return voicing.still_heard(state, out), effects


def _on_page(state: State, page: Page, touch: Touched, fresh: Fresh) -> Step:
    match (page, touch):
        case Start(), Touched("take-ticket"):
            return state.go(Hot()), ()
        case Start(), Touched("book"):
            return replace(state, session=replace(state.session, later=True)).go(Hot()), ()
        case Start(), Touched("guide"):
            return state.go(Hot(guide=True)), ()
        case Start(), Touched("services"):
            return state.go(ServiceMenu()), ()
        case ((ServiceMenu() | ProgressWays() | TypeTicket() | TypeCase() | Progress() | NoProgress()), _):
            return progress.touched(state, page, touch, fresh)
        case ((LookUps() | Consent() | LayCard() | Record() | NoRecord() | TakeAway() | CannotLookUp()), _):
            return record.touched(state, page, touch, fresh)
        case ((Start() | Refusal() | Trouble()), Touched("check-in")):
            return state.go(CheckInWays()), ()
        case Refusal(matters=[_, *_]), Touched("take-ticket"):
            return replace(state, session=replace(state.session, later=False)).go(Confirm(page.matters)), ()
        case SaysBooked(), Touched("take") if matter := state.kiosk.catalogue.of_role("enquiry"):
            return asking.take(state, (matter,), paper=True, fresh=fresh)
        case ((Refusal() | Trouble() | CheckInWays() | Several() | SaysBooked()), Touched("take-ticket")):
            return replace(state, session=replace(state.session, later=False)).go(Hot()), ()
        case ((Hot() | Themes() | InTheme() | Searching() | Found()), _):
            return _choosing(state, page, touch)
        case ((Confirm() | OtherWays() | Missing() | Checklist()), _):
            return ways.touched(state, page, touch, fresh)
        case ((Days() | Slots() | NoPlaces() | BookConfirm() | Booked() | OnList()), _):
            return booking.touched(state, page, touch, fresh)
        case Refusal(), Touched("book"):
            return booking.from_refusal(state, page, fresh)
        case ((CheckInWays() | Refusal() | Trouble()), Touched("type-number")):
            return state.go(TypeNumber()), (TypeKey("clear"),)
        case ((CheckInWays() | Refusal() | Trouble()), Touched("type-code")):
            return state.go(TypeCode()), ()
        case TypeNumber(), Touched("key", key) if key in KEYS:
            return state.swap(replace(page, trouble="")), (TypeKey(key),)
        case TypeCode(), Touched("key", key) if key in DIGITS | COMMANDS:
            return _code_key(state, page, touch, fresh)
        case Several(), Touched("appointment", chosen) if any(x.appointment == chosen for x in page.choices):
            return asking.check_in(state, fresh, appointment=chosen)
        case (Several(), Touched("page", leaf)) if leaf.isdecimal():
            return state.swap(replace(page, page=int(leaf))), ()
        case _, _ if isinstance(page, proxy.ProxyPage) and not isinstance(page, TypeNumber):
            return proxy.touched(state, page, touch, fresh)
        case ((RateWays() | RateNumber() | Rate() | RateReasons() | Rated()), _):
            return rating.touched(state, page, touch, fresh)
        case _, Touched("rate") if not rating.under_way(state):
            return state.go(RateWays()), ()
        case Given(), Touched("reprint") if asking.may_reprint(page, printer_works=state.kiosk.works("printer")):
            return asking.reprint(state, page, fresh)
        case Given(), Touched("away"):
            return state.go(Away()), ()
        case Given(), Touched("text-me"):
            return texting.begin(state, page)
        case TypePhone(), Touched("key", key):
            return texting.touched(state, page, key)
        case Given(), Touched("book-next") if page.ticket.next_slot is not None and state.kiosk.link_up:
            later = BookConfirm(tuple(page.ticket.matters), page.ticket.next_slot, ticket=page.ticket.number)
            return state.go(later), ()
    return state, ()


def _choosing(state: State, page: Hot | Themes | InTheme | Searching | Found, touch: Touched) -> Step:
    match (page, touch):
        case ((Searching(look_up=True) | Found(look_up=True)), Touched("look-up", name)):
            return record.begin(state, name), ()
        case ((Searching(look_up=True) | Found(look_up=True)), Touched("matter")):
            return state, ()
        case _, Touched("matter", name) if name in state.kiosk.catalogue.matters:
            return state.go(Confirm((name,), guide=page.guide)), ()
        case Hot(), Touched("themes"):
            return state.go(Themes(guide=page.guide)), ()
        case ((Hot() | Themes()), Touched("theme", theme_zh)):
            return state.go(InTheme(theme_zh, guide=page.guide)), ()
        case Hot(), Touched("search"):
            return state.go(Searching(guide=page.guide)), ()
        case InTheme(theme_zh), Touched("search"):
            return state.go(Searching(guide=page.guide, theme_zh=theme_zh)), ()
        case Searching(), Touched("sign", sign) if len(sign) == 1:
            return state.swap(replace(page, typed=state.kiosk.catalogue.index.with_sign(page.typed, sign))), ()
        case Searching(), Touched("key", key):
            return state.swap(replace(page, typed=_typed(page.typed, key, QUERY_MAX))), ()
        case Searching(), Touched("show-found") if page.typed:
            found = Found(page.typed, guide=page.guide, theme_zh=page.theme_zh, look_up=page.look_up)
            return state.go(found), ()
        case ((Themes() | InTheme() | Found()), Touched("page", leaf)) if leaf.isdecimal():
            return state.swap(replace(page, page=int(leaf))), ()
    return state, ()


def _typed(text: str, key: str, longest: int) -> str:
    match key:
        case "erase":
            return text[:-1]
        case "clear":
            return ""
        case _ if len(key) == 1 and len(text) < longest:
            return text + key
    return text


def _code_key(state: State, page: TypeCode, touch: Touched, fresh: Fresh) -> Step:
    match touch:
        case Touched("key", "enter"):
            return asking.check_in(state, fresh, code=page.typed) if len(page.typed) >= CODE_MIN else (state, ())
    return state.swap(replace(page, typed=_typed(page.typed, touch.value, CODE_MAX))), ()
