"""The hall manager's live page: who may see it, what it says of an empty hall, and that its figures are the log's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from queue_server.auth import AuthRefused, Role
from queue_server.domain import messages as m
from queue_server.domain.messages import EVENTS
from queue_server.domain.model import Kind, State
from queue_server.http.manager_lists import LISTS, listed
from queue_server.http.manager_view import Share, manager_view
from queue_server.http.timeline import _TELL, timeline
from queue_server.store.reports import TicketRow

HALL = "xinghe-hall"
PASSWORD = "a long enough phrase"


@pytest.fixture
def busy(house: Any, morning: Any) -> Any:
    """A hall that has worked for two hours with too few windows."""
    now = house.clock()
    lived = morning.Morning(house.ask, house.clock, house.hall.plan, every_s=230, booked=30, closed=("4",))
    lived.live(now, now + timedelta(hours=2))
    return house


@pytest.fixture
def boss(house: Any, sign_in: Any) -> Any:
    return sign_in("boss", Role.MANAGER)


# --- who may look ------------------------------------------------------------------------------------


def test_a_clerk_or_technician_is_refused_and_a_stranger_is_sent_to_sign_in(sign_in: Any, client: Any) -> None:
    reply = client.get(f"/manager/{HALL}", headers={"accept": "text/html"}, follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (303, f"/staff/sign-in?next=/manager/{HALL}")
    for name, role in (("mei", Role.CLERK), ("tao", Role.TECHNICIAN)):
        browser = sign_in(name, role)
        for path in ("/manager", f"/manager/{HALL}", f"/manager/{HALL}/list/waiting", f"/manager/{HALL}/events"):
            assert browser.get(path).status_code == 403


def test_a_manager_bound_to_another_hall_sees_and_changes_nothing_of_this_one(house: Any, client: Any) -> None:
    plan = house.plans.halls[HALL]
    house.plans.halls["yunhe-hall"] = replace(plan, id="yunhe-hall", name_zh="云河大厅")
    house.account("helper", Role.MANAGER)
    first = next(a for a in house.auth.everyone() if a.name == "first")
    both = frozenset({Role.MANAGER, Role.CLERK})
    house.auth.accept(house.auth.invite(first, both, frozenset({"yunhe-hall"})), "yun", "Yun", PASSWORD)
    yun, _ = house.auth.sign_in("yun", PASSWORD)
    headers = {"cookie": f"jiaohao={yun}", "accept": "text/html"}
    for path in (f"/manager/{HALL}", f"/manager/{HALL}/list/late", f"/counter/{HALL}/1"):
        assert client.get(path, headers=headers, follow_redirects=False).status_code == 403
    session = house.auth.session(yun)
    press = client.post(
        f"/api/staff/halls/{HALL}/counters/1/open", headers=headers | {"x-csrf": session.csrf}, json={"id": "1" * 36}
    )
    assert press.status_code == 403
    own = client.get("/manager", headers=headers, follow_redirects=False)
    assert own.headers["location"] == "/manager/yunhe-hall"
    home = client.get("/", headers=headers)
    assert f"/manager/{HALL}" not in home.text


def test_who_is_bound_to_a_hall_invites_for_that_hall_alone(house: Any) -> None:
    house.account("helper", Role.MANAGER)
    first = next(a for a in house.auth.everyone() if a.name == "first")
    secret = house.auth.invite(first, frozenset({Role.MANAGER}), frozenset({HALL}))
    bound = house.auth.accept(secret, "bound", "Bound", PASSWORD)
    with pytest.raises(AuthRefused, match="not-your-hall"):
        house.auth.invite(bound, frozenset({Role.CLERK}), frozenset({"elsewhere"}))
    colleague = house.auth.accept(house.auth.invite(bound, frozenset({Role.CLERK})), "new", "New", PASSWORD)
    assert colleague.halls == {HALL}
    accounts = {a.name: a for a in house.auth.everyone()}
    assert accounts["bound"].halls == {HALL}
    with pytest.raises(AuthRefused, match="unknown-account"):
        house.auth.retire(bound, accounts["helper"].id)
    house.auth.retire(bound, colleague.id)
    assert not first.halls


def test_the_page_is_linked_for_managers_and_hidden_from_clerks(boss: Any, sign_in: Any) -> None:
    for path, link in (("/", f'href="/manager/{HALL}"'), ("/staff", 'href="/manager"')):
        assert link in boss.get(path).text
        assert link not in sign_in(f"mei{len(path)}", Role.CLERK).get(path).text


def test_a_locked_console_may_look_on(house: Any, boss: Any) -> None:
    assert re.search(r'id="locked"[^>]* hidden', boss.get(f"/manager/{HALL}").text)
    house.clock.forward(minutes=5)
    page = boss.get(f"/manager/{HALL}")
    assert page.status_code == 200
    assert not re.search(r'id="locked"[^>]* hidden', page.text)
    assert boss.get(f"/counter/{HALL}/1").status_code == 303


# --- what it says ------------------------------------------------------------------------------------


def test_an_empty_hall_says_no_data_and_no_rate(boss: Any) -> None:
    page = boss.get(f"/manager/{HALL}").text
    live = page[page.index('id="live"') :]
    assert live.count("无数据") == 9, "six promises, the service, the help, the priorities"
    assert re.findall(r"\b0 ?%", live) == []
    assert "暂无等候" in live
    assert "今天还没有呼叫" in live
    assert "无数据" in boss.get(f"/manager/{HALL}/list/late").text


def test_a_share_of_few_is_grey_and_never_rounded_up_to_all() -> None:
    assert Share(0, 0).percent is None
    assert (Share(9, 9).few, Share(9, 10).few) == (True, False)
    assert [Share(9, 10).text, Share(199, 200).text, Share(2999, 3000).text, Share(50, 50).text] == [
        "90%",
        "99.5%",
        "99.9%",
        "100%",
    ]


def _kept(rows: list[TicketRow], kind: Kind, now: datetime) -> Share:
    """The definition, from the day's record: called within the limit, of all called or waiting beyond it."""
    ours = [row for row in rows if row.kind is kind]
    called = [row for row in ours if row.wait_net_s is not None]
    late = [row for row in ours if row.wait_net_s is None and (row.broken_at or _waits_over(row, now))]
    kept = sum(1 for row in called if row.wait_net_s <= row.limit_s)
    return Share(kept, len(called) + len(late))


