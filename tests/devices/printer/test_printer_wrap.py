"""Lines on thermal paper: how wide, and where they may break."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.wrap import NOT_FIRST, clean, columns_of, gbk, width_of, wrap, wrap_evenly

TEXTS = st.text(alphabet=st.sampled_from("号请在区办理张𠮷䶮①“”，。（）《》 ab09-é¥—…\n\u0301"), max_size=80)
ANY = st.text(max_size=60)


@given(TEXTS, st.integers(2, 48))
def test_no_line_is_wider_than_the_paper(text: str, columns: int) -> None:
    assert all(width_of(line) <= columns for line in wrap(clean(text), columns))


@given(TEXTS, st.integers(2, 48))
def test_nothing_is_lost_but_spaces_and_the_order_stays(text: str, columns: int) -> None:
    text = clean(text)
    assert "".join(wrap(text, columns)).replace(" ", "") == text.replace(" ", "").replace("\n", "")


@given(ANY, st.integers(2, 48))
def test_any_text_can_be_wrapped(text: str, columns: int) -> None:
    assert len(wrap(clean(text), columns)) >= 1


@given(ANY)
def test_no_command_byte_can_come_from_a_text(text: str) -> None:
    printed = b"".join(gbk(ch) or b"" for line in wrap(clean(text), 20) for ch in line)
    assert not any(byte < 0x20 or byte == 0x7F for byte in printed)


def test_what_a_printer_sends_as_two_bytes_takes_two_columns_though_a_terminal_gives_it_one() -> None:
    assert [columns_of(ch) for ch in "A号①“—·𠮷é"] == [1, 2, 2, 2, 2, 2, 2, 2]
    assert width_of("“①”") == 6


def test_words_stay_whole_and_a_word_longer_than_the_paper_is_cut() -> None:
    assert wrap("please wait here", 11) == ["please wait", "here"]
    assert wrap("incomprehensibilities", 10) == ["incomprehe", "nsibilitie", "s"]


def test_no_line_begins_with_a_closing_mark_where_it_can_be_helped() -> None:
    for columns in range(6, 20):
        for line in wrap("请到三号窗口，出示（原件）。谢谢", columns)[1:]:
            assert line[0] not in NOT_FIRST, (columns, line)
    assert wrap("办理（原件）", 6) == ["办理", "（原", "件）"]


def test_a_mark_stays_with_its_letter() -> None:
    assert wrap("aaaaaq\u0301b", 6) == ["aaaaaq\u0301", "b"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\x1b@b", "a@b"),
        ("¥192", "￥192"),
        ("e\u0301", "é"),
        ("葛\U000e0100", "葛"),
        ("一\u2028二\u2029三\x85四", "一\n二\n三\n四"),
    ],
)
def test_a_text_is_cleaned_before_it_goes_to_a_printer(text: str, printed: str) -> None:
    assert clean(text) == printed


@given(TEXTS, st.integers(2, 48))
def test_even_lines_are_as_few_and_lose_nothing(text: str, columns: int) -> None:
    lines = wrap_evenly(clean(text), columns)
    assert len(lines) == len(wrap(clean(text), columns))
    assert all(width_of(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "").replace("\n", "")


def test_a_title_leaves_no_character_alone() -> None:
    assert wrap_evenly("星河市政务服务中心", 16) == ["星河市政务", "服务中心"]
    assert wrap_evenly("社会保险登记（单位、个人）", 24) == ["社会保险登记", "（单位、个人）"]
    assert wrap_evenly("short incomprehensibilities", 22) == ["short", "incomprehensibilities"], "words stay whole"
