"""候补 on the phone: why a slot is not offered, waiting for it, taking what is offered; all without scripts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from queue_server.domain import messages
from queue_server.domain.answers import BookedAnswer
from queue_server.domain.book import WishState
from queue_server.domain.sheet import BookingSheet
from queue_server.people.numbers import check_character

HALL = "xinghe-hall"
SATURDAY = date(2026, 11, 21)
TEN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


@pytest.fixture
def narrow(house: Any) -> Any:
    """Saturday has two slots with room for one short visit each, and none after them."""
    short = min(m.service_min for m in house.plans.halls[HALL].matters.values() if m.bookable)
    house.short = next(m.id for m in house.plans.halls[HALL].matters.values() if m.bookable and m.service_min == short)
    starts = tuple(range(0, 1440, 15))
    minutes = tuple(short if start in (600, 615) else 0.0 for start in starts)
    sheet = BookingSheet(5, 15.0, starts, minutes)
    house.ask(messages.SetBookingSheet(id="sheet", by="system", sheet=sheet))
    return house


def book(house: Any, name: str, start: datetime = TEN, **more: Any) -> Any:
    return house.ask(
        messages.BookSlot(
            id=name,
            by="phone",
            appointment_id=name,
            code=f"code-{name}",
            matters=(house.short,),
            slot_start=start,
            **more,
        )
    )


def page_of_saturday(house: Any, client: TestClient[Litestar], **more: str) -> str:
    query = "&".join(f"{k}={v}" for k, v in {"m": house.short, "day": "2026-11-21", **more}.items())
    return client.get(f"/book?{query}").text


def join(client: TestClient[Litestar], house: Any, slot: str = "2026-11-21T02:00:00+00:00") -> str:
    page = client.get("/wait", params={"m": house.short, "day": "2026-11-21", "slot": slot}).text
    made = client.post("/wait", data=hidden(page), follow_redirects=False)
    assert made.status_code == 303, made.text
    return str(made.headers["location"]).split("?")[0]


def test_a_slot_that_is_not_offered_says_why(narrow: Any, client: TestClient[Litestar]) -> None:
    book(narrow, "a")
    text = page_of_saturday(narrow, client)
    assert "已约满" in text
    assert "再约一位，别人的等候就会超过承诺的时间" in text
    assert re.search(r'class="taken" href="/wait\?[^"]*slot=2026-11-21T02%3A00[^"]*">10:00<small>约满 · 候补', text)
    assert re.findall(r'name="slot" value="([^"]+)"', text) == ["2026-11-21T02:15:00+00:00"]
    assert "Fully booked" in page_of_saturday(narrow, client, lang="en")


def test_joining_being_offered_taking(narrow: Any, client: TestClient[Litestar]) -> None:
    book(narrow, "a")
    path = join(client, narrow)
    assert "候补中" in client.get(path).text
    narrow.ask(messages.CancelAppointment(id="c", by="phone", appointment_id="a"))
    assert "有人退约，正为候补的人保留" in page_of_saturday(narrow, client)
    page = client.get(path).text
    assert "轮到您了" in page
    assert "09:45" in page, "kept for 15 minutes from 09:30"
    taken = client.post(path + "/take", data=hidden(page), follow_redirects=False)
    assert taken.status_code == 303
    assert "预约成功" in client.get(taken.headers["location"]).text
    again = client.post(path + "/take", data=hidden(page), follow_redirects=False)
    assert again.headers["location"] == taken.headers["location"], "sent twice, booked once"
    assert "已预约" in client.get(path).text
    assert len(narrow.hall.appointments) == 2


def test_an_id_number_may_be_given_when_the_place_is_taken(narrow: Any, client: TestClient[Litestar]) -> None:
    book(narrow, "a")
    path = join(client, narrow)
    narrow.ask(messages.CancelAppointment(id="c", by="phone", appointment_id="a"))
    form = hidden(client.get(path).text)
    wrong = client.post(path + "/take", data=form | {"number": "310101195506060020"})
    assert wrong.status_code == 409
    number = "31010119550606002" + check_character("31010119550606002")
    taken = client.post(path + "/take", data=form | {"number": number}, follow_redirects=False)
    assert taken.status_code == 303
    booked = next(a for a in narrow.hall.appointments.values() if a.id != "a")
    assert booked.person_ref == narrow.vault.find(number)
    assert number not in repr(narrow.hall.book)


def test_who_comes_too_late_is_told_and_who_leaves_is_gone(narrow: Any, client: TestClient[Litestar]) -> None:
    book(narrow, "a")
    first, second = join(client, narrow), join(client, narrow)
    narrow.ask(messages.CancelAppointment(id="c", by="phone", appointment_id="a"))
    form = hidden(client.get(first).text)
    narrow.clock.forward(minutes=16)
    narrow.ask(messages.Tick(id="tick", by="system"))
    late = client.post(first + "/take", data=form)
    assert late.status_code == 409
    assert "空位给了下一位" in late.text
    assert "轮到您了" in client.get(second).text
    assert client.post(second + "/leave").status_code == 200
    assert "已退出候补" in client.get(second).text
    states = {w.state for w in narrow.hall.book.wishes.values()}
    assert states == {WishState.LAPSED, WishState.LEFT}


def test_a_booking_can_wait_for_an_earlier_place(narrow: Any, client: TestClient[Litestar]) -> None:
    book(narrow, "a")
    mine = book(narrow, "b", datetime(2026, 11, 21, 2, 15, tzinfo=UTC))
    assert isinstance(mine, BookedAnswer)
    page = client.get(f"/b/{HALL}/b/code-b").text
    link = re.findall(r'href="(/wait\?[^"]+)"', page)[0].replace("&amp;", "&")
    made = client.post("/wait", data=hidden(client.get(link).text), follow_redirects=False)
    path = made.headers["location"].split("?")[0]
    narrow.ask(messages.CancelAppointment(id="c", by="phone", appointment_id="a"))
    taken = client.post(path + "/take", data=hidden(client.get(path).text), follow_redirects=False)
    assert taken.status_code == 303
    booked = {a.id: a for a in narrow.hall.appointments.values()}
    assert booked["b"].state.value == "cancelled"
    assert next(a for a in booked.values() if a.moved_from == "b").slot_start == TEN
    stolen = hidden(client.get(link).text) | {"code": "00000000"}
    assert client.post("/wait", data=stolen).status_code == 409


def test_a_free_slot_needs_no_waiting_and_strangers_learn_nothing(narrow: Any, client: TestClient[Litestar]) -> None:
    page = client.get("/wait", params={"m": narrow.short, "day": "2026-11-21"}).text
    assert "现在就有空位" in client.post("/wait", data=hidden(page)).text
    book(narrow, "a")
    path = join(client, narrow)
    assert client.get(path[:-8] + "00000000").status_code == 404
    assert client.post(path[:-8] + "00000000/take", data={}).status_code == 404
    assert client.get("/wait?day=2026-11-21&m=M999").status_code == 404
    assert client.get(f"/wait?day=yesterday&m={narrow.short}").status_code == 404


def test_who_is_too_late_for_a_booking_sees_the_next_free_time(house: Any, client: TestClient[Litestar]) -> None:
    house.short = house.matter()
    book(house, "a", datetime(2026, 11, 20, 1, 45, tzinfo=UTC))
    house.clock.forward(minutes=35)
    ticket = house.ask(messages.CheckIn(id="in", by="kiosk:kiosk-01", token="t" * 22, appointment_id="a"))
    text = client.get(house.path(ticket)).text
    assert "已过预约时间，按现场取号排队" in text
    assert "下一个可约时段：10:15" in text
    assert f'href="/book?hall={HALL}&m={house.short}' in text.replace("&amp;", "&")
