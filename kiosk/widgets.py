# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The controls that every screen is put together from. They draw records and report touches.

Nothing is made anew when a view changes: grids keep a pool of buttons, labels break and size their own text.
A control acts when the finger is lifted on it (WCAG 2.5.2) and shows at once that it was felt.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import BorderImage, Color, Rectangle
from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk import paint
from kiosk.linebreak import LINE_PER_EM, fit
from kiosk.theme import Theme, colour, make_theme
from kiosk.views.parts import Button

DEFAULT = make_theme(1080, 1920, 0.248)


class Say(Label):
    """Text that breaks like Chinese and fits its box: as large as ``px`` allows, never below ``floor``.

    ``fits`` is False if even the floor was too large: then it is a mistake of the layout, and a test says so.
    """

    words = StringProperty("")
    px = NumericProperty(34)
    floor = NumericProperty(0)
    ink = StringProperty("ink")
    fits = BooleanProperty(True)
    pad = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("halign", "left")
        kwargs.setdefault("valign", "middle")
        super().__init__(**kwargs)
        self.line_height = 0.91
        again = Clock.create_trigger(self._fit, -1)
        for name in ("words", "px", "floor", "size", "bold", "pad"):
            self.fbind(name, again)
        self.fbind("ink", self._paint)
        self._paint()
        again()

    def _paint(self, *_: object) -> None:
        self.color = colour(self.ink)

    def _fit(self, *_: object) -> None:
        width, height = self.width - 2 * self.pad, self.height
        if width <= 1 or height <= 1 or not self.words:
            self.text = ""
            self.fits = True
            return
        measure = paint.advance_bold if self.bold else paint.advance
        floor = round(self.floor or self.px)
        lines, size, self.fits = fit(self.words, width, height, round(self.px), floor, measure)
        self.font_size = size
        self.text = "\n".join(lines)
        self.text_size = (self.width - 2 * self.pad + 2, None)

    def shown_size(self) -> tuple[float, float]:
        """What the text takes, for the overflow test."""
        return float(self.texture_size[0]), float(self.texture_size[1])


