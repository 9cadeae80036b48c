"""Booking a later time: days, slots, who it is for, and what the hall answers.

Days and slots are questions; a booking and a place on the waiting list are wishes, each under one id for ever, so
that a lost link makes the citizen wait and never books twice or by half. A card that is laid down on the way belongs
to the booking: it begins no check-in, and what is kept of it is the box that only the server opens. Somebody else who
was faster is no dead end: the other slots are shown at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from kiosk.effects import Effect, Print, TypeKey
from kiosk.events import CardRead, Touched, TypedRead
from kiosk.flow.asking import NOTICE_S, Step, ask, may_reprint, noted, sensitive
from kiosk.flow.pages import (
    Asking,
    BookConfirm,
    Booked,
    Confirm,
    Covered,
    Days,
    Hot,
    NoPlaces,
    OnList,
    Page,
    Refusal,
    Slots,
    Start,
    Trouble,
    TypeNumber,
)
from kiosk.flow.state import Card, Fresh, Notice, Session, State, Wish
from kiosk.slips_booking import booking_slip, waiting_slip
from queue_server.wire import messages as wire

BookingPage = Days | Slots | NoPlaces | BookConfirm | Booked | OnList
KINDS = frozenset({"days", "slots", "book", "wait"})
GONE = frozenset({"slot-full", "no-such-slot"})
"""Somebody was faster, or the slot has begun meanwhile."""


def ask_days(state: State, matters: tuple[str, ...], fresh: Fresh) -> Step:
    """Which days have places; nothing is booked by it."""
    request = wire.AskDays(id=fresh.request, matters=list(matters))
    return ask(state, request, Wish(fresh.request, "days", paper=False, lang=state.session.lang, matters=matters))


def ask_slots(
    state: State, matters: tuple[str, ...], day: date, fresh: Fresh, *, after: datetime | None = None
) -> Step:
    """Which slots of ``day``; ``after`` is the slot that has just gone."""
    request = wire.AskSlots(id=fresh.request, matters=list(matters), day=day)
    wish = Wish(
        fresh.request, "slots", paper=False, lang=state.session.lang, matters=matters, day=day, slot_start=after
    )
    return ask(state, request, wish)


def _book(state: State, page: BookConfirm, fresh: Fresh, *, person: str | None) -> Step:
    request = wire.Book(id=fresh.request, matters=list(page.matters), slot_start=page.slot_start, person=person)
    wish = Wish(
        fresh.request,
        "book",
        paper=True,
        lang=state.session.lang,
        matters=page.matters,
        slot_start=page.slot_start,
        ticket=page.ticket,
    )
    return ask(state, request, wish)


def _wait(state: State, page: NoPlaces, fresh: Fresh) -> Step:
    request = wire.JoinWaitingList(
        id=fresh.request, matters=list(page.matters), day=page.day.day, person=state.session.person
    )
    wish = Wish(fresh.request, "wait", paper=True, lang=state.session.lang, matters=page.matters, day=page.day.day)
    return ask(state, request, wish)


# --- touches -----------------------------------------------------------------------------------------------


def touched(state: State, page: BookingPage, touch: Touched, fresh: Fresh) -> Step:
    match (page, touch):
        case ((Days() | Slots()), Touched("page", leaf)) if leaf.isdecimal():
            return state.swap(replace(page, page=int(leaf))), ()
        case Days(), Touched("day", chosen):
            return _day(state, page, chosen, fresh)
        case Slots(), Touched("slot", chosen):
            return _slot(state, page, chosen)
        case Slots(), Touched("other-day"):
            return state.back(), ()
        case NoPlaces(), Touched("wait") if page.day.waits:
            return _wait(state, page, fresh)
        case NoPlaces(nearest=datetime() as nearest), Touched("nearest"):
            return state.go(BookConfirm(page.matters, nearest)), ()
        case NoPlaces(), Touched("take-ticket"):
            return replace(state, session=replace(state.session, later=False)).go(Confirm(page.matters)), ()
        case BookConfirm(), Touched("book-now"):
            return _book(state, page, fresh, person=state.session.person)
        case BookConfirm(), Touched("book-nameless"):
            return _book(state, page, fresh, person=None)
        case BookConfirm(), Touched("type-number"):
            return state.go(TypeNumber(booking=True)), (TypeKey("clear"),)
        case ((Booked() | OnList()), Touched("reprint")) if may_reprint(
            page, printer_works=state.kiosk.works("printer")
        ):
            return _reprint(state, page, fresh)
    return state, ()


def _day(state: State, page: Days, chosen: str, fresh: Fresh) -> Step:
    offer = next((day for day in page.reply.days if day.day.isoformat() == chosen), None)
    if offer is None:
        return state, ()
    if offer.free:
        return ask_slots(state, page.matters, offer.day, fresh)
    if not offer.waits:
        return state, ()
    firsts = [day.first for day in page.reply.days if day.first is not None]
    nearest = min(firsts, key=lambda first: abs((first.date() - offer.day).days), default=None)
    return state.go(NoPlaces(page.matters, offer, page.reply.reasons.get(offer.why), nearest)), ()


def _slot(state: State, page: Slots, chosen: str) -> Step:
    slot = next((slot for slot in page.reply.slots if slot.free and slot.start.isoformat() == chosen), None)
    return (state, ()) if slot is None else (state.go(BookConfirm(page.matters, slot.start)), ())


def from_refusal(state: State, page: Refusal, fresh: Fresh) -> Step:
    """A time to come instead: of the matters that were refused now, or of what is still to be chosen."""
    if page.matters and state.kiosk.link_up:
        return ask_days(state, page.matters, fresh)
    return replace(state, session=replace(state.session, later=True)).go(Hot()), ()


# --- cards and typed numbers -------------------------------------------------------------------------------


def under_way(state: State) -> bool:
    """Whether a booking is being made, even behind another page: a card is for it."""
    session = state.session
    wish = session.wish
    if wish is not None:
        return wish.kind in KINDS
    return any(isinstance(page, Days | Slots | NoPlaces | BookConfirm) for page in (*session.trail, session.page))


def identified(state: State, read: CardRead | TypedRead) -> State:
    """Whose booking it is going to be: shown for a moment, masked, and kept as the box."""
    if isinstance(read, TypedRead):
        card = Card(last4=read.last4)
        state = state.back()
    else:
        card = Card(read.masked_name, read.last4, read.expired)
    return _on_confirm(replace(state, session=replace(state.session, card=card, person=read.person)), "")


def unreadable(state: State, code: str) -> State:
    """The card could not be read: said on the page where it is wanted, and nowhere else."""
    return _on_confirm(state, code)


def _on_confirm(state: State, trouble: str) -> State:
    now_s = state.kiosk.monotonic_s

    def told(page: Page) -> Page:
        if not isinstance(page, BookConfirm):
            return page
        return replace(page, trouble=trouble, read_s=page.read_s if trouble else now_s)

    session = state.session
    return replace(state, session=replace(session, page=told(session.page), trail=tuple(map(told, session.trail))))


# --- answers -----------------------------------------------------------------------------------------------


def replied(state: State, reply: wire.AnyReply, fresh: Fresh) -> Step | None:
    """The hall's answer if it is about a booking, of this citizen or of one who has left; None if it is not."""
    if reply.id in state.kiosk.answered:
        return None
    wish = state.session.wish
    if wish is not None and wish.id == reply.id and wish.kind in KINDS:
        state = noted(state, reply)
        return _answered(replace(state, session=replace(state.session, wish=None)), wish, reply, fresh)
    if isinstance(reply, wire.BookedReply | wire.WaitingReply):
        return _of_one_who_left(noted(state, reply), reply, fresh)
    return None


