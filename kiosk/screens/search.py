# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Typing a few letters, and the matters that fit."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallSearch(HallScreen):
    pass


class SmallSearch(HallScreen):
    pass


load_layout("search")
