# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Text, grounds and icons: what the controls and pictures are put together from."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import BorderImage, Color, Rectangle
from kivy.properties import (
    BooleanProperty,
    NumericProperty,
    StringProperty,
)
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.linebreak import fit
from kiosk.theme import PLAIN, code_of, colour, make_theme
from kiosk.widgets import paint

DEFAULT = make_theme(1080, 1920, 0.248)


class Say(Label):
    """Text that breaks like Chinese and fits its box: as large as ``px`` allows, not below ``floor``.

    Words that a translation has made too long go on down to ``hard`` before anything would be cut.

    ``most``: no more lines than this. ``aside`` marks what is no more than a help on this panel, and may be smaller
    than 0.7 degrees: it stands on another page in full, or it is the same in the other language.

    ``fits`` is False if even the floor was too large: then it is a mistake of the layout, and a test says so.
    ``refit()`` sets the same words anew, in the face that is in use now.
    """

    words = StringProperty("")
    px = NumericProperty(34)
    floor = NumericProperty(0)
    ink = StringProperty("ink")
    palette = StringProperty(PLAIN)
    fits = BooleanProperty(True)
    pad = NumericProperty(0)
    hard = NumericProperty(0)
    most = NumericProperty(0)
    aside = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("halign", "left")
        kwargs.setdefault("valign", "middle")
        super().__init__(**kwargs)
        self.line_height = 0.91
        self.refit = again = Clock.create_trigger(self._fit, -1)
        for name in ("words", "px", "floor", "size", "bold", "pad", "hard", "most"):
            self.fbind(name, again)
        for name in ("ink", "palette"):
            self.fbind(name, self._paint)
        self._paint()
        again()

    def _paint(self, *_: object) -> None:
        self.color = colour(self.ink, self.palette)

    def _fit(self, *_: object) -> None:
        width, height = self.width - 2 * self.pad, self.height
        if width <= 1 or height <= 1 or not self.words:
            self.text = ""
            self._label._cached_lines = []  # noqa: SLF001  (Kivy keeps the lines that it drew last, words and all)
            self.fits = True
            return
        lines, size, self.fits = self.lines_in(width, height)
        self.font_name, self.font_size = paint.PEN.font, size
        self.text = "\n".join(lines)
        self.text_size = (self.width - 2 * self.pad + 2, None)

    def lines_in(self, width: float, height: float, largest_px: float = 0) -> tuple[list[str], int, bool]:
        """How the words would stand in a box, no larger than ``largest_px``: lines, letter size, whether they fit."""
        measure = paint.PEN.advance_bold if self.bold else paint.PEN.advance
        floor, needed = round(self.floor or self.px), paint.PEN.needed_px
        found = fit(self.words, width, height, round(largest_px or self.px), floor, measure, int(self.most), needed)
        if not found[2] and 0 < self.hard < floor:
            return fit(self.words, width, height, floor, round(self.hard), measure, 0, needed)
        return found

    def widest(self) -> float:
        """Pixels that the longest of its lines takes in its box."""
        if self.width <= 1 or self.height <= 1 or not self.words:
            return 0.0
        measure = paint.PEN.advance_bold if self.bold else paint.PEN.advance
        lines, size, _fits = self.lines_in(self.width - 2 * self.pad, self.height)
        return max(sum(measure(sign) for sign in line) for line in lines) * size

    def shown_size(self) -> tuple[float, float]:
        """What the text takes, for the overflow test."""
        return float(self.texture_size[0]), float(self.texture_size[1])


class Panel(Widget):
    """A rounded ground. Without an ``edge`` of its own it has what the palette draws round cards, or none."""

    fill = StringProperty("card")
    edge = StringProperty("")
    edge_px = NumericProperty(2)
    radius = NumericProperty(14)
    shadow = NumericProperty(5)
    palette = StringProperty(PLAIN)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            Color(1, 1, 1, 1)
            self._ground = BorderImage()
        for name in ("fill", "edge", "edge_px", "radius", "shadow", "palette"):
            self.fbind(name, self._dress)
        self.fbind("pos", self._place)
        self.fbind("size", self._place)
        self._dress()

    def _dress(self, *_: object) -> None:
        edge = self.edge or (code_of("card_edge", self.palette) if self.radius > 1 else "")
        sizes = (round(self.radius), round(self.edge_px), round(self.shadow))
        texture, inset = paint.ground(self.fill, edge, *sizes, self.palette)
        self._ground.texture = texture
        self._ground.border = (inset,) * 4
        self._place()

    def _place(self, *_: object) -> None:
        shadow = self.shadow
        self._ground.pos = (self.x - shadow, self.y - shadow)
        self._ground.size = (self.width + 2 * shadow, self.height + 1.5 * shadow)


class Icon(Widget):
    """A drawn icon, square, in the middle of its box."""

    name = StringProperty("")
    ink = StringProperty("ink")
    palette = StringProperty(PLAIN)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._colour = Color(1, 1, 1, 1)
            self._picture = Rectangle(size=(0, 0))
        for name in ("name", "ink", "palette", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        side = round(min(self.width, self.height))
        if not self.name or side < 8:
            self._picture.size = (0, 0)
            return
        self._colour.rgba = colour(self.ink, self.palette)
        self._picture.texture = paint.icon(self.name, side)
        self._picture.size = (side, side)
        self._picture.pos = (round((self.x + self.width / 2) - side / 2), round((self.y + self.height / 2) - side / 2))
