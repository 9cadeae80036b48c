"""A first page without numbers: what still works when the hall is closed, and when the terminal can do nothing."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from kiosk import events
from kiosk.events import BlocksChanged, CatalogueChanged, LinkChanged, NearChanged, OutlookChanged, Touched
from kiosk.flow import Site, pages
from kiosk.flow.offline import OUT_AFTER_S, UNHEARD_S, all_out
from kiosk.scenes import NOW, Walk, outlook, shipped_catalogue
from kiosk.scenes.elsewhere import MORNING, hall, kiosks
from kiosk.views import Button, ElsewhereView, StartView, view
from queue_server.wire import messages as wire
from tests.kiosk.hearing import heard

SITE = Site("hall", "演示大厅 1号机", "http://x", "演示街道", "021-0000 0000", "周一至周五")
SMALL = replace(SITE, compact=True)
CLOSED = OutlookChanged(outlook(is_open=False))
DOWN, UP = LinkChanged(up=False), LinkChanged(up=True)
PANELS = pytest.mark.parametrize("site", [SITE, SMALL], ids=["21in", "7in"])


def shut(*halls: wire.NearHall, site: Site = SITE) -> Walk:
    return Walk(site).ready()(CLOSED, NearChanged(wire.Near(halls=list(halls), kiosks=kiosks())))


def elsewhere(walked: Walk) -> ElsewhereView:
    page = view(walked.state)
    assert isinstance(page, ElsewhereView)
    return page


def words(thing: Any) -> str:
    if isinstance(thing, str):
        return thing
    if isinstance(thing, tuple):
        return "\n".join(map(words, thing))
    return "\n".join(words(getattr(thing, f.name)) for f in fields(thing)) if is_dataclass(thing) else ""


def actions(page: ElsewhereView) -> list[str]:
    return [button.action for button in page.actions if isinstance(button, Button)]


def signs(walked: Walk) -> str:
    """All of them: on the small panel they take turns."""
    if not walked.state.kiosk.site.compact:
        return words(elsewhere(walked).signs)
    said = ""
    for _ in range(5):
        said += words(elsewhere(walked).signs)
        walked.wait(8)
    return said


# --- the hall is closed -------------------------------------------------------------------------------------


@PANELS
def test_a_closed_hall_offers_what_needs_no_window_and_no_number(site: Site) -> None:
    walked = shut(site=site)
    assert actions(elsewhere(walked)) == ["book", "services"]
    assert "明天 08:30 开放" in heard(walked.state)
    assert isinstance(walked(Touched("services")).state.session.page, pages.ServiceMenu)


def test_records_are_named_only_where_a_reader_can_fetch_them() -> None:
    walked = shut()
    assert "个人记录" in words(elsewhere(walked).actions)
    walked(events.DeviceChanged("idcard", "absent", "no-answer"))
    assert "个人记录" not in words(elsewhere(walked).actions)


def test_a_catalogue_of_which_nothing_can_be_booked_offers_no_booking() -> None:
    none = [msgspec.structs.replace(matter, bookable=False) for matter in shipped_catalogue().matters]
    walked = shut()(CatalogueChanged(msgspec.structs.replace(shipped_catalogue(), version="9-none", matters=none)))
    assert actions(elsewhere(walked)) == ["services"]


@PANELS
def test_the_nearest_hall_that_is_open_now_is_named_with_its_address_and_until_when(site: Site) -> None:
    later = hall("夜", NOW + timedelta(hours=1), 5, 300)
    near, far = hall("二", NOW - timedelta(hours=1), 3, 1240), hall("夜", NOW - timedelta(hours=1), 9, 2500)
    said = signs(shut(later, near, far, site=site))
    assert "附近开放" in said
    assert "示例二厅" in said
    assert "示例路 2 号" in said
    assert "开放到 12:15" in said
    assert "夜间" not in said
    assert ("1.2 公里" in said) is not site.compact


def test_a_hall_whose_distance_nobody_knows_is_named_without_one() -> None:
    assert "直线" not in signs(shut(hall("二", NOW - timedelta(hours=1), 3)))


def test_an_hour_that_has_passed_is_never_shown() -> None:
    walked = shut(hall("二", NOW - timedelta(hours=1), 1 + 1 / 60))
    assert "12:15" not in signs(walked)
    assert "开放到 10:16" in signs(walked)
    walked.wait(61)
    assert "开放到" not in signs(walked)
    assert "示例二厅" not in signs(walked)


def test_where_none_is_open_the_one_that_opens_first_is_named() -> None:
    late, early = hall("夜", MORNING - timedelta(minutes=10), 5), hall("二", MORNING - timedelta(hours=1), 5)
    said = signs(shut(late, early))
    assert "附近最早开放" in said
    assert "明天 07:30 开放" in said
    assert "示例二厅" in said


def test_a_hall_that_opens_after_this_one_is_no_help() -> None:
    assert elsewhere(shut(hall("二", MORNING + timedelta(minutes=1), 5))).signs == ()


def test_who_does_not_close_is_said_to_be_open_day_and_night() -> None:
    assert "全天开放" in signs(shut(hall("夜", NOW - timedelta(hours=10), 90)))


@PANELS
def test_the_desk_that_helps_from_afar_is_named_with_its_hours(site: Site) -> None:
    walked = shut(site=replace(site, remote_phone="021-0000 0009", remote_hours_zh="每天 7:00-22:00"))
    assert "021-0000 0009" in signs(walked)
    assert "每天 7:00-22:00" in signs(walked)


@PANELS
def test_whose_terminal_it_is_stands_on_every_first_page(site: Site) -> None:
    walked = shut(site=site)
    assert "021-0000 0000" in signs(walked) + words(elsewhere(walked))


def test_an_opening_that_should_have_been_is_not_promised_again() -> None:
    told = msgspec.structs.replace(outlook(is_open=False), next_opening=NOW - timedelta(minutes=1))
    assert elsewhere(Walk(SITE).ready()(OutlookChanged(told))).headline == "大厅现在不开放"


def test_the_hall_opens_and_the_first_page_is_back() -> None:
    walked = shut()(OutlookChanged(outlook()))
    assert isinstance(view(walked.state), StartView)


# --- nothing can be done ------------------------------------------------------------------------------------


def out(site: Site = SITE, *happened: events.Event) -> Walk:
    walked = Walk(site)(CatalogueChanged(shipped_catalogue()), NearChanged(wire.Near(kiosks=kiosks())), *happened)
    return walked(DOWN).wait(OUT_AFTER_S + 1)


@PANELS
def test_a_terminal_that_can_give_nothing_says_so_and_where_else(site: Site) -> None:
    walked = out(site)
    page = elsewhere(walked)
    assert "网络中断" in words(page) + (page.frame.strip.text if page.frame.strip else "")
    said = signs(walked)
    for part in ("021-0000 0000", "演示街道", "示例中心", "kiosk-02", "二楼电梯旁", "咨询台"):
        assert part in said, part
    assert actions(page) == ["guide"]
    assert isinstance(walked(Touched("guide")).state.session.page, pages.Hot)


@PANELS
def test_at_an_outlet_one_is_sent_to_the_hall_itself_and_not_to_a_desk_that_is_not_there(site: Site) -> None:
    ours = msgspec.structs.replace(hall("二", NOW - timedelta(hours=1), 3, 640), hall=site.hall)
    walked = Walk(site)(NearChanged(wire.Near(halls=[ours], kiosks=kiosks())), DOWN).wait(OUT_AFTER_S + 1)
    said = signs(walked)
    assert "咨询台" not in said
    for part in ("可以直接到大厅", "示例二厅", "开放到 12:15", "示例路 2 号"):
        assert part in said, part


def test_none_of_its_controls_leads_to_something_that_fails() -> None:
    walked = out()
    (guide,) = elsewhere(walked).actions
    walked(Touched(guide.action), Touched("matter", "M034"))
    assert isinstance(walked.state.session.page, pages.Confirm)


def test_without_a_catalogue_only_people_are_left() -> None:
    walked = Walk(SITE)(DOWN).wait(OUT_AFTER_S + 1)
    assert elsewhere(walked).actions == ()
    assert "021-0000 0000" in signs(walked)


@pytest.mark.parametrize("again", [UP, BlocksChanged({"A": 1})], ids=["the line", "a number"])
def test_it_goes_by_itself_when_anything_works_again(again: events.Event) -> None:
    walked = out()(again)
    assert isinstance(view(walked.state), StartView)


def test_the_last_number_given_brings_it_and_the_hall_heard_takes_it_away() -> None:
    walked = Walk(SITE).ready()(BlocksChanged({"A": 1}), DOWN).wait(OUT_AFTER_S + 1)
    assert not all_out(walked.state.kiosk)
    assert isinstance(elsewhere(walked(BlocksChanged({}))), ElsewhereView)
    walked(UP, OutlookChanged(outlook()))
    assert isinstance(view(walked.state), StartView)


def test_a_line_behind_which_nobody_speaks_is_no_line() -> None:
    walked = Walk(SITE).ready()
    moment = walked.state.kiosk.monotonic_s
    walked(events.Ticked(NOW, moment + UNHEARD_S - 1))
    assert isinstance(view(walked.state), StartView)
    walked(events.Ticked(NOW, moment + UNHEARD_S))
    assert isinstance(elsewhere(walked), ElsewhereView)
    assert isinstance(view(walked(OutlookChanged(outlook())).state), StartView)


def test_a_hall_that_speaks_now_and_then_is_heard_for_hours() -> None:
    assert isinstance(view(Walk(SITE).ready().wait(2 * UNHEARD_S).state), StartView)


def test_a_line_that_is_back_at_once_was_never_missed() -> None:
    walked = Walk(SITE).ready()(DOWN).wait(OUT_AFTER_S - 1)
    assert isinstance(view(walked.state), StartView)
    assert isinstance(view(walked(UP).wait(OUT_AFTER_S).state), StartView)


def test_a_terminal_that_is_just_starting_is_not_called_broken() -> None:
    assert isinstance(view(Walk(SITE).wait(60).state), StartView)


def test_no_picture_invites_to_a_terminal_that_can_do_nothing() -> None:
    site = replace(SITE, attract_s=90)
    assert isinstance(out(site).wait(200).state.session.page, pages.Start)
    walked = Walk(site).ready().wait(91)
    assert isinstance(walked.state.session.page, pages.Attract)
    assert isinstance(elsewhere(walked(DOWN).wait(OUT_AFTER_S + 1)), ElsewhereView)


def test_the_picture_of_a_closed_hall_does_not_praise_its_empty_line() -> None:
    walked = shut(site=replace(SITE, attract_s=90))(OutlookChanged(outlook(is_open=False, waiting=0))).wait(91)
    assert "无需等候" not in words(view(walked.state))
    assert "不在服务时间" in words(view(walked.state))


def test_hours_are_read_by_the_terminals_own_zone() -> None:
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=NOW.tzinfo)
    opening = wire.Opening(NOW - timedelta(hours=2), midnight)
    said = signs(shut(wire.NearHall("h", "示例二厅", "Hall Two", "示例路 2 号", [opening])))
    assert "开放到 明天 00:00" in said
