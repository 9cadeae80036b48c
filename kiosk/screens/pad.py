# mypy: allow-subclassing-any
# (Kivy ships no types)
"""A pad of keys for a number or a code."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallPad(HallScreen):
    pass


class SmallPad(HallScreen):
    pass


load_layout("pad")
