# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The line of people with its minutes, as a picture: that of the hall, and the one that a citizen stands in."""

from __future__ import annotations

from typing import Any

from kivy.graphics import BorderImage, Color, Rectangle
from kivy.properties import BooleanProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.theme import LINE_PER_EM, Theme, colour
from kiosk.views.parts import Waiting
from kiosk.widgets import paint
from kiosk.widgets.grounds import DEFAULT

PEOPLE_SHOWN = 12
SCALE_MIN = (15, 30, 60, 120, 240)
TICKS = 3
FEW, OTHERS = 7, 0.84
"""The line that one stands in is drawn for so many places at least; the others so large, beside oneself."""


def _in_line(line: Waiting) -> tuple[str, ...]:
    """The window, who is ahead, oneself; of many, those in front and that there are more."""
    room = PEOPLE_SHOWN - 2
    if not line.known and not line.people:
        return ("window", "more", "me")
    people = ("person",) * line.people if line.people <= room else (*("person",) * (room - 1), "more")
    return ("window", *people, "me")


class WaitingLine(Widget):
    """People ahead as people, the range as a stretch of a minute scale: something one sees before reading it.

    Nobody ahead is no picture at all, and no wait no scale. Where there is room the scale has a clock before it and
    its minutes below it. With ``me`` it is the line that one stands in: the window at its head, oneself at its end,
    darker than the others and in a ring; the fewer there are, the larger are all. Dots are those of whom nobody knows.
    """

    waiting = ObjectProperty(None, allownone=True)
    theme = ObjectProperty(DEFAULT)
    me = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("waiting", "theme", "me", "pos", "size"):
            self.fbind(name, self._draw)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        line: Waiting | None = self.waiting
        if line is None or self.height < 20:
            return
        me = self.me
        if not (line.high or line.people or me):
            return
        row = _in_line(line) if me else ("person",) * min(line.people, PEOPLE_SHOWN)
        places = max(len(row), FEW) if me else PEOPLE_SHOWN
        # Without a scale below them the people stand in the middle, and larger.
        side = round(min(self.height * (0.56 if line.high else 0.9), self.width / places)) if row else 0
        low = self.y + (self.height - side) * (1 if line.high else 0.5)
        with self.canvas:
            for place, name in enumerate(row):
                self._stand(name, (self.x + place * (side if me else self.width / places), low), side)
            if line.high:
                self._scale(line, side)

    def _stand(self, name: str, at: tuple[float, float], side: int) -> None:
        """One place of the line; others stand a little smaller than the ring around oneself."""
        palette = self.theme.palette
        size = round(side * OTHERS) if self.me and name == "person" else side
        if name == "me":
            Color(*colour("on", palette))
            Rectangle(texture=paint.icon("tick", side), size=(side, side), pos=at)
            size = round(side * 0.78)
        Color(*colour("picture" if name == "person" else "primary", palette))
        texture = paint.icon("person" if name == "me" else name, size)
        lift = (side - size) / 2 if name == "me" else 0
        Rectangle(texture=texture, size=(size, size), pos=(at[0] + (side - size) / 2, at[1] + lift))

    def _scale(self, line: Waiting, people_px: float) -> None:
        """Surely this long, and perhaps as far as that."""
        theme: Theme = self.theme
        whole = next((x for x in SCALE_MIN if x >= line.high), SCALE_MIN[-1])
        room = self.height - people_px
        digits = theme.least_px * LINE_PER_EM if room > theme.least_px * 2.3 and not theme.compact else 0.0
        high = max(min((room - digits) * 0.62, theme.least_px * 1.4), self.height * 0.1)
        clock = round(min(room * 0.8, high * 1.9)) if digits else 0
        left, low = self.x + clock * 1.35, self.y + digits
        width = self.x + self.width - left
        if clock:
            Color(*colour("picture", theme.palette))
            Rectangle(texture=paint.icon("clock", clock), size=(clock, clock), pos=(self.x, low + (high - clock) / 2))
        for token, share in (("hair", 1.0), ("maybe", line.high / whole), ("picture", line.low / whole)):
            self._stretch(token, min(share, 1.0), (left, low, width, high))
        if digits:
            Color(*colour("soft", theme.palette))
            for tick in range(TICKS + 1):
                sign = paint.digits(f"{whole * tick // TICKS}", theme.least_px)
                at = left + (width - sign.width) * tick / TICKS
                Rectangle(texture=sign, size=sign.size, pos=(round(at), round(self.y + (digits - sign.height) / 2)))

    def _stretch(self, token: str, share: float, box: tuple[float, float, float, float]) -> None:
        left, low, width, height = box
        texture, inset = paint.ground(token, "", max(2, round(height / 2) - 2), 0, 0, self.theme.palette)
        Color(1, 1, 1, 1)
        wide = max(share * width, 2 * inset + 2)
        BorderImage(texture=texture, border=(inset,) * 4, pos=(left, low), size=(wide, max(height, 2 * inset)))
