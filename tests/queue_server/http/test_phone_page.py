"""The citizen's page: without scripts, without sign-in, and the same answer for every wrong address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from queue_server.domain import messages
from queue_server.domain.answers import BlockAnswer
from queue_server.people.numbers import check_character
from queue_server.people.vault import Identity
from queue_server.wire.paths import ticket_path

HALL = "xinghe-hall"


def _call(house: Any, ticket_id: str, counter: str = "1", times: int = 1) -> None:
    staff = {"by": "staff:s1", "counter": counter}
    ids = iter(f"{ticket_id}-{counter}-{n}" for n in range(9))
    house.ask(messages.OpenCounter(id=next(ids), **staff, staff="s1"))
    house.ask(messages.CallTicket(id=next(ids), **staff, ticket_id=ticket_id, reason="shown"))
    for _ in range(times - 1):
        house.clock.forward(seconds=20)
        house.ask(messages.CallAgain(id=next(ids), **staff))


def test_number_place_range_and_promise(house: Any, client: TestClient[Litestar]) -> None:
    house.take()
    ticket = house.take()
    text = client.get(house.path(ticket)).text
    assert ticket.number in text
    assert "前面还有" in text
    assert "10:00" in text, "promised within 30 minutes of 09:30 Shanghai time"
    assert "Ahead of you" in text


def test_the_address_is_the_one_printed_on_the_ticket(house: Any) -> None:
    ticket = house.take()
    assert house.path(ticket) == ticket_path(HALL, ticket.business_date, ticket.number, ticket.token)


def test_it_works_without_scripts_and_is_light(house: Any, client: TestClient[Litestar]) -> None:
    page = client.get(house.path(house.take()))
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page.text
    linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    weight = len(page.content) + sum(len(client.get(path).content) for path in linked)
    assert weight < 100_000
    assert len(page.content) < 8_000


def test_a_ticket_taken_in_english_is_shown_in_english_first(house: Any, client: TestClient[Litestar]) -> None:
    ticket = house.take(lang="en")
    assert '<html lang="en"' in client.get(house.path(ticket)).text
    assert '<html lang="zh-CN"' in client.get(house.path(ticket) + "?lang=zh").text


def test_called_to_a_window(house: Any, client: TestClient[Litestar]) -> None:
    ticket = house.take()
    _call(house, ticket.ticket_id, "3")
    text = client.get(house.path(ticket)).text
    assert "正在叫您" in text
    assert "3号窗口" in text


def test_step_out_and_come_back_by_plain_forms(house: Any, client: TestClient[Litestar]) -> None:
    ticket = house.take()
    path = house.path(ticket)
    assert client.post(path + "/pause").status_code == 200
    assert house.hall.tickets[ticket.ticket_id].state.value == "paused"
    assert "我回来了" in client.get(path).text
    assert client.post(path + "/pause").status_code == 200, "pressing twice does no harm"
    assert client.post(path + "/resume").status_code == 200
    again = client.post(path + "/pause")
    assert again.status_code == 409
    assert 'role="alert"' in again.text
    assert house.hall.tickets[ticket.ticket_id].state.value == "waiting"


def test_cancel_asks_once_and_then_is_final(house: Any, client: TestClient[Litestar]) -> None:
    ticket = house.take()
    path = house.path(ticket)
    asked = client.get(path + "?ask=cancel").text
    assert "确定取消" in asked
    assert f'action="{path}/cancel' in asked
    assert house.hall.tickets[ticket.ticket_id].state.value == "waiting"
    client.post(path + "/cancel")
    assert house.hall.tickets[ticket.ticket_id].state.value == "cancelled"
    assert client.post(path + "/resume").status_code == 409


def test_missed_and_back_in_the_queue_within_half_an_hour(house: Any, client: TestClient[Litestar]) -> None:
    ticket = house.take()
    path = house.path(ticket)
    _call(house, ticket.ticket_id, times=3)
    house.clock.forward(seconds=20)
    house.ask(messages.MarkNoShow(id="m", by="staff:s1", counter="1"))
    text = client.get(path).text
    assert "重新排队" in text
    assert "10:01 前" in text
    assert client.post(path + "/return").status_code == 200
    assert house.hall.tickets[ticket.ticket_id].state.value == "waiting"


def test_unknown_expired_and_guessed_get_the_same_answer(house: Any, client: TestClient[Litestar]) -> None:
    ticket = house.take()
    path = house.path(ticket)
    wrong = [
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        path.replace("20261120", "20261119"),
        path.replace(ticket.number, "Z999"),
        path.replace(HALL, "no-such-hall"),
        path.replace("20261120", "tomorrow"),
    ]
    replies = [client.get(address) for address in wrong]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.text for reply in replies}) == 1
    assert "号票已失效" in replies[0].text
    for address in wrong:
        assert client.post(address + "/cancel").status_code == 404
        assert client.get(address + "/events").status_code == 404
    assert house.hall.tickets[ticket.ticket_id].state.value == "waiting"


def test_a_ticket_dies_with_its_day(house: Any, client: TestClient[Litestar]) -> None:
    path = house.path(house.take())
    client.post(path + "/cancel")
    assert client.get(path).status_code == 200
    house.clock.forward(days=1)
    house.ask(messages.Tick(id="t", by="system"))
    assert client.get(path).status_code == 404


def test_who_guesses_is_slowed_down(house: Any, client: TestClient[Litestar]) -> None:
    path = house.path(house.take())
    seen = [client.get(path[:-3] + f"{n:03d}").status_code for n in range(31)]
    assert seen[:30] == [404] * 30
    assert seen[30] == 429
    barred = client.get(path)
    assert barred.status_code == 429, "and learns nothing by guessing right meanwhile"
    assert "请一分钟后再打开" in barred.text
    assert "失效" not in barred.text, "a neighbour on the same network is not told that the ticket is void"


def test_an_offline_ticket_is_not_yet_synchronised(house: Any, client: TestClient[Litestar]) -> None:
    leased = house.ask(
        messages.LeaseBlock(id="l", by="kiosk:kiosk-01", block_id="b1", kiosk="kiosk-01", group="A", size=5)
    )
    assert isinstance(leased, BlockAnswer)
    inside = f"/t/{HALL}/20261120/A{leased.block.last:03d}/{'t' * 22}"
    page = client.get(inside)
    assert page.status_code == 200
    assert "尚未同步" in page.text
    assert "Not yet synchronised" in page.text
    beyond = inside.replace(f"A{leased.block.last:03d}", f"A{leased.block.last + 1:03d}")
    assert client.get(beyond).status_code == 404


def test_a_sensitive_matter_is_shown_as_general(house: Any, client: TestClient[Litestar]) -> None:
    matter = house.matter(sensitive=True)
    name = house.plans.halls[HALL].matters[matter].name_zh
    text = client.get(house.path(house.take(matter))).text
    assert name not in text
    assert "综合" in text


# --- booking -----------------------------------------------------------------------------------------


def _form(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)) | {
        "slot": re.findall(r'name="slot" value="([^"]+)"', page)[0]
    }


def _book(house: Any, client: TestClient[Litestar], **more: str) -> Any:
    page = client.get(f"/book?m={house.matter()}").text
    return client.post("/book", data=_form(page) | more, follow_redirects=False)


def test_matter_slot_code(house: Any, client: TestClient[Litestar]) -> None:
    assert "看病医保" in client.get("/book").text
    found = client.get("/book?q=jzz").text
    assert "居住证" in found
    made = _book(house, client)
    assert made.status_code == 303
    page = client.get(made.headers["location"]).text
    (appointment,) = house.hall.appointments.values()
    assert f"{appointment.code[:4]} {appointment.code[4:]}" in page
    assert "data:image/svg+xml" in page
    assert appointment.origin == "online"


def test_sending_the_form_twice_books_once(house: Any, client: TestClient[Litestar]) -> None:
    form = _form(client.get(f"/book?m={house.matter()}").text)
    first, again = (client.post("/book", data=form, follow_redirects=False) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert len(house.hall.appointments) == 1


def test_an_id_number_goes_to_the_vault_and_nowhere_else(
    house: Any, client: TestClient[Litestar], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    number = "31010119550606002" + check_character("31010119550606002")
    made = _book(house, client, number=number)
    page = client.get(made.headers["location"])
    (appointment,) = house.hall.appointments.values()
    assert appointment.person_ref == house.vault.find(number)
    for text in (made.headers["location"], page.text, repr(appointment), caplog.text):
        assert number not in text


def test_a_stranger_cannot_rename_a_person_by_booking(house: Any, client: TestClient[Litestar]) -> None:
    number = "31010119550606002" + check_character("31010119550606002")
    ref = house.vault.remember(Identity("陈淑芬", number))
    _book(house, client, number=number)
    assert house.vault.masked(ref, "counter").name == "陈*芬"


def test_a_wrong_id_number_is_told_and_books_nothing(house: Any, client: TestClient[Litestar]) -> None:
    reply = _book(house, client, number="310101195506060020")
    assert reply.status_code == 409
    assert "证件号码不对" in reply.text
    assert len(house.hall.appointments) == 0


def test_move_and_cancel_a_booking(house: Any, client: TestClient[Litestar]) -> None:
    made = _book(house, client).headers["location"]
    assert "不能在线改签" in client.get(made).text, "a slot that begins in 15 minutes stands"
    page = client.get(f"/book?m={house.matter()}").text
    later = re.findall(r'name="slot" value="([^"]+)"', page)[8]
    path = client.post("/book", data=_form(page) | {"slot": later}, follow_redirects=False).headers["location"]
    path = path.split("?")[0]
    link = re.findall(r'href="(/book\?[^"]*replaces[^"]*)"', client.get(path).text)[0].replace("&amp;", "&")
    page = client.get(link).text
    slots = re.findall(r'name="slot" value="([^"]+)"', page)
    moved = client.post("/book", data=_form(page) | {"slot": slots[5]}, follow_redirects=False)
    assert moved.status_code == 303
    assert "已取消" in client.get(path).text
    fresh = moved.headers["location"].split("?")[0]
    assert "确定取消" in client.get(fresh + "?ask=cancel").text
    assert client.post(fresh + "/cancel").status_code == 200
    states = [a.state.value for a in house.hall.appointments.values()]
    assert (states.count("cancelled"), states.count("booked")) == (2, 1)


def test_somebody_elses_booking_cannot_be_moved_or_seen(house: Any, client: TestClient[Litestar]) -> None:
    path = _book(house, client).headers["location"].split("?")[0]
    guessed = path[:-8] + "00000000"
    assert client.get(guessed).status_code == 404
    assert client.post(guessed + "/cancel").status_code == 404
    (appointment,) = house.hall.appointments.values()
    form = _form(client.get(f"/book?m={house.matter()}").text)
    stolen = form | {"replaces": appointment.id, "code": "00000000"}
    assert client.post("/book", data=stolen, follow_redirects=False).status_code == 409
    assert house.hall.appointments[appointment.id].state.value == "booked"


def test_the_places_of_a_day_are_listed_by_its_parts(house: Any, client: TestClient[Litestar]) -> None:
    text = client.get(f"/book?hall={HALL}&m={house.matter()}&day=2026-11-21").text
    assert re.findall(r"<summary>(\S+)", text) == ["凌晨", "上午", "下午", "晚上"]
    assert text.count("<details") == 4
    assert text.count(" open>") == 1
    assert "06:00–11:45" in text
