"""A new page comes up out of its ground: within a fifth of a second, and nobody waits for it.

The page stands in its place from the first frame, all of it legible, and answers to the finger at once; only a thin
veil of the ground's colour lies over it and clears. Nothing slides and nothing of the page before is kept. There is no
motion in 长者专版 nor while the screen is read aloud (whose listener may see little), none on pages that must stand at
once (an alarm, a cover), and none on a display whose frames are dear (``frame_cost``).
"""

from __future__ import annotations

import time
from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, Rectangle

from kiosk.frame_cost import FrameCost
from kiosk.theme import FADE_FROM, Colour, Rect

FADE_S = 0.18


class Fade:
    """The veil of one stage; ``canvas`` is what is drawn over its pages."""

    def __init__(self, canvas: Any, cost: FrameCost) -> None:
        self._canvas, self._cost = canvas, cost
        self._veil, self._over = Color(0, 0, 0, 0), Rectangle()
        self._group = InstructionGroup()
        self._group.add(self._veil)
        self._group.add(self._over)
        # From the next frame on: in the first a page may have to be made, which is no part of the motion.
        self._start = Clock.create_trigger(self._clear)

    @property
    def clearing(self) -> bool:
        """It is drawn at this moment."""
        return self._group in self._canvas.children

    def begin(self, ground: Colour, over: Rect) -> None:
        """Lay the veil over a part of the page and clear it, where there is time for it."""
        self.end()
        if not self._cost.cheap:
            return
        self._veil.rgba = (*ground[:3], FADE_FROM)
        self._over.pos, self._over.size = (over.x, over.y), (over.width, over.height)
        self._canvas.add(self._group)
        self._start()

    def end(self) -> None:
        """Clear it now."""
        self._start.cancel()
        Animation.cancel_all(self._veil)
        if self.clearing:
            self._canvas.remove(self._group)

    def _clear(self, *_: object) -> None:
        change = Animation(a=0, duration=FADE_S, transition="out_quad")
        change.bind(on_complete=lambda *_: self.end())
        change.start(self._veil)


def weigh_frames(window: Any, cost: FrameCost) -> None:
    """Tell ``cost`` of every frame of ``window``, from its drawing until the display has it."""
    flip = window.flip

    def flipped() -> None:
        flip()
        cost.ends(time.monotonic())

    window.bind(on_draw=lambda *_: cost.begins(time.monotonic()))
    window.flip = flipped