def _waits_over(row: TicketRow, now: datetime) -> bool:
    return row.state is State.WAITING and now > row.due_at


def test_every_figure_is_the_logs(busy: Any) -> None:
    now = busy.clock()
    view = manager_view(busy.hall, now)
    rows = busy.app.state.door.reports.day(HALL, busy.hall.business_date)
    assert view.waiting == sum(1 for row in rows if row.state is State.WAITING) > 5
    for kind, share in (
        (Kind.APPOINTMENT, view.appointments),
        (Kind.WALK_IN, view.walk_ins),
        (Kind.PRIORITY, view.priorities),
    ):
        assert share == _kept(rows, kind, now)
    served = [row for row in rows if row.identity_at and row.accepted_at]
    within = [row for row in served if row.accepted_at - row.identity_at <= timedelta(minutes=20)]
    running = [t for t in busy.hall.tickets.values() if t.service_over and t.accepted_at is None]
    assert view.service == Share(len(within), len(served) + len(running))
    assert view.broken == sum(1 for row in rows if row.broken_at is not None) > 0
    assert view.priority == Share(sum(1 for row in rows if row.priority_reason), len(rows))
    assert view.windows_open == 3
    oldest = max(
        (now - max(row.checked_in_at, row.slot_start or row.checked_in_at))
        for row in rows
        if row.state is State.WAITING
    )
    assert view.oldest_min == int(oldest.total_seconds()) // 60


def test_each_list_holds_the_tickets_that_were_counted(busy: Any, boss: Any) -> None:
    now = busy.clock()
    view = manager_view(busy.hall, now)
    sizes = {what: len(listed(busy.hall, now, what)) for what in LISTS}
    decided = [view.appointments, view.walk_ins, view.priorities]
    assert sizes["waiting"] == view.waiting
    assert sizes["kept"] == sum(share.n for share in decided)
    assert sizes["late"] == sum(share.n - share.kept for share in decided)
    assert sizes["served"] == view.service.n
    assert sizes["priority"] == view.priority.kept
    for cell in view.cells:
        assert cell.waiting == len(listed(busy.hall, now, "waiting", cell.kind, cell.matter_class))
    page = boss.get(f"/manager/{HALL}/list/waiting").text
    assert page.count('class="no num"') == view.waiting
    assert boss.get(f"/manager/{HALL}/list/everything").status_code == 404


