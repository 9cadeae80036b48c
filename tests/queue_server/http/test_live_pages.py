"""Pages that update by themselves: over a real socket, without a leak when a browser goes away."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from queue_server.auth import Role
from queue_server.http.live import Hub, frame

pytestmark = pytest.mark.wire

HALL = "xinghe-hall"
PASSWORD = "a long enough phrase"


def _events(stream: Iterator[str]) -> Iterator[tuple[str, str]]:
    event, data = "", []
    for line in stream:
        if line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: "):
            data.append(line[6:])
        elif not line and event:
            yield event, "\n".join(data)
            event, data = "", []


def _next(events: Iterator[tuple[str, str]], wanted: str) -> Any:
    """The next event of that name, whatever beats come between."""
    return next(json.loads(data) for event, data in events if event == wanted)


def test_a_page_hears_of_a_new_ticket_and_then_of_its_call(house: Any, address: str) -> None:
    with httpx.stream("GET", f"{address}/board/{HALL}/events", timeout=15) as reply:
        events = _events(reply.iter_lines())
        assert _next(events, "view")["waiting"] == 0
        house.take()
        assert _next(events, "view")["waiting"] == 1
        assert reply.headers["cache-control"] == "no-store"


def test_the_phone_hears_and_a_burst_is_told_once_or_twice_not_fifty_times(house: Any, address: str) -> None:
    ticket = house.take()
    with httpx.stream("GET", f"{address}{house.path(ticket)}/events", timeout=15) as reply:
        events = _events(reply.iter_lines())
        assert "等候中" in _next(events, "view")["html"]
        for _ in range(50):
            house.take()
        house.ask_pause = httpx.post(f"{address}{house.path(ticket)}/pause", follow_redirects=False)
        told = []
        while not told or told[-1]["state"] != "paused":
            told.append(_next(events, "view"))
        assert len(told) <= 4
        assert len(told[-1]["html"]) < 4_000


def test_who_goes_away_is_forgotten_at_once(house: Any, address: str, until: Any) -> None:
    hub = house.app.state.door.hub
    path = house.path(house.take())
    held = []
    with contextlib.ExitStack() as windows:
        for url in (f"/board/{HALL}/events", f"{path}/events", f"{path}/events"):
            reply = windows.enter_context(httpx.stream("GET", address + url, timeout=15))
            held.append(_events(reply.iter_lines()))
            next(held[-1])
        assert hub.open_streams() == 3
    until(lambda: hub.open_streams() == 0)
    assert hub._bells == {}


def test_closing_ends_every_stream(house: Any, address: str, until: Any) -> None:
    hub = house.app.state.door.hub
    with httpx.stream("GET", f"{address}/board/{HALL}/events", timeout=15) as reply:
        lines = reply.iter_lines()
        next(_events(lines))
        house.app.state.door.hub._loop.call_soon_threadsafe(hub.close)
        assert [event for event, _ in _events(lines)] == []
    until(lambda: hub.open_streams() == 0)


def test_a_locked_consoles_stream_says_so_and_ends(house: Any, address: str) -> None:
    house.account("mei", Role.CLERK)
    with httpx.Client(base_url=address, timeout=15) as browser:
        browser.post("/staff/sign-in", data={"name": "mei", "password": PASSWORD})
        with browser.stream("GET", f"/api/staff/halls/{HALL}/counters/1/events") as reply:
            events = _events(reply.iter_lines())
            assert _next(events, "view")["open"] is False
            house.clock.forward(minutes=4)
            house.take()
            assert [event for event, _ in events if event != "beat"] == ["locked"]


def test_ringing_without_a_loop_or_after_it_ended_does_no_harm() -> None:
    hub = Hub()
    hub.ring(HALL)
    hub.close()
    hub.ring(HALL)
    assert hub.open_streams() == 0


def test_a_frame_keeps_line_breaks() -> None:
    assert frame("view", "a\nb") == b"event: view\ndata: a\ndata: b\n\n"


# --- in a real browser -------------------------------------------------------------------------------


@pytest.mark.journey
def test_a_clerk_works_by_keyboard_while_board_and_phone_follow(
    house: Any, address: str, open_window: Any, until: Any
) -> None:
    house.account("mei", Role.CLERK)
    ticket = house.take()
    desk = open_window()

    def text(window: Any, css: str) -> str:
        # in one step: these pages redraw themselves between finding and reading
        return str(window.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", css))

    desk.get(f"{address}/counter/{HALL}/1")
    desk.find_element(By.ID, "name").send_keys("mei")
    desk.find_element(By.ID, "password").send_keys(PASSWORD + Keys.ENTER)
    until(lambda: ticket.number in text(desk, "#next"))
    desk.find_element(By.ID, "open").click()
    until(lambda: "空闲" in text(desk, "#status"))

    desk.switch_to.new_window("tab")
    board = desk.current_window_handle
    desk.get(f"{address}/board/{HALL}")
    desk.switch_to.new_window("tab")
    phone = desk.current_window_handle
    desk.get(address + house.path(ticket))
    assert "等候中" in text(desk, ".state")
    desk.switch_to.window(desk.window_handles[0])
    body = desk.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.F1)
    until(lambda: text(desk, ".now .no") == ticket.number)
    until(lambda: desk.find_element(By.ID, "transfer").get_attribute("aria-disabled") == "false")
    body.send_keys(Keys.F3)
    until(lambda: "过号" in text(desk, "#refusal"))
    desk.switch_to.window(phone)
    until(lambda: "1号窗口" in text(desk, ".window"))
    desk.switch_to.window(board)
    until(lambda: text(desk, ".place .number") == ticket.number)
    desk.switch_to.window(desk.window_handles[0])
    # A clerk who is faster than the line: no press is lost, and one that struck twice counts once.
    desk.execute_script(
        "for (const each of ['#identity', '#identity', '#materials', 'input[value=accepted]', '#finish'])"
        " document.querySelector(each).click()"
    )
    until(lambda: "暂无等候" in text(desk, "#current-body"))
    assert house.hall.tickets[ticket.ticket_id].outcome.value == "accepted"
    complaints = [line["message"] for line in desk.get_log("browser") if "409" not in line["message"]]
    assert complaints == [], "no script error, no policy violation"
    # the line breaks: the page stays and says so
    house.app.state.door.hub.close()
    desk.execute_cdp_cmd("Network.enable", {})
    desk.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    desk.execute_script("const real = Date.now; Date.now = () => real() + 15000;")
    until(lambda: "连接中断" in text(desk, "#lost"))
    assert text(desk, "#line-h")


_SPILT = """
const box = document.querySelector('.groups').getBoundingClientRect(), spilt = [];
if (box.bottom > innerHeight + 1) spilt.push('the list itself');
for (const line of document.querySelectorAll('#groups li')) {
  const wide = line.scrollWidth > line.clientWidth + 1, high = line.scrollHeight > line.clientHeight + 1;
  if (wide || high) spilt.push(line.textContent);
  for (const part of line.querySelectorAll('*')) {
    const r = part.getBoundingClientRect();
    const inside = r.left >= box.left && r.right <= box.right && r.top >= box.top && r.bottom <= box.bottom;
    if (!inside) spilt.push(part.textContent);
  }
}
return spilt;
"""


@pytest.mark.journey
def test_a_full_board_cuts_no_name_and_turns_its_pages(house: Any, address: str, open_window: Any, until: Any) -> None:
    matters = {m.group: m.id for m in house.plans.halls[HALL].matters.values()}
    for matter in matters.values():
        house.take(matter)
    board = open_window(1920, 1080)

    def letters() -> tuple[str, ...]:
        return tuple(
            board.execute_script("return [...document.querySelectorAll('#groups .letter')].map(e => e.innerText)")
        )

    for width, height in ((1920, 1080), (1080, 1920)):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        board.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        board.get(f"{address}/board/{HALL}?sound=0")
        until(letters)
        assert board.find_element(By.ID, "recent-none").is_displayed(), "no hole where no call has been"
        board.execute_script("window.at = Date.now(); Date.now = () => window.at;")  # its clock stands
        seen: set[str] = set()
        for _ in matters:
            before = letters()
            assert board.execute_script(_SPILT) == []
            seen |= set(before)
            if seen == set(matters):
                break
            board.execute_script("window.at -= 8000")
            until(lambda before=before: letters() != before)
        assert seen == set(matters), f"every group has its turn at {width} x {height}"
