# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The screen is hidden."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallCover(HallScreen):
    pass


class SmallCover(HallScreen):
    pass


load_layout("cover")
