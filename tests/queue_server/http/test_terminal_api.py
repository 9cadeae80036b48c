"""Third-party terminals over HTTP: the same bodies as over MQTT, behind a bearer token."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from queue_server.auth import Role
from queue_server.domain import messages
from queue_server.domain.sheet import BookingSheet
from queue_server.people.numbers import check_character
from queue_server.people.vault import Identity

HALL = "xinghe-hall"
REQUESTS = f"/api/1/halls/{HALL}/requests"
ID = "01932b7e-0000-7000-8000-0000000000aa"


@pytest.fixture
def token(sign_in: Any) -> str:
    page = sign_in("tan", Role.TECHNICIAN).post("/devices/token", data={"device": "kiosk-01"}).text
    found = re.search(r'<code class="secret">([^<]+)<', page)
    assert found is not None
    return found.group(1)


def _ask(client: TestClient[Litestar], token: str, body: Any, **headers: str) -> Any:
    return client.post(REQUESTS, json=body, headers={"authorization": f"Bearer {token}"} | headers)


def _ticket(house: Any, **more: Any) -> dict[str, Any]:
    body = {"kind": "take-ticket", "id": ID, "matters": [house.matter()], "token": secrets.token_urlsafe(16)}
    return body | more


def test_a_ticket_and_the_same_one_for_a_repeated_id(house: Any, client: TestClient[Litestar], token: str) -> None:
    body = _ticket(house)
    first, again = _ask(client, token, body).json(), _ask(client, token, body).json()
    assert first == again
    assert first["kind"] == "ticket"
    assert client.get(first["path"]).status_code == 200
    assert len(house.hall.tickets) == 1


def test_slots_catalogue_booking_and_check_in_by_a_sealed_person(
    house: Any, client: TestClient[Litestar], token: str, seal: Any
) -> None:
    bearer = {"authorization": f"Bearer {token}"}
    matter = house.matter()
    free = client.get(f"/api/1/halls/{HALL}/slots?day=2026-11-20&matter={matter}", headers=bearer).json()
    assert free["kind"] == "slots"
    catalogue = client.get(f"/api/1/halls/{HALL}/catalogue", headers=bearer).json()
    assert matter in {m["id"] for m in catalogue["matters"]}
    number = "31010119550606002" + check_character("31010119550606002")
    person = seal(Identity("陈淑芬", number))
    book = {"kind": "book", "id": ID, "matters": [matter], "slot_start": free["slots"][0]["start"], "person": person}
    assert _ask(client, token, book).json()["kind"] == "booked"
    check_in = {"kind": "check-in", "id": ID[:-1] + "b", "token": "t" * 22, "person": person}
    assert _ask(client, token, check_in).json()["ticket_kind"] == "appointment"


def test_a_terminal_sees_why_and_puts_somebody_on_the_waiting_list(
    house: Any, client: TestClient[Litestar], token: str
) -> None:
    matter, starts = house.matter(), tuple(range(0, 1440, 15))
    sheet = BookingSheet(5, 15.0, starts, tuple(0.0 for _ in starts))
    house.ask(messages.SetBookingSheet(id="sheet", by="system", sheet=sheet))
    bearer = {"authorization": f"Bearer {token}"}
    day = client.get(f"/api/1/halls/{HALL}/slots?day=2026-11-21&matter={matter}", headers=bearer).json()
    assert {slot["why"] for slot in day["slots"]} == {"promise"}
    assert day["reasons"]["promise"]["en"].startswith("One more visit")
    wish = {"kind": "join-waiting-list", "id": ID, "matters": [matter], "day": "2026-11-21"}
    waits = _ask(client, token, wish).json()
    assert (waits["kind"], waits["ahead"], waits["hold_min"]) == ("waiting", 0, 15)
    assert client.get(waits["path"]).status_code == 200
    assert _ask(client, token, {**wish, "id": ID[:-1] + "c", "day": None}).json()["code"] == "bad-value"


def test_a_refusal_has_a_code_and_a_sentence(house: Any, client: TestClient[Litestar], token: str) -> None:
    reply = _ask(client, token, _ticket(house, matters=["M999"]))
    assert (reply.status_code, reply.json()["code"]) == (409, "unknown-matter")
    assert reply.json()["zh"]
    assert _ask(client, token, _ticket(house, v=9)).json()["code"] == "wrong-version"
    assert _ask(client, token, {"kind": "check-in", "id": ID, "token": "t" * 22}).json()["code"] == "who-is-it"
    assert len(house.hall.tickets) == 0


def test_what_cannot_be_read_is_malformed(house: Any, client: TestClient[Litestar], token: str) -> None:
    for body in ({}, [], {"kind": "dance", "id": ID}, _ticket(house, id="1"), _ticket(house, token="short")):
        reply = _ask(client, token, body)
        assert (reply.status_code, reply.json()["code"]) == (400, "malformed")
    assert len(house.hall.tickets) == 0


def test_no_token_a_wrong_one_a_replaced_one_another_hall(
    house: Any, client: TestClient[Litestar], token: str, sign_in: Any
) -> None:
    assert client.post(REQUESTS, json=_ticket(house)).status_code == 401
    assert _ask(client, "guessed", _ticket(house)).status_code == 401
    elsewhere = client.get("/api/1/halls/other-hall/catalogue", headers={"authorization": f"Bearer {token}"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not-found")
    boss = sign_in("boss", Role.MANAGER)
    assert boss.post("/devices/token", data={"device": "kiosk-01"}).status_code == 200
    assert _ask(client, token, _ticket(house)).status_code == 401
    assert boss.post("/devices/token", data={"device": "toaster"}).status_code == 404


def test_guessing_tokens_is_slowed_down(house: Any, client: TestClient[Litestar]) -> None:
    seen = [_ask(client, f"guess-{n}", {}).status_code for n in range(21)]
    assert seen == [401] * 20 + [429]


def test_the_description_names_every_terminal_route(client: TestClient[Litestar]) -> None:
    described = client.get("/schema/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/1/halls/{hall_id}/requests",
        "/api/1/halls/{hall_id}/slots",
        "/api/1/halls/{hall_id}/catalogue",
    }
    assert "TakeTicket" in str(described["components"]["schemas"].keys())
    assert client.get("/schema").status_code == 200
