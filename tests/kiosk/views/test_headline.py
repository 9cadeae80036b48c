"""Several sentences are no wall: the first stands large, steps stand one below the other."""

from __future__ import annotations

import pytest

from kiosk.views.headline import headline, line_by_line


@pytest.mark.parametrize(
    ("said", "first", "rest"),
    [
        ("没有查到这个号。请核对号票；仍找不到，请到窗口。", "没有查到这个号", "请核对号票；仍找不到，请到窗口。"),
        ("No such number. Please check it.", "No such number", "Please check it."),
        ("请到咨询台。", "请到咨询台。", ""),
        ("Room 1.5 is open.", "Room 1.5 is open.", ""),
        ("", "", ""),
    ],
)
def test_the_first_sentence_stands_alone_without_its_stop(said: str, first: str, rest: str) -> None:
    assert headline(said) == (first, rest)


def test_steps_stand_one_below_the_other_and_no_sign_is_lost() -> None:
    assert line_by_line("点“暂离”；回来点“我回来了”。只能一次。") == "点“暂离”；\n回来点“我回来了”。\n只能一次。"
    assert line_by_line("Step out; come back. No phone? Ask.") == "Step out;\ncome back.\nNo phone?\nAsk."
