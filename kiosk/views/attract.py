"""The picture of a terminal at which nobody is: how to begin, in two languages, never long in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.flow import State
from kiosk.flow.idle import dim_hours
from kiosk.flow.ways import is_closed
from kiosk.text import Words, full_width, words
from kiosk.views.parts import Frame, frame, strip, waiting
from kiosk.views.start import hints

STEP_S = 12
"""So long the picture rests between two places."""
GROUNDS = ("header", "primary", "ground")
INKS = {"header": "on_header", "primary": "on_primary", "ground": "ink"}


@dataclass(frozen=True, slots=True)
class AttractView:
    """``at`` counts places; ``ground`` and ``ink`` are tokens: no part of the glass is always light, or always dark."""

    frame: Frame
    at: int
    ground: str
    ink: str
    icon: str
    begin: str
    begin_other: str
    line: str
    hint: str
    resting: bool


def attract(state: State, w: Words) -> AttractView:
    at = int(state.kiosk.monotonic_s // STEP_S)
    ground = GROUNDS[at % len(GROUNDS)]
    other = words("en" if w.lang == "zh-Hans" else "zh-Hans")
    now = waiting(state, w)
    trouble = strip(state, w)
    shown = hints(state, w)
    line = full_width(state.kiosk.site.name_zh)
    if trouble:
        line = trouble.text
    elif is_closed(state):
        line = w("现在不在服务时间")  # and no line of a hall in which nobody waits
    elif now:
        line = f"{now.count}  {now.range}"
    begin = w("轻触屏幕开始")
    top = replace(frame(state, w, begin, hidden_bar=True), strip=None, clock="")
    return AttractView(
        frame=top,
        at=at,
        ground=ground,
        ink=INKS[ground],
        # A code here would be taken for one that a telephone can read.
        icon="touch",
        begin=begin,
        begin_other=other("轻触屏幕开始"),
        line=line,
        hint=shown[at % len(shown)].text if shown else "",
        resting=dim_hours(state),
    )
