"""A clerk's day at the console: calling, checking, closing; refusals as sentences; who is shown to whom."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import TestClient

from queue_server.auth import Role
from queue_server.domain.messages import WATCH_EVENTS
from queue_server.http.app import build
from queue_server.people.numbers import check_character
from queue_server.people.vault import Identity

HALL = "xinghe-hall"
NUMBER = "31010119800214001"
ZHANG = Identity("张晓明", NUMBER + check_character(NUMBER))


@pytest.fixture
def mei(sign_in: Any) -> Any:
    browser = sign_in("mei", Role.CLERK)
    assert browser.press("1", "open").status_code == 200
    return browser


def test_from_call_to_outcome(house: Any, mei: Any) -> None:
    ticket = house.take()
    mei.at_work(house.clock, 7)
    called = mei.press("1", "call-next").json()
    assert called["number"] == ticket.number
    assert called["view"]["current"]["wait_net_s"] == 420
    identity = mei.press("1", "identity").json()["view"]["current"]
    assert identity["state"] == "serving"
    mei.at_work(house.clock, 5)
    assert mei.press("1", "materials").json()["view"]["current"]["accepted_at"] is not None
    done = mei.press("1", "finish", outcome="accepted").json()
    assert done["view"]["current"] is None
    assert house.hall.tickets[ticket.ticket_id].outcome.value == "accepted"


def test_two_clerks_at_once_get_two_different_people(house: Any, sign_in: Any) -> None:
    for _ in range(12):
        house.take()
    clerks = []
    for window in ("1", "2", "3", "4"):
        browser = sign_in(f"clerk{window}", Role.CLERK)
        assert browser.press(window, "open").status_code == 200
        clerks.append((browser, window))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one[0].press(one[1], "call-next").json()["number"], clerks))
    assert len(set(answers)) == 4


def test_a_press_repeated_after_a_lost_answer_calls_one_person(house: Any, mei: Any) -> None:
    house.take()
    house.take()
    path = f"/api/staff/halls/{HALL}/counters/1/call-next"
    body = {"id": "01932b7e-0000-7000-8000-0000000000aa"}
    first, again = mei.post(path, json=body).json(), mei.post(path, json=body).json()
    assert first["number"] == again["number"]
    assert house.hall.calls == 1


@pytest.mark.parametrize(
    ("action", "data", "code"),
    [
        ("call-next", {}, "nobody-waiting"),
        ("call-again", {}, "counter-idle"),
        ("no-show", {}, "counter-idle"),
        ("identity", {}, "counter-idle"),
        ("finish", {"outcome": "accepted"}, "counter-idle"),
        ("call-ticket", {"number": "Z999"}, "unknown-ticket"),
        ("finish", {"outcome": "thrown-away"}, "bad-value"),
        ("transfer", {"to_counter": "2", "reason": "because Mr Zhang said so"}, "bad-value"),
    ],
)
def test_a_refusal_is_a_sentence_and_changes_nothing(
    house: Any, mei: Any, action: str, data: dict[str, str], code: str
) -> None:
    before = house.hall.seq
    reply = mei.press("1", action, **data)
    refused = reply.json()["refused"]
    assert (reply.status_code, refused["code"]) == (409, code)
    assert len(refused["zh"]) > 4
    assert len(refused["en"]) > 8
    assert house.hall.seq == before


def test_too_early_keys_are_refused_while_serving(house: Any, mei: Any) -> None:
    house.take()
    mei.press("1", "call-next")
    assert mei.press("1", "call-again").json()["refused"]["code"] == "too-soon"
    assert mei.press("1", "no-show").json()["refused"]["code"] == "too-few-calls"
    assert mei.press("1", "materials").json()["refused"]["code"] == "identity-first"
    mei.press("1", "identity")
    assert mei.press("1", "finish").json()["refused"]["code"] == "outcome-missing"
    assert mei.press("1", "finish", outcome="accepted").json()["refused"]["code"] == "materials-first"


def test_an_overrun_needs_a_reason_from_the_list(house: Any, mei: Any) -> None:
    house.take()
    mei.press("1", "call-next")
    mei.press("1", "identity")
    mei.at_work(house.clock, 21)
    mei.press("1", "materials")
    assert mei.press("1", "finish", outcome="accepted").json()["refused"]["code"] == "reason-missing"
    assert mei.press("1", "finish", outcome="accepted", reason="many-materials").status_code == 200


def test_three_calls_then_no_show_then_the_next(house: Any, mei: Any) -> None:
    first, second = house.take(), house.take()
    mei.press("1", "call-next")
    for _ in range(2):
        house.clock.forward(seconds=20)
        assert mei.press("1", "call-again").status_code == 200
    house.clock.forward(seconds=20)
    assert mei.press("1", "no-show").json()["view"]["current"] is None
    assert house.hall.tickets[first.ticket_id].state.value == "missed"
    assert mei.press("1", "call-next").json()["number"] == second.number


def test_transfer_keeps_the_clock_and_only_a_chosen_reason_is_kept(house: Any, mei: Any, sign_in: Any) -> None:
    lan = sign_in("lan", Role.CLERK)
    lan.press("2", "open")
    ticket = house.take()
    mei.press("1", "call-next")
    assert mei.press("1", "transfer", to_counter="2", reason="specialist").status_code == 200
    moved = house.hall.tickets[ticket.ticket_id]
    assert (moved.state.value, moved.promise.due) == ("waiting", ticket.due)
    assert lan.press("2", "call-next").json()["number"] == ticket.number


def test_a_colleagues_window_cannot_be_worked(house: Any, mei: Any, sign_in: Any) -> None:
    house.take()
    lan = sign_in("lan", Role.CLERK)
    assert lan.press("1", "call-next").json()["refused"]["code"] == "not-your-counter"
    assert lan.press("1", "open").json()["refused"]["code"] == "counter-taken"


def test_a_manager_ends_the_visit_at_an_absent_colleagues_window_and_closes_it(
    house: Any, mei: Any, sign_in: Any
) -> None:
    ticket, later = house.take(), house.take()
    mei.press("1", "call-next")
    wu = sign_in("wu", Role.MANAGER, Role.CLERK)
    assert wu.press("1", "close").json()["refused"]["code"] == "counter-busy"
    assert wu.press("1", "call-next").json()["refused"]["code"] == "not-your-counter"
    before = house.hall.seq
    view = wu.press("1", "identity").json()["view"]
    assert (view["mine"], view["stand_in"], view["current"]["number"]) == (False, True, ticket.number)
    assert wu.press("1", "finish", outcome="consulted").status_code == 200
    closed = wu.press("1", "close").json()["view"]
    assert (closed["open"], closed["stand_in"]) == (False, False)
    wu_id = next(a.id for a in house.auth.everyone() if a.name == "wu")
    log = house.desk.log.events_after(HALL, before)
    assert {event.by for event in log if not isinstance(event, WATCH_EVENTS)} == {f"manager:{wu_id}"}
    noted = [(who, detail) for _, who, what, detail in house.auth.recent() if what == "stood-in"]
    assert noted == [(wu_id, f"{HALL}/1 {key}") for key in ("close", "finish", "identity")]
    assert wu.press("1", "open").json()["view"]["mine"] is True
    assert wu.press("1", "call-next").json()["number"] == later.number
    assert mei.press("1", "call-again").json()["refused"]["code"] == "not-your-counter"


def test_standing_in_does_not_show_who_the_citizen_is(house: Any, mei: Any, sign_in: Any) -> None:
    house.check_in(ZHANG)
    mei.press("1", "call-next")
    wu = sign_in("wu", Role.MANAGER)
    assert wu.press("1", "identity").status_code == 200
    assert _person(wu).json()["refused"]["code"] == "not-your-counter"
    assert _reveal(wu).json()["refused"]["code"] == "not-your-counter"


def test_a_clerk_cannot_close_a_colleagues_window(mei: Any, sign_in: Any) -> None:
    lan = sign_in("lan", Role.CLERK)
    refused = lan.press("1", "close").json()
    assert (refused["refused"]["code"], refused["view"]["stand_in"]) == ("not-your-counter", False)


def test_a_paused_window_calls_nobody(house: Any, mei: Any) -> None:
    house.take()
    assert mei.press("1", "pause").json()["view"]["paused"] is True
    assert mei.press("1", "call-next").json()["refused"]["code"] == "counter-paused"
    mei.press("1", "resume")
    assert mei.press("1", "call-next").status_code == 200


def test_why_this_one_is_a_sentence(house: Any, mei: Any) -> None:
    house.take()
    house.take(priority_reason="age-80")
    house.clock.forward(minutes=3)
    current = mei.press("1", "call-next").json()["view"]["current"]
    assert current["priority"] is True
    assert "优先号" in current["why_zh"]
    assert "已等 3 分钟" in current["why_zh"]
    assert "2 人" in current["why_zh"]
    assert "of the 2 this window can serve" in current["why_en"]


def test_why_this_one_is_known_after_a_restart(house: Any, mei: Any) -> None:
    """A new server announces nothing old: it reads the reason of the standing call from the log."""
    house.take()
    house.take(priority_reason="age-80")
    said = mei.press("1", "call-next").json()["view"]["current"]["why_zh"]
    assert "优先号" in said
    settings = house.app.state.door.settings
    again = build(house.desk, house.vault, house.auth, house.fleet, house.plans, settings, house.clock)
    with TestClient(again) as restarted:
        console = type(mei)(restarted, "mei")
        assert console.press("1", "identity").json()["view"]["current"]["why_zh"] == said


def test_garbage_is_answered_with_a_code(mei: Any) -> None:
    path = f"/api/staff/halls/{HALL}/counters/1/call-next"
    for body in (b"{", b"[]", b'{"id":"1"}', b'{"id":"01932b7e-0000-7000-8000-0000000000aa","extra":1}', b"\xff"):
        reply = mei.post(path, content=body, headers={"content-type": "application/json"})
        assert reply.status_code == 400
        assert reply.json()["code"] == "malformed"
    big = mei.post(path, content=b" " * 70_000, headers={"content-type": "application/json"})
    assert big.status_code == 413
    assert mei.press("1", "dance").status_code == 404
    assert mei.press("99", "open").status_code == 404


# --- the person at the window ------------------------------------------------------------------------


def _person(browser: Any) -> Any:
    return browser.get(f"/api/staff/halls/{HALL}/counters/1/person", headers={"accept": "application/json"})


def _reveal(browser: Any) -> Any:
    return browser.post(f"/api/staff/halls/{HALL}/counters/1/person")


def test_the_name_is_masked_until_the_identity_check_then_whole_on_a_click_that_is_logged(house: Any, mei: Any) -> None:
    ticket = house.check_in(ZHANG)
    mei.press("1", "call-next")
    masked = _person(mei).json()
    assert (masked["name"], masked["last4"], masked["number"]) == ("张*明", ZHANG.number[-4:], "")
    assert _reveal(mei).json()["refused"]["code"] == "identity-first"
    ref = house.hall.tickets[ticket.ticket_id].person_ref
    assert house.vault.accesses(ref) == []
    mei.press("1", "identity")
    assert _reveal(mei).json()["name"] == "张晓明"
    (access,) = house.vault.accesses(ref)
    assert access.by.startswith("staff:")
    assert ticket.ticket_id in access.why


def test_nobody_else_sees_the_person_not_even_masked(house: Any, mei: Any, sign_in: Any) -> None:
    house.check_in(ZHANG)
    mei.press("1", "call-next")
    mei.press("1", "identity")
    lan = sign_in("lan", Role.CLERK)
    assert _person(lan).json()["refused"]["code"] == "not-your-counter"
    assert _reveal(lan).json()["refused"]["code"] == "not-your-counter"
    mei.press("1", "finish", outcome="consulted")
    assert _person(mei).status_code == 404, "once the ticket is closed nobody is at the window"
    assert _reveal(mei).status_code == 404


def test_no_view_page_or_event_holds_a_name_or_number(house: Any, mei: Any, client: Any) -> None:
    ticket = house.check_in(ZHANG)
    said = [
        mei.press("1", "call-next").text,
        mei.press("1", "identity").text,
        client.get(house.path(ticket)).text,
        client.get(f"/board/{HALL}").text,
        json.dumps([repr(t) for t in house.hall.tickets.values()]),
    ]
    for text in said:
        for secret in ("晓明", ZHANG.number, ZHANG.number[-4:] + '"'):
            assert secret not in text
