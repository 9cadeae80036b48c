# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The technician's code, and the way to it."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallTechCode(HallScreen):
    pass


class SmallTechCode(HallScreen):
    pass


load_layout("technician")
