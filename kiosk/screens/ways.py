# mypy: allow-subclassing-any
# (Kivy ships no types)
"""How to check in."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallWays(HallScreen):
    pass


class SmallWays(HallScreen):
    pass


load_layout("ways")
