# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The ticket: its number first."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout


class TallTicket(HallScreen):
    pass


class SmallTicket(HallScreen):
    pass


load_layout("ticket")
