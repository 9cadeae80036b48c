# mypy: allow-subclassing-any
# (Kivy ships no types)
"""What a hand does on the glass beyond touching a control: hold the bar for three seconds, and feel its way.

Holding the bottom bar turns 读屏 on and off, whatever control is under the finger; the control then does nothing.
While the page explores (读屏 without a keypad), a finger reads what it touches and moves over, and a short second
touch of the same control does what a first touch does otherwise. No gestures with several fingers, no swipes: nothing
has to be known that is not said when 读屏 is turned on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.uix.floatlayout import FloatLayout

from kiosk.widgets.keys import Key

HOLD_S = 3.0
TAP_S = 0.8
"""A second touch is a tap, not a hand that goes on feeling its way."""
CLOCK_FROM = 0.75
"""Where the clock's part of the header begins."""
STILL_PX = 24
"""A finger that has moved farther does not hold."""


class Felt(FloatLayout):
    """``touch`` hears what was meant; whoever inherits knows ``shown``, the screen with ``view`` and ``theme``."""

    shown: Any = None

    def __init__(self, touch: Callable[[str, str], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._told = touch
        self._held = False
        self._holding: Any = None
        self._under_finger: Key | None = None
        self._once_more = False
        self._down_s = 0.0

    def _touch(self, action: str, value: str) -> None:
        """A control was released; after a hold that was no touch of it."""
        if not self._held:
            self._told(action, value)

    def on_touch_down(self, touch: Any) -> bool:
        self._let_go()
        self._held = False
        self._down_s = time.monotonic()
        frame = self.shown.view.frame if self.shown is not None else None
        if frame is not None and frame.bar and self.shown.theme.bar.holds(*touch.pos):
            self._holding = Clock.schedule_once(lambda _s: self._hold("voice"), HOLD_S)
        elif frame is not None and self._on_clock(touch):
            self._holding = Clock.schedule_once(lambda _s: self._hold("technician"), HOLD_S)
        if frame is None or not frame.explore:
            return bool(super().on_touch_down(touch))
        key = self._under_finger = self._at(touch)
        self._once_more = key is not None and key.button.focused
        if key is not None and not self._once_more:
            self._told("focus", str(key.button.at))
        return True

    def on_touch_move(self, touch: Any) -> bool:
        if abs(touch.x - touch.ox) + abs(touch.y - touch.oy) > STILL_PX:
            self._let_go()
        if not self._explores:
            return bool(super().on_touch_move(touch))
        key = self._at(touch)
        if key is not self._under_finger:
            self._under_finger, self._once_more = key, False
            if key is not None:
                self._told("focus", str(key.button.at))
        return True

    def on_touch_up(self, touch: Any) -> bool:
        self._let_go()
        if not self._explores:
            return bool(super().on_touch_up(touch))
        key, once_more, self._once_more = self._under_finger, self._once_more, False
        if once_more and not self._held and time.monotonic() - self._down_s < TAP_S and key is self._at(touch):
            button = key.button if key is not None else None
            if button is not None and button.enabled:
                self._told(button.action, button.value)
        return True

    @property
    def _explores(self) -> bool:
        return self.shown is not None and bool(self.shown.view.frame.explore)

    def _at(self, touch: Any) -> Key | None:
        for widget in self.shown.walk(restrict=True):
            if isinstance(widget, Key) and widget.button is not None and widget.button.at >= 0 and widget.spans(touch):
                return widget
        return None

    def _on_clock(self, touch: Any) -> bool:
        """The upper right corner, where the clock stands: there a technician holds to come in."""
        header = self.shown.theme.header
        return bool(header.holds(*touch.pos) and touch.x > header.x + header.width * CLOCK_FROM)

    def _hold(self, action: str) -> None:
        self._holding = None
        self._told(action, "")
        self._held = True

    def _let_go(self) -> None:
        if self._holding is not None:
            self._holding.cancel()
            self._holding = None
