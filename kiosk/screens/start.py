# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The first page: three ways to begin, the hall's line, and whose terminal this is."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallStart(HallScreen):
    pass


class SmallStart(HallScreen):
    pass


load_layout("start")
