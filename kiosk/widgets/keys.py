# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The controls. They draw a record and report its touch; nothing is made anew when a view changes.

A control acts when the finger is lifted on it (WCAG 2.5.2) and shows at once that it was felt. ``Keys`` keeps a
pool of them and lays them out in rows.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Line
from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.floatlayout import FloatLayout

from kiosk.theme import LINE_PER_EM, Theme, colour
from kiosk.views.parts import Button
from kiosk.widgets.grounds import DEFAULT, Icon, Panel, Say

_TONES = {
    # tone: (fill, edge, ink, sub ink, fill and edge when down)
    "plain": ("card", "edge", "ink", "soft", "down", "primary"),
    "quiet": ("ground", "edge", "ink", "soft", "down", "primary"),
    "primary": ("primary", "", "on_primary", "on_primary", "primary_down", "maybe"),
    "on": ("on", "primary", "ink", "ink", "down", "primary"),
    "off": ("off", "off_edge", "off_ink", "off_ink", "off", "off_edge"),
}
_NO_LIMIT = 1e6
RING_PX = 6
NAMES_OF_DATA = frozenset({"matter", "theme"})
"""What comes from the catalogue, as long as an office has made it: the next page repeats it in full."""
IN_TWO_LANGUAGES = frozenset({"take-ticket", "check-in", "services", "book"})
"""Where the small panel has a second line below these, it is the first in another language."""


