"""What to show, as frozen records: the words are in them once, and the same words are drawn and spoken.

``view(state)`` is pure and total: every page has its view, and a view is all that a screen sees. ``parts``
holds what all have in common, the other modules one kind of page each.
"""

from __future__ import annotations

from typing import assert_never, cast

from kiosk.flow import State, pages
from kiosk.flow.offline import all_out
from kiosk.flow.ways import is_closed
from kiosk.text import Words, words
from kiosk.views import (
    attract,
    booking,
    calm,
    checkin,
    choose,
    confirm,
    elsewhere,
    emergency,
    helping,
    leaving,
    more,
    progress,
    proxy,
    rating,
    record,
    settings,
    start,
    technician,
    texting,
    ticket,
)
from kiosk.views.attract import AttractView
from kiosk.views.calm import CoverView, MessageView, TimeoutView
from kiosk.views.checkin import AskingView, PadView, WaysView
from kiosk.views.choose import HotView, ListView, SearchView
from kiosk.views.code import CodeView
from kiosk.views.confirm import ConfirmView
from kiosk.views.elsewhere import ElsewhereView
from kiosk.views.emergency import EmergencyView
from kiosk.views.facts import FactsView
from kiosk.views.leaves import LeafView, coded, leaved, ticketed
from kiosk.views.leaving import LeftView
from kiosk.views.parts import Bar, Button, Frame, Strip, Waiting
from kiosk.views.rating import RateView
from kiosk.views.reading import Reading, marked, read
from kiosk.views.start import StartView
from kiosk.views.technician import TechCodeView
from kiosk.views.ticket import TicketView

View = (
    StartView
    | ElsewhereView
    | HotView
    | ListView
    | SearchView
    | ConfirmView
    | CodeView
    | WaysView
    | PadView
    | AskingView
    | TicketView
    | MessageView
    | TimeoutView
    | CoverView
    | LeftView
    | EmergencyView
    | RateView
    | FactsView
    | LeafView
    | TechCodeView
    | AttractView
)

__all__ = [
    "AskingView",
    "AttractView",
    "Bar",
    "Button",
    "CodeView",
    "ConfirmView",
    "CoverView",
    "ElsewhereView",
    "EmergencyView",
    "FactsView",
    "Frame",
    "HotView",
    "LeafView",
    "LeftView",
    "ListView",
    "MessageView",
    "PadView",
    "RateView",
    "SearchView",
    "StartView",
    "Strip",
    "TechCodeView",
    "TicketView",
    "TimeoutView",
    "View",
    "Waiting",
    "WaysView",
    "dressed",
    "page_view",
    "view",
]


def view(state: State) -> View:
    """What the citizen sees in ``state``; while the voice speaks, as it is when its first words are said."""
    page = page_view(state)
    if not state.session.voice and state.session.focus < 0:
        return page
    reading = read(state, page)
    return dressed(state, page, reading, reading.standing if state.session.voice else "")


def dressed(state: State, page: View, reading: Reading, said: str) -> View:
    """``page`` as it is drawn: where the keypad stands on it, what is being said; or dark."""
    session = state.session
    if session.dark:
        return calm.dark(state, words(session.lang))
    if not (session.voice or session.focus >= 0 or said):
        return page
    return cast("View", marked(page, reading, said))


def page_view(state: State) -> View:
    """The page itself, as it is read; on the small panel words stand on leaves."""
    w = words(state.session.lang)
    page = whole_page(state, w)
    if state.kiosk.site.compact and isinstance(page, MessageView | FactsView | ConfirmView):
        return leaved(state, page, w)
    if state.kiosk.site.compact and isinstance(page, CodeView):
        return coded(state, page, w)
    if state.kiosk.site.compact and isinstance(page, TicketView):
        return ticketed(state, page, w)
    if state.kiosk.site.compact and isinstance(page, ListView):
        return choose.on_small_panel(page, w) if page.tiles else leaved(state, page, w)
    return page


