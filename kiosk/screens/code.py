# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Something for a phone to take along: a code, and what it stands for."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallCode(HallScreen):
    pass


class SmallCode(HallScreen):
    def title(self) -> str:
        """How the print-out is doing, where there is one: there is no other place for it on this panel."""
        return str(self.view.paper or self.view.frame.title)


load_layout("code")
