"""What needs the manager's hand: alarms taken on, people at risk with their cure, calls for help; by click, too."""

from __future__ import annotations

import re
import threading
from datetime import date
from typing import Any

import msgspec
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from queue_server.auth import Role
from queue_server.domain import messages as m
from queue_server.domain.escalation_rules import AlarmKind
from queue_server.domain.model import Kind
from queue_server.domain.watch import Cure
from queue_server.forecast.foretold import Foretold
from queue_server.forecast.hindsight import Hindsight, Tally
from queue_server.http.alarm_view import alarm_groups
from queue_server.http.help_book import HelpBook, answered_share, solved_share
from queue_server.http.manager_view import Share
from queue_server.http.rights import DAYS, rights
from queue_server.sheets.advisor import Advice, Advisor, HalfHour

HALL = "xinghe-hall"
PASSWORD = "a long enough phrase"


@pytest.fixture
def boss(house: Any, sign_in: Any) -> Any:
    return sign_in("boss", Role.MANAGER)


def _late_in_the_hall(house: Any, people: int = 2) -> list[str]:
    numbers = [house.take().number for _ in range(people)]
    house.clock.forward(minutes=31)
    house.ask(m.Tick(id="tick", by="system"))
    return numbers


def test_equal_alarms_are_one_entry_and_taken_on_together(house: Any, boss: Any) -> None:
    first, second = _late_in_the_hall(house)
    boss = boss.again()
    (strain, broken) = alarm_groups(house.hall)
    assert (strain.kind, broken.kind, broken.level) == ("no-window", "broken", "over")
    assert [line.zh for line in broken.lines] == [f"{n} 已超过承诺时间，还没叫到" for n in (first, second)]
    page = boss.get(f"/manager/{HALL}").text
    assert "没有窗口开放" in page
    assert page.count("前无人认领将上报区级") == 1, "once for both"
    assert "1 条已上报区级" in page, "the hall's own state has been open for long"
    assert broken.goes_on_at == min(
        a.escalates_at for a in house.hall.watch.alarms.values() if a.subject != strain.kind
    )
    assert boss.post(f"/manager/{HALL}/alarms/take", data={"alarm": broken.open_ids}).status_code == 303
    assert {a.subject for a in house.hall.watch.alarms.values() if a.acknowledged_at} == {
        line.ticket for line in broken.lines
    }
    taken = next(group for group in alarm_groups(house.hall) if group.kind == "broken")
    assert taken.open_ids == []
    assert "已认领" in boss.get(f"/manager/{HALL}").text
    assert boss.post(f"/manager/{HALL}/alarms/take", data={"alarm": ["a999"]}).status_code == 303, "over is over"


def test_only_an_unlocked_manager_takes_an_alarm_on(house: Any, boss: Any, sign_in: Any) -> None:
    _late_in_the_hall(house)
    (alarm, *_) = house.hall.watch.alarms
    assert boss.post(f"/manager/{HALL}/alarms/take", data={"alarm": [alarm]}).status_code == 423
    clerk = sign_in("mei", Role.CLERK)
    assert clerk.post(f"/manager/{HALL}/alarms/take", data={"alarm": [alarm]}).status_code == 403
    assert house.hall.watch.alarms[alarm].acknowledged_at is None


def test_who_is_at_risk_stands_with_the_cure(house: Any, boss: Any) -> None:
    cures = [
        (Cure("open-window", "3", 0.62, 0.08), "开放3号窗口（超时可能 62% → 8%）"),
        (Cure("lend-skill", "2:social", 0.62, 0.2), "让2号窗口兼办social（超时可能 62% → 20%）"),
        (Cure("move-break", "1", 0.62, 0.3), "推迟1号窗口的休息（超时可能 62% → 30%）"),
        (Cure("offer-slot", "14:30", 0.62, 0), "请市民改约 14:30（超时可能 62% → 0%）"),
        (None, "没有试出能保住承诺的办法"),
    ]
    for cure, sentence in cures:
        ticket = house.take()
        note = {"ticket_id": ticket.ticket_id, "level": AlarmKind.LIKELY, "p_late": 0.62, "cure": cure}
        house.ask(m.NoteRisk(id=f"risk-{ticket.number}", by="system", **note))
        page = boss.get(f"/manager/{HALL}").text
        assert sentence in page
        assert page.count(f'href="/counter/{HALL}/3"') == 1, "who may open it, is led to the window"
        timeline = boss.get(f"/manager/{HALL}/ticket/{ticket.business_date}/{ticket.number}").text
        assert cure is None or sentence in timeline
    assert page.count("62%") >= len(cures)
    assert "预计 5 人会超时" in page, "what is foreseen stands first"


class _Advice:
    """One half hour of the morning, at which three windows are needed and two are planned."""

    def __call__(self, _hall: str, _day: date) -> bytes:
        half = HalfHour(9 * 60 + 30, 3, 0.97, 2, 0.6)
        return msgspec.json.encode(Advice([half], walk_ins=80.4, bookings=41))

    def give_up(self) -> None:
        """It is never long under way."""


def test_windows_needed_now_stand_beside_those_open(house: Any, boss: Any) -> None:
    door = house.app.state.door
    assert "p-staffing" not in boss.get(f"/manager/{HALL}").text, "nothing is promised that is not there"
    come = threading.Event()
    door.advisor = Advisor(_Advice(), house.clock)
    door.advisor.listen(lambda _hall: come.set())
    door.advisor.start()
    assert "p-staffing" not in boss.get(f"/manager/{HALL}").text, "the page does not wait"
    assert come.wait(10)
    house.ask(m.OpenCounter(id="open", by="staff:s1", counter="1", staff="s1"))
    page = boss.get(f"/manager/{HALL}").text
    assert "按预计现在需要 3 个，少开 2 个" in page
    assert "预计现场 80 人、预约 41 人" in page
    assert page.count('class="lack"') == 1
    door.advisor.stop()


