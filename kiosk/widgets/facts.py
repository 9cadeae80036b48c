# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Lines of what is so: a label on the left, what it is on the right, a hair line between two of them."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.theme import Theme
from kiosk.views.facts import Fact
from kiosk.widgets.grounds import DEFAULT, Panel, Say

LABEL_SHARE = 0.34


class Facts(FloatLayout):
    """As many lines as there are, each at most ``tallest_em`` letters high; one without a label has all the width."""

    facts = ObjectProperty(())
    theme = ObjectProperty(DEFAULT)
    px = NumericProperty(34)
    floor = NumericProperty(24)
    tallest_em = NumericProperty(3.6)

    def __init__(self, **kwargs: Any) -> None:
        self._pool: list[tuple[Panel, Say, Say]] = []
        super().__init__(**kwargs)
        again = Clock.create_trigger(self._show, -1)
        for name in ("facts", "theme", "pos", "size", "px", "floor", "tallest_em"):
            self.fbind(name, again)
        again()

    def _show(self, *_: object) -> None:
        theme: Theme = self.theme
        facts: tuple[Fact, ...] = self.facts
        while len(self._pool) < len(facts):
            hair = Panel(fill="hair", shadow=0, radius=1, size_hint=(None, None))
            self._pool.append((hair, Say(size_hint=(None, None)), Say(size_hint=(None, None), bold=True)))
            for part in self._pool[-1]:
                part.palette = theme.palette
                self.add_widget(part)
            for text in self._pool[-1][1:]:
                text.hard = theme.hard_px
        height = min(self.height / max(len(facts), 1), self.px * self.tallest_em)
        wide = self.width * LABEL_SHARE
        for at, (hair, label, value) in enumerate(self._pool):
            if at >= len(facts):
                label.words, value.words, hair.opacity = "", "", 0
                continue
            bottom = self.y + self.height - (at + 1) * height
            left = wide + theme.pad_px if facts[at].label else 0
            hair.opacity = 1 if at + 1 < len(facts) else 0
            hair.size, hair.pos = (self.width, 2), (self.x, bottom)
            label.ink, label.size, label.pos = "soft", (wide, height - 4), (self.x, bottom + 2)
            value.size, value.pos = (self.width - left, height - 4), (self.x + left, bottom + 2)
            value.ink = "primary" if facts[at].strong else "ink"
            for text, words in ((label, facts[at].label), (value, facts[at].text or facts[at].unread)):
                text.px, text.floor, text.words = self.px, self.floor, words
