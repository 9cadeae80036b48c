"""Choosing a language, and what helps the eyes: nothing else of the session changes, one is back where one was.

On a closed terminal there is no page above, only the next language at each touch: whoever cannot read one of them
finds the own name on the control.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import get_args

from kiosk.events import Touched
from kiosk.flow.pages.settings import Settings
from kiosk.flow.state import Lang, State

LANGS: tuple[Lang, ...] = get_args(Lang)
NEXT: MappingProxyType[Lang, Lang] = MappingProxyType(
    {"zh-Hans": "en", "en": "ja", "ja": "ko", "ko": "zh-Hant", "zh-Hant": "zh-Hans"}
)


def touched(state: State, page: Settings, touch: Touched) -> State | None:
    """None for a touch that is not this page's own."""
    match touch:
        case Touched("set-language", lang) if lang in LANGS:
            back = state.back()
            return replace(back, session=replace(back.session, lang=lang))
        case Touched("language" | "back"):
            return state.back()
        case Touched("page", leaf) if leaf.isdecimal():
            return state.swap(replace(page, page=int(leaf)))
    return None


def next_language(state: State) -> State:
    """The next one in a ring of all."""
    return replace(state, session=replace(state.session, lang=NEXT[state.session.lang]))
