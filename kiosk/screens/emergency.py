# mypy: allow-subclassing-any
# (Kivy ships no types)
"""An emergency, over everything."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallEmergency(HallScreen):
    pass


class SmallEmergency(HallScreen):
    pass


load_layout("emergency")