class Panel(Widget):
    """A rounded ground. ``skin`` is (fill, edge, edge width)."""

    fill = StringProperty("card")
    edge = StringProperty("")
    edge_px = NumericProperty(2)
    radius = NumericProperty(14)
    shadow = NumericProperty(5)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            Color(1, 1, 1, 1)
            self._ground = BorderImage()
        for name in ("fill", "edge", "edge_px", "radius", "shadow"):
            self.fbind(name, self._dress)
        self.fbind("pos", self._place)
        self.fbind("size", self._place)
        self._dress()

    def _dress(self, *_: object) -> None:
        texture, inset = paint.ground(self.fill, self.edge, round(self.radius), round(self.edge_px), round(self.shadow))
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

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._colour = Color(1, 1, 1, 1)
            self._picture = Rectangle(size=(0, 0))
        for name in ("name", "ink", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        side = round(min(self.width, self.height))
        if not self.name or side < 8:
            self._picture.size = (0, 0)
            return
        self._colour.rgba = colour(self.ink)
        self._picture.texture = paint.icon(self.name, side)
        self._picture.size = (side, side)
        self._picture.pos = (round((self.x + self.width / 2) - side / 2), round((self.y + self.height / 2) - side / 2))


_TONES = {
    # tone: (fill, edge, ink, sub ink, fill when down)
    "plain": ("card", "edge", "ink", "soft", "down"),
    "quiet": ("ground", "edge", "ink", "soft", "down"),
    "primary": ("primary", "", "on_primary", "on_primary", "primary_down"),
    "on": ("on", "primary", "ink", "ink", "down"),
    "off": ("off", "", "off_ink", "off_ink", "off"),
}


class Key(ButtonBehavior, Panel):
    """A control. ``button`` is the record it shows; ``form`` how: row, column, key (one sign) or bar.

    ``touch(action, value)`` is called once when the finger is lifted on it.
    """

    button = ObjectProperty(None, allownone=True)
    theme = ObjectProperty(DEFAULT)
    touch = ObjectProperty(None, allownone=True)
    form = StringProperty("row")
    px = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._icon = Icon()
        self._label = Say(bold=True)
        self._sub = Say()
        super().__init__(size_hint=(None, None), **kwargs)
        for part in (self._icon, self._label, self._sub):
            self.add_widget(part)
        for name in ("button", "theme", "form", "px", "state"):
            self.fbind(name, self._show)
        self.fbind("pos", self._arrange)
        self.fbind("size", self._arrange)
        self._show()

    def collide_point(self, x: float, y: float) -> bool:
        button = self.button
        return bool(button and button.enabled and super().collide_point(x, y))

    def on_release(self) -> None:
        if self.button is not None and self.touch is not None and self.button.enabled:
            self.touch(self.button.action, self.button.value)

    def _show(self, *_: object) -> None:
        button: Button | None = self.button
        self.opacity = 0 if button is None else 1
        if button is None:
            return
        theme: Theme = self.theme
        fill, edge, ink, sub, down = _TONES.get(button.tone if button.enabled else "off", _TONES["plain"])
        self.radius = theme.radius_px
        self.fill = down if self.state == "down" else fill
        self.edge = edge
        self._icon.name, self._icon.ink = button.icon, ink
        self._label.words, self._label.ink = button.label, ink
        self._sub.words, self._sub.ink = button.sub, sub
        self._label.floor = self._sub.floor = theme.hard_px if theme.compact else theme.least_px
        if self.form == "bar":
            self._label.px = theme.floor_px if theme.compact else theme.base_px
        else:
            self._label.px = self.px or theme.label_px
        self._sub.px = theme.floor_px if theme.compact else theme.base_px
        self._arrange()

    def _arrange(self, *_: object) -> None:
        if self.button is None:
            return
        getattr(self, f"_as_{self.form}")(self.theme.pad_px * 0.8)

    def _as_row(self, pad: float) -> None:
        """Icon at the left, words beside it, the second line below."""
        left = self.x + pad
        if self.button.icon:
            side = min(self.height - 2 * pad * 0.7, self.theme.label_px * (1.4 if self.theme.compact else 1.9))
            self._icon.size = (side, side)
            self._icon.pos = (left, (self.y + self.height / 2) - side / 2)
            left += side + pad
        width = (self.x + self.width) - pad - left
        space = self.height - pad * 0.5
        first, second = space, 0.0
        if self.button.sub:
            line, at_least = self._sub.px * LINE_PER_EM, _needs(self._sub, width, space, largest_px=self._sub.floor)
            first = _needs(self._label, width, space - max(min(line, space * 0.46), at_least))
            second = _needs(self._sub, width, space - first)
        low = (self.y + self.height / 2) - (first + second) / 2
        self._label.halign = self._sub.halign = "left" if self.button.icon else "center"
        self._label.size, self._label.pos = (width, first), (left, low + second)
        self._sub.size, self._sub.pos = (width, second), (left, low)

    def _as_column(self, pad: float) -> None:
        """Icon above, words below, all in the middle."""
        self._label.halign = self._sub.halign = "center"
        inner = self.width - pad
        text = self.height * (0.92 if not self.button.icon else 0.66)
        side = min(self.height - text - pad * 0.7, self.theme.label_px * 1.6)
        self._icon.size = (max(side, 0), max(side, 0))
        self._icon.pos = (
            (self.x + self.width / 2) - side / 2,
            self.y + text + (self.height - text - side) / 2 - pad * 0.2,
        )
        low = self.y + pad * 0.35
        share = 0.45 if self.button.sub else 0.0
        self._label.size = (inner, (text - pad * 0.35) * (1 - share))
        self._label.pos = (self.x + pad / 2, low + (text - pad * 0.35) * share)
        self._sub.size = (inner, (text - pad * 0.35) * share)
        self._sub.pos = (self.x + pad / 2, low)

    def _as_bar(self, _pad: float) -> None:
        text = self._label.px * LINE_PER_EM + 1
        side = min(self.height - text - 6, self.theme.floor_px * 1.5)
        self._label.halign = "center"
        self._label.size = (self.width - 4, text)
        self._label.pos = (self.x + 2, self.y + 3)
        self._icon.size = (max(side, 0), max(side, 0))
        self._icon.pos = ((self.x + self.width / 2) - side / 2, self.y + text + (self.height - text - side) / 2 - 1)

    def _as_key(self, _pad: float) -> None:
        """One sign, or an icon instead of its word (erase, enter): the word is spoken."""
        self._label.halign = "center"
        if self.button.icon:
            side = min(self.height, self.width) * 0.5
            self._icon.size = (side, side)
            self._icon.pos = ((self.x + self.width / 2) - side / 2, (self.y + self.height / 2) - side / 2)
            self._label.size = (0, 0)
            return
        self._icon.size = (0, 0)
        self._label.size = (self.width - 6, self.height - 4)
        self._label.pos = (self.x + 3, self.y + 2)


def _needs(label: Say, width: float, height: float, largest_px: float = 0) -> float:
    """How much of ``height`` the words of ``label`` take in ``width``, no larger than ``largest_px``."""
    measure = paint.advance_bold if label.bold else paint.advance
    lines, size, _fits = fit(label.words, width, height, round(largest_px or label.px), round(label.floor), measure)
    return min(len(lines) * size * LINE_PER_EM + 1, height)


class Keys(FloatLayout):
    """Rows of controls that fill the box; ``rows`` is a tuple of tuples of records. Keeps its widgets.

    ``columns``: at least this many places in a row; ``least``: at least so many rows, so that a half-empty
    leaf looks like a full one. ``weights`` makes a row's controls unequally wide.
    """

    rows = ObjectProperty(())
    theme = ObjectProperty(DEFAULT)
    touch = ObjectProperty(None, allownone=True)
    form = StringProperty("row")
    columns = NumericProperty(0)
    least = NumericProperty(0)
    px = NumericProperty(0)
    tallest = NumericProperty(0)
    weights = ListProperty([])

    def __init__(self, **kwargs: Any) -> None:
        self._pool: list[Key] = []
        super().__init__(**kwargs)
        again = Clock.create_trigger(self._show, -1)
        for name in ("rows", "theme", "touch", "form", "columns", "least", "px", "pos", "size", "tallest", "weights"):
            self.fbind(name, again)
        again()

    def _show(self, *_: object) -> None:
        theme: Theme = self.theme
        gap = theme.gap_px
        count = max(len(self.rows), int(self.least), 1)
        height = (self.height - gap * (count - 1)) / count
        if self.tallest:
            height = min(height, self.tallest)
        used = 0
        for at, row in enumerate(self.rows):
            shares = list(self.weights) if len(self.weights) == len(row) else [1.0] * max(len(row), int(self.columns))
            room = self.width - gap * (len(shares) - 1)
            spare = len(shares) - len(row)
            left = self.x + (spare * (room / len(shares) + gap) / 2 if self.form == "key" else 0)
            for button, share in zip(row, shares, strict=False):
                key = self._key(used)
                used += 1
                key.theme, key.touch, key.form, key.px = theme, self.touch, self.form, self.px
                key.button = button
                key.size = (room * share / sum(shares), height)
                key.pos = (left, (self.y + self.height) - (at + 1) * height - at * gap)
                left += key.width + gap
        for key in self._pool[used:]:
            key.button = None
            key.pos = (-9999, -9999)

    def _key(self, at: int) -> Key:
        if at == len(self._pool):
            self._pool.append(Key())
            self.add_widget(self._pool[at])
        return self._pool[at]


def in_rows(buttons: tuple[Button, ...], columns: int) -> tuple[tuple[Button, ...], ...]:
    """``buttons`` in rows of ``columns``, for ``Keys.rows``."""
    return tuple(buttons[at : at + columns] for at in range(0, len(buttons), columns))
