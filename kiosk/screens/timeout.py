# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Time is nearly out."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallTimeout(HallScreen):
    pass


class SmallTimeout(HallScreen):
    pass


load_layout("timeout")
