# mypy: allow-subclassing-any
# (Kivy ships no types)
"""A question with six answers of one size."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallRate(HallScreen):
    pass


class SmallRate(HallScreen):
    def title(self) -> str:
        return str(self.view.question)


load_layout("rate")
