# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The controls. They draw a record and report its touch; nothing is made anew when a view changes.

A control acts when the finger is lifted on it (WCAG 2.5.2) and shows at once that it was felt. ``Keys`` keeps a
pool of them and lays them out in rows.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.floatlayout import FloatLayout

from kiosk.linebreak import LINE_PER_EM
from kiosk.theme import Theme
from kiosk.views.parts import Button
from kiosk.widgets.grounds import DEFAULT, Icon, Panel, Say

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

    def letters(self) -> int:
        """The size that the label would like."""
        return self._label.lines_in(self._label.width, self._label.height)[1]

    def limit(self, px: float) -> None:
        """Letters no larger than ``px``, until the next record is shown."""
        self._label.px = min(self._label.px, px)

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
        self._even([key for key in self._pool[:used] if not key.button.icon and not key.button.sub])
        for key in self._pool[used:]:
            key.button = None
            key.pos = (-9999, -9999)

    def _even(self, keys: list[Key]) -> None:
        """Names of equal rank in letters of equal size, as long as that is not too small for the others.

        In 长者专版 each is as large as it can be: size before evenness.
        """
        theme: Theme = self.theme
        if self.form != "row" or len(keys) < 2 or theme.elder:
            return
        least = theme.least_px if theme.compact else theme.floor_px
        smallest = min(key.letters() for key in keys)
        for key in keys:
            key.limit(max(smallest, least))

    def _key(self, at: int) -> Key:
        if at == len(self._pool):
            self._pool.append(Key())
            self.add_widget(self._pool[at])
        return self._pool[at]


def in_rows(buttons: tuple[Button, ...], columns: int) -> tuple[tuple[Button, ...], ...]:
    """``buttons`` in rows of ``columns``, for ``Keys.rows``."""
    return tuple(buttons[at : at + columns] for at in range(0, len(buttons), columns))
