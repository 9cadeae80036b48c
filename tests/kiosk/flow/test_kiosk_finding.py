"""Finding one among a thousand: how many touches, what is offered on the way, and what where there is nothing."""

from __future__ import annotations

import pytest

from kiosk import events
from kiosk.bench.search import catalogue
from kiosk.events import Touched
from kiosk.flow import Site, pages
from kiosk.scenes import Walk
from kiosk.spelling import DIGIT
from kiosk.views import ListView, SearchView, view

THOUSAND = catalogue(1000)


def ready(*, compact: bool = False) -> Walk:
    site = Site("demo", "Demo", "http://127.0.0.1:8080", "Demo street", "021-0000 0000", "Mon to Fri", compact=compact)
    return Walk(site).ready()(events.CatalogueChanged(THOUSAND))


def keys(text: str) -> list[Touched]:
    return [Touched("key", sign) for sign in text]


def offered(walk: Walk) -> list[str]:
    shown = view(walk.state)
    assert isinstance(shown, SearchView | ListView)
    return [button.value for button in (shown.hits if isinstance(shown, SearchView) else shown.tiles)]


@pytest.mark.parametrize("at", range(0, 1000, 83))
def test_any_of_a_thousand_matters_takes_four_touches_and_its_letters(at: int) -> None:
    matter = THOUSAND.matters[at]
    walk = ready()(Touched("take-ticket"), Touched("search"), *keys(matter.pinyin.replace(" ", "")[:40]))
    assert matter.id in offered(walk)
    walk(Touched("matter", matter.id), Touched("take"))
    assert isinstance(walk.state.session.page, pages.Asking)


@pytest.mark.parametrize("at", range(0, 1000, 83))
def test_on_the_small_panel_it_takes_five(at: int) -> None:
    matter = THOUSAND.matters[at]
    digits = matter.pinyin.replace(" ", "").translate(DIGIT)
    walk = ready(compact=True)(Touched("take-ticket"), Touched("search"), *keys(digits[:40]), Touched("show-found"))
    assert matter.id in offered(walk)
    walk(Touched("matter", matter.id), Touched("take"))
    assert isinstance(walk.state.session.page, pages.Asking)


def test_a_theme_with_a_hundred_matters_is_searched_from_its_first_leaf() -> None:
    theme = THOUSAND.matters[-1].theme_zh
    walk = ready()(Touched("take-ticket"), Touched("theme", theme))
    shown = view(walk.state)
    assert isinstance(shown, ListView)
    assert [button.action for button in shown.side] == ["page", "page", "search"]
    walk(Touched("search"), *keys(THOUSAND.matters[-1].initials))
    known = {matter.id: matter.theme_zh for matter in THOUSAND.matters}
    assert {known[name] for name in offered(walk)} == {theme}
    walk(Touched("show-found"))
    assert {known[name] for name in offered(walk)} == {theme}


def test_nobody_must_type_chinese_but_who_wants_to_can() -> None:
    walk = ready()(Touched("take-ticket"), Touched("search"), *keys("shebao"))
    shown = view(walk.state)
    assert isinstance(shown, SearchView)
    assert "社" in [button.value for button in shown.signs]
    walk(Touched("sign", "社"), Touched("sign", "保"))
    assert isinstance(walk.state.session.page, pages.Searching)
    assert walk.state.session.page.typed == "社保"
    assert view(walk.state).signs == ()  # type: ignore[union-attr]


def test_what_is_found_nowhere_leads_to_the_nearest_the_enquiry_and_to_help() -> None:
    walk = ready()(Touched("take-ticket"), Touched("search"), *keys("shehuixxxxxxxzzz"))
    shown = view(walk.state)
    assert isinstance(shown, SearchView)
    assert 1 <= len(shown.hits) <= 3
    assert shown.show.enabled
    walk(Touched("show-found"))
    assert 2 <= len(offered(walk)) <= 4
    assert offered(walk)[-1] == "M071"
    shown_list = view(walk.state)
    assert isinstance(shown_list, ListView)
    assert [button.action for button in shown_list.side] == ["help"]


def test_nonsense_leads_to_the_enquiry_alone() -> None:
    walk = ready()(Touched("take-ticket"), Touched("search"), *keys("q" * 40), Touched("show-found"))
    assert offered(walk) == ["M071"]


def test_of_more_than_forty_signs_the_first_forty_count() -> None:
    walk = ready()(Touched("take-ticket"), Touched("search"), *keys("s" * 60))
    assert isinstance(walk.state.session.page, pages.Searching)
    assert len(walk.state.session.page.typed) == 40
