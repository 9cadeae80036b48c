"""Off-line tickets cannot be refused, and still no number is given twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from queue_server.domain.answers import RecordedAnswer
from queue_server.domain.messages import (
    BlockLapsed,
    CloseDay,
    LeaseBlock,
    OfflineTicketDisputed,
    PromiseAmber,
    RecordOfflineTicket,
    TicketAbandoned,
)
from queue_server.domain.model import State

TUESDAY = date(2026, 3, 3)


def lease(scene: Any, block: str = "b1", kiosk: str = "k1", size: int = 5) -> None:
    scene.do(LeaseBlock, block_id=block, kiosk=kiosk, group="A", size=size)


def record(scene: Any, number: int, **fields: Any) -> RecordedAnswer:
    given = scene.ask(
        RecordOfflineTicket,
        **{
            "block_id": "b1",
            "kiosk": "k1",
            "group": "A",
            "number": number,
            "matters": ("elder-card",),
            "token": f"token-{number}",
            "checked_in_at": scene.now,
            **fields,
        },
    )
    scene.check()
    assert isinstance(given, RecordedAnswer)
    return given


def test_it_keeps_its_number_and_enters_by_check_in_time(scene: Any) -> None:
    lease(scene)
    scene.at("09:20")
    online = scene.take()
    given = record(scene, 2, checked_in_at=scene.local("09:10"), clock_uncertainty_s=3)
    assert (given.number, given.printed_number) == ("A002", "A002")
    ticket = scene.ticket(given.ticket_id)
    assert (ticket.offline, ticket.clock_uncertainty_s) == (True, 3)
    assert ticket.promise.due == scene.local("09:40")
    scene.open("1")
    assert scene.call("1").id == ticket.id  # was here before
    assert scene.ticket(ticket).wait_net_s == 600
    assert scene.ticket(online).state is State.WAITING


def test_the_same_ticket_told_twice_is_one(scene: Any) -> None:
    lease(scene)
    first = record(scene, 1)
    assert record(scene, 1) == first
    assert len(scene.hall.tickets) == 1


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"block_id": "b9"}, "unknown-block"),
        ({"kiosk": "k2"}, "block-of-another-kiosk"),
        ({"number": 77}, "number-outside-block"),
        ({"group": "B", "number": 4}, "number-outside-block"),
    ],
)
def test_a_disputed_number_gets_a_fresh_one(scene: Any, fields: dict[str, Any], problem: str) -> None:
    lease(scene)
    scene.take()  # A006
    given = record(scene, **{"number": 1, **fields})
    assert given.number == ("B001" if fields.get("group") == "B" else "A007")
    assert given.number != given.printed_number
    dispute = scene.last
    assert isinstance(dispute, OfflineTicketDisputed)
    assert (dispute.problem, dispute.printed_number) == (problem, given.printed_number)
    assert scene.ticket(given.ticket_id).state is State.WAITING


def test_a_number_used_twice_by_a_kiosk(scene: Any) -> None:
    lease(scene)
    record(scene, 1)
    given = record(scene, 1, token="another")
    assert (given.printed_number, given.number) == ("A001", "A006")
    assert scene.last.problem == "number-taken"


def test_the_catalogue_may_have_forgotten_the_matter(scene: Any) -> None:
    lease(scene)
    given = record(scene, 1, matters=("moon", "elder-card"))
    assert scene.ticket(given.ticket_id).matters == ("moon", "elder-card")
    given = record(scene, 2, matters=("moon",))
    scene.open("3")
    assert scene.call("3").number == "A001"


def test_a_check_in_lies_neither_in_the_future_nor_before_the_block(scene: Any) -> None:
    lease(scene)
    leased = scene.now
    scene.wait(minutes=10)
    ahead = record(scene, 1, checked_in_at=scene.local("23:00", date(2027, 1, 1)))
    assert scene.ticket(ahead.ticket_id).checked_in_at == scene.now
    behind = record(scene, 2, checked_in_at=scene.local("09:00", date(1999, 1, 1)))
    assert scene.ticket(behind.ticket_id).checked_in_at == leased


def test_a_promise_that_ran_out_off_line_is_told_with_its_true_time(scene: Any) -> None:
    lease(scene)
    scene.wait(minutes=25)
    record(scene, 1, checked_in_at=scene.local("09:00"))
    (amber,) = scene.tick()
    assert isinstance(amber, PromiseAmber)
    assert amber.at == scene.local("09:21")


def test_closed_doors_do_not_matter(scene: Any) -> None:
    lease(scene)
    scene.at("20:00")
    given = record(scene, 1, checked_in_at=scene.local("16:00"))
    assert scene.ticket(given.ticket_id).state is State.WAITING


def test_after_the_day_was_closed_it_is_recorded_as_abandoned(scene: Any) -> None:
    lease(scene)
    scene.at("17:00")
    scene.do(CloseDay, by="system", business_date=date(2026, 3, 2))
    given = record(scene, 1, checked_in_at=scene.local("16:00"))
    assert given.ticket_id == "2026-03-02-A001"
    assert isinstance(scene.last, TicketAbandoned)
    assert scene.ticket(given.ticket_id).state is State.ABANDONED


def test_of_an_earlier_day_it_belongs_to_that_day(scene: Any) -> None:
    lease(scene)
    record(scene, 1)
    scene.at("10:00", TUESDAY)
    scene.tick()
    lapsed = next(e for e in scene.log if isinstance(e, BlockLapsed))
    assert lapsed.unused == (2, 3, 4, 5)
    given = record(scene, 3, checked_in_at=scene.local("16:00"))
    assert given.ticket_id == "2026-03-02-A003"
    assert isinstance(scene.last, TicketAbandoned)
    assert given.ticket_id not in scene.hall.tickets
    again = record(scene, 3, checked_in_at=scene.local("16:00"), token="another")
    assert again.ticket_id == "2026-03-02-A006"  # fresh on that date
    other = record(scene, 9, block_id="b9", checked_in_at=scene.local("16:00"))
    assert other.ticket_id == "2026-03-02-A007"
    assert scene.take().number == "A001"


def test_the_block_knows_the_day_better_than_the_kiosks_clock(scene: Any) -> None:
    scene.at("10:00", TUESDAY)
    lease(scene)
    given = record(scene, 1, checked_in_at=scene.local("16:00"))
    assert given.ticket_id == "2026-03-03-A001"
    assert scene.ticket(given.ticket_id).checked_in_at == scene.local("10:00", TUESDAY)


def test_of_a_day_nobody_remembers_it_gets_a_number_of_today(scene: Any) -> None:
    scene.take()
    given = record(scene, 5, checked_in_at=scene.local("10:00", date(2024, 1, 1)))
    assert given.ticket_id == "2026-03-02-A002"
    assert scene.ticket(given.ticket_id).state is State.ABANDONED
    assert scene.take().number == "A003"


# --- a request that nobody answered, and the number given instead --------------------------------------------


def test_a_ticket_given_for_an_unheard_request_gives_way_to_the_one_on_paper(scene: Any) -> None:
    lease(scene)
    scene.at("09:20")
    unheard = scene.take(token="one-visit")
    scene.wait(seconds=12)
    given = record(scene, 2, token="one-visit")
    paper = scene.ticket(given.ticket_id)
    assert paper.checked_in_at == scene.local("09:20")  # asked for then
    assert scene.ticket(unheard).state is State.CANCELLED
    scene.open("1")
    assert scene.call("1").id == paper.id


def test_a_request_that_comes_late_gets_the_off_line_ticket(scene: Any) -> None:
    lease(scene)
    given = record(scene, 2, token="one-visit")
    late = scene.take(token="one-visit")
    assert (late.number, late.id) == ("A002", given.ticket_id)
    assert len(scene.hall.tickets) == 1


def test_an_unheard_ticket_that_is_being_called_is_taken_off_its_window(scene: Any) -> None:
    lease(scene)
    scene.open("1")
    unheard = scene.take(token="one-visit")
    scene.call("1")
    record(scene, 1, token="one-visit")
    assert scene.ticket(unheard).state is State.CANCELLED
    assert scene.hall.counters["1"].ticket_id is None
    assert scene.call("1").number == "A001"


def test_a_visit_is_known_by_its_token_through_a_dispute_and_the_night(scene: Any) -> None:
    lease(scene)
    first = record(scene, 77, token="one-visit")
    assert record(scene, 77, token="one-visit").number == first.number
    scene.at("10:00", TUESDAY)
    scene.tick()
    assert scene.hall.papers == {}
