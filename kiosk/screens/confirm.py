# mypy: allow-subclassing-any
# (Kivy ships no types)
"""What to bring and how long it takes, and the ticket."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallConfirm(HallScreen):
    pass


load_layout("confirm")