class Key(ButtonBehavior, Panel):
    """A control. ``button`` is the record it shows; ``form`` how: tile, row, column, key (one sign) or bar.

    A tile's icon and words grow with it and stand in the middle, in a block ``block`` pixels wide: controls that
    stand below each other share one, so that their icons do too. A finger on it is seen by a thick edge as well as
    by colour; what is out of use has no shadow and greyer words.

    ``touch(action, value)`` is called once when the finger is lifted on it.
    """

    button = ObjectProperty(None, allownone=True)
    theme = ObjectProperty(DEFAULT)
    touch = ObjectProperty(None, allownone=True)
    form = StringProperty("row")
    px = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._icon = Icon()
        self._ring: tuple[Any, Any] | None = None
        self._label = Say(bold=True)
        self._sub = Say()
        self._limit = _NO_LIMIT
        self._block = 0.0
        super().__init__(size_hint=(None, None), **kwargs)
        for part in (self._icon, self._label, self._sub):
            self.add_widget(part)
        with self.canvas.after:
            self._ring = (Color(0, 0, 0, 0), Line(width=RING_PX / 2, rounded_rectangle=(0, 0, 1, 1, 1)))
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

    def spans(self, touch: Any) -> bool:
        """The touch is on it, in use or not."""
        return bool(super().collide_point(*touch.pos))

    def letters(self) -> int:
        """The size that the label would like."""
        return self._label.lines_in(self._label.width, self._label.height)[1]

    def limit(self, px: float = _NO_LIMIT, block: float = 0) -> None:
        """Letters no larger than ``px`` and a tile's block as wide as ``block``; without, as its own words need."""
        self._limit, self._block = px, block
        self._show()

    def block(self) -> float:
        """How wide a tile's icon and words are together."""
        words = max(self._label.widest(), self._sub.widest() if self.button.sub else 0)
        return float(words + self._label.x - self._icon.x if self.button.icon else words)

    def _show(self, *_: object) -> None:
        button: Button | None = self.button
        self.opacity = 0 if button is None else 1
        if button is None:
            self._label.words = self._sub.words = ""  # a number that could be chosen stays in no hidden control
            return
        theme: Theme = self.theme
        fill, edge, ink, sub, fill_down, edge_down = _TONES.get(
            button.tone if button.enabled else "off", _TONES["plain"]
        )
        down = self.state == "down"
        self.radius = theme.radius_px
        self.palette = self._icon.palette = self._label.palette = self._sub.palette = theme.palette
        self.shadow = 0 if down or not button.enabled else theme.shadow_px
        self.fill, self.edge = (fill_down, edge_down) if down else (fill, edge)
        self.edge_px = max(2 * theme.edge_px, theme.gap_px * 0.7) if down else theme.edge_px
        self._icon.name, self._icon.ink = button.icon, ink
        self._label.words, self._label.ink = button.label, ink
        self._sub.words, self._sub.ink = button.sub, sub
        self._label.floor = self._sub.floor = theme.least_px
        self._label.hard = self._sub.hard = theme.hard_px
        self._sub.aside = theme.compact and button.action in IN_TWO_LANGUAGES
        self._label.aside = not theme.compact and button.action in NAMES_OF_DATA
        if self.form == "bar":
            self._label.px = theme.floor_px * (1.3 if theme.elder and not theme.compact else 1)
        else:
            self._label.px = self.px or theme.label_px
        self._label.px = min(self._label.px, self._limit)
        self._sub.px = theme.floor_px if theme.compact else theme.base_px
        self._arrange()

    def _arrange(self, *_: object) -> None:
        if self.button is None:
            return
        self._encircle()
        getattr(self, f"_as_{self.form}")(self.theme.pad_px * 0.8)

    def _encircle(self) -> None:
        """The ring of the keypad stands in the gap around the control, over the ground: seen on any control."""
        if self._ring is None:
            return
        ink, line = self._ring
        ink.rgba = colour("ink", self.theme.palette) if self.button.focused else (0, 0, 0, 0)
        out = RING_PX / 2 + 2
        corner = self.theme.radius_px + out
        line.rounded_rectangle = (self.x - out, self.y - out, self.width + 2 * out, self.height + 2 * out, corner)

    def _as_tile(self, pad: float) -> None:
        """A large control: icon and words as high as it allows, in the middle."""
        theme: Theme = self.theme
        wish = self.height * (0.37 if self.button.sub else 0.4)
        self._label.px = min(max(theme.label_px, min(wish, theme.hero_px * 1.3)), self._limit)
        self._sub.px = max(theme.base_px, self._label.px * 0.56)
        side = min(self.height * 0.52, self._label.px * 1.75) if self.button.icon else 0.0
        gap = side * 0.36
        width = self.width - 3.4 * pad - side - gap
        space = self.height - pad
        second = _needs(self._sub, width, space * 0.44) if self.button.sub else 0.0
        first = _needs(self._label, width, space - second)
        self._label.halign = self._sub.halign = "left" if side else "center"
        low = self.y + (self.height - first - second) / 2
        block = self._block or width + side + gap
        left = self.x + (self.width - block) / 2
        self._icon.size = (side, side)
        self._icon.pos = (left, self.y + (self.height - side) / 2)
        self._label.size, self._label.pos = (width, first), (left + side + gap, low + second)
        self._sub.size, self._sub.pos = (width, second), (left + side + gap, low)
        if not side:
            self._label.x = self._sub.x = self.x + 1.7 * pad

    def _as_row(self, pad: float) -> None:
        """Icon at the left, words beside it, the second line below."""
        pad *= 1.6 if self.width > self.theme.width * 0.6 else 1
        left = self.x + pad
        if self.button.icon:
            side = min(self.height - 2 * pad * 0.7, self.theme.label_px * (1.4 if self.theme.compact else 1.9))
            self._icon.size = (side, side)
            self._icon.pos = (left, (self.y + self.height / 2) - side / 2)
            left += side + pad
            words = (self.x + self.width) - pad - left
            if self.theme.compact and self._crowded(words):
                # On the small panel the words come first.
                self._icon.size = (0, 0)
                left = self.x + pad
        width = (self.x + self.width) - pad - left
        space = self.height - pad * 0.5
        first, second = space, 0.0
        if self.button.sub:
            line, at_least = self._sub.px * LINE_PER_EM, _needs(self._sub, width, space, largest_px=self._sub.floor)
            at_least = min(at_least, space - self._label.floor * LINE_PER_EM - 1)
            first = _needs(self._label, width, space - max(min(line, space * 0.46), at_least))
            second = _needs(self._sub, width, space - first)
        low = (self.y + self.height / 2) - (first + second) / 2
        self._label.halign = self._sub.halign = "left" if left > self.x + pad else "center"
        self._label.size, self._label.pos = (width, first), (left, low + second)
        self._sub.size, self._sub.pos = (width, second), (left, low)

    def _crowded(self, width: float) -> bool:
        """Beside an icon the words would be smaller than they are without one."""
        theme: Theme = self.theme
        if self._label.lines_in(width, self.height * (0.54 if self.button.sub else 0.94))[1] < theme.floor_px:
            return True
        return bool(self.button.sub) and self._sub.lines_in(width, self.height * 0.46)[1] < theme.least_px

    def _as_column(self, pad: float) -> None:
        """Icon above, words below, all in the middle."""
        self._label.halign = self._sub.halign = "center"
        inner = self.width - pad * (2 if self.theme.compact and self.width > 2 * self.theme.key_px else 1)
        crowded = self.theme.compact and self.button.sub and self.height < 2 * self.theme.target_px
        alone = self.height * (0.92 if self.theme.compact else 0.66)
        if self.theme.compact and self._label.lines_in(inner, self.height * 0.66 - pad * 0.35)[1] < self.theme.floor_px:
            crowded = True  # the words come first
        text = alone if crowded or not self.button.icon else self.height * 0.66
        side = min(self.height - text - pad * 0.7, self.theme.label_px * 1.6)
        self._icon.size = (max(side, 0), max(side, 0))
        self._icon.pos = (
            (self.x + self.width / 2) - side / 2,
            self.y + text + (self.height - text - side) / 2 - pad * 0.2,
        )
        low = self.y + pad * 0.35
        share = 0.45 if self.button.sub else 0.0
        self._label.size = (inner, (text - pad * 0.35) * (1 - share))
        self._label.pos = (self.x + (self.width - inner) / 2, low + (text - pad * 0.35) * share)
        self._sub.size = (inner, (text - pad * 0.35) * share)
        self._sub.pos = (self.x + (self.width - inner) / 2, low)

    def _as_bar(self, _pad: float) -> None:
        """Icon above its word, both in the middle; on the tall panel a longer name takes two lines."""
        theme: Theme = self.theme
        air = 6
        line = self._label.px * LINE_PER_EM + 1
        width = self.width - 2 * air
        text = line if theme.compact else _needs(self._label, width, 2 * line)
        between = 0 if theme.compact else air * 0.8
        side = min(self.height - text - between - (4 if theme.compact else 2.6 * air), theme.floor_px * 1.7)
        low = self.y + (self.height - text - between - side) / 2
        self._label.halign = "center"
        self._label.size, self._label.pos = (width, text), (self.x + air, low)
        self._icon.size = (max(side, 0), max(side, 0))
        self._icon.pos = ((self.x + self.width / 2) - side / 2, low + text + between)

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
    lines, size, _fits = label.lines_in(width, height, largest_px)
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
        self.arrange = again = Clock.create_trigger(self._show, -1)
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
                key.limit()
                key.theme, key.touch, key.form, key.px = theme, self.touch, self.form, self.px
                key.button = button
                key.size = (room * share / sum(shares), height)
                key.pos = (left, (self.y + self.height) - (at + 1) * height - at * gap)
                left += key.width + gap
        if self.form == "tile":
            self._align(self._pool[:used])
        elif self.form == "bar":
            self._even(self._pool[:used])
        else:
            self._even([key for key in self._pool[:used] if not key.button.icon and not key.button.sub])
        for key in self._pool[used:]:
            key.button = None
            key.pos = (-9999, -9999)

    def _even(self, keys: list[Key]) -> None:
        """Names of equal rank in letters of equal size, as long as that is not too small for the others.

        In 长者专版 each is as large as it can be: size before evenness.
        """
        theme: Theme = self.theme
        if self.form not in {"row", "bar"} or len(keys) < 2 or theme.elder or (self.form == "bar" and theme.compact):
            return
        smallest = min(key.letters() for key in keys)
        for key in keys:
            key.limit(max(smallest, theme.floor_px))

    def _align(self, keys: list[Key]) -> None:
        """Tiles in letters of one size, their blocks equally wide."""
        if not keys:
            return
        px = max(min(key.letters() for key in keys), self.theme.floor_px)
        for key in keys:
            key.limit(px)
        block = max(key.block() for key in keys)
        for key in keys:
            key.limit(px, block)

    def _key(self, at: int) -> Key:
        if at == len(self._pool):
            self._pool.append(Key())
            self.add_widget(self._pool[at])
        return self._pool[at]


def in_rows(buttons: tuple[Button, ...], columns: int) -> tuple[tuple[Button, ...], ...]:
    """``buttons`` in rows of ``columns``, for ``Keys.rows``."""
    return tuple(buttons[at : at + columns] for at in range(0, len(buttons), columns))