def _answered(state: State, wish: Wish, reply: wire.AnyReply, fresh: Fresh) -> Step:
    match reply:
        case wire.DaysReply():
            return _instead_of_asking(state, Days(wish.matters, reply)), ()
        case wire.SlotsReply():
            return _instead_of_asking(state, Slots(wish.matters, reply, taken=wish.slot_start is not None)), ()
        case wire.BookedReply() | wire.WaitingReply():
            page: Booked | OnList = (
                Booked(reply, ticket=wish.ticket) if isinstance(reply, wire.BookedReply) else OnList(reply)
            )
            effects: tuple[Effect, ...] = ()
            if state.kiosk.works("printer"):
                page, effects = _printed(state, page, fresh, lang=state.session.lang)
            return _arrived(state, page), effects
        case wire.RefusedReply(code=code) if code in GONE and wish.kind == "book" and wish.slot_start is not None:
            day = wish.slot_start.astimezone(state.kiosk.site.zone).date()
            asked, effects = ask_slots(_back_to_days(state), wish.matters, day, fresh, after=wish.slot_start)
            return asked, effects
        case wire.RefusedReply():
            return _instead_of_asking(state, Refusal(reply, kind=wish.kind, matters=wish.matters)), ()
        case _:
            return _instead_of_asking(state, Trouble("unexpected-answer")), ()