def test_the_forecasts_own_error_stands_per_kind(house: Any, boss: Any) -> None:
    assert "p-forecast" not in boss.get(f"/manager/{HALL}").text, "nobody has been told a wait yet"
    told, door = Hindsight(), house.app.state.door
    door.foretold = Foretold()
    told.today.kinds = {Kind.WALK_IN: Tally(40, 40 * 3.3, 36, 40 * 8.0), Kind.PRIORITY: Tally(4, 4.0, 4, 8.0)}
    door.foretold.hindsights[HALL] = told
    booked, priority, walk_in = rights(door.foretold.accuracy(HALL, DAYS))
    assert (booked.n, priority.few, walk_in.few) == (0, True, False)
    page = boss.get(f"/manager/{HALL}").text
    table = page[page.index('id="p-forecast"') :]
    assert re.search(r"<b>3\.3</b> 分.*?<b>90%</b>.*?8\.0 分.*?40", table)
    assert "4 <small>偏少</small>" in table
    assert "无数据" in table


def test_help_is_counted_from_the_log(house: Any, boss: Any) -> None:
    def call(n: int, answered_after_s: int | None) -> None:
        house.ask(m.CallHelp(id=f"call-{n}", by="kiosk:kiosk-01", kiosk="kiosk-01"))
        house.clock.forward(seconds=answered_after_s or 90)
        if answered_after_s is not None:
            house.ask(m.AnswerHelp(id=f"answer-{n}", by="staff:mei", help_id=f"call-{n}"))
            house.ask(m.EndHelp(id=f"end-{n}", by="staff:mei", help_id=f"call-{n}", solved=n != 1))

    for n, after_s in enumerate((20, 60, 61)):
        call(n, after_s)
    book, reports = house.app.state.door.helps, house.app.state.door.reports
    day = house.hall.business_date
    calls = book.today(reports, HALL, day)
    assert answered_share(calls, 60, house.clock()) == Share(2, 3)
    assert solved_share(calls) == Share(2, 3)
    call(3, None)
    calls = book.today(reports, HALL, day)
    assert answered_share(calls, 60, house.clock()) == Share(2, 4), "who still waits after a minute counts as late"
    assert [c.response_s for c in HelpBook().today(reports, HALL, day)] == [None, 61, 60, 20], "read anew, the same"
    assert "人在等人" in boss.again().get(f"/manager/{HALL}").text
    page = boss.get(f"/manager/{HALL}/help").text
    assert page.count("超过 60 秒") == 1
    assert "mei" not in page
    house.ask(m.EndHelp(id="end-3", by="staff:mei", help_id="call-3"))
    house.clock.forward(hours=15)
    boss = boss.again()
    assert "今日无人求助" in boss.get(f"/manager/{HALL}").text, "a new day begins with none"
    house.take()
    assert "今日无人求助" in boss.get(f"/manager/{HALL}").text


# --- in a real browser -------------------------------------------------------------------------------


@pytest.mark.wire
@pytest.mark.journey
def test_the_manager_takes_an_alarm_on_by_a_click(house: Any, address: str, open_window: Any, until: Any) -> None:
    house.account("boss", Role.MANAGER)
    _late_in_the_hall(house, 1)
    desk = open_window()

    def text(css: str) -> str:
        # in one step: this page redraws itself between finding and reading
        return str(desk.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", css))

    desk.get(f"{address}/manager/{HALL}")
    desk.find_element(By.ID, "name").send_keys("boss")
    desk.find_element(By.ID, "password").send_keys(PASSWORD + Keys.ENTER)
    until(lambda: text("#take-broken"))
    desk.execute_script("window.same = true; document.getElementById('take-broken').focus()")
    number = house.take().number
    until(lambda: "2" in text("#p-now dd"))
    held = desk.execute_script("return document.activeElement.id")
    assert held == "take-broken", "a live page keeps the keyboard's place"
    desk.execute_script("document.activeElement.click()")
    until(lambda: "已认领" in text("#p-alarms"))
    assert desk.execute_script("return window.same"), "the page was not loaded anew"
    assert not text("#take-broken")
    assert any(a.acknowledged_at for a in house.hall.watch.alarms.values())
    assert desk.execute_script(_WEAK) == [], "every word can be read"
    desk.find_element(By.CSS_SELECTOR, "#p-now dd a").click()
    until(lambda: number in text("#p-list"))
    complaints = [line["message"] for line in desk.get_log("browser")]
    assert complaints == [], "no script error, no policy violation"


_WEAK = """
const part = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const light = (c) => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
const rgb = (s) => { const n = s.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
const ground = (e) => {
  const c = e ? rgb(getComputedStyle(e).backgroundColor) : [255, 255, 255, 1];
  return c[3] === 1 ? c : ground(e.parentElement);
};
const weak = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement, text = walk.currentNode.textContent.trim();
  if (!text || !e.getClientRects().length) continue;
  const a = light(rgb(getComputedStyle(e).color)), b = light(ground(e));
  if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) weak.push(text);
}
return weak;
"""
"""Words with less contrast than 4.5:1 (WCAG 2.2 AA 1.4.3)."""
