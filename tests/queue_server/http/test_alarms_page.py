"""Alarms and calls for help as staff meet them: on their own page, on the console, and as JSON."""

from __future__ import annotations

from typing import Any

import pytest
import uuid6

from queue_server.auth import Role
from queue_server.domain.messages import CallHelp, OpenCounter, PauseCounter, Tick
from queue_server.herald import outlook_of
from queue_server.http.board import board_view

HALL = "xinghe-hall"
API = f"/api/staff/halls/{HALL}"


def later(house: Any, **span: float) -> None:
    """Time passes, and the timekeeper looks."""
    house.clock.forward(**span)
    house.ask(Tick(id="tick", by="system"))


def call_help(house: Any, kiosk: str = "kiosk-01") -> str:
    return str(house.ask(CallHelp(id=str(uuid6.uuid7()), by=f"kiosk:{kiosk}", kiosk=kiosk, lang="en")).help_id)


@pytest.fixture
def mei(sign_in: Any) -> Any:
    """A clerk at window 1."""
    browser = sign_in("mei", Role.CLERK)
    assert browser.press("1", "open").status_code == 200
    return browser


@pytest.fixture
def wu(sign_in: Any) -> Any:
    return sign_in("wu", Role.MANAGER)


def kinds(view: Any) -> list[str]:
    return [one["kind"] for one in view["alarms"]]


def test_a_broken_promise_stands_on_the_page_until_somebody_takes_it_and_the_call_ends_it(house: Any, mei: Any) -> None:
    ticket = house.take()
    later(house, minutes=31)
    mei.post("/staff/unlock", data={"csrf": mei.csrf, "password": "a long enough phrase", "next": "/staff"})
    page = mei.get(f"/alarms/{HALL}").text
    assert "已超过承诺时间，还没叫到" in page
    assert "Past the promised time" in page
    assert ticket.number in page
    assert "1 条告警没有人处理" in page
    (alarm,) = mei.get(f"{API}/alarms").json()["alarms"]
    assert (alarm["kind"], alarm["level"], alarm["to"]) == ("broken", "red", ["lamp", "counter", "manager"])
    assert mei.post(f"/alarms/{HALL}/{alarm['id']}/acknowledge").headers["location"] == f"/alarms/{HALL}"
    assert "告警都有人处理" in mei.get(f"/alarms/{HALL}").text
    mei.press("1", "call-next")
    view = mei.get(f"{API}/alarms").json()
    assert view["alarms"] == []
    assert (view["past"][0]["kind"], view["past"][0]["more_zh"]) == ("broken", "已叫到")
    assert "没有告警" in mei.get(f"/alarms/{HALL}").text


def test_what_is_told_to_the_manager_alone_a_clerk_neither_sees_nor_takes(house: Any, sign_in: Any, wu: Any) -> None:
    lan = sign_in("lan", Role.CLERK)
    house.take()
    later(house, minutes=2)
    assert kinds(wu.get(f"{API}/alarms").json()) == ["no-window"]
    assert kinds(lan.get(f"{API}/alarms").json()) == []
    (alarm,) = wu.get(f"{API}/alarms").json()["alarms"]
    no = lan.post(f"{API}/alarms/{alarm['id']}/acknowledge")
    assert (no.status_code, no.json()["refused"]["code"]) == (409, "not-your-role")
    done = wu.post(f"{API}/alarms/{alarm['id']}/acknowledge").json()
    assert done["refused"] is None
    assert done["view"]["unacknowledged"] == 0
    gone = wu.post(f"{API}/alarms/a99/acknowledge").json()
    assert gone["refused"]["code"] == "unknown-alarm"


def test_what_nobody_takes_is_told_to_the_district_and_the_page_says_so(house: Any, wu: Any) -> None:
    house.take()
    later(house, minutes=7)
    page = wu.get(f"/alarms/{HALL}").text
    assert "无人处理，已上报" in page
    assert "值班长、区级" in page


