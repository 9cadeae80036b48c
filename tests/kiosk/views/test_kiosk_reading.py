"""Every screen is heard: what is drawn is said, nothing is said that is not shown, and nothing personal is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from kiosk.aloud import aloud
from kiosk.flow import Site, State
from kiosk.scenes import scenes
from kiosk.text import NAMES, words
from kiosk.views import page_view, view
from kiosk.views.captions import COMPACT_EMS, TALL_EMS, ems, pieces
from kiosk.views.parts import Button, Frame
from kiosk.views.reading import DOTS, Reading, controls, named, read, walked

SITE = Site("demo", "演示大厅 1号机", "http://h", "演示街道", "021-0000 0000", "周一至周五", speech=True)
STATES = {"tall": scenes(SITE), "small": scenes(replace(SITE, compact=True))}
SCENES = [(panel, name) for panel, states in STATES.items() for name in states]
RAW = re.compile(r"[·≥≤●○*]|(?<=\d)[–—-](?=\d)|\d{5,}|\{|https?:")
IDENTIFIER = re.compile(r"[a-z]+(-[a-z]+)*")


def reading(panel: str, name: str, lang: str) -> tuple[State, Reading]:
    state = STATES[panel][name]
    state = replace(state, session=replace(state.session, lang=lang, voice=True, dark=False))  # type: ignore[arg-type]
    return state, read(state, page_view(state))


def said(now: Reading) -> list[str]:
    """Everything that can be heard on the page: it as a whole, and each control by itself."""
    w = words(now.lang)
    return [*now.phrases, *(named(w, item, role=True) for item in now.items)]


@pytest.mark.parametrize("lang", NAMES)
@pytest.mark.parametrize("panel", STATES)
def test_whatever_is_drawn_is_said(panel: str, lang: str) -> None:
    for name in STATES[panel]:
        state, now = reading(panel, name, lang)
        page = page_view(state)
        everything = said(now)
        assert page.frame.title in everything, name
        if page.frame.strip is not None:
            assert page.frame.strip.text in everything, name
        for part in walked(page):
            if isinstance(part, Button):
                assert any(part.label in phrase for phrase in everything), (name, part)
            elif not set(part) <= DOTS:
                assert all(line.strip() in everything for line in part.split("\n")), (name, part)
        assert now.strip == (page.frame.strip.text if page.frame.strip else "")


@pytest.mark.parametrize("lang", NAMES)
@pytest.mark.parametrize("panel", STATES)
def test_signs_become_words_and_nobody_is_named(panel: str, lang: str) -> None:
    for name in STATES[panel]:
        state, now = reading(panel, name, lang)
        for phrase in said(now):
            heard = aloud(phrase, lang)
            assert not RAW.search(heard), (name, phrase, heard)
            if card := state.session.card:
                assert card.masked_name.strip("*") not in heard, (name, phrase)
                assert card.last4 not in heard, (name, phrase)


@pytest.mark.parametrize("panel", STATES)
def test_no_field_that_is_no_word_is_read(panel: str) -> None:
    """A new field of a view that holds a name for a machine belongs to ``reading.SILENT``."""
    for name in STATES[panel]:
        _, now = reading(panel, name, "zh-Hans")
        assert [phrase for phrase in now.phrases if IDENTIFIER.fullmatch(phrase)] == [], name


@pytest.mark.parametrize("lang", NAMES)
@pytest.mark.parametrize("panel", STATES)
def test_every_piece_fits_the_line_and_nothing_is_lost(panel: str, lang: str) -> None:
    widest = COMPACT_EMS if panel == "small" else TALL_EMS
    for name in STATES[panel]:
        _, now = reading(panel, name, lang)
        assert now.widest == widest
        for phrase in said(now):
            parts = pieces(phrase, widest)
            assert all(ems(part) <= widest for part in parts), phrase
            assert "".join("".join(parts).split()) == "".join(phrase.split())


@pytest.mark.parametrize(("panel", "name"), SCENES)
def test_drawing_where_the_keypad_stands_changes_nothing_else(panel: str, name: str) -> None:
    state, now = reading(panel, name, "zh-Hans")
    page = page_view(state)
    shown = view(replace(state, session=replace(state.session, focus=0)))
    marks = controls(shown)
    assert [button.at for button in marks] == list(range(len(now.items)))
    assert [button.focused for button in marks] == [True] + [False] * (len(marks) - 1) if marks else True
    plain = [replace(button, at=-1, focused=False) for button in marks]
    assert plain == list(controls(page))
    assert shown.frame.said


@pytest.mark.parametrize(
    ("drawn", "lang", "heard"),
    [
        ("A023", "zh-Hans", "A 零 二 三"),
        ("A023", "en", "A 0 2 3"),
        ("约 8–15 分钟", "zh-Hans", "约 8 到 15 分钟"),
        ("8–15 min", "en", "8 to 15 min"),
        ("承诺 10:45 前叫到您", "zh-Hans", "承诺 10点45分 前叫到您"),
        ("08:05", "zh-Hans", "8点零5分"),
        ("10:05", "zh-Hans", "10点零5分"),
        ("10:00", "zh-Hant", "10点整"),
        ("10:45", "en", "10:45"),
        ("11/21 10:15", "zh-Hans", "11月21日 10点15分"),
        ("11/21 10:15", "en", "November 21 10:15"),
        ("2026-11-20", "zh-Hans", "二零二六年11月20日"),
        ("2026-11-20", "en", "November 20, 2026"),
        ("021-0000 0001", "zh-Hans", "零 二 一 , 零 零 零 零 , 零 零 零 一"),
        ("12345", "zh-Hans", "一 二 三 四 五"),
        ("例如 SBK", "zh-Hans", "例如 S B K"),
        ("张* 尾号 1234", "zh-Hans", "星号 尾号 星号"),
        ("138****5678", "zh-Hans", "星号"),
        ("Zhang*, ending 1234", "en", "asterisk , ending asterisk"),
        ("现场取号 · 证件已过期", "zh-Hans", "现场取号 ， 证件已过期"),
        ("≥60 岁", "zh-Hans", "大于等于 60 岁"),
        ("≥60", "en", "at least 60"),
        ("English", "zh-Hans", "英语"),
        ("中文", "en", "Chinese"),
        ("24 小时", "zh-Hans", "24 小时"),
        ("已呼叫，0:12", "zh-Hans", "已呼叫，12秒"),
        ("已呼叫，2:05", "zh-Hans", "已呼叫，2分5秒"),
        ("Called, 0:12", "en", "Called, 12 seconds"),
        ("Called, 1:01", "en", "Called, 1 minute 1 second"),
    ],
)
def test_what_is_drawn_as_it_is_said(drawn: str, lang: str, heard: str) -> None:
    assert aloud(drawn, lang) == heard


def test_what_is_for_the_eyes_alone_is_drawn_and_not_said() -> None:
    @dataclass(frozen=True, slots=True)
    class Line:
        label: str
        unread: str

    @dataclass(frozen=True, slots=True)
    class Record:
        frame: Frame
        lines: tuple[Line, ...]

    state, _ = reading("tall", "help", "zh-Hans")
    now = read(state, Record(page_view(state).frame, (Line("姓名", "张三"),)))
    assert "姓名" in now.phrases
    assert not any("张三" in phrase for phrase in now.phrases)
