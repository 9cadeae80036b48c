"""The hall board, its voice, the technician's list, the first page."""

from __future__ import annotations

import io
import re
import wave
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from queue_server.auth import Role
from queue_server.desk import Desk
from queue_server.domain import messages
from queue_server.domain.hall import empty
from queue_server.domain.model import Hours
from queue_server.fleet.terminal import DeviceView, Registration
from queue_server.http.app import build
from queue_server.http.board import board_view, hours_words
from queue_server.http.devices_view import fleet_view
from queue_server.http.voice import sentences
from queue_server.store.log import EventLog
from queue_server.wire import messages as wire

HALL = "xinghe-hall"


def _call_next(house: Any, counter: str) -> str:
    staff = {"by": f"staff:s{counter}", "counter": counter}
    house.ask(messages.OpenCounter(id=f"open-{counter}", **staff, staff=f"s{counter}"))
    number: str = house.ask(messages.CallNext(id=f"call-{counter}-{house.hall.calls}", **staff)).number
    return number


def test_numbers_to_windows_the_latest_first_and_people_per_group(house: Any) -> None:
    for _ in range(3):
        house.take()
    first, second = _call_next(house, "1"), _call_next(house, "2")
    view = board_view(house.hall, house.clock())
    assert [(c.number, c.counter_zh) for c in view.calls] == [(second, "2号窗口"), (first, "1号窗口")]
    assert view.waiting == 1
    (group,) = view.groups
    assert group.waiting == 1
    assert group.low <= group.high


def test_only_groups_with_people_are_listed_the_fullest_first(house: Any) -> None:
    matters = house.plans.halls[HALL].matters.values()
    for letter, people in (("A", 1), ("B", 3), ("C", 1)):
        for _ in range(people):
            house.take(next(m.id for m in matters if m.group == letter))
    assert [(g.group, g.waiting) for g in board_view(house.hall, house.clock()).groups] == [
        ("B", 3),
        ("A", 1),
        ("C", 1),
    ]


def test_a_call_and_its_repetition_are_two_announcements(house: Any) -> None:
    house.take()
    _call_next(house, "1")
    once = board_view(house.hall, house.clock()).calls[0].id
    house.clock.forward(seconds=20)
    house.ask(messages.CallAgain(id="again", by="staff:s1", counter="1"))
    calls = board_view(house.hall, house.clock()).calls
    assert calls[0].id != once
    assert len({c.number for c in calls}) == 1


def test_an_empty_board_says_hours_and_tips(house: Any, client: TestClient[Litestar]) -> None:
    text = client.get(f"/board/{HALL}").text
    assert "今日 24 小时开放" in text
    assert "在自助终端取号" in text
    assert client.get("/board/nowhere").status_code == 404


def test_a_closed_hall_says_when_it_opens(house: Any) -> None:
    plan = house.plans.halls[HALL]
    worked = (Hours(time(8, 30), time(16, 30)),)
    office = replace(plan, calendar=replace(plan.calendar, week=(worked,) * 5 + ((),) * 2))
    evening = house.clock() + timedelta(hours=10)  # Friday, 19:30
    view = board_view(empty(office), evening)
    assert view.open is False
    assert view.next_opening_zh == "11月23日（周一）08:30"
    assert hours_words(office, (evening + timedelta(days=1)).date()) == ("今日休息", "Closed today")


def test_the_voice_says_digits_one_by_one_and_english_only_when_asked() -> None:
    assert sentences("A023", "3号窗口", "Window 3", "zh-Hans") == [("cmn-latn-pinyin", "请 A 零 二 三 号,到,3号窗口。")]
    assert sentences("A023", "3号窗口", "Window 3", "en")[1] == ("en-gb", "Number A 0 2 3, please go to Window 3.")


