"""A request that makes no sense on the bench, and the words that requests are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Deed: TypeAlias = Callable[[Mapping[str, Any]], None]
"""Something a hand does; it is given the request's details."""


class MisuseError(ValueError):
    """A request that makes no sense on this bench; ``code`` is stable."""

    def __init__(self, code: str, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status


def word(detail: Mapping[str, Any], key: str) -> str:
    """The text that a request gives as ``key``. Raises MisuseError."""
    said = detail.get(key)
    if not isinstance(said, str):
        raise MisuseError("missing-detail", f"say {key!r} as a string")
    return said


def count(detail: Mapping[str, Any], key: str, usual: int, most: int) -> int:
    """A whole number from 1 to ``most``, ``usual`` where the request says none. Raises MisuseError."""
    said = detail.get(key, usual)
    if not isinstance(said, int) or isinstance(said, bool) or not 1 <= said <= most:
        raise MisuseError("bad-detail", f"{key} is a whole number from 1 to {most}")
    return said


def number(detail: Mapping[str, Any], key: str, usual: float, least: float, most: float) -> float:
    """A number within its range, ``usual`` where the request says none. Raises MisuseError."""
    said = detail.get(key, usual)
    if not isinstance(said, int | float) or isinstance(said, bool) or not least <= said <= most:
        raise MisuseError("bad-detail", f"{key} is a number from {least:g} to {most:g}")
    return float(said)
