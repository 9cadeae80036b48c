"""What the panel beside the screen does: keys for who does not touch or see it, door, tamper loop, presence.

A key means what the same control on the screen means; while a number is typed, the keypad's digits are digits,
``*`` is X (as on Chinese telephone lines) and ``#`` enters. An open door or a broken loop ends the session at once
and closes the terminal until both are whole. Somebody who comes near changes no page: a resting screen only wakes.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import PanelLights, Repeat
from kiosk.events import Touched
from kiosk.flow import helping
from kiosk.flow.asking import Step, ended
from kiosk.flow.news import untouched
from kiosk.flow.pages import Covered, Help, Shut, Start, TypeCode, TypeNumber
from kiosk.flow.state import Fresh, State
from kiosk.flow.touches import DIGITS, manner, touched

REST_S = 60.0
"""After so long with nobody before it, an untouched first page rests."""


def pressed(state: State, key: str, fresh: Fresh, *, asleep: bool) -> Step:
    """``asleep``: the key has just answered "still there?", and that is all it does, unless it asks for help."""
    page = state.session.page
    match (page, key):
        case _, "call":
            return helping.call(state, fresh)
        case _, "speech":
            return (manner(state, "voice") if state.kiosk.site.speech else state), ()
        case _ if asleep:
            return state, (Repeat(),)
        case ((TypeNumber() | TypeCode()), _) if key in _ON_PAD | DIGITS:
            return touched(state, Touched("key", _pad_key(page, key)), fresh)
        case _, "6":
            return state, (Repeat(),)
        case ((Shut() | Covered()), _):
            return state, ()
        case Help(), "0":
            return helping.call(state, fresh)
        case _, "0":
            return touched(state, Touched("help"), fresh)
        case _, "4":
            return touched(state, Touched("back"), fresh)
    return state, ()


_ON_PAD = frozenset({"*", "#"})


def _pad_key(page: object, key: str) -> str:
    """A booking code has no X: there the star takes a sign back."""
    return {"#": "enter", "*": "X" if isinstance(page, TypeNumber) else "erase"}.get(key, key)


def lights(state: State) -> PanelLights:
    """What is to burn now. All dark without a panel: it comes back dark, and then this is told again."""
    if not state.kiosk.works("panel"):
        return PanelLights()
    return PanelLights(calling=state.kiosk.called_until_s is not None, speaking=state.session.voice)


def changed(state: State, name: str, fresh: Fresh, *, active: bool) -> Step:
    """``name`` as ``devices.events.PanelInput``."""
    kiosk = replace(state.kiosk, inputs={**state.kiosk.inputs, name: active})
    if name == "presence":
        kiosk = replace(kiosk, alone_since_s=None if active else kiosk.monotonic_s)
    was, state = state.kiosk.forced, replace(state, kiosk=kiosk)
    return ended(state, fresh) if kiosk.forced != was else (state, ())


def resting(state: State) -> bool:
    """Nobody has been near for a while, and nothing waits for anybody: the page may be drawn darker."""
    kiosk, session = state.kiosk, state.session
    if kiosk.alone_since_s is None or not isinstance(session.page, Start) or not untouched(state):
        return False
    return kiosk.monotonic_s - max(kiosk.alone_since_s, session.touched_s) >= REST_S
