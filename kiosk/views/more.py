"""The rest of the small panel's bar: what is not urgent stands behind one control."""

from __future__ import annotations

from kiosk.flow import State
from kiosk.text import Words
from kiosk.views.checkin import WaysView
from kiosk.views.parts import Button, frame


def more(state: State, w: Words) -> WaysView:
    """The rest of the small panel's bar."""
    session = state.session
    actions = (
        Button("home", w("首页"), icon="home"),
        Button(
            "voice",
            w("读屏"),
            icon="voice",
            tone="on" if session.voice else "plain",
            enabled=state.kiosk.speaks or session.voice,
        ),
        Button("cover", w("遮挡"), icon="cover"),
    )
    return WaysView(frame(state, w, w("更多")), (), actions, w("首页会结束本次办理"))
