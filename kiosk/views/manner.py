"""The switches for how a screen is drawn, for the page of settings and wherever else they are offered."""

from __future__ import annotations

from kiosk.flow import State
from kiosk.text import Words
from kiosk.views.parts import Button


def contrast_switch(state: State, w: Words) -> Button:
    on = state.session.contrast
    return Button("contrast", w("普通颜色") if on else w("高对比"), icon="contrast", tone="on" if on else "plain")


def low_switch(state: State, w: Words) -> Button | None:
    """None on the small panel: all of it is within reach."""
    if state.kiosk.site.compact:
        return None
    on = state.session.low
    return Button("low", w("普通高度") if on else w("低位"), icon="low", tone="on" if on else "plain")


def switches(state: State, w: Words) -> tuple[Button, ...]:
    """高对比, and where it has a meaning 低位."""
    low = low_switch(state, w)
    return (contrast_switch(state, w), *((low,) if low else ()))
