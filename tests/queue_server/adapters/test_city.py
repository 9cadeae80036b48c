"""The city's platform books through the same command: once however often it asks, whatever gets lost between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from queue_server.adapters.city import CityAway, Wished, command, result
from queue_server.adapters.city_http import HttpPlatform
from queue_server.adapters.city_line import CityLine
from queue_server.adapters.city_sim import TOKEN, CitySim, serve
from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.desk import Desk
from queue_server.domain import messages
from queue_server.domain.model import Booking
from queue_server.people.vault import Identity, VaultError
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog

HALL = "xinghe-hall"
MORNING = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
TEN = "2026-11-21T10:00:00+08:00"


class Nobody:
    """A vault that opens only the box it was promised."""

    def open(self, sealed_b64: str) -> Identity:
        if sealed_b64 != "good":
            raise VaultError("bad seal")
        return Identity("", "n")

    def remember(self, identity: Identity, needed_until: datetime | None = None) -> str:
        return "ref-1"


@dataclass
class City:
    sim: CitySim
    desk: Desk
    line: CityLine
    clock: SetClock

    @property
    def hall(self) -> Any:
        return self.desk.hall(HALL)

    def book(self, ref: str, **more: Any) -> None:
        self.sim.wish(ref=ref, hall=HALL, action="book", matters=[self.matter], slot_start=TEN, **more)

    @property
    def matter(self) -> str:
        return next(m.id for m in self.hall.plan.matters.values() if m.bookable and m.skill is None)

    def last(self) -> dict[str, Any]:
        return self.sim.results[-1]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    clock, sim = SetClock(MORNING), CitySim()
    engine = open_engine(f"sqlite:///{tmp_path / 'halls.db'}")
    desk = Desk(EventLog(engine), load_plans().halls, clock)
    desk.start()
    with serve(sim) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        platform = HttpPlatform(f"http://127.0.0.1:{server.server_address[1]}", TOKEN)
        yield City(sim, desk, CityLine(desk, platform, Nobody(), clock), clock)
        server.shutdown()
        thread.join()
    desk.stop()
    engine.dispose()


def test_a_wish_becomes_a_booking_with_its_code(city: City) -> None:
    city.book("C1", person="good")
    assert city.line.turn() == 1
    booked = city.hall.appointments["city-C1"]
    assert (booked.origin, booked.person_ref, booked.state) == ("city", "ref-1", Booking.BOOKED)
    assert city.last() == {
        "ref": "C1",
        "hall": HALL,
        "action": "book",
        "ok": True,
        "code": booked.code,
        "slot_start": "2026-11-21T02:00:00Z",
    }
    assert not city.sim.wishes
    assert city.line.turn() == 0


def test_a_lost_result_books_nothing_twice(city: City) -> None:
    city.sim.faults = {"lose-results": 2}
    city.book("C1")
    assert [city.line.turn() for _ in range(3)] == [0, 0, 1]
    assert list(city.hall.appointments) == ["city-C1"]
    assert city.last()["code"] == city.hall.appointments["city-C1"].code


def test_a_wish_asked_again_long_after_its_first_answer_was_forgotten(city: City) -> None:
    city.book("C1")
    city.line.turn()
    wished = Wished(ref="C1", hall=HALL, matters=[city.matter], slot_start=datetime(2026, 11, 21, 2, tzinfo=UTC))
    again = command(wished, city.hall, Nobody(), lambda _hall: "99999999")
    forgotten = messages.BookSlot(
        id="another-id",
        by=again.by,
        **{f: getattr(again, f) for f in ("appointment_id", "code", "matters", "slot_start", "origin", "person_ref")},
    )
    answer = city.desk.ask(HALL, forgotten).result(10)[0]
    told = result(wished, answer, city.hall)
    assert (told.ok, told.code) == (True, city.hall.appointments["city-C1"].code)


def test_moved_and_cancelled_by_the_platform(city: City) -> None:
    city.book("C1")
    city.line.turn()
    city.sim.wish(
        ref="C2", hall=HALL, action="book", matters=[city.matter], slot_start="2026-11-21T11:00:00+08:00", moves="C1"
    )
    city.line.turn()
    assert city.hall.appointments["city-C1"].state is Booking.CANCELLED
    for _ in range(2):  # asked twice, cancelled once
        city.sim.wish(ref="C2", hall=HALL, action="cancel")
        city.line.turn()
        assert city.last()["ok"]
    city.clock.forward(minutes=2)
    city.line.turn()
    assert city.sim.states[HALL] == {"C1": "cancelled", "C2": "cancelled"}


def test_a_refusal_comes_with_its_sentence(city: City) -> None:
    for ref, fields, code in (
        ("R1", {"matters": ["M999"]}, "unknown-matter"),
        ("R2", {"slot_start": "2026-11-21T10:01:00+08:00"}, "no-such-slot"),
        ("R3", {"slot_start": "0001-01-01T00:00:00+08:00"}, "bad-value"),
        ("R4", {"person": "rubbish"}, "bad-seal"),
        ("R5", {"hall": "elsewhere"}, "unknown-hall"),
        ("R6", {"action": "cancel"}, "unknown-appointment"),
    ):
        wish = {"hall": HALL, "action": "book", "matters": [city.matter], "slot_start": TEN, **fields}
        city.sim.wish(ref=ref, **wish)
        city.line.turn()
        assert (city.last()["ref"], city.last()["ok"], city.last()["refused"]) == (ref, False, code)
        assert city.last()["zh"].endswith("。")
    assert not city.hall.appointments


def test_what_is_free_is_published_with_reasons(city: City) -> None:
    city.line._moved.add(HALL)
    city.line.turn()
    days = city.sim.slots[HALL]
    assert {d["day"] for d in days} >= {"2026-11-20", "2026-11-27"}
    assert all(slot["free"] for day in days for slot in day["slots"])
    assert city.matter in {m for day in days for m in day["matters"]}


def test_while_the_platform_is_away_nothing_is_lost(city: City) -> None:
    city.book("C1")
    city.sim.faults = {"fail": 1, "rubbish": 1}
    assert [city.line.turn() for _ in range(3)] == [0, 0, 1]
    with pytest.raises(CityAway):
        HttpPlatform("http://127.0.0.1:9", "x").open_wishes()
    with pytest.raises(ValueError, match="http"):
        HttpPlatform("file:///etc/passwd", "x")
    assert TOKEN not in repr(HttpPlatform("http://127.0.0.1:9", TOKEN))
