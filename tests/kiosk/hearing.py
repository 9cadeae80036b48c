"""What a page says, as one text: ``heard`` as it is drawn and captioned, ``by_ear`` as the voice says it."""

from __future__ import annotations

from kiosk.aloud import aloud
from kiosk.flow import State
from kiosk.views import page_view
from kiosk.views.reading import read


def heard(state: State) -> str:
    return "。".join(read(state, page_view(state)).phrases)


def by_ear(state: State) -> str:
    return "。".join(aloud(phrase, state.session.lang) for phrase in read(state, page_view(state)).phrases)
