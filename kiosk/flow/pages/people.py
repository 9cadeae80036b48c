"""The places that are there for people: something left behind, a rating, coming for somebody else.

As everywhere a page holds no name, no number of a person and no sealed box: whose cards were laid down on the way
of 替别人办 stands in ``Session.proxy``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardLeft:
    """A card lies on the reader and its owner's session is over; how long, and who knows, is in ``Kiosk.left_card``."""
