"""Numbers: letter and digits, per group and day, never twice; blocks for kiosks; who may take one at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from queue_server.domain.answers import BlockAnswer, TicketAnswer
from queue_server.domain.errors import Code
from queue_server.domain.issuing import number_text
from queue_server.domain.messages import BlockLeased, CheckIn, LeaseBlock, TakeTicket, TicketIssued
from queue_server.domain.model import Block, Kind, MatterClass, Place


def test_numbers_count_per_group(scene: Any) -> None:
    numbers = [scene.take(m).number for m in ("elder-card", "medical", "residence", "medical")]
    assert numbers == ["A001", "B001", "A002", "B002"]
    assert scene.take("elder-card").id == "2026-03-02-A003"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "A001"), (999, "A999"), (1000, "A1000"), (9999, "A9999"), (10_000, "A10000")]
)
def test_number_text_grows_with_need(number: int, text: str) -> None:
    assert number_text("A", number) == text


def test_after_99999_a_group_gives_no_more(scene: Any) -> None:
    scene.take()
    block = Block("b", "k", "A", date(2026, 3, 2), 2, 99_998, scene.now)
    from queue_server.domain.hall import evolve  # noqa: PLC0415  (only this test plants an event)

    scene.log.append(BlockLeased(at=scene.now, by="kiosk:k", block=block))
    scene.hall = evolve(scene.hall, scene.last)
    assert scene.take().number == "A99999"
    scene.refuses(Code.NUMBERS_EXHAUSTED, TakeTicket, matters=("elder-card",), token="t" * 22)
    scene.refuses(Code.NUMBERS_EXHAUSTED, LeaseBlock, block_id="c", kiosk="k9", group="A", size=1)
    assert scene.take("medical").number == "B001"


def test_several_matters_are_one_visit(scene: Any) -> None:
    ticket = scene.take("elder-card", "housing", "medical", "elder-card")
    assert ticket.group == "A"
    assert ticket.matters == ("elder-card", "housing", "medical")
    assert ticket.matter_class is MatterClass.COMPLEX
    assert ticket.skills == ("housing", "medical")
    assert ticket.service_min == 48
    assert ticket.promise.limit_s == 3600


def test_priority_is_declared_and_recorded(scene: Any) -> None:
    ticket = scene.take(priority_reason="age-80")
    assert (ticket.kind, ticket.priority_reason, ticket.promise.limit_s) == (Kind.PRIORITY, "age-80", 900)


def test_who_gets_no_number(scene: Any) -> None:
    scene.refuses(Code.NO_MATTER, TakeTicket, matters=(), token="t" * 22)
    no = scene.refuses(Code.UNKNOWN_MATTER, TakeTicket, matters=("elder-card", "moon"), token="t" * 22)
    assert no.facts == {"matter": "moon"}
    scene.refuses(Code.NOT_REMOTE, TakeTicket, matters=("archive",), token="t" * 22, place=Place.REMOTE)


def test_no_window_for_the_matter_from_an_outlet(make_scene: Any) -> None:
    scene = make_scene()
    # Only windows 1 and 3 serve distant citizens, and 3 has no housing.
    assert scene.take("housing", place=Place.REMOTE).place is Place.REMOTE


@pytest.mark.parametrize(
    ("day", "clock", "opens"),
    [
        (date(2026, 3, 2), "08:29", "2026-03-02 08:30"),
        (date(2026, 3, 2), "16:30", "2026-03-03 08:30"),
        (date(2026, 3, 4), "17:00", "2026-03-06 08:30"),  # the 5th is a holiday
        (date(2026, 3, 7), "12:00", "2026-03-08 08:30"),  # Sunday the 8th is worked
    ],
)
def test_closed_doors_say_when_they_open(scene: Any, day: date, clock: str, opens: str) -> None:
    scene.at(clock, day)
    no = scene.refuses(Code.HALL_CLOSED, TakeTicket, matters=("elder-card",), token="t" * 22)
    assert no.facts == {"next_opening": opens}


def test_doors_open_on_the_minute(scene: Any) -> None:
    scene.at("08:30")
    assert scene.take().number == "A001"
    scene.at("15:00", date(2026, 3, 8))  # a worked Sunday keeps workday hours
    assert scene.take().id == "2026-03-08-A001"


def test_the_answer_carries_promise_and_place(scene: Any) -> None:
    scene.open("1")
    for _ in range(3):
        scene.take()
    given = scene.ask(TakeTicket, matters=("elder-card",), token="x" * 22)
    assert isinstance(given, TicketAnswer)
    assert (given.number, given.ahead, given.kind) == ("A004", 3, Kind.WALK_IN)
    assert (given.due - given.checked_in_at).total_seconds() == 1800
    assert 0 < given.wait_p50_s < given.wait_p90_s


def test_a_block_reserves_the_next_numbers(scene: Any) -> None:
    scene.take()
    given = scene.ask(LeaseBlock, block_id="b1", kiosk="k1", group="A", size=50)
    assert isinstance(given, BlockAnswer)
    assert (given.block.first, given.block.last) == (2, 51)
    assert scene.take().number == "A052"
    scene.do(LeaseBlock, block_id="b2", kiosk="k1", group="A", size=10)
    scene.refuses(Code.TOO_MANY_BLOCKS, LeaseBlock, block_id="b3", kiosk="k1", group="A", size=10)
    scene.do(LeaseBlock, block_id="b3", kiosk="k2", group="A", size=10)
    scene.do(LeaseBlock, block_id="b4", kiosk="k1", group="B", size=10)


def test_blocks_refused(scene: Any) -> None:
    scene.refuses(Code.BAD_BLOCK_SIZE, LeaseBlock, block_id="b", kiosk="k", group="A", size=0)
    scene.refuses(Code.BAD_BLOCK_SIZE, LeaseBlock, block_id="b", kiosk="k", group="A", size=501)
    scene.refuses(Code.BAD_VALUE, LeaseBlock, block_id="b", kiosk="k", group="Z", size=5)
    scene.do(LeaseBlock, block_id="b", kiosk="k", group="A", size=5)
    scene.refuses(Code.BAD_VALUE, LeaseBlock, block_id="b", kiosk="other", group="A", size=5)


def test_a_booked_citizen_gets_the_same_row_of_numbers(scene: Any) -> None:
    appointment = scene.book("09:30")
    scene.take()
    events = scene.do(CheckIn, token="t" * 22, appointment_id=appointment.id)
    assert isinstance(events[0], TicketIssued)
    assert events[0].ticket.number == "A002"
    assert events[0].source == "check-in"
