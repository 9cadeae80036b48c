# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Pictures that say something: a QR code, a ring of time, a checklist, a notice."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Line, Rectangle
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.theme import LINE_PER_EM, PLAIN, Theme, colour
from kiosk.views.calm import MessageView
from kiosk.views.confirm import Material
from kiosk.widgets import paint
from kiosk.widgets.grounds import DEFAULT, Icon, Say

# Handlers below use x + width / 2 and not center_x: Kivy updates its aliases after it has told the handlers.


class QrPicture(Widget):
    """A QR code as large as its box, in whole pixels per module."""

    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            Color(1, 1, 1, 1)
            self._code = Rectangle(size=(0, 0))
        self.fbind("text", self._make)
        self.fbind("pos", self._place)
        self.fbind("size", self._place)

    def _make(self, *_: object) -> None:
        # An empty text also drops the last citizen's texture.
        self._code.texture = paint.qr(self.text) if self.text else None
        self._place()

    def _place(self, *_: object) -> None:
        texture = self._code.texture
        if texture is None or not self.text:
            self._code.size = (0, 0)
            return
        side = int(min(self.width, self.height) // texture.width) * texture.width
        self._code.size = (side, side)
        self._code.pos = (round((self.x + self.width / 2) - side / 2), round((self.y + self.height / 2) - side / 2))


class Ring(Widget):
    """How much of something is left, as an arc; ``turning`` instead shows that work goes on."""

    share = NumericProperty(1.0)
    turning = BooleanProperty(False)
    thick = NumericProperty(12)
    ink = StringProperty("primary")
    palette = StringProperty(PLAIN)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._back = Color(*colour("hair"))
            self._whole = Line(width=1)
            self._front = Color(*colour("primary"))
            self._part = Line(width=1, cap="round")
        self._angle = 0.0
        self._clock: Any = None
        for name in ("share", "pos", "size", "thick", "ink", "palette"):
            self.fbind(name, self._draw)
        self.fbind("turning", self._wind)

    def _wind(self, *_: object) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        if self.turning:
            self._clock = Clock.schedule_interval(self._turn, 1 / 20)
        self._draw()

    def _turn(self, passed_s: float) -> None:
        if self.get_root_window() is None:
            return
        self._angle = (self._angle + 220 * passed_s) % 360
        self._draw()

    def _draw(self, *_: object) -> None:
        radius = max(1.0, min(self.width, self.height) / 2 - self.thick)
        self._back.rgba, self._front.rgba = colour("hair", self.palette), colour(self.ink, self.palette)
        self._whole.width = self._part.width = self.thick / 2
        self._whole.circle = ((self.x + self.width / 2), (self.y + self.height / 2), radius)
        start = self._angle if self.turning else 0
        self._part.circle = (
            (self.x + self.width / 2),
            (self.y + self.height / 2),
            radius,
            start,
            start + 360 * (0.28 if self.turning else self.share),
        )


class Checklist(FloatLayout):
    """What to bring, one line each with a dot: nothing is ticked before somebody has looked. What need not be
    handed in is green.
    """

    materials = ObjectProperty(())
    theme = ObjectProperty(DEFAULT)

    def __init__(self, **kwargs: Any) -> None:
        self._pool: list[tuple[Icon, Say]] = []
        super().__init__(**kwargs)
        again = Clock.create_trigger(self._show, -1)
        for name in ("materials", "theme", "pos", "size"):
            self.fbind(name, again)
        again()

    def _show(self, *_: object) -> None:
        theme: Theme = self.theme
        materials: tuple[Material, ...] = self.materials
        while len(self._pool) < len(materials):
            self._pool.append((Icon(name="dot", size_hint=(None, None)), Say(size_hint=(None, None))))
            for part in self._pool[-1]:
                part.palette = theme.palette
                self.add_widget(part)
            self._pool[-1][1].hard = theme.hard_px
        few = len(materials) <= 3
        height = min(self.height / max(len(materials), 1), theme.title_px * (2.6 if few else 2.3))
        side = theme.title_px * 0.7
        # A short list begins a little above the middle: it is read on from its heading.
        top = self.y + self.height - (self.height - height * len(materials)) * 0.35
        box = (self.width - side - theme.pad_px, height)
        # Papers are of equal rank: letters of one size.
        px = theme.title_px * (1.35 if few else 1.15)
        for at, (icon, line) in enumerate(self._pool):
            if at >= len(materials):
                line.words, icon.name = "", ""
                continue
            bottom = top - (at + 1) * height
            ink = "good_ink" if materials[at].free else "amber_ink" if materials[at].later else "ink"
            icon.name, icon.ink = "dot", "primary" if ink == "ink" else ink
            icon.size, icon.pos = (side, side), (self.x, bottom + (height - side) / 2)
            line.words, line.ink = materials[at].text, ink
            line.px, line.floor, line.size = px, theme.floor_px, box
            line.pos = (self.x + side + theme.pad_px, bottom)
            px = min(px, line.lines_in(*box)[1])
        for _icon, line in self._pool[: len(materials)]:
            line.px = px


class Lines(Checklist):
    """Lines of equal rank that are no papers: the same picture."""

    lines = ObjectProperty(())

    def on_lines(self, *_: object) -> None:
        self.materials = tuple(Material(line) for line in self.lines)


class Notice(FloatLayout):
    """An icon, a sentence, something large, and what to do: one group in the middle of its box, sizes as it allows.

    The icon stands on a disc of the message's tone. Empty parts take no room.
    """

    view = ObjectProperty(None, allownone=True)
    theme = ObjectProperty(DEFAULT)

    def __init__(self, **kwargs: Any) -> None:
        self._disc, self._icon = (Icon(size_hint=(None, None)) for _ in range(2))
        self._sentence, self._large, self._detail = (
            Say(size_hint=(None, None), halign="center", bold=bold) for bold in (True, True, False)
        )
        super().__init__(**kwargs)
        for part in (self._disc, self._icon, self._sentence, self._large, self._detail):
            self.add_widget(part)
        again = Clock.create_trigger(self._show, -1)
        for name in ("view", "theme", "pos", "size"):
            self.fbind(name, again)
        again()

    def _show(self, *_: object) -> None:
        view: MessageView | None = self.view
        theme: Theme = self.theme
        if view is None or self.width < 2:
            return
        for part in (self._disc, self._icon, self._sentence, self._large, self._detail):
            part.palette = theme.palette
        for line in (self._sentence, self._large, self._detail):
            line.hard = theme.hard_px
        self._disc.name, self._disc.ink = "tick" if view.icon else "", "amber" if view.tone == "amber" else "on"
        self._icon.name, self._icon.ink = view.icon, "amber_ink" if view.tone == "amber" else "primary"
        self._large.ink = "primary"
        disc = min(self.height * 0.34, theme.width * 0.3) if view.icon else 0.0
        gap = min(self.height * 0.05, theme.title_px)
        room = self.height - disc - 3 * gap
        heights = [disc]
        for line, words, px, share in (
            (self._sentence, view.sentence, theme.hero_px * 1.2, 0.5),
            (self._large, view.large, theme.hero_px * 1.7, 0.5),
            (self._detail, view.detail, theme.title_px * 1.05, 1.0),
        ):
            line.words, line.px, line.floor = words, px, theme.floor_px
            lines, size, _fits = line.lines_in(self.width, room * share) if words else ([], 0, True)
            heights.append(len(lines) * size * LINE_PER_EM + 2 if words else 0.0)
            room -= heights[-1]
        used = sum(heights) + gap * (sum(1 for height in heights if height) - 1)
        top = self.y + (self.height + used) / 2
        parts: tuple[Widget, ...] = (self._disc, self._sentence, self._large, self._detail)
        for part, height in zip(parts, heights, strict=True):
            part.size = (self.width, height)
            part.pos = (self.x, top - height)
            top -= height + gap if height else 0
        self._icon.size = (disc * 0.62, disc * 0.62)
        self._icon.pos = (self.x + (self.width - disc * 0.62) / 2, self._disc.y + disc * 0.19)
