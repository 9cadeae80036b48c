"""Walks that lead to every screen, for pictures and for the tests that look at each of them.

Events go through the real flow with the shipped catalogue; only the hall's answers are written down here.
People, numbers and tokens are invented. ``walk`` has what scenes are made with, the other modules one kind of
business each.
"""

from __future__ import annotations

from functools import cache

from kiosk.flow import Site, State
from kiosk.scenes.booking import booking
from kiosk.scenes.common import common
from kiosk.scenes.elsewhere import elsewhere
from kiosk.scenes.idle import idle
from kiosk.scenes.languages import languages
from kiosk.scenes.offline import offline
from kiosk.scenes.orders import orders
from kiosk.scenes.people import people
from kiosk.scenes.service import service
from kiosk.scenes.technician import technician
from kiosk.scenes.texting import texting
from kiosk.scenes.voice import voice
from kiosk.scenes.walk import CARD, NOW, TAKE, TOKEN, Walk, outlook, refused, request_id, shipped_catalogue, ticket

__all__ = [
    "CARD",
    "NOW",
    "TAKE",
    "TOKEN",
    "Walk",
    "outlook",
    "refused",
    "request_id",
    "scenes",
    "shipped_catalogue",
    "ticket",
]


@cache
def scenes(site: Site) -> dict[str, State]:
    """Every screen and its states, by name, for one panel; in Chinese and normal size, to be varied by callers."""
    return {
        **common(site),
        **elsewhere(site),
        **people(site),
        **booking(site),
        **languages(site),
        **offline(site),
        **voice(site),
        **orders(site),
        **service(site),
        **technician(site),
        **texting(site),
        **idle(site),
    }
