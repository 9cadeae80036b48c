"""A terminal at which nobody is: the picture that moves, what wakes it, dimmed hours, and the nightly start."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk import events
from kiosk.effects import Leave, Report, Send
from kiosk.events import DeviceChanged, KeyPressed, PanelChanged, Ticked, Touched
from kiosk.flow import Site
from kiosk.flow.idle import QUIET_S, UP_AT_LEAST_S, dim_hours, spread_min
from kiosk.flow.pages import Asking, Attract, Help, Hot, Shut, Start, TechCode
from kiosk.scenes import CARD, NOW, TAKE, Walk, ticket
from kiosk.scenes.orders import order
from kiosk.scenes.technician import HOLD
from kiosk.theme import contrast
from kiosk.views import view
from kiosk.views.attract import GROUNDS, INKS, STEP_S
from queue_server.wire import messages as wire

SITE = Site("hall", "大厅", "http://x", "林工", "021-0000-0001", "每天", attract_s=90, device="kiosk-01")


def alone(*happened: Any, site: Site = SITE, seconds: float = 91) -> Walk:
    return Walk(site).ready()(*happened).wait(seconds)


def page(walk: Walk) -> Any:
    return walk.state.session.page


def test_untouched_the_first_page_becomes_a_picture_that_says_how_to_begin() -> None:
    assert isinstance(page(alone(seconds=89)), Start)
    walk = alone()
    assert isinstance(page(walk), Attract)
    assert view(walk.state).begin == "轻触屏幕开始"  # type: ignore[union-attr]
    assert view(walk.state).begin_other == "Touch the screen to begin"  # type: ignore[union-attr]


def test_without_the_setting_there_is_none() -> None:
    assert isinstance(page(alone(site=replace(SITE, attract_s=0), seconds=1000)), Start)


def test_a_touch_only_wakes_it() -> None:
    for touch in (Touched("wake"), Touched("take-ticket")):
        walk = alone()(touch)
        assert isinstance(page(walk), Start)
    walk(Touched("take-ticket"))
    assert isinstance(page(walk), Hot)


def test_a_card_a_code_and_a_key_do_what_they_do_on_the_first_page() -> None:
    assert isinstance(page(alone()(CARD)), Asking)
    assert isinstance(page(alone()(events.CodeRead("12345678"))), Asking)
    assert isinstance(page(alone()(KeyPressed("0"))), Help)
    assert isinstance(page(alone()(HOLD)), TechCode)


def test_somebody_who_comes_near_wakes_it_and_it_waits_while_they_stand_there() -> None:
    walk = alone()(PanelChanged("presence", active=True))
    assert isinstance(page(walk), Start)
    walk.wait(300)
    assert isinstance(page(walk), Start)
    walk(PanelChanged("presence", active=False)).wait(91)
    assert isinstance(page(walk), Attract)


def test_what_the_first_page_says_to_somebody_is_not_covered() -> None:
    walk = Walk(SITE).ready()(*TAKE)
    wish = walk.wish
    walk(Touched("home")).wait(60)
    walk(events.Replied(ticket(wish))).wait(40)
    assert isinstance(page(walk), Start), "the number of who has left is shown"


def test_it_goes_on_hearing_of_link_orders_and_door() -> None:
    walk = alone()(events.LinkChanged(up=False), DeviceChanged("printer", "absent"))
    assert isinstance(page(walk), Attract)
    assert "网络" in view(walk.state).line  # type: ignore[union-attr]
    walk(order(wire.SetMode, mode="closed"))
    assert isinstance(page(walk), Shut)
    assert isinstance(page(alone()(PanelChanged("door", active=True))), Shut)


def test_no_place_is_always_light_or_dark_and_all_of_it_can_be_read() -> None:
    walk, seen = alone(), set()
    for _ in GROUNDS:
        walk.wait(STEP_S)
        seen.add(view(walk.state).ground)  # type: ignore[union-attr]
    assert seen == set(GROUNDS)
    for palette in ("plain", "contrast"):
        assert all(contrast(ink, ground, palette) >= 7 for ground, ink in INKS.items())


# --- nights -----------------------------------------------------------------------------------------------


def at(walk: Walk, local: str, up_s: float) -> Walk:
    """One tick at this Shanghai time."""
    hours, minutes = map(int, local.split(":"))
    now = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) + timedelta(hours=hours - 8, minutes=minutes)
    return walk(Ticked(now, up_s))


NIGHT = replace(SITE, restart_min=4 * 60)
LATE = f"4:{spread_min('kiosk-01'):02d}"


def test_a_fresh_start_each_night_when_nobody_is_there() -> None:
    walk = at(Walk(NIGHT).ready().wait(1), LATE, UP_AT_LEAST_S + 10)
    assert walk.effects[-2:] == [Report("restarting"), Leave("restart")]


@pytest.mark.parametrize("when", ["3:59", "7:30", "16:00"])
def test_only_in_its_hours(when: str) -> None:
    assert Leave("restart") not in at(Walk(NIGHT).ready().wait(1), when, UP_AT_LEAST_S + 10).effects


def test_not_twice_in_a_night_nor_while_somebody_is_there() -> None:
    assert Leave("restart") not in at(Walk(NIGHT).ready().wait(1), LATE, UP_AT_LEAST_S - 60).effects
    busy = Walk(NIGHT).ready().wait(1)
    at(busy, "3:30", UP_AT_LEAST_S)(Touched("take-ticket"))
    assert Leave("restart") not in at(busy, LATE, UP_AT_LEAST_S + 50).effects
    near = Walk(NIGHT).ready()(PanelChanged("presence", active=True)).wait(1)
    assert Leave("restart") not in at(near, LATE, UP_AT_LEAST_S + 2 * QUIET_S).effects


def test_a_wish_that_is_on_its_way_is_kept_by_the_outbox() -> None:
    """What was asked for lies on the disk before it is sent: the next start asks again, the ticket is printed then."""
    walk = Walk(NIGHT).ready()(*TAKE)
    assert any(isinstance(effect, Send) for effect in walk.effects)


def test_terminals_of_a_site_do_not_all_go_at_once() -> None:
    assert len({spread_min(f"kiosk-{n:02d}") for n in range(30)}) > 12


@pytest.mark.parametrize(("when", "dim"), [("21:59", False), ("22:00", True), ("3:00", True), ("6:00", False)])
def test_dim_hours_go_over_midnight(when: str, dim: bool) -> None:  # noqa: FBT001
    walk = at(Walk(replace(SITE, dim=(22 * 60, 6 * 60))).ready().wait(1), when, 50)
    assert dim_hours(walk.state) is dim


def test_in_dim_hours_an_unused_page_is_darker_and_a_used_one_is_not() -> None:
    site = replace(SITE, attract_s=0, dim=(0, 24 * 60 - 1))
    walk = Walk(site).ready().wait(70)
    assert view(walk.state).resting  # type: ignore[union-attr]
    walk(Touched("language"), Touched("language"))
    assert not view(walk.state).resting  # type: ignore[union-attr]
