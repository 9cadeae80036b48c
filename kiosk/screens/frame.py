# mypy: allow-subclassing-any
# (Kivy ships no types)
"""What every screen stands in: title, clock, the amber strip, and the bar; the rest is each screen's own.

A screen is made once for a theme and lives as long as the kiosk; a new ``view`` changes its properties. ``touch``
is where its controls report. Layouts stand in the ``.kv`` file beside each screen, one for the tall panel and one
for the small.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.theme import Colour, colour

# Names that the layouts use.
from kiosk.widgets import grounds, keys, leaf, paint, pictures, waiting_line  # noqa: F401  isort: skip

HERE = Path(__file__).parent


def load_layout(name: str) -> None:
    """Load ``name.kv`` of this folder, once, by the screen of that name."""
    path = str(HERE / f"{name}.kv")
    if path not in Builder.files:
        Builder.load_file(path, encoding="utf-8")


class Themed(FloatLayout):
    """A piece of a screen, put together in a layout."""

    theme = ObjectProperty(grounds.DEFAULT, rebind=True)
    waiting = ObjectProperty(None, allownone=True, rebind=True)
    hint = ObjectProperty(None, allownone=True, rebind=True)


class HallScreen(FloatLayout):
    """``head`` is the title line; a small list shows its heading there instead. What is said and the strip come first.

    On the small panel the clock makes room for a long one. ``font``: what it was last set in.
    """

    view = ObjectProperty(None, rebind=True)
    theme = ObjectProperty(None, rebind=True)
    touch = ObjectProperty(None)
    head = StringProperty("")
    font = StringProperty("")
    beside_clock = BooleanProperty(True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self.fbind("view", self._entitle)
        self._entitle()
        for part in self.walk(restrict=True):
            if hasattr(part, "palette"):
                part.palette = self.theme.palette
            if isinstance(part, grounds.Say):
                part.hard = self.theme.hard_px

    def _entitle(self, *_: object) -> None:
        frame = self.view.frame
        self.head = self.title()
        if self.theme.compact:
            self.head = frame.said or (frame.strip.text if frame.strip else self.head)
        room = self.theme.width - self.theme.title_px * 3.1 - self.theme.pad_px * 2
        wide = sum(map(paint.PEN.advance_bold, self.head)) * self.theme.floor_px
        self.beside_clock = not self.theme.compact or wide <= room

    def title(self) -> str:
        return str(self.view.frame.title)

    def colour(self, token: str) -> Colour:
        return colour(token, self.theme.palette)

    @staticmethod
    def bar_weights(count: int) -> list[float]:
        """The bar's places: a language's own name and 长者专版 need more room than the others."""
        return {5: [1.18, 1.71, 1.9, 1.48, 1.18], 7: [0.92, 0.92, 1.4, 1.26, 0.92, 0.92, 0.92]}.get(count, [])


load_layout("frame")
