# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Where screens are shown: one at a time, each made once for its theme and kept.

A hidden screen keeps no words of a citizen: when a session ends every one of them is blanked, pictures and all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from kivy.animation import Animation
from kivy.graphics import Color, InstructionGroup, Rectangle

from kiosk import views
from kiosk.frame_cost import FrameCost
from kiosk.hand import Felt
from kiosk.motion import Fade
from kiosk.screens import (
    asking,
    attract,
    code,
    confirm,
    cover,
    elsewhere,
    emergency,
    facts,
    hot,
    leaf,
    left,
    matters,
    message,
    pad,
    rate,
    search,
    start,
    technician,
    ticket,
    timeout,
    ways,
)
from kiosk.screens.frame import HallScreen
from kiosk.theme import VEIL, VEIL_ALPHA, Rect, Theme, colour, make_theme
from kiosk.views import View
from kiosk.widgets import paint
from kiosk.widgets.grounds import Say
from kiosk.widgets.keys import Key, Keys
from kiosk.widgets.leaf import Paragraphs
from kiosk.window import font_of

Touch = Callable[[str, str], None]
Manner = tuple[bool, bool, bool]
"""长者专版, 高对比, 低位."""

SCREENS: dict[type[Any], tuple[type[Any], type[Any]]] = {
    views.StartView: (start.TallStart, start.SmallStart),
    views.ElsewhereView: (elsewhere.TallElsewhere, elsewhere.SmallElsewhere),
    views.HotView: (hot.TallHot, hot.TallHot),
    views.ListView: (matters.TallList, matters.SmallList),
    views.SearchView: (search.TallSearch, search.SmallSearch),
    views.ConfirmView: (confirm.TallConfirm, confirm.TallConfirm),
    views.CodeView: (code.TallCode, code.SmallCode),
    views.WaysView: (ways.TallWays, ways.SmallWays),
    views.PadView: (pad.TallPad, pad.SmallPad),
    views.AskingView: (asking.TallAsking, asking.SmallAsking),
    views.TicketView: (ticket.TallTicket, ticket.SmallTicket),
    views.MessageView: (message.TallMessage, message.TallMessage),
    views.TimeoutView: (timeout.TallTimeout, timeout.SmallTimeout),
    views.CoverView: (cover.TallCover, cover.SmallCover),
    views.LeftView: (left.TallLeft, left.SmallLeft),
    views.AttractView: (attract.TallAttract, attract.SmallAttract),
    views.TechCodeView: (technician.TallTechCode, technician.SmallTechCode),
    views.EmergencyView: (emergency.TallEmergency, emergency.SmallEmergency),
    views.RateView: (rate.TallRate, rate.SmallRate),
    views.FactsView: (facts.TallFacts, facts.TallFacts),
    views.LeafView: (leaf.SmallLeaf, leaf.SmallLeaf),
}
"""For each kind of view its tall and its small screen."""

WAKE_S = 0.4
AT_ONCE = (views.EmergencyView, views.CoverView, views.AttractView, views.TimeoutView)
"""Pages that come without any motion: alarms, covers, and what nobody has asked for."""

_LAYOUT_FIELDS = frozenset({"frame", "keys", "ground", "ink"})
"""What is no word: without it a screen could not be drawn, and it says nothing of a citizen."""


