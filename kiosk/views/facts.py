"""One page for what is so: something large, in a few words how it is, lines of facts, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.views.parts import Button, Frame, Tone, Waiting


@dataclass(frozen=True, slots=True)
class Fact:
    """``strong``: what one acts on. ``unread`` is drawn in place of ``text`` and never spoken."""

    label: str
    text: str
    strong: bool = False
    unread: str = ""


@dataclass(frozen=True, slots=True)
class FactsView:
    """``large`` is read from afar (a number, a window), ``state`` beside it in words, ``tone`` of the state.

    With ``waiting`` the line stands above the facts as a picture. ``note`` is one line under the facts.
    """

    frame: Frame
    large: str
    state: str
    tone: Tone
    waiting: Waiting | None
    facts: tuple[Fact, ...]
    note: str
    actions: tuple[Button, ...]