def test_who_still_waits_beyond_the_promise_is_counted_as_late(house: Any) -> None:
    house.take()
    house.clock.forward(minutes=31)
    (late,) = [kept for kept in manager_view(house.hall, house.clock()).kept if kept.share.n]
    assert (late.kind, late.share, late.broken) == ("walk-in", Share(0, 1), 1)


def test_reasons_for_priority_are_counted_only_among_enough(house: Any, boss: Any) -> None:
    for n in range(9):
        house.take(priority_reason="disabled" if n else "pregnant")
    assert "残障" not in boss.get(f"/manager/{HALL}").text
    house.take(priority_reason="disabled")
    assert "残障 9 · 孕妇 1" in boss.get(f"/manager/{HALL}").text


def test_the_page_names_nobody_and_leads_to_every_ticket(busy: Any, boss: Any) -> None:
    page = boss.get(f"/manager/{HALL}").text
    assert not re.search(r"\bs[123]\b", page), "no colleague"
    links = set(re.findall(rf'href="(/manager/{HALL}/[^"#]*)"', page))
    assert len(links) > 20
    for link in links:
        assert boss.get(link.replace("&amp;", "&")).status_code == 200, link
    assert "为什么是这位" in page
    assert page.count('class="reason"') == 6


def test_a_tickets_timeline_tells_its_way_in_words(house: Any, boss: Any) -> None:
    ticket = house.take(priority_reason="age-80")
    house.clock.forward(minutes=16)
    staff = {"by": "staff:secret-name", "counter": "1"}
    house.ask(m.OpenCounter(id="open", **staff, staff="secret-name"))
    for n, press in enumerate((m.CallNext, m.BeginIdentityCheck, m.AcceptMaterials)):
        house.ask(press(id=f"press-{n}", **staff))
        house.clock.forward(minutes=3)
    path = f"/manager/{HALL}/ticket/{ticket.business_date}/{ticket.number}"
    page = boss.get(path).text
    told = ["现场取号", "承诺时间已过", "呼叫到1号窗口，等候 16 分钟", "开始身份核验", "办理用时 3 分钟"]
    places = [page.index(words) for words in told]
    assert places == sorted(places), "in the order in which it happened"
    assert "secret-name" not in page
    assert "80岁以上" not in page, "why somebody asked for priority stands at no number"
    assert boss.get(path.replace(ticket.number, "Z999")).status_code == 404
    assert boss.get(f"/manager/{HALL}/ticket/yesterday/A001").status_code == 404


def test_every_event_of_a_ticket_has_words(busy: Any) -> None:
    silent = [kind.__name__ for kind in EVENTS if "ticket_id" in kind.__dataclass_fields__ and kind not in _TELL]
    assert silent == []
    reports = busy.app.state.door.reports
    for row in reports.day(HALL, busy.hall.business_date):
        happened = [one.event for one in reports.history(HALL, row.business_date, row.number)]
        for line in timeline(busy.hall.plan, happened):
            assert line.zh
            assert line.en


# --- live --------------------------------------------------------------------------------------------


def _views(stream: Iterator[str]) -> Iterator[dict[str, Any]]:
    event = ""
    for line in stream:
        if line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: ") and event == "view":
            yield json.loads(line[6:])


@pytest.mark.wire
def test_a_new_ticket_reaches_the_open_page(house: Any, address: str) -> None:
    house.account("boss", Role.MANAGER)
    with httpx.Client(base_url=address, timeout=15) as browser:
        browser.post("/staff/sign-in", data={"name": "boss", "password": PASSWORD})
        with browser.stream("GET", f"/manager/{HALL}/events") as reply:
            views = _views(reply.iter_lines())
            assert "暂无等候" in next(views)["html"]
            house.take()
            assert "承诺都还来得及" in next(views)["html"]
            house.clock.forward(minutes=5)
            house.take()
            assert next(views)["locked"] is True, "it may look on, and is told"
