# mypy: allow-subclassing-any
# (Kivy ships no types)
"""What is so: how far a ticket or a case is, and a record's lines."""

from __future__ import annotations

from kiosk.screens.frame import HallScreen, load_layout
from kiosk.widgets import facts  # noqa: F401  (a name that the layout uses)


class TallFacts(HallScreen):
    pass


load_layout("facts")
