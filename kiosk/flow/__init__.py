"""The citizen's way through the kiosk, as one pure function: ``step(state, event, now, fresh)``.

A ``match`` on (page, event). Nothing here reads a clock, makes an id, or touches a device: time and fresh
identifiers are arguments, and what the outside shall do comes back as effects. ``case _, Idle()`` is the
only way out of a session and forgets everything. ``pages`` lists the places, ``state`` what is known,
``touches`` what a finger does, ``panel`` what keys and wires do, ``news`` what the kiosk hears, ``asking`` what is
asked of the hall, ``booking`` a later time and ``ways`` what there is beside a number.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from kiosk import events
from kiosk.effects import Effect, TypeKey, WantCodes
from kiosk.flow import (
    booking,
    helping,
    idle,
    inquiries,
    leaving,
    offline,
    orders,
    own_ticket,
    panel,
    progress,
    proxy,
    rating,
    record,
    technician,
    texting,
    voicing,
    wanted,
)
from kiosk.flow.asking import Step, check_in, ended, print_ended, replied
from kiosk.flow.news import heard
from kiosk.flow.pages import (
    Asking,
    Away,
    Booked,
    CardLeft,
    Confirm,
    Covered,
    Emergency,
    Given,
    Help,
    OnList,
    Page,
    ProxyNumber,
    Rate,
    Rated,
    RateReasons,
    Shut,
    StillThere,
    TechPage,
    TechTests,
    Trouble,
    TypeNumber,
    TypePhone,
)
from kiosk.flow.state import TRIES, Card, Fresh, Kiosk, Session, Site, State, Wish, opening
from kiosk.flow.touches import touched
from queue_server.wire import messages as wire

__all__ = ["Card", "Fresh", "Kiosk", "Page", "Session", "Site", "State", "Step", "Wish", "opening", "step"]

_BOOKING = re.compile(
    r"^https?://[^/\s]+(?:/[^\s]*)?/b/([A-Za-z0-9_-]{1,64})/([A-Za-z0-9_-]{1,64})/([A-Za-z0-9_-]{1,64})$"
)
_SIGNS_OF_LIFE = (
    *(events.Touched, events.CardRead, events.CodeRead, events.TypedProgress),
    *(events.KeyPressed, events.Focused),
)
WRONG_NUMBERS = frozenset({"bad-number", "bad-date"})
_TICKET = re.compile(r"^https?://[^/\s]+(?:/[^\s]*)?(/t(?:/[A-Za-z0-9_-]{1,64}){4})/?(?:[?#][^\s]*)?$")
_PLAIN_CODE = re.compile(r"^[A-Za-z0-9-]{4,32}$")


def step(state: State, event: events.Event, now: datetime, fresh: Fresh) -> Step:
    """The state after ``event`` and what the outside shall do, in order. Total: never raises for any event.

    ``now`` is aware UTC; ``fresh`` holds identifiers that no earlier step has used.
    """
    state = replace(state, kiosk=replace(state.kiosk, now=now))
    if isinstance(event, _SIGNS_OF_LIFE):
        state = replace(state, session=replace(state.session, touched_s=state.kiosk.monotonic_s))
    out, effects = _stepped(state, event, fresh)
    out = wanted.fixed(record.tidied(proxy.followed(offline.followed(out))))
    out = voicing.refocused(state, _from_its_first_leaf(state, out))
    if isinstance(event, events.Touched | events.KeyPressed):
        effects = (*effects, *voicing.farewell(state, out))
    return out, (*_signals(state, out), *effects)


def _from_its_first_leaf(before: State, after: State) -> State:
    """Another page, or the same in other words or larger letters, is read from its beginning."""
    if not after.session.leaf:
        return after
    was, now = before.with_leaf(0), after.with_leaf(0)
    manner = (was.session.lang, was.session.elder) == (now.session.lang, now.session.elder)
    return after if manner and was.place == now.place else now


def _signals(before: State, after: State) -> tuple[Effect, ...]:
    """The panel's lamps and the scan light follow the state, whatever has changed it."""
    lights, codes = panel.lights(after), _wants_codes(after.session.page)
    signals: list[Effect] = []
    if lights != panel.lights(before):
        signals.append(lights)
    if codes != _wants_codes(before.session.page):
        signals.append(WantCodes(codes))
    return tuple(signals)