def _instead_of_asking(state: State, page: Page) -> State:
    """``page`` where it was waited for it; what the citizen has opened above it stays above."""
    session = state.session
    pages = (*session.trail, session.page)
    at = next((i for i, one in enumerate(pages) if isinstance(one, Asking)), len(pages) - 1)
    whole = (*pages[:at], page, *pages[at + 1 :])
    return replace(state, session=replace(session, trail=whole[:-1], page=whole[-1]))


def _back_to_days(state: State) -> State:
    """The trail as it was before a slot was chosen."""
    session = state.session
    behind = tuple(page for page in session.trail if not isinstance(page, Slots | BookConfirm | Asking | NoPlaces))
    return replace(state, session=_at(session, behind))


def _at(session: Session, trail: tuple[Page, ...]) -> Session:
    return replace(session, page=trail[-1] if trail else Start(), trail=trail[:-1])


def _arrived(state: State, page: Booked | OnList) -> State:
    """It is done: nothing behind it is gone back to."""
    session = state.session
    if isinstance(session.page, Covered):
        return replace(state, session=replace(session, trail=(Start(), page)))
    return replace(state, session=replace(session, page=page, trail=(Start(),)))


def _names(state: State, matters: list[str]) -> tuple[str, str]:
    """For paper: nothing of a sensitive matter, or of one that is not known."""
    if sensitive(state, matters):
        return "", ""
    found = [state.kiosk.catalogue.matters[name] for name in matters]
    return "、".join(one.name_zh for one in found), ", ".join(one.name_en for one in found)


def _printed(
    state: State, page: Booked | OnList, fresh: Fresh, *, lang: str, again: bool = False
) -> tuple[Booked | OnList, tuple[Effect, ...]]:
    site, names = state.kiosk.site, _names(state, page.reply.matters)
    if isinstance(page, Booked):
        slip = booking_slip(page.reply, site, names, lang=lang, reprint=again)
    else:
        slip = waiting_slip(page.reply, site, names, lang=lang, reprint=again)
    return replace(page, printing="printing", job=fresh.job, reprinted=again), (Print(fresh.job, slip),)


def _reprint(state: State, page: Booked | OnList, fresh: Fresh) -> Step:
    printed, effects = _printed(state, page, fresh, lang=state.session.lang, again=page.printing != "none")
    return state.swap(replace(printed, reprinted=True)), effects


def _of_one_who_left(state: State, reply: wire.BookedReply | wire.WaitingReply, fresh: Fresh) -> Step:
    """The slip is printed after all; after a restart it is not known whether it was, and it says 补打."""
    kiosk = state.kiosk
    kept = next((left for left in kiosk.left if left.id == reply.id), None)
    if kept is not None:
        kiosk = replace(kiosk, left=tuple(x for x in kiosk.left if x is not kept))
    until_s = kiosk.monotonic_s + NOTICE_S
    if not kiosk.works("printer"):
        return replace(state, kiosk=replace(kiosk, notice=Notice("", "failed", "", until_s, "booking"))), ()
    page = Booked(reply) if isinstance(reply, wire.BookedReply) else OnList(reply)
    lang = "zh-Hans" if kept is None else kept.lang
    _page, effects = _printed(state, page, fresh, lang=lang, again=kept is None)
    return replace(state, kiosk=replace(kiosk, notice=Notice("", "printing", fresh.job, until_s, "booking"))), effects
