"""How the screen is drawn belongs to one citizen: it stays from page to page and ends with the session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.events import Touched
from kiosk.flow import Site
from kiosk.flow.pages import Settings, Start
from kiosk.scenes import TAKE, Walk
from kiosk.views import StartView, view

TALL = Site("demo", "Demo kiosk", "http://127.0.0.1:8080", "Demo street", "021-0000 0000", "Mon to Fri", speech=True)


@pytest.mark.parametrize("switch", ["contrast", "low"])
def test_a_switch_stays_on_from_page_to_page_until_it_is_touched_again_or_the_citizen_leaves(switch: str) -> None:
    walk = Walk(TALL).ready()(Touched("language"), Touched(switch))
    assert isinstance(walk.state.session.page, Settings)
    assert getattr(view(walk.state).frame, switch)
    walk(Touched("back"), *TAKE[:2])
    assert getattr(view(walk.state).frame, switch)
    assert not getattr(view(Walk(TALL).ready()(Touched(switch), Touched(switch)).state).frame, switch)
    walk(Touched("home"))
    assert isinstance(walk.state.session.page, Start)
    assert not getattr(view(walk.state).frame, switch)


def test_the_low_manner_is_offered_on_the_first_page_and_not_where_all_stands_low() -> None:
    for site in (TALL, replace(TALL, compact=True)):
        page = view(Walk(site).ready().state)
        assert isinstance(page, StartView)
        assert (page.low is None) == site.compact
    small = Walk(replace(TALL, compact=True)).ready()(Touched("low"))
    assert not view(small.state).frame.low
