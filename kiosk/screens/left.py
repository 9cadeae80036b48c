# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Something was left behind: a picture over the whole screen."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallLeft(HallScreen):
    pass


class SmallLeft(HallScreen):
    pass


load_layout("left")
