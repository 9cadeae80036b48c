"""Tokens and lines: contrast, sizes in millimetres, where a Chinese line may end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.icons import ICONS, picture
from kiosk.linebreak import NOT_FIRST, fit, pieces, wrap
from kiosk.theme import CAP_PER_EM, PALETTES, VEIL, VEIL_ALPHA, colour, contrast, make_theme
from kiosk.unbroken import WORDS

DEMO, SEVEN_INCH = (1080, 1920, 0.248), (800, 480, 0.193)

TEXT = [
    ("ink", "ground"), ("ink", "card"), ("soft", "card"), ("soft", "ground"), ("on_primary", "primary"),
    ("on_primary", "primary_down"), ("amber_ink", "amber"), ("good_ink", "good"),
    ("bad_ink", "bad"), ("ink", "on"), ("soft", "down"), ("ink", "down"), ("on_header", "header"),
    ("primary", "card"), ("primary", "ground"), ("primary", "on"), ("good_ink", "card"), ("good_ink", "ground"),
    ("bad_ink", "ground"), ("amber_ink", "card"),
]  # fmt: skip


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_seven_to_one(ink: str, ground: str, palette: str) -> None:
    assert contrast(ink, ground, palette) >= 7


@pytest.mark.parametrize("palette", PALETTES)
def test_what_is_out_of_use_is_greyer_and_still_legible(palette: str) -> None:
    assert contrast("off_ink", "off", palette) >= 4.5
    assert contrast("ink", "card", palette) >= 2 * contrast("off_ink", "off", palette)


def test_both_palettes_have_the_same_tokens_and_the_dark_one_is_black() -> None:
    assert {tuple(sorted(tokens)) for tokens in PALETTES.values()} == {tuple(sorted(PALETTES["plain"]))}
    assert colour("ground", "contrast") == (0, 0, 0, 1)


def test_a_resting_screen_can_still_be_read() -> None:
    def light(token: str) -> float:
        mixed = (x * (1 - VEIL_ALPHA) + y * VEIL_ALPHA for x, y in zip(colour(token)[:3], VEIL, strict=True))
        parts = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in mixed)
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    for ink, ground in (("ink", "card"), ("soft", "card"), ("soft", "ground"), ("on_primary", "primary")):
        low, high = sorted((light(ink), light(ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(
    ("edge", "ground"), [("edge", "card"), ("edge", "ground"), ("picture", "card"), ("primary", "ground")]
)
def test_edges_of_controls_stand_out_three_to_one(edge: str, ground: str, palette: str) -> None:
    assert contrast(edge, ground, palette) >= 3


@pytest.mark.parametrize("panel", [DEMO, SEVEN_INCH])
def test_letters_are_large_enough_at_half_a_metre(panel: tuple[int, int, float]) -> None:
    theme, elder = make_theme(*panel), make_theme(*panel, elder=True)
    assert theme.floor_px * CAP_PER_EM * panel[2] >= 6.1
    assert theme.least_px * CAP_PER_EM * panel[2] >= 4.8
    assert elder.base_px >= 1.39 * theme.base_px


def test_the_ticket_number_is_forty_millimetres_high_and_twenty_on_the_small_panel() -> None:
    assert make_theme(*DEMO).number_px * CAP_PER_EM * DEMO[2] >= 40
    assert make_theme(*SEVEN_INCH).number_px * CAP_PER_EM * SEVEN_INCH[2] >= 20


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize(("low", "limit"), [(False, 0.65), (True, 0.5)])
def test_on_the_tall_panel_everything_to_touch_stands_in_the_lower_part(
    *, elder: bool, low: bool, limit: float
) -> None:
    theme = make_theme(*DEMO, elder=elder, low=low)
    assert theme.reach.top <= limit * theme.height
    assert theme.bar.top < theme.reach.y
    assert theme.show.y > theme.reach.top
    assert theme.header.height == pytest.approx(0.12 * theme.height, abs=2)


def test_the_small_panel_stands_low_already() -> None:
    assert make_theme(*SEVEN_INCH, low=True) == make_theme(*SEVEN_INCH)


@pytest.mark.parametrize("name", sorted(ICONS))
def test_every_icon_draws_something_at_any_size(name: str) -> None:
    for size in (24, 70):
        assert picture(name, size).getbbox() is not None


def measure(sign: str) -> float:
    return 1.0 if ord(sign) >= 0x2E80 else 0.5


def test_a_chinese_line_does_not_begin_with_a_closing_mark() -> None:
    lines = wrap("没有签到成功,请再试一次,或者找帮办。", 6, measure)
    assert lines is not None
    assert not any(line[0] in NOT_FIRST for line in lines)


def test_english_breaks_between_words_and_after_a_hyphen() -> None:
    assert wrap("Apply for social-security card", 6.5, measure) == ["Apply for", "social-", "security card"]


def test_korean_breaks_between_words() -> None:
    assert wrap("여기서 기다려 주세요", 6, measure) == ["여기서", "기다려", "주세요"]


@given(st.integers(2, 14))
def test_a_japanese_line_does_not_begin_with_a_small_kana_or_a_long_vowel(width: int) -> None:
    lines = wrap("次のページでコードをチェックして、ちょっとお待ちください。係員が参ります。", width, measure)
    assert lines is None or not any(line[0] in NOT_FIRST for line in lines)


def test_two_lines_are_made_even() -> None:
    lines, _size, fits = fit("请到咨询台，或使用其他自助机办理", 120, 40, 10, 10, measure)
    assert fits
    assert lines == ["请到咨询台，", "或使用其他自助机办理"]
    assert fit("甲乙丙丁戊己庚", 60, 40, 10, 10, measure)[0] == ["甲乙丙丁", "戊己庚"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("窗口正在办理", ["窗口正在", "办理"]),
        ("社会保障卡申领", ["社会保障卡", "申领"]),
        ("您是第一位", ["您是", "第一位"]),
        ("視窗正在辦理", ["視窗正在", "辦理"]),
        ("约 8–15 分钟等候", ["约 8–15 分钟", "等候"]),
        ("第 1 页，共 2 页", ["第 1 页，", "共 2 页"]),
        ("番号票を発行しています", ["番号票を", "発行しています"]),
    ],
)
def test_a_line_tears_no_word_and_no_number_from_what_it_counts(text: str, lines: list[str]) -> None:
    widest = max(sum(map(measure, line)) for line in lines)
    assert fit(text, widest * 20, 60, 20, 20, measure) == (lines, 20, True)


def test_letters_become_a_little_smaller_rather_than_that_a_word_is_torn_but_not_much() -> None:
    assert fit("社会保障卡申领", 95, 60, 20, 10, measure)[:2] == (["社会保障卡", "申领"], 19)
    assert fit("社会保障卡", 68, 60, 20, 10, measure)[:2] == (["社会保", "障卡"], 20)


def test_a_box_too_narrow_for_a_word_tears_it_rather_than_lose_it() -> None:
    assert fit("社会保障卡", 30, 80, 10, 10, measure) == (["社会保", "障卡"], 10, True)


def test_the_words_of_a_line_are_known_in_both_scripts() -> None:
    words = WORDS.read_text(encoding="utf-8").split()
    assert len(words) == len(set(words))
    assert min(map(len, words)) > 1
    assert {"工作人员", "工作人員"} <= set(words)


def test_what_does_not_fit_is_said() -> None:
    assert fit("很长很长很长很长的一句话", 30, 10, 10, 10, measure)[2] is False


@given(st.text(max_size=80), st.floats(2, 30))
def test_no_sign_is_lost_by_breaking(text: str, width: float) -> None:
    assert "".join(pieces(text)) == text
    lines = wrap(text, width, measure)
    if lines is not None:
        assert "".join("".join(lines).split()) == "".join(text.split())


LAYOUTS = sorted((Path(__file__).parents[3] / "kiosk" / "screens").glob("*.kv"))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.stem)
def test_a_layout_writes_down_no_length_and_no_colour_of_its_own(layout: Path) -> None:
    """Shares and multiples of the theme's tokens: no pixels beyond a count of columns, no #RRGGBB, no rgba."""
    for number, line in enumerate(layout.read_text(encoding="utf-8").splitlines(), 1):
        code = re.sub(r'#:.*|# .*|"[^"#]*"|root\.colour\(.*|self\.colour\(.*|chr\(\d+\)', "", line)
        assert not re.search(r"#[0-9A-Fa-f]{3,8}\b", code), (layout.name, number, line)
        assert not re.search(r"rgba?: *[\d(]", code), (layout.name, number, line)
        assert not re.search(r"(?<![\w.])(?!10\b)\d{2,}(?:\.\d+)?", code), (layout.name, number, line)
