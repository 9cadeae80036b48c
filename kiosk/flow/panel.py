"""What the panel beside the screen does: keys for who does not touch or see it, door, tamper loop, presence.

A key means what the same control on the screen means. Keys that depend on what the page shows (2, 8 and 5, and
digits while a number is typed) have been turned into what they mean by ``kiosk.views.keypad`` before they come here.
An open door or a broken loop ends the session at once and closes the terminal until both are whole. Somebody who
comes near changes no page: a resting screen only wakes.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import PanelLights, Repeat
from kiosk.events import Touched
from kiosk.flow import helping, idle, leaving, voicing
from kiosk.flow.asking import Step, ended
from kiosk.flow.news import untouched
from kiosk.flow.pages import Covered, Emergency, Help, Shut, Start, TechCode, TechPage, TechTests
from kiosk.flow.state import Fresh, State
from kiosk.flow.touches import touched

REST_S = 60.0
"""After so long with nobody before it, an untouched first page rests."""


def pressed(state: State, key: str, fresh: Fresh, *, asleep: bool) -> Step:
    """``asleep``: the key has just answered "still there?", and that is all it does, unless it asks for help."""
    page = state.session.page
    match (page, key):
        case _, "call":
            return helping.call(state, fresh)
        case Emergency(), _:
            return state, ()
        case _, "speech":
            return voicing.switched(state), ()
        case _ if asleep:
            return state, (Repeat(),)
        case _, "6":
            return state, (Repeat(),)
        case _, "5" if state.session.voice:
            return state, (Repeat(),)  # nothing was chosen, or it is of no use now
        case _, "*" | "#" if state.session.voice:
            return voicing.louder(state, 1 if key == "#" else -1), ()
        case ((Shut() | Covered()), _):
            return state, ()
        case Help(), "0":
            return helping.call(state, fresh)
        case _, "0":
            return touched(state, Touched("help"), fresh)
        case _, "4":
            return touched(state, Touched("back"), fresh)
    return state, ()


def lights(state: State) -> PanelLights:
    """What is to burn now. All dark without a panel: it comes back dark, and then this is told again."""
    if not state.kiosk.works("panel"):
        return PanelLights()
    page = state.session.page
    if isinstance(page, TechTests) and any(one.device == "panel" for one in page.results):
        return PanelLights(calling=True, speaking=True)
    return PanelLights(
        calling=state.kiosk.called_until_s is not None or leaving.ringing(state), speaking=state.session.voice
    )


def changed(state: State, name: str, fresh: Fresh, *, active: bool) -> Step:
    """``name`` as ``devices.events.PanelInput``."""
    kiosk = replace(state.kiosk, inputs={**state.kiosk.inputs, name: active})
    if name == "presence":
        kiosk = replace(kiosk, alone_since_s=None if active else kiosk.monotonic_s)
    was, state = state.kiosk.forced, replace(state, kiosk=kiosk)
    page = state.session.page
    inside = isinstance(page, TechPage) and not isinstance(page, TechCode)
    if kiosk.forced == was or inside:
        return state, ()  # who has come in by a code may open the door
    return ended(state, fresh)


def resting(state: State) -> bool:
    """Nobody has been near for a while, and nothing waits for anybody: the page may be drawn darker."""
    kiosk, session = state.kiosk, state.session
    if not isinstance(session.page, Start) or not untouched(state):
        return False
    if idle.dim_hours(state) and idle.alone_for_s(state) >= REST_S:
        return True
    if kiosk.alone_since_s is None:
        return False
    return kiosk.monotonic_s - max(kiosk.alone_since_s, session.touched_s) >= REST_S
