"""What a terminal does while nobody is at it: a picture that moves, dimmed hours, and once a night a fresh start.

All of it begins from the first page alone, untouched, and ends with the first sign of life. A finger on the picture
only wakes it: what lies under the finger was not to be read before. A card, a code or a key also does what it does
on the first page.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

from kiosk import events
from kiosk.effects import Leave, Report
from kiosk.flow.asking import Step, nobody_is_served
from kiosk.flow.offline import all_out
from kiosk.flow.pages import Attract, Shut, Start
from kiosk.flow.state import State

QUIET_S = 300.0
"""Nobody for so long, before the program may end for its nightly start."""
UP_AT_LEAST_S = 3 * 3600.0
"""A program that began later than this before its hour has had its fresh start."""
WINDOW_MIN = 120
"""So long after its minute a terminal that was in use still takes its nightly start."""
SPREAD_MIN = 45
"""Terminals of a site do not all go at once."""
DAY_MIN = 24 * 60
_LIFE = (events.Touched, events.CardRead, events.CardTrouble, events.CodeRead, events.CodeTrouble, events.KeyPressed)


def woken(state: State, event: events.Event) -> tuple[State, bool]:
    """The state in which ``event`` happens, and whether waking was all that it did."""
    if not isinstance(state.session.page, Attract):
        return state, False
    came = isinstance(event, events.PanelChanged) and event.input == "presence" and event.active
    if not (isinstance(event, _LIFE) or came):
        return state, False
    held = isinstance(event, events.Touched) and event.action == "technician"
    return state.swap(Start()), isinstance(event, events.Touched) and not held


def ticked(state: State) -> Step:
    """Time passes on the first page or a closed one."""
    kiosk = state.kiosk
    if kiosk.began_s is None:
        return replace(state, kiosk=replace(kiosk, began_s=kiosk.monotonic_s)), ()
    if _nightly(state):
        return state, (Report("restarting"), Leave("restart"))
    wait_s = kiosk.site.attract_s
    if all_out(kiosk):  # no picture invites to a terminal that can do nothing
        return (state.swap(Start()), ()) if isinstance(state.session.page, Attract) else (state, ())
    if isinstance(state.session.page, Start) and wait_s and alone_for_s(state) >= wait_s and not _said(state):
        return state.swap(Attract()), ()
    return state, ()


def alone_for_s(state: State) -> float:
    """How long nobody has touched the terminal, or stood before one that can see it."""
    kiosk = state.kiosk
    near = kiosk.inputs.get("presence", False)
    last_s = max(kiosk.alone_since_s or 0.0, state.session.touched_s, kiosk.began_s or 0.0)
    return 0.0 if near else kiosk.monotonic_s - last_s


def _said(state: State) -> bool:
    """Something on the first page is for somebody: a ticket just printed, a card left, help on its way."""
    kiosk = state.kiosk
    return kiosk.notice is not None or kiosk.card_left or kiosk.called_until_s is not None


def minute(state: State) -> int:
    """The minute of the terminal's day."""
    local = state.kiosk.now.astimezone(state.kiosk.site.zone)
    return local.hour * 60 + local.minute


def _nightly(state: State) -> bool:
    kiosk = state.kiosk
    if kiosk.site.restart_min is None or not isinstance(state.session.page, Start | Shut | Attract):
        return False
    up_s = kiosk.monotonic_s - (kiosk.began_s or 0.0)
    due = (minute(state) - kiosk.site.restart_min - spread_min(kiosk.site.device)) % DAY_MIN < WINDOW_MIN
    quiet = alone_for_s(state) >= QUIET_S and nobody_is_served(state) and not _said(state)
    return due and quiet and up_s >= UP_AT_LEAST_S


def spread_min(device: str) -> int:
    """How many minutes after the hour this terminal goes: always the same."""
    return zlib.crc32(device.encode()) % SPREAD_MIN


def dim_hours(state: State) -> bool:
    """Whether this is a time in which an unused screen is drawn darker."""
    span = state.kiosk.site.dim
    if span is None:
        return False
    start, end = span
    return (minute(state) - start) % DAY_MIN < (end - start) % DAY_MIN
