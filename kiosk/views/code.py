"""Something to be carried away by a phone: a code, what it stands for in words, and how the paper is doing."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.views.parts import Button, Frame, Tone


@dataclass(frozen=True, slots=True)
class CodeView:
    """``heading`` first, ``large`` to be read from afar or typed, with ``large_note`` above it; ``lines`` one by one.

    ``qr`` is an address; ``paper`` says how the print-out is doing, or is empty.
    """

    frame: Frame
    heading: str
    large_note: str
    large: str
    lines: tuple[str, ...]
    qr: str
    qr_note: str
    paper: str
    paper_tone: Tone
    actions: tuple[Button, ...]
    leaves: int = 1
    """Of the small panel, this one counted."""
