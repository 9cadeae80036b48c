# mypy: allow-subclassing-any
# (Kivy ships no types)
"""A leaf of equal choices: matters of a theme, hits of a search, themes, appointments."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallList(HallScreen):
    pass


class SmallList(HallScreen):
    def title(self) -> str:
        return "  ".join(filter(None, (self.view.heading or self.view.frame.title, self.view.where)))


load_layout("matters")
