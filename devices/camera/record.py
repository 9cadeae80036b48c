"""What a camera is told: whether anybody wants codes read now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job for the camera's supervisor: look for codes, or switch the camera off until they are wanted again."""

    wanted: bool
