# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Nobody is here: a picture that drifts over the glass, and any touch of it begins.

It moves slowly between places, and jumps in 长者专版, which has no motion; nothing of it, not even the clock, stays
where it is, so that no picture burns into the panel.
"""

from __future__ import annotations

from typing import Any

from kivy.animation import Animation
from kivy.properties import NumericProperty

from kiosk.screens.frame import HallScreen, load_layout

DRIFT_S = 6.0
PLACES = ((0.0, 0.2), (1.0, 0.75), (0.35, 1.0), (0.8, 0.0), (0.1, 0.6), (0.6, 0.35), (1.0, 1.0), (0.0, 0.85))
"""Of the room that the picture leaves, from the left and from below."""


class AttractScreen(HallScreen):
    """``drift_x`` and ``drift_y`` are where the picture stands, of the room that it leaves."""

    drift_x = NumericProperty(PLACES[0][0])
    drift_y = NumericProperty(PLACES[0][1])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._at = -1
        self.fbind("view", self._drift)
        self._drift()

    def title(self) -> str:
        return ""

    def _drift(self, *_: object) -> None:
        at = getattr(self.view, "at", 0)
        if at == self._at:
            return
        first, self._at = self._at < 0, at
        x, y = PLACES[at % len(PLACES)]
        Animation.cancel_all(self)
        if first or self.theme.elder:
            self.drift_x, self.drift_y = x, y
        else:
            Animation(drift_x=x, drift_y=y, duration=DRIFT_S, t="in_out_sine").start(self)

    def on_touch_up(self, touch: Any) -> bool:
        if self.touch is not None and self.collide_point(*touch.pos):
            self.touch("wake", "")
        return True


class TallAttract(AttractScreen):
    pass


class SmallAttract(AttractScreen):
    pass


load_layout("attract")