def whole_page(state: State, w: Words) -> View:
    """All of the page, whatever the panel has room for."""
    match state.session.page:
        case pages.Start() if all_out(state.kiosk):
            return elsewhere.all_out(state, w)
        case pages.Start() if is_closed(state):
            return elsewhere.closed(state, w)
        case pages.Start():
            return start.start(state, w)
        case pages.Hot() as page:
            return choose.hot(state, page, w)
        case pages.Themes() as page:
            return choose.themes(state, page, w)
        case pages.InTheme() as page:
            return choose.in_theme(state, page, w)
        case pages.Searching() as page:
            return choose.searching(state, page, w)
        case pages.Found() as page:
            return choose.found(state, page, w)
        case pages.Confirm() as page:
            return confirm.confirm(state, page, w)
        case pages.CheckInWays():
            return checkin.ways(state, w)
        case pages.ProxyNumber() as page:
            return proxy.number(state, page, w)
        case pages.TypeNumber() as page:
            return checkin.type_number(state, page, w)
        case pages.TypePhone() as page:
            return texting.type_phone(state, page, w)
        case pages.TypeCode() as page:
            return checkin.type_code(state, page, w)
        case pages.Asking() as page if state.session.wish is not None and state.session.wish.inquiry:
            return progress.asking(state, page, w)
        case pages.Asking() as page:
            return checkin.asking(state, page, w)
        case pages.Several() as page:
            return checkin.several(state, page, w)
        case pages.SaysBooked():
            return checkin.says_booked(state, w)
        case pages.Given() as page:
            return ticket.given(state, page, w)
        case pages.Refusal() as page:
            return calm.refusal(state, page, w)
        case pages.Trouble() as page:
            return calm.trouble(state, page, w)
        case pages.Help():
            return helping.help_page(state, w)
        case pages.CardLeft():
            return leaving.card_left(state, w)
        case pages.RateWays() as page:
            return rating.ways(state, page, w)
        case pages.RateNumber() as page:
            return rating.number(state, page, w)
        case pages.Rate() as page:
            return rating.rate(state, page, w)
        case pages.RateReasons() as page:
            return rating.reasons(state, page, w)
        case pages.Rated() as page:
            return rating.rated(state, page, w)
        case pages.ProxyRelation() as page:
            return proxy.relation(state, page, w)
        case pages.NotForOthers() as page:
            return proxy.not_for_others(state, page, w)
        case pages.ProxyCard() as page:
            return proxy.card(state, page, w)
        case pages.ProxyPermit() as page:
            return proxy.permit(state, page, w)
        case pages.ProxyWithout() as page:
            return proxy.without(state, page, w)
        case pages.ProxyMinor() as page:
            return proxy.minor(state, page, w)
        case pages.ProxyReady() as page:
            return proxy.ready(state, page, w)
        case pages.More():
            return more.more(state, w)
        case pages.Covered():
            return calm.covered(state, w)
        case pages.StillThere() as page:
            return calm.still_there(state, page, w)
        case pages.Shut():
            return calm.shut(state, w)
        case pages.Settings() as page:
            return settings.settings(state, page, w)
        case pages.OtherWays() as page:
            return confirm.other_ways(state, page, w)
        case pages.Missing() as page:
            return confirm.missing(state, page, w)
        case pages.Checklist() as page:
            return confirm.checklist(state, page, w)
        case pages.Days() as page:
            return booking.days(state, page, w)
        case pages.Slots() as page:
            return booking.slots(state, page, w)
        case pages.NoPlaces() as page:
            return booking.no_places(state, page, w)
        case pages.BookConfirm() as page:
            return booking.book_confirm(state, page, w)
        case pages.Booked() as page:
            return booking.booked(state, page, w)
        case pages.OnList() as page:
            return booking.on_list(state, page, w)
        case pages.Away():
            return ticket.away(state, w)
        case pages.Attract():
            return attract.attract(state, w)
        case pages.TechCode() as page:
            return technician.code(state, page, w)
        case pages.TechMenu() as page:
            return technician.menu(state, page, w)
        case pages.TechTests() as page:
            return technician.tests(state, page, w)
        case pages.TechNetwork() as page:
            return technician.network(state, page, w)
        case pages.TechSure() as page:
            return technician.sure(state, page, w)
        case pages.Emergency():
            return emergency.emergency(state, w)
        case pages.ServiceMenu():
            return progress.menu(state, w)
        case pages.ProgressWays():
            return progress.ways(state, w)
        case pages.TypeTicket() as page:
            return progress.type_ticket(state, page, w)
        case pages.TypeCase() as page:
            return progress.type_case(state, page, w)
        case pages.Progress() as page:
            return progress.progress(state, page, w)
        case pages.NoProgress() as page:
            return progress.nothing(state, page, w)
        case pages.LookUps() as page:
            return record.list_of(state, page, w)
        case pages.Consent() as page:
            return record.consent(state, page, w)
        case pages.LayCard() as page:
            return record.lay_card(state, page, w)
        case pages.Record() as page:
            return record.record(state, page, w)
        case pages.NoRecord() as page:
            return record.no_record(state, page, w)
        case pages.TakeAway() as page:
            return record.take_away(state, page, w)
        case pages.CannotLookUp() as page:
            return record.cannot(state, page, w)
        case other:
            assert_never(other)
