"""The measuring measures what it says: the published frames' bytes, on a wire that takes its time."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.idcard import measure
from devices.idcard.protocol import FIND_CARD, READ_TEXT_AND_PHOTO, SELECT_CARD

pytestmark = pytest.mark.wire


def test_the_wire_s_time_is_that_of_the_published_frames() -> None:
    assert [asked for asked, _ in measure.EXCHANGES] == [
        len(FIND_CARD), len(SELECT_CARD), len(READ_TEXT_AND_PHOTO),
    ]  # fmt: skip
    full_read_ms = measure.EXCHANGES[2][1] * 10_000 / 115_200
    find_and_answer_ms = sum(measure.EXCHANGES[0]) * 10_000 / 9_600
    assert (round(full_read_ms), round(find_and_answer_ms)) == (112, 26)  # as the manuals' readers reckon
    assert measure.wire_s(9_600) == pytest.approx(12 * measure.wire_s(115_200))


def test_neither_the_driver_nor_the_echo_is_faster_than_the_wire(tmp_path: Path) -> None:
    baud = 115_200
    whole_s, found_s = measure._readings(tmp_path / "idcard", baud, 2, 0.3)
    assert len(whole_s) == len(found_s) == 2
    assert min(*whole_s, *found_s) >= measure.wire_s(baud) * 0.99
    assert measure._echo(tmp_path / "echo", baud) >= measure.wire_s(baud) * 0.99
