# mypy: allow-subclassing-any
# (Kivy ships no types)
"""A leaf of words on the small panel, what can be done beside it; or choices alone."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class SmallLeaf(HallScreen):
    pass


load_layout("leaf")