def test_only_what_stands_on_the_board_is_spoken(house: Any, client: TestClient[Litestar]) -> None:
    house.take(lang="en")
    _call_next(house, "1")
    call = board_view(house.hall, house.clock()).calls[0]
    spoken = client.get(f"/board/{HALL}/voice/{call.id}.wav")
    assert spoken.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(spoken.content)) as heard:
        seconds = heard.getnframes() / heard.getframerate()
    assert 3 < seconds < 30, "two sentences, zh and en"
    assert client.get(f"/board/{HALL}/voice/{call.id}x.wav").status_code == 404
    assert client.get(f"/board/{HALL}/voice/9-Z001-1.wav").status_code == 404


def test_a_hall_of_another_server_sends_the_browser_there(house: Any) -> None:
    second = Desk(
        EventLog(house.desk.log.engine), house.plans.halls, house.clock, server_id="two", server_url="http://two"
    )
    settings = house.app.state.door.settings
    app = build(second, house.vault, house.auth, house.fleet, house.plans, settings, house.clock)
    second.start()
    try:
        with TestClient(app) as client:
            board = client.get(f"/board/{HALL}?sound=0", follow_redirects=False)
            assert (board.status_code, board.headers["location"]) == (307, f"http://one.example/board/{HALL}?sound=0")
            ticket = house.take()
            paused = client.post(house.path(ticket) + "/pause", follow_redirects=False)
            assert (paused.status_code, paused.headers["location"][:18]) == (307, "http://one.example")
            assert client.get("/").status_code == 200
    finally:
        second.stop()
    assert house.hall.tickets[ticket.ticket_id].state.value == "waiting"


# --- terminals ---------------------------------------------------------------------------------------


def _device(house: Any, name: str, state: str, *peripherals: wire.Peripheral) -> DeviceView:
    at = Registration(name, "xinghe", (HALL,), "林工（示例）", "021-0000-0001", "大门内")
    now = house.clock()
    return DeviceView(at, state=state, since=now, last_seen=now - timedelta(seconds=5), peripherals=peripherals)


def test_counts_and_order_put_trouble_first(house: Any) -> None:
    now = house.clock()
    well = wire.Peripheral("printer", "ok", now, paper_percent=80)
    out = wire.Peripheral("printer", "absent", now, reason="paper-out", paper_percent=0)
    fleet = [
        _device(house, "a-well", "ready", well),
        _device(house, "b-out", "ready", out),
        _device(house, "c-lost", "lost", well),
    ]
    view = fleet_view(fleet, now, lambda at: f"{at:%H:%M}")
    assert (view.total, view.online, view.trouble, view.offline) == (3, 2, 1, 1)
    assert [d.id for d in view.devices] == ["c-lost", "b-out", "a-well"]
    printer = view.devices[1].peripherals[0]
    assert (printer.reason_zh, printer.condition_zh, printer.paper) == ("缺纸", "未连接", "0%")


def test_a_lost_terminals_peripherals_are_what_they_were(house: Any) -> None:
    now = house.clock()
    low = wire.Peripheral("printer", "ok", now, paper_percent=9)
    fleet = [_device(house, "a-lost", "lost", low), _device(house, "b-well", "ready", low)]
    lost, well = fleet_view(fleet, now, lambda at: f"{at:%H:%M}").devices
    assert (lost.peripherals[0].level, lost.peripherals[0].condition_zh) == ("off", "此前纸将用尽")
    assert (well.peripherals[0].level, well.peripherals[0].condition_zh) == ("warn", "纸将用尽")


def test_the_list_names_the_owner_of_each_terminal(house: Any, sign_in: Any) -> None:
    text = sign_in("tan", Role.TECHNICIAN).get("/devices").text
    for device in house.plans.devices.values():
        assert device.id in text
        assert device.owner in text
        assert f"tel:{device.owner_phone}" in text


def test_the_first_page_leads_everywhere(house: Any, client: TestClient[Litestar]) -> None:
    text = client.get("/").text
    for path in (f"/counter?hall={HALL}", f"/board/{HALL}", "/t", f"/book?hall={HALL}", "/devices"):
        assert f'href="{path}"' in text
    assert "http://127.0.0.1:8090/" in text
    assert re.search(r"等候 0 人", text)
