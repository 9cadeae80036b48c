"""What a key of the keypad means on the page that is shown: ``meant`` turns it into what a finger would have done.

Everywhere: 8 next, 2 before, 5 choose, 1 the whole page; 4 back, 6 again, 0 help, ``*`` softer and ``#`` louder mean
the same on every page and are left to ``kiosk.flow.panel``.

Where digits are typed (a number, a code), every digit is a digit. ``#`` enters. ``*`` is X where X can be typed, as on
Chinese telephone lines, else it takes a sign back. That is for who sees. With the voice, ``*`` is the way out of
typing: it stands on the entering control (while that is out of use, on what follows), from where 2 and 8 lead to
every other and 4, 6 and 0 mean what they always do; ``*`` again goes on typing. Only as the 18th sign of a number,
where nothing else could be meant, it is X. In the search 2 to 9 are letters as on a telephone, on the large panel too
while the voice speaks. All of it is said on entry.
"""

from __future__ import annotations

from typing import Any

from kiosk.events import Event, Focused, KeyPressed, Touched
from kiosk.flow import State
from kiosk.flow.pages import StillThere
from kiosk.views.parts import Button
from kiosk.views.reading import controls, searches, types_digits

X_AT = 17
"""So many digits stand before the X of an identity number (GB 11643)."""


def meant(state: State, event: Event, view: Any) -> Event:
    """``event``, or what it means on ``view``, the page of ``state``."""
    if not isinstance(event, KeyPressed) or isinstance(state.session.page, StillThere):
        return event
    key, session = event.key, state.session
    found = controls(view)
    typing = types_digits(found) or (searches(view) and (session.voice or _telephone(found)))
    if typing and session.focus < 0:
        typed = _typed(view, found, key, voice=session.voice)
        if typed is not None:
            return typed
    focus = min(session.focus, len(found) - 1)
    match key:
        case "8" if found:
            return Focused((focus + 1) % len(found))
        case "2" if found:
            return Focused((focus - 1) % len(found) if focus >= 0 else len(found) - 1)
        case "5" if 0 <= focus < len(found) and found[focus].enabled:
            return Touched(found[focus].action, found[focus].value)
        case "1" if session.voice:
            return Focused(-1)
        case "*" if typing and session.voice:
            return Focused(-1)
        case "#" if typing:
            return _entering(found)
    return event


def _typed(view: Any, found: tuple[Button, ...], key: str, *, voice: bool) -> Event | None:
    """What ``key`` means while it types; None: what it means everywhere."""
    if key == "#":
        return _entering(found)
    values = {button.value for button in found if button.action == "key"}
    if key == "*":
        x = "X" in values
        if voice and not (x and getattr(view, "shown", "").count("●") == X_AT):
            return Focused(_way_out(found))
        return Touched("key", "X" if x else "erase")
    if types_digits(found):
        return Touched("key", key) if key in set("0123456789") else None
    return Touched("key", key) if key in set("23456789") else None


def _telephone(found: tuple[Button, ...]) -> bool:
    return any(button.action == "key" and button.value == "2" for button in found)


def _enters(button: Button) -> bool:
    return button.value == "enter" or button.action == "show-found"


def _entering(found: tuple[Button, ...]) -> Event:
    """Enter, or show what was found."""
    at = next((at for at, button in enumerate(found) if _enters(button)), -1)
    if at >= 0 and (found[at].enabled or found[at].action == "key"):
        return Touched(found[at].action, found[at].value)
    return Focused(at)


def _way_out(found: tuple[Button, ...]) -> int:
    """The first that is not typed with and can be chosen: a hit of the search, the entering control, or back."""
    ways = (at for at, button in enumerate(found) if button.action != "key" or button.value == "enter")
    return next((at for at in ways if found[at].enabled), 0)
