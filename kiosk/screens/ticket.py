# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The ticket: its number first."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallTicket(HallScreen):
    pass


class SmallTicket(HallScreen):
    def title(self) -> str:
        """How the print-out is doing: there is no other place for it on this panel."""
        return str(self.view.paper or self.view.frame.title)


load_layout("ticket")