def _stepped(state: State, event: events.Event, fresh: Fresh) -> Step:
    state, only_woken = idle.woken(state, event)
    if only_woken:
        return state, ()
    match (state.session.page, event):
        case _, events.Idle():
            return ended(state, fresh)
        case _, events.Ordered(order=order):
            return orders.ordered(state, order, fresh)
        case page, _ if isinstance(page, TechPage) and (done := technician.heard(state, page, event)) is not None:
            return done
        case _, events.CodeTried() | events.Inspected() | events.FactsFound():
            return state, ()  # the technician has left meanwhile
        case _, events.PanelChanged(input=name, active=active):
            return panel.changed(state, name, fresh, active=active)
        case page, events.KeyPressed(key=key):
            return panel.pressed(_answered_warning(state), key, fresh, asleep=isinstance(page, StillThere))
        case _, events.Focused(at=at):
            return voicing.focused(_answered_warning(state), at)
        case Help(), events.Touched("call") if helping.may_call(state):
            return helping.call(state, fresh)
        case Help(), events.Touched("help-came" | "help-cancel" as how):
            state, effects = helping.over_with(state, fresh, withdrawn=how == "help-cancel")
            return state.back(), effects
        case Help(), events.Touched("help-ticket") if matter := helping.ticket_matter(state):
            return state.swap(Confirm((matter,))), ()
        case CardLeft(), events.Touched("serve-others"):
            return leaving.serve_others(state), ()
        case _, events.HelpChanged() as news:
            return helping.changed(state, news), ()
        case _, events.Touched():
            return touched(state, event, fresh)
        case page, events.CardRead():
            return _card(state, page, event, fresh)
        case page, events.CardTrouble(code=code):
            return _card_trouble(state, page, code), ()
        case _, events.CardGone():
            state = replace(state, session=replace(state.session, laid=""))
            return leaving.taken(proxy.card_gone(state), fresh)
        case _, (events.RecordOpened() | events.RecordWhole() | events.RecordTrouble()) as said:
            return record.heard(state, said), ()
        case page, events.CodeRead(text=text):
            return _code(state, text, fresh) if _open_to_check_in(page) else (state, ())
        case page, events.CodeTrouble(code=code):
            return (_trouble(state, code) if _open_to_check_in(page) else state), ()
        case TypeNumber() as page, events.TypedProgress(length=length):
            return state.swap(replace(page, length=length)), ()
        case TypeNumber() as page, events.TypedTrouble(code=code):
            return _typed_trouble(state, page, code)
        case TypeNumber(booking=True), events.TypedRead() as read:
            return booking.identified(state, read), ()
        case ProxyNumber() as page, events.TypedRead() as read:
            return proxy.typed(state, page, read), ()
        case TypeNumber(), events.TypedRead(last4=last4, person=person):
            return check_in(state, fresh, person=person, card=Card(last4=last4))
        case TypePhone() as page, (events.TypedProgress() | events.TypedTrouble() | events.PhoneRead()) as said:
            return texting.heard(state, page, said, fresh)
        case _, events.TypedProgress() | events.TypedTrouble() | events.TypedRead() | events.PhoneRead():
            return state, ()
        case _, events.OfflineGiven() as own:
            return own_ticket.given(state, own, fresh)
        case _, events.OfflineNotGiven() as none:
            return own_ticket.not_given(state, none)
        case _, events.Replied(reply=wire.RecordedReply() as recorded):
            return own_ticket.recorded(offline.heard(state), recorded, fresh)
        case _, events.Replied(reply=reply):
            state = offline.heard(state)
            if (texted := texting.replied(state, reply)) is not None:
                return texted
            for known in (helping.replied(state, reply), leaving.replied(state, reply), rating.replied(state, reply)):
                if known is not None:
                    return known, ()
            return (
                booking.replied(state, reply, fresh) or inquiries.replied(state, reply) or replied(state, reply, fresh)
            )
        case _, events.PrintEnded(job=job, result=result):
            return record.print_ended(state, job, result) or print_ended(state, job, result), ()
        case _, (
            events.Ticked()
            | events.LinkChanged()
            | events.DeviceChanged()
            | events.CatalogueChanged()
            | events.OutlookChanged()
            | events.NearChanged()
            | events.BlocksChanged()
        ) as news:
            return heard(state, news, fresh)
        case _, other:
            assert_never(other)


def _wants_codes(page: Page) -> bool:
    """Also while a technician tries whether a code is read."""
    return _open_to_check_in(page) or isinstance(page, TechTests)


