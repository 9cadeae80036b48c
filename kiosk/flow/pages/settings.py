"""How the screen is to be: its language, and what helps the eyes and the arms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Above the page one comes from, which is there again, as it was, when a language has been chosen."""

    page: int = 0