class Stage(Felt):
    """A panel of this size in pixels, ``pitch_mm`` apart; ``touch`` hears every control."""

    def __init__(
        self, width_px: int, height_px: int, pitch_mm: float, touch: Touch, *, moving: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(touch, size_hint=(None, None), size=(width_px, height_px), **kwargs)
        self._moving = moving
        self._panel = (width_px, height_px, pitch_mm)
        self._themes: dict[Manner, Theme] = {}
        self._screens: dict[tuple[type[Any], Manner], HallScreen] = {}
        self.shown: HallScreen | None = None
        self._veil, self._dark = Color(*VEIL, 0), InstructionGroup()
        self._dark.add(self._veil)
        self._dark.add(Rectangle(size=self.size))
        self.frame_cost = FrameCost()
        self._fade = Fade(self.canvas.after, self.frame_cost)

    def show(self, view: View) -> None:
        """Draw ``view``; the screen is there at the next frame."""
        before = None if self.shown is None else self.shown.view
        elder = view.frame.elder
        manner = (elder, view.frame.contrast, view.frame.low)
        key = (type(view), manner)
        paint.PEN.font = font_of(view.frame.lang)
        screen: Any = self._screens.get(key)
        theme = self.theme(manner)
        paint.PEN.needed_px = theme.base_px
        if screen is None:
            kind = SCREENS[type(view)][1 if theme.compact else 0]
            screen = self._screens[key] = kind(view=view, theme=theme, touch=self._touch)
            screen.font = paint.PEN.font
        elif screen.view != view:
            screen.view = view
        if screen.font != paint.PEN.font:
            screen.font = paint.PEN.font
            reset(screen)
        if screen is not self.shown:
            self.clear_widgets()
            self.add_widget(screen)
            self.shown = screen
        self._come(view, before, theme)
        self._rest(VEIL_ALPHA if getattr(view, "resting", False) else 0.0, at_once=elder or not self._moving)

    def _come(self, view: View, before: View | None, theme: Theme) -> None:
        """Another page than the one ``before`` clears softly, between the title and the bar."""
        if not self._moving or before is None:
            return
        if view.frame.elder or view.frame.voice or isinstance(view, AT_ONCE):
            self._fade.end()
        elif type(view) is not type(before) or view.frame.title != before.frame.title:
            low = theme.bar.top if view.frame.bar else 0.0
            over = Rect(0, low, theme.width, theme.header.y - low)
            self._fade.begin(colour("ground", theme.palette), over)

    def theme(self, manner: Manner) -> Theme:
        """Made when it is first asked for, and kept."""
        if manner not in self._themes:
            elder, contrast, low = manner
            self._themes[manner] = make_theme(*self._panel, elder=elder, contrast=contrast, low=low)
        return self._themes[manner]

    def _rest(self, alpha: float, *, at_once: bool) -> None:
        """Darken or wake softly; nothing that can be touched changes. 长者专版 has no motion.

        The veil is only drawn while it darkens: laid over everything it costs a fifth of every frame, seen or not.
        """
        Animation.cancel_all(self._veil)
        if at_once:
            self._veil.a = alpha
        if alpha and not self._drawn_dark:
            self.canvas.after.add(self._dark)
        if self._veil.a != alpha:
            change = Animation(a=alpha, duration=WAKE_S)
            change.bind(on_complete=lambda *_: self._lift() if not alpha else None)
            change.start(self._veil)
        elif not alpha:
            self._lift()

    def _lift(self) -> None:
        if self._drawn_dark:
            self.canvas.after.remove(self._dark)

    @property
    def _drawn_dark(self) -> bool:
        return self._dark in self.canvas.after.children

    def forget(self) -> None:
        """The citizen has left: blank what is not shown now."""
        for screen in self._screens.values():
            if screen is not self.shown:
                screen.view = blanked(screen.view)

    def targets(self) -> Iterator[Key]:
        """Every control that can be touched now."""
        if self.shown is not None:
            for widget in self.shown.walk(restrict=True):
                if isinstance(widget, Key) and widget.button is not None and widget.button.enabled:
                    yield widget


def reset(screen: HallScreen) -> None:
    """Set every word of ``screen`` in the face in use: that of another language."""
    for widget in screen.walk(restrict=True):
        if isinstance(widget, Say):
            widget.refit()
        elif isinstance(widget, Keys | Paragraphs):
            widget.arrange()


def blanked(view: View) -> View:
    """``view`` without its words: same kind, same layout, nothing of a citizen."""
    empty: dict[str, Any] = {}
    for field in fields(view):
        value = getattr(view, field.name)
        if field.name not in _LAYOUT_FIELDS and isinstance(value, str | tuple):
            empty[field.name] = type(value)()
    return replace(view, frame=replace(view.frame, said=""), **empty)
