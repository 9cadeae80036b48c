"""An emergency over the whole screen: both languages at once, nothing to be touched."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow import State
from kiosk.text import Words, words
from kiosk.views.leaves import LONE_EM, Line, divided
from kiosk.views.parts import Frame, frame
from kiosk.words_of_danger import sentences

GROUNDS = {"fire": "alarm", "closing": "alarm_closing"}
ICONS = {"fire": "exit", "closing": "clock"}

TURN_S = 8
"""How long the small panel shows a part of what to do, in one language after the other."""
LINES = 4


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """``ground`` is a token of the theme; ``en`` and ``zh`` a short sentence each, the details what to do."""

    frame: Frame
    ground: str
    icon: str
    zh: str
    zh_detail: str
    en: str
    en_detail: str


def emergency(state: State, _w: Words) -> EmergencyView:
    """Always the same, whatever language was chosen before: whoever comes next must understand it, too."""
    stands = state.kiosk.emergency
    w, en = words("zh-Hans"), words("en")
    top = frame(state, w, f"{w('紧急通知')}  {en('紧急通知')}", hidden_bar=True)
    if stands is None:
        return EmergencyView(top, "alarm_other", "info", "", "", "", "")
    first, second = sentences(stands, state.kiosk.site)
    if state.kiosk.site.compact:
        # What happens stands in both at any time, what to do in parts that are read from where one stands.
        parts = [(part, "") for part in _parts(first[1])] + [("", part) for part in _parts(second[1])]
        told = parts[int(state.kiosk.monotonic_s // TURN_S) % len(parts)] if parts else ("", "")
        first, second = (first[0], told[0]), (second[0], told[1])
    return EmergencyView(
        frame=top,
        ground=GROUNDS.get(stands.danger, "alarm_other"),
        icon=ICONS.get(stands.danger, "info"),
        zh=first[0],
        zh_detail=first[1],
        en=second[0],
        en_detail=second[1],
    )


def _parts(detail: str) -> tuple[str, ...]:
    leaves = divided((Line("", detail),), LONE_EM, LINES) if detail else ()
    return tuple(line.words for leaf in leaves for line in leaf)
