"""Staff book for whoever stands before them or calls: the same places, the same commands, by a signed-in person."""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from queue_server.auth import Role
from queue_server.domain import messages
from queue_server.domain.sheet import BookingSheet
from queue_server.people.numbers import check_character

HALL = "xinghe-hall"
API = f"/api/staff/halls/{HALL}"
TEN = "2026-11-21T10:00:00+08:00"


def test_slots_booking_moving_cancelling(house: Any, sign_in: Any) -> None:
    clerk = sign_in("clerk", Role.CLERK)
    matter = house.matter()
    listed = clerk.get(f"{API}/slots?day=2026-11-21&matter={matter}").json()
    assert {"2026-11-21T02:00:00Z"} <= {s["start"] for s in listed["slots"]}
    number = "31010119550606002" + check_character("31010119550606002")
    wish = {"id": "w-1", "matters": [matter], "slot_start": TEN, "origin": "phone", "number": number}
    made = clerk.post(f"{API}/bookings", json=wish)
    assert made.status_code == 200, made.text
    assert made.json() == clerk.post(f"{API}/bookings", json=wish).json(), "a repeated press books once"
    booked = house.hall.appointments[made.json()["appointment"]]
    assert booked.origin == "phone"
    assert booked.person_ref == house.vault.find(number)
    assert number not in repr(booked)
    moved = clerk.post(
        f"{API}/bookings", json={**wish, "id": "w-2", "slot_start": "2026-11-21T11:00:00+08:00", "moves": booked.id}
    )
    assert moved.status_code == 200
    fresh = house.hall.appointments[moved.json()["appointment"]]
    assert (fresh.moved_from, fresh.person_ref) == (booked.id, booked.person_ref)
    assert clerk.post(f"{API}/bookings/{fresh.id}/cancel", json={"id": "c-1"}).status_code == 200
    no = clerk.post(f"{API}/bookings/{fresh.id}/cancel", json={"id": "c-2"})
    assert no.status_code == 409
    assert no.json()["refused"]["code"] == "no-appointment"


def test_a_wrong_number_books_nothing(house: Any, sign_in: Any) -> None:
    clerk = sign_in("clerk", Role.CLERK)
    wish = {"id": "w-1", "matters": [house.matter()], "slot_start": TEN, "number": "310101195506060020"}
    assert clerk.post(f"{API}/bookings", json=wish).json()["code"] == "bad-value"
    assert not house.hall.appointments


def test_staff_put_somebody_on_the_waiting_list(house: Any, sign_in: Any, client: TestClient[Litestar]) -> None:
    clerk = sign_in("clerk", Role.CLERK)
    matter = house.matter()
    starts = tuple(range(0, 1440, 15))
    sheet = BookingSheet(5, 15.0, starts, tuple(0.0 for _ in starts))
    house.ask(messages.SetBookingSheet(id="sheet", by="system", sheet=sheet))
    full = clerk.post(f"{API}/bookings", json={"id": "w-1", "matters": [matter], "slot_start": TEN}).json()
    assert full["code"] == "slot-full"
    waits = clerk.post(f"{API}/waiting-list", json={"id": "w-2", "matters": [matter], "day": "2026-11-21"}).json()
    assert waits["kind"] == "waiting"
    assert client.get(waits["path"]).status_code == 200
    why = clerk.get(f"{API}/slots?day=2026-11-21&matter={matter}").json()
    assert why["slots"][0]["why"] == "promise"
    assert why["reasons"]["promise"]["zh"].startswith("再约一位")


def test_sheets_are_shown_to_managers_and_made_anew_when_they_ask(house: Any, sign_in: Any) -> None:
    manager, clerk = sign_in("manager", Role.MANAGER), sign_in("clerk", Role.CLERK)
    assert clerk.get(f"{API}/sheets").status_code == 403
    assert manager.get(f"{API}/sheets").json() == []
    house.ask(messages.SetBookingSheet(id="s", by="system", sheet=BookingSheet(0, 15.0, (600,), (20.0,))))
    (sheet,) = manager.get(f"{API}/sheets").json()
    assert (sheet["weekday"], sheet["minutes"]) == (0, [20.0])
    asked: list[str] = []
    house.app.state.door.refresh_sheets = asked.append
    assert manager.post(f"{API}/sheets/refresh").status_code == 202
    assert asked == [HALL]
