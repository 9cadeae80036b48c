"""The page 语言与显示: five languages by their own names, and the switches of the display."""

from __future__ import annotations

from kiosk.flow import State, pages
from kiosk.text import IN_ALL, NAMES, Words
from kiosk.views.choose import ListView, leaf, small
from kiosk.views.manner import switches
from kiosk.views.parts import Button, frame


def settings(state: State, page: pages.Settings, w: Words) -> ListView:
    """The language in use is marked; a touch on another leads back to where one was."""
    session = state.session
    tall = not state.kiosk.site.compact
    tiles = tuple(
        Button("set-language", name, value=lang, icon="check", tone="on")
        if lang == session.lang
        else Button("set-language", name, value=lang, icon="choice" if tall else "")
        for lang, name in NAMES.items()
    )
    tiles = (*tiles, *switches(state, w))
    shown, turn, where = leaf(tiles, page.page, 4 if small(state) else 10, w)
    title = w("语言与显示")
    top = frame(state, w, title, caption=w("选一种语言，办到哪里还在哪里"))
    return ListView(top, IN_ALL if tall else title, shown, turn, "", None, where=where, icon="globe")
