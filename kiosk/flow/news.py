"""What concerns the kiosk and not one citizen: time, devices, link, catalogue, outlook.

Time is what ends a session that nobody is at: after the limit the citizen is asked, as often as it takes,
and only silence through the whole warning ends it. While something is printing nobody is thrown out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk import events
from kiosk.catalogue import from_wire
from kiosk.effects import Buzz, Effect, Speak
from kiosk.flow import helping, idle, inquiries, leaving, offline, orders, rating, record, technician, texting
from kiosk.flow.asking import PATIENCE_S, QUESTION_S, Step, ended
from kiosk.flow.pages import (
    Asking,
    Attract,
    Booked,
    CardLeft,
    Emergency,
    Given,
    OnList,
    Shut,
    Start,
    StillThere,
    TechPage,
    Trouble,
    TypePhone,
)
from kiosk.flow.state import Fresh, State
from kiosk.text import words

STILL_THERE_ZH = "还需要时间吗？"
PRINTING_MAX_S = 60.0
"""A print job without an end holds the page no longer than this beyond the idle limit."""

News = (
    events.Ticked
    | events.LinkChanged
    | events.DeviceChanged
    | events.CatalogueChanged
    | events.OutlookChanged
    | events.NearChanged
    | events.BlocksChanged
)


def heard(state: State, event: News, fresh: Fresh) -> Step:
    """The kiosk after ``event``; only time can also end the session."""
    kiosk = state.kiosk
    match event:
        case events.Ticked(now=now, monotonic_s=monotonic_s):
            out, effects = ticked(state, now, monotonic_s, fresh)
            if not out.kiosk.leaving:
                return out, effects
            out, last = orders.ready_to_leave(out)
            return out, (*effects, *last)
        case events.LinkChanged(up=up):
            return offline.linked(state, up=up), ()
        case events.BlocksChanged():
            return offline.blocks(state, event), ()
        case events.DeviceChanged():
            return _device(state, event, fresh)
        case events.CatalogueChanged(catalogue=catalogue):
            kiosk = replace(kiosk, catalogue=from_wire(catalogue))
        case events.OutlookChanged(outlook=outlook):
            kiosk = replace(kiosk, outlook=outlook, silent=False, heard_s=kiosk.monotonic_s)
        case events.NearChanged(near=near):
            kiosk = replace(kiosk, near=near)
    return replace(state, kiosk=kiosk), ()


def _device(state: State, event: events.DeviceChanged, fresh: Fresh) -> Step:
    """A panel that is away says nothing of its door: what it said last is forgotten, and the terminal serves again."""
    kiosk, name = state.kiosk, event.device
    kiosk = replace(
        kiosk,
        devices={**kiosk.devices, name: event.condition},
        reasons={**kiosk.reasons, name: event.reason},
    )
    if name == "panel" and event.condition == "absent":
        kiosk = replace(kiosk, inputs={}, alone_since_s=None)
    state = replace(state, kiosk=kiosk)
    return ended(state, fresh) if isinstance(state.session.page, Shut) and not kiosk.shut else (state, ())


def ticked(state: State, now: datetime, monotonic_s: float, fresh: Fresh) -> Step:
    notice = state.kiosk.notice
    if notice is not None and monotonic_s >= notice.until_s:
        notice = None
    state = replace(state, kiosk=replace(state.kiosk, now=now, monotonic_s=monotonic_s, notice=notice))
    for waited in (helping.waited, leaving.waited):
        out, effects = waited(state, fresh)
        if effects:  # fresh identifiers are for one deed: the rest follows a second later
            return out, effects
        state = out
    session = state.session
    if isinstance(session.page, Asking) and (own := offline.waited(state, session.page, fresh)) is not None:
        return own
    question = session.wish is not None and session.wish.question
    match session.page:
        case CardLeft():
            return state, ()
        case Emergency():
            return orders.ticked(state, fresh)
        case _ if rating.timed_out(state):
            return ended(state, fresh)
        case page if isinstance(page, TechPage):
            return technician.ticked(state, page, fresh)
        case StillThere(since_s=since_s):
            return ended(state, fresh) if monotonic_s - since_s >= state.warning_s else (state, ())
        case Attract():
            return idle.ticked(state)
        case Start() | Shut() if untouched(state):
            return idle.ticked(state)
        case Given(printing="printing") | Booked(printing="printing") | OnList(printing="printing") if (
            monotonic_s - session.touched_s < state.idle_s + PRINTING_MAX_S
        ):
            return state, ()
        case TypePhone() if (unheard := texting.ticked(state))[1]:
            return unheard
        case Asking(since_s=since_s) if question and monotonic_s - since_s >= QUESTION_S:
            return replace(state, session=replace(session, wish=None, page=Trouble("no-answer"))), ()
        case Asking(since_s=since_s) if inquiries.given_up(state, since_s):
            return inquiries.without_answer(state), ()
        case Asking(since_s=since_s) if monotonic_s - since_s >= PATIENCE_S:
            return replace(state, session=replace(session, wish=None, page=Trouble("no-answer"), trail=(Start(),))), ()
    if (covered := record.covered_in_time(state)) is not None:
        return covered, ()
    if monotonic_s - session.touched_s < state.idle_s:
        return state, ()
    if isinstance(session.page, Start | Shut):
        return ended(state, fresh)
    return state.go(StillThere(monotonic_s)), _asked_aloud(state)


def _asked_aloud(state: State) -> tuple[Effect, ...]:
    """Sound, and the question by voice also to those who have not switched it on: they may be looking away."""
    session = state.session
    said = () if session.voice else (Speak(words(session.lang)(STILL_THERE_ZH), session.lang),)
    return (Buzz(), *said) if state.kiosk.works("panel") else said


def untouched(state: State) -> bool:
    """Nothing on the start page differs from a fresh one: no language, no manner to be put back."""
    session = state.session
    drawn = session.elder or session.contrast or session.low or session.focus >= 0
    return session.lang == "zh-Hans" and not (drawn or session.voice or session.trail or session.card)
