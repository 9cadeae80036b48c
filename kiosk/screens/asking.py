# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The hall has been asked and has not answered yet."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallAsking(HallScreen):
    pass


class SmallAsking(HallScreen):
    pass


load_layout("asking")