def _open_to_check_in(page: Page) -> bool:
    """Not while a wish is on its way, a result is shown, the screen is hidden, the housing open, or a card lies."""
    shown = Given | Away | TypePhone | Booked | OnList | Rate | RateReasons | Rated | inquiries.SHOWN
    closed = Covered | Shut | CardLeft | Emergency | TechPage
    return not isinstance(page, Asking | closed | shown | proxy.ProxyPage)


def _card(state: State, page: Page, card: events.CardRead, fresh: Fresh) -> Step:
    """A card begins a check-in from wherever the citizen is.

    Where one is being booked it is for the booking. On a ticket that is done it is the next person's: the session
    ends, and the next reading process reads it again. A card that was left behind is not read for anybody until it
    has been taken away.
    """
    kiosk = replace(state.kiosk, card_lies=True)
    state = replace(state, kiosk=kiosk)
    if kiosk.card_left:
        return state, ()
    if booking.under_way(state):
        return booking.identified(_answered_warning(state), card), ()
    if proxy.under_way(state) and not isinstance(page, Asking | Covered):
        return proxy.card(state, card), ()
    if _is_done(page):
        state = replace(state, kiosk=replace(state.kiosk, card_lies=False))
        out, effects = ended(state, fresh)
        return replace(out, kiosk=replace(out.kiosk, card_lies=True)), effects
    if not _open_to_check_in(page):
        return state, ()
    state = _answered_warning(state)
    state = replace(state, session=replace(state.session, laid=card.person))
    asked = inquiries.card_laid(state, state.session.page, card, fresh)
    if asked is not None:
        return asked
    return check_in(state, fresh, person=card.person, card=Card(card.masked_name, card.last4, card.expired))


def _is_done(page: Page) -> bool:
    """The citizen has what they came for, and nothing is printing any more."""
    return isinstance(page, Away) or (isinstance(page, Given | Booked | OnList) and page.printing != "printing")


def _typed_trouble(state: State, page: TypeNumber, code: str) -> Step:
    """What was entered is not a number; the third whole one that is wrong leads to a person."""
    tries = page.tries + (code in WRONG_NUMBERS)
    if tries < TRIES:
        return state.swap(replace(page, trouble=code, tries=tries)), ()
    return state.swap(Trouble("typed-thrice", tries)), (TypeKey("clear"),)


def _card_trouble(state: State, page: Page, code: str) -> State:
    if booking.under_way(state):
        return booking.unreadable(_answered_warning(state), code)
    if proxy.under_way(state):
        return proxy.card_trouble(state, code)
    if not _open_to_check_in(page):
        return state
    times = state.session.card_troubles + 1
    state = replace(state, session=replace(state.session, card_troubles=times, touched_s=state.kiosk.monotonic_s))
    wanted = inquiries.card_trouble(state, state.session.page, code)
    if wanted is not None:
        return wanted
    return _trouble(state, code, times)


def _code(state: State, text: str, fresh: Fresh) -> Step:
    """A booking's code or its page's address; anything else is said to be foreign and not kept.

    On the way of 替别人办 no code means anything.
    """
    state = _answered_warning(state)
    if proxy.under_way(state):
        return state, ()
    if (rated := rating.code(state, state.session.page, text)) is not None:
        return rated, ()
    if found := _BOOKING.match(text):
        hall, appointment, code = found.groups()
        if hall != state.kiosk.site.hall:
            # By its own id, never by its digits: those may be another's here. The answer says where to go.
            there = state.kiosk.link_up
            return check_in(state, fresh, appointment=appointment, elsewhere=True) if there else _foreign(state)
        return check_in(state, fresh, code=code)
    if found := _TICKET.match(text):
        return progress.ask(state, fresh, path=found[1])
    if _PLAIN_CODE.match(text):
        return check_in(state, fresh, code=text)
    return _trouble(state, "foreign-code"), ()


def _foreign(state: State) -> Step:
    return _trouble(state, "other-hall"), ()


def _trouble(state: State, code: str, times: int = 1) -> State:
    trouble = Trouble(code, times)
    state = _answered_warning(state)
    return state.swap(trouble) if isinstance(state.session.page, Trouble) else state.go(trouble)


def _answered_warning(state: State) -> State:
    """A card or a code is as good an answer to "still there?" as a touch."""
    return state.back() if isinstance(state.session.page, StillThere) else state
