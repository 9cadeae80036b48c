"""Orders of the server, carried out: an emergency ends everything at once, the others wait until nobody is served.

Who stands at the terminal in an emergency is to read and hear it and go: their session is over, and nothing can be
touched but the call for help. It is spoken again and again, Chinese and English in turn. A terminal that shall close,
be mended or restart lets a citizen finish first.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import Acknowledge, Buzz, Effect, Leave, Speak
from kiosk.flow.asking import Step, ended, nobody_is_served
from kiosk.flow.pages import Emergency
from kiosk.flow.state import Fresh, State
from kiosk.words_of_danger import sentences
from queue_server.wire import messages as wire

SAY_EVERY_S = 9.0
"""Time to say one language; a panel's buzzer sounds each time."""


def ordered(state: State, order: wire.AnyOrder, fresh: Fresh) -> Step:
    """The state once ``order``, which is known to be the server's, was taken."""
    kiosk = state.kiosk
    match order:
        case wire.Emergency(danger="over"):
            state = replace(state, kiosk=replace(kiosk, emergency=None))
            return _again(state, fresh, order) if kiosk.emergency is not None else (state, (Acknowledge(order.id),))
        case wire.Emergency():
            state, effects = ended(replace(state, kiosk=replace(kiosk, emergency=order)), fresh)
            state, aloud = _say(state)
            return state, (*effects, Acknowledge(order.id), *aloud)
        case wire.SetMode(mode=mode):
            was = kiosk.shut
            state = replace(state, kiosk=replace(kiosk, mode=mode))
            if state.kiosk.shut != was and nobody_is_served(state):
                return _again(state, fresh, order)
            return state, (Acknowledge(order.id),)
        case _:
            return ready_to_leave(replace(state, kiosk=replace(kiosk, leaving="restart", leaving_order=order.id)))


def _again(state: State, fresh: Fresh, order: wire.AnyOrder) -> Step:
    """To the page that is the first one now."""
    state, effects = ended(state, fresh)
    return state, (*effects, Acknowledge(order.id))


def ready_to_leave(state: State) -> Step:
    """End the program for what it waits for, if nobody is at the terminal: with an emergency, too."""
    kiosk = state.kiosk
    if not kiosk.leaving or not nobody_is_served(state):
        return state, ()
    effects: tuple[Effect, ...] = (Acknowledge(kiosk.leaving_order),) if kiosk.leaving_order else ()
    left = replace(state, kiosk=replace(kiosk, leaving="", leaving_order=""))
    return left, (*effects, Leave(kiosk.leaving))


def ticked(state: State, fresh: Fresh) -> Step:
    """Time passes on the page of an emergency: it ends by itself when it expires, and is said again until then."""
    kiosk, page = state.kiosk, state.session.page
    if kiosk.emergency is None or kiosk.now >= kiosk.emergency.expires_at:
        return ended(replace(state, kiosk=replace(kiosk, emergency=None)), fresh)
    if not isinstance(page, Emergency) or kiosk.monotonic_s - page.said_s < SAY_EVERY_S:
        return state, ()
    return _say(state)


def _say(state: State) -> Step:
    """The next language aloud."""
    kiosk, page = state.kiosk, state.session.page
    if kiosk.emergency is None or not isinstance(page, Emergency):
        return state, ()
    zh, en = sentences(kiosk.emergency, kiosk.site)
    first = page.said % 2 == 0
    text = "。".join(filter(None, zh)) if first else " ".join(filter(None, en))
    aloud: tuple[Effect, ...] = (Speak(text, "zh-Hans" if first else "en"),)
    if kiosk.works("panel"):
        aloud = (Buzz(), *aloud)
    return state.swap(Emergency(page.said + 1, kiosk.monotonic_s)), aloud
