"""The printer's figures: each beside its baseline, from tickets that were really printed."""

from __future__ import annotations

import re

from devices.printer.measure import every_line_drawn, figures, hall_ticket
from devices.printer.profile import load_profile
from devices.printer.render import render


def test_every_row_has_its_baseline_and_its_ratio() -> None:
    head, _, *rows = figures(quick=True)
    assert "target 50 ms" in head
    assert [row.split("  ")[0] for row in rows][:2] == ["80 mm, text", "58 mm, text"]
    for row in rows:
        numbers = [float(number) for number in re.findall(r"\d+\.\d+", row)]
        assert len(numbers) == 7, row
        assert all(number > 0 for number in numbers)


def test_what_is_measured_is_what_it_is_called() -> None:
    """The text path sends no image; the drawn one draws every line of text."""
    assert b"\x1dv0" not in render(hall_ticket(), load_profile())
    drawn = render(every_line_drawn(), load_profile("raster-qr"))
    assert "前面".encode("gbk") not in drawn
    assert drawn.count(b"\x1dv0") >= 14
