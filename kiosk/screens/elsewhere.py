# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The first page while no number is to be had: what still works here, and where else to go."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallElsewhere(HallScreen):
    pass


class SmallElsewhere(HallScreen):
    pass


load_layout("elsewhere")
