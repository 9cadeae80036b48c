# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Something is explained, with the next steps below it."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallMessage(HallScreen):
    pass


load_layout("message")
