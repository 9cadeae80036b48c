"""Searching among many: every way of typing, one slip, sound alike; and what may not depend on any of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.bench.search import Maker, by_hand, catalogue, examine
from kiosk.catalogue import from_wire
from kiosk.grams import Grams, places
from kiosk.scenes import shipped_catalogue
from kiosk.search import NEAREST, Index
from kiosk.spelling import plain, slipped, southern, typed

SHIPPED = shipped_catalogue()
INDEX = Index(SHIPPED.matters, SHIPPED.hot)


def names(query: str) -> list[str]:
    return [matter.name_zh for matter in INDEX.find(query)]


@pytest.mark.parametrize(
    "query",
    [
        *("社保卡", "社会保障", "社會保障卡", "shehuibaozhangka", "shbzksl", "SHBZK", "ｓｈｂｚｋ", "社hui保障"),
        *(
            "sehuibaozangka",
            "shehuibaozhnagka",
            "shehuibaozhangk",
            "shehuibaozzhangka",
            "社回保障卡",
            "she huibao zhang",
        ),
        *("7434842", "7429575", "social", "socialsecurity", "sociel security", "shbzjsl"),
    ],
)
def test_one_matter_is_among_the_first_three_however_it_is_typed(query: str) -> None:
    assert "社会保障卡申领" in names(query)[:3]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("dushengzinv", "独生子女档案查询"),
        ("dushengzinu", "独生子女档案查询"),
        ("chongmingchaxun", "新生儿重名查询"),
        ("敬捞卡", "敬老卡申领"),
        ("jignlaoka", "敬老卡申领"),
        ("鸡动车违法", "机动车违法信息查询"),
    ],
)
def test_a_reading_or_a_slip_does_not_hide_a_matter(query: str, wanted: str) -> None:
    assert wanted in names(query)[:3]


def test_what_is_typed_as_it_stands_comes_before_what_may_have_been_meant() -> None:
    found = names("居住证")
    assert all("居住证" in name for name in found[:3])


def test_a_query_by_hand_is_found_in_the_shipped_catalogue() -> None:
    missed = examine(INDEX.find, by_hand(), keystrokes=False).missed
    assert [(query.text, found) for query, found in missed] == []


def test_nineteen_of_twenty_are_among_the_first_three_of_a_thousand() -> None:
    message = catalogue(1000)
    index = Index(message.matters, message.hot)
    result = examine(index.find, [*Maker(message.matters, 5).make(96), *by_hand()], keystrokes=False)
    assert result.rate(2) >= 0.95


def test_the_same_seed_asks_the_same() -> None:
    assert Maker(SHIPPED.matters, 3).make(24) == Maker(SHIPPED.matters, 3).make(24)
    assert Maker(SHIPPED.matters, 3).make(24) != Maker(SHIPPED.matters, 4).make(24)


def test_a_theme_is_searched_alone() -> None:
    within = INDEX.find("cx", "查询打印")
    assert within
    assert {matter.theme_zh for matter in within} == {"查询打印"}
    assert INDEX.find("敬老卡", "查询打印") == ()


def test_for_nonsense_the_nearest_are_offered_and_for_less_nothing() -> None:
    assert INDEX.find("qqqqqqqq") == ()
    assert INDEX.nearest("qqqqqqqq") == ()
    assert 1 <= len(INDEX.nearest("shehuixxxxxxzz")) <= NEAREST


def test_characters_are_offered_for_the_letters_typed_and_take_their_place() -> None:
    assert "保" in INDEX.signs_for("bao")
    assert INDEX.signs_for("社bao") == ("保",)
    assert INDEX.signs_for("xyz") == INDEX.signs_for("") == INDEX.signs_for("社保") == ()
    assert INDEX.with_sign("shebao", "社") == "社bao"
    assert INDEX.with_sign("社bao", "保") == "社保"
    assert INDEX.with_sign("sh", "社") == "社"
    assert INDEX.with_sign("sh", "保") == INDEX.with_sign("sh", "x") == "sh"


@given(st.text(max_size=60))
def test_any_signs_can_be_typed(query: str) -> None:
    INDEX.find(query)
    INDEX.nearest(query)


@given(st.text("abcs", min_size=2, max_size=8), st.integers(0, 7), st.sampled_from("abcs"))
def test_one_slip_is_seen_and_its_names_are_let_through(key: str, at: int, other: str) -> None:
    at %= len(key)
    grams = Grams()
    for gram in {key[n : n + 2] for n in range(len(key))} | set(key):
        grams.add(gram, 1)
    for text in (key[:at] + other + key[at + 1 :], key[:at] + key[at + 1 :], key[:at] + other + key[at:]):
        if text and text != key and not key.startswith(text):
            assert slipped(key, 0, text) is not None
            assert list(places(grams.slipped(text) & 1)) == [0]


def test_what_many_do_not_tell_apart_sounds_alike() -> None:
    assert southern("zhang") == southern("zan")
    assert southern("nv") == southern("lu")
    assert plain(" Ａ－ｂ\x00\u200b社") == "ab社"


def test_letters_are_followed_through_the_units() -> None:
    readings = ("she", "hui", "bao")
    assert typed("", readings, 0, "shb") == (3, True)
    assert typed("", readings, 0, "shehuib") == (3, True)
    assert typed("", readings, 0, "shhb") == (3, False)
    assert typed("社会保", readings, 1, "会b") == (2, True)
    assert typed("", readings, 0, "shx") is None


def test_a_catalogue_is_made_once() -> None:
    assert from_wire(SHIPPED) is from_wire(SHIPPED)
