# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The large panel's first choice: six matters, every theme, the search."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallHot(HallScreen):
    pass


load_layout("hot")
