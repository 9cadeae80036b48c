# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Lines of words below each other on a card: all in letters of one size, as large as the card allows."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.linebreak import cut, laid, wrap
from kiosk.theme import LINE_PER_EM, Theme
from kiosk.views.leaves import LARGE, Line
from kiosk.widgets import paint
from kiosk.widgets.grounds import DEFAULT, Say

_INKS = {"good": "good_ink", "amber": "amber_ink", "bad": "bad_ink", "alarm": "on_alarm"}
_INKS |= {ink: ink for ink in ("on_header", "on_primary")}


class Paragraphs(FloatLayout):
    """``lines`` from above, in the middle of the box; what is large ``LARGE`` times as large as the others.

    Words that have grown too long go on below the least letters of what is needed, to ``theme.hard_px``.
    """

    lines = ObjectProperty(())
    theme = ObjectProperty(DEFAULT)
    tone = StringProperty("plain")
    again = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._pool: list[Say] = []
        super().__init__(**kwargs)
        self.arrange = again = Clock.create_trigger(self._show, -1)
        for name in ("lines", "theme", "tone", "pos", "size"):
            self.fbind(name, again)
        again()

    def _show(self, *_: object) -> None:
        theme: Theme = self.theme
        lines: tuple[Line, ...] = self.lines
        while len(self._pool) < len(lines):
            self._pool.append(Say(size_hint=(None, None)))
            self.add_widget(self._pool[-1])
        for say in self._pool[len(lines) :]:
            say.words, say.size = "", (1, 1)
        if not lines or self.width <= 1:
            return
        px = self._px(lines, theme)
        highs = [self._high(line, px) or _letters(line, px) * LINE_PER_EM for line in lines]
        used = sum(highs)
        spare = max(0.0, self.height - used)
        between = min(spare / (len(lines) + 1), px * 0.4)
        top = self.y + (self.height + used + between * (len(lines) - 1)) / 2
        for say, line, high in zip(self._pool, lines, highs, strict=False):
            say.palette = theme.palette
            say.bold = line.weight != "plain"
            say.ink = _INKS.get(self.tone, "primary" if line.weight == "large" else "ink")
            size = round(_letters(line, px))
            say.px, say.floor, say.hard = size, size, min(size, theme.hard_px)
            say.size, say.pos = (self.width, high + 2), (self.x, top - high - 1)
            say.words = line.drawn
            top -= high + between

    def _px(self, lines: tuple[Line, ...], theme: Theme) -> int:
        """The largest letters with which all of them stand in the box; the least if none do."""
        for px in range(theme.hero_px, theme.hard_px, -1):
            highs = [self._high(line, px) for line in lines]
            if all(highs) and sum(highs) <= self.height:
                return px
        return theme.hard_px

    def _high(self, line: Line, px: int) -> float:
        """Pixels; 0 if a single word is wider than the box."""
        measure = paint.PEN.advance if line.weight == "plain" else paint.PEN.advance_bold
        size = round(_letters(line, px))
        wide = self.width / size
        lines = laid(cut(line.drawn, measure, whole=True), wide) if px >= self.theme.floor_px else None
        return len(lines or wrap(line.drawn, wide, measure) or ()) * size * LINE_PER_EM


def _letters(line: Line, px: float) -> float:
    return px * (LARGE if line.weight == "large" else 1)
