"""Finding a matter by what an on-screen keypad can type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.catalogue import QUERY_MAX, Catalogue, from_wire
from kiosk.scenes import shipped_catalogue

CATALOGUE = from_wire(shipped_catalogue())


def names(query: str) -> list[str]:
    return [matter.name_zh for matter in CATALOGUE.find(query)]


@pytest.mark.parametrize("query", ["社会保障卡", "shehuibaozhang", "shbzksl", "SHBZK", "social", "742", "743484226"])
def test_a_matter_is_among_the_first_three_however_it_is_typed(query: str) -> None:
    assert "社会保障卡申领" in names(query)[:3]


def test_every_matter_is_found_first_by_its_own_initials_or_nearly() -> None:
    late = [
        matter.name_zh for matter in CATALOGUE.matters.values() if matter not in CATALOGUE.find(matter.initials)[:3]
    ]
    assert late == []


def test_nothing_typed_finds_nothing_and_nonsense_too() -> None:
    assert names("") == []
    assert names("   ") == []
    assert names("qqqqqqq") == []


@given(st.text(max_size=200))
def test_any_signs_can_be_typed(query: str) -> None:
    assert CATALOGUE.find(query) == CATALOGUE.find(query[:QUERY_MAX])


def test_the_hot_list_is_filled_up_and_keeps_its_order() -> None:
    assert [matter.id for matter in CATALOGUE.hottest(6)] == list(CATALOGUE.hot[:6])
    assert len(CATALOGUE.hottest(20)) == 20
    assert Catalogue().hottest(6) == ()


def test_every_matter_stands_under_a_theme() -> None:
    under = [matter.id for zh, _en in CATALOGUE.themes for matter in CATALOGUE.of_theme(zh)]
    assert sorted(under) == sorted(CATALOGUE.matters)
