"""What a reading process says of a record (``record_box``), as the kiosk's own lines and as paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.printer.slip import Feed, Line, Rule, Slip, SlipItem
from kiosk.events import RecordLine


def lines_of(said: Sequence[Sequence[Any]]) -> tuple[RecordLine, ...]:
    """Raises ValueError, TypeError for what is not of its form."""
    return tuple(RecordLine(zh, en, shown, masked=masked) for zh, en, shown, masked in said)


def slip_of(items: Sequence[Sequence[Any]]) -> Slip:
    """Raises ValueError for what is no part of a slip."""
    return Slip(tuple(map(_item, items)))


def _item(item: Sequence[Any]) -> SlipItem:
    match item:
        case ["line", text, size, align, bold]:
            return Line(text, size=size, align=align, bold=bold)
        case ["rule"]:
            return Rule()
        case ["feed"]:
            return Feed()
    raise ValueError("no part of a slip")