def test_a_call_for_help_is_answered_by_one_and_ended_with_what_came_of_it(house: Any, mei: Any, sign_in: Any) -> None:
    name = call_help(house)
    later(house, seconds=50)
    view = mei.get(f"{API}/alarms").json()
    assert kinds(view) == ["help-amber"]
    assert [(one["place_zh"], one["level"], one["answered_at"]) for one in view["help"]] == [
        ("一楼大门内右侧", "amber", None)
    ]
    assert "我去" in mei.get(f"/alarms/{HALL}").text
    assert mei.post(f"{API}/help/{name}/answer").json()["view"]["help"][0]["mine"] is True
    lan = sign_in("lan", Role.CLERK)
    assert lan.post(f"{API}/help/{name}/answer").json()["refused"]["code"] == "help-taken"
    sorry = lan.post(f"/alarms/{HALL}/help/{name}/answer", headers={"accept": "text/html"})
    assert (sorry.status_code, "已有同事去帮忙" in sorry.text) == (409, True)
    assert mei.post(f"/alarms/{HALL}/help/{name}/solved").status_code == 303
    assert mei.get(f"{API}/alarms").json()["help"] == []
    assert mei.post(f"{API}/help/{name}/dance").status_code == 400


def test_the_console_shows_what_concerns_its_window_and_burns_its_lamp(house: Any, mei: Any, sign_in: Any) -> None:
    house.take()
    mei.press("1", "call-next")
    mei.press("1", "identity")
    later(house, minutes=2)
    call_help(house)
    mei.at_work(house.clock, 14)
    later(house, seconds=1)
    mine = mei.press("1", "call-again").json()["view"]["watch"]
    assert [one["kind"] for one in mine["alarms"]] == ["service-amber"]
    assert (mine["lamp"], mine["blinking"]) == ("red", True)
    assert [one["level"] for one in mine["help"]] == ["red"]
    lan = sign_in("lan", Role.CLERK)
    theirs = lan.press("2", "open").json()["view"]["watch"]
    assert (theirs["alarms"], theirs["lamp"]) == ([], "red"), "help is everybody's, the service is window 1's"
    for alarm in mei.get(f"{API}/alarms").json()["alarms"]:
        mei.post(f"{API}/alarms/{alarm['id']}/acknowledge")
    steady = mei.press("1", "call-again").json()["view"]["watch"]
    assert (steady["lamp"], steady["blinking"]) == ("red", False)
    mei.press("1", "finish", outcome="consulted")
    mei.post(f"{API}/help/{mine['help'][0]['id']}/answer")
    dark = mei.press("1", "call-next").json()["view"]["watch"]
    assert (dark["lamp"], dark["alarms"]) == ("", [])


@pytest.mark.parametrize("path", [f"{API}/alarms", f"/alarms/{HALL}", f"/alarms/{HALL}/events", "/alarms"])
def test_only_clerks_and_managers_come_in(sign_in: Any, client: Any, path: str) -> None:
    assert client.get(path, follow_redirects=False).status_code in {303, 401}
    technician = sign_in("tec", Role.TECHNICIAN)
    assert technician.get(path).status_code == 403


def test_one_hall_is_shown_at_once(mei: Any) -> None:
    assert mei.get("/alarms").headers["location"] == f"/alarms/{HALL}"


# --- honest words to the citizen


def test_a_citizen_is_told_when_nobody_can_serve_and_is_given_no_invented_minutes(house: Any, client: Any) -> None:
    ticket = house.take()
    assert ticket.nobody == "no-window-open"
    page = client.get(house.path(ticket)).text
    assert "暂时无法预计" in page
    assert "现在没有窗口开放" in page
    assert "分钟</dd>" not in page
    at_window = {"by": "staff:s1", "counter": "1"}
    house.ask(OpenCounter(id="o", staff="s1", **at_window))
    assert "分钟</dd>" in client.get(house.path(ticket)).text
    house.ask(PauseCounter(id="p", **at_window))
    assert "窗口都在暂停" in client.get(house.path(ticket)).text


def test_board_and_kiosks_hear_of_it_too(house: Any) -> None:
    house.take()
    board = board_view(house.hall, house.clock())
    assert [(g.waiting, g.nobody) for g in board.groups] == [(1, True)]
    outlook = outlook_of(house.hall, house.clock())
    assert outlook.nobody == "no-window-open"
    assert {g.nobody for g in outlook.groups} == {"no-window-open"}
    house.ask(OpenCounter(id="o", by="staff:s1", staff="s1", counter="1"))
    served = outlook_of(house.hall, house.clock())
    assert {served.nobody, *(g.nobody for g in served.groups)} == {""}
