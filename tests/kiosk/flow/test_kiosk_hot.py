"""The tiles of the first choice: what is wanted at this hour, and they never move under a finger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.events import Idle, LinkChanged, OutlookChanged, Touched
from kiosk.flow import Site
from kiosk.scenes import Walk, outlook, shipped_catalogue
from kiosk.views import view

SITE = Site("hall", "演示大厅 1号机", "http://x", "演示街道", "021-0000 0000", "周一至周五")
OWN = shipped_catalogue().hot
HOUR = ["M052", "M021", "M001"]


def told(*hot: str) -> OutlookChanged:
    return OutlookChanged(outlook(hot=hot))


def tiles(walked: Walk) -> list[str]:
    return [button.value for button in view(walked.state).tiles]  # type: ignore[union-attr]


def test_the_hours_matters_come_first_and_the_catalogue_fills_up() -> None:
    walked = Walk(SITE).ready()(told(*HOUR), Touched("take-ticket"))
    assert tiles(walked) == [*HOUR, *[name for name in OWN if name not in HOUR][:3]]


def test_the_small_panel_has_the_first_four_of_the_same_order() -> None:
    tall, small = (Walk(replace(SITE, compact=compact)).ready()(told(*HOUR)) for compact in (False, True))
    assert tiles(small(Touched("take-ticket"))) == tiles(tall(Touched("take-ticket")))[:4]


def test_nothing_moves_while_somebody_chooses() -> None:
    walked = Walk(SITE).ready()(told(*HOUR), Touched("take-ticket"))
    before = tiles(walked)
    walked(told("M040", "M034"))
    assert tiles(walked) == before
    assert tiles(walked(Touched("themes"), Touched("back"))) == before
    assert tiles(walked(Touched("elder"))) == before[:4]
    walked(Idle(), Touched("take-ticket"))
    assert tiles(walked)[:2] == ["M040", "M034"]


@pytest.mark.parametrize("happened", [[told()], [told(*HOUR), LinkChanged(up=False)], [told("M999", "nonsense")]])
def test_without_news_of_the_hall_the_catalogues_own_list_stands(happened: list[object]) -> None:
    walked = Walk(SITE).ready()(*happened, Touched("take-ticket"))  # type: ignore[arg-type]
    assert tiles(walked) == list(OWN)[:6]


def test_being_helped_is_no_tile() -> None:
    help_ = next(matter.id for matter in shipped_catalogue().matters if matter.role == "help")
    walked = Walk(SITE).ready()(told(help_, *HOUR), Touched("take-ticket"))
    assert tiles(walked)[:3] == HOUR


def test_the_search_begins_with_the_same_matters() -> None:
    walked = Walk(SITE).ready()(told(*HOUR), Touched("take-ticket"), Touched("search"))
    assert [button.value for button in view(walked.state).hits][:3] == HOUR  # type: ignore[union-attr]
