"""What is rated is kept once, without anybody's name, and a bad rating stands open as a case."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uuid6

from queue_server.cases import Rated, Ratings, Tally
from queue_server.cases.tables import ratings as table
from queue_server.config import load_plans
from queue_server.domain.hall import decide, empty, evolve
from queue_server.domain.messages import AcceptMaterials, BeginIdentityCheck, CallNext, Finish, OpenCounter, TakeTicket
from queue_server.domain.model import Outcome
from queue_server.domain.state import Hall
from queue_server.sealed import DoorRefused
from queue_server.store.database import open_engine
from queue_server.wire.people import Rate

TOKEN = "T" * 22


@pytest.fixture
def hall(now: Any) -> Hall:
    """One ticket done, one still waiting."""
    at = empty(next(iter(load_plans().halls.values())))
    who: dict[str, Any] = {"by": "staff:mei", "counter": "1"}
    for command in (
        OpenCounter(id="0", staff="mei", **who),
        TakeTicket(id="1", by="kiosk:k1", matters=("M001",), token=TOKEN),
        CallNext(id="2", **who),
        BeginIdentityCheck(id="3", **who),
        AcceptMaterials(id="4", **who),
        Finish(id="5", outcome=Outcome.ACCEPTED, **who),
        TakeTicket(id="6", by="kiosk:k1", matters=("M001",), token=TOKEN),
    ):
        for event in decide(at, command, now):
            at = evolve(at, event)
    return at


@pytest.fixture
def kept(tmp_path: Path, now: Any) -> Any:
    engine = open_engine(f"sqlite:///{tmp_path / 'side.db'}")
    yield Ratings(engine, lambda: now), engine
    engine.dispose()


def rate(subject: str, level: int = 5, **more: Any) -> Rate:
    return Rate(id=str(uuid6.uuid7()), subject=subject, level=level, **more)


def done_and_waiting(hall: Hall) -> tuple[str, str]:
    done, waiting = sorted(hall.tickets)
    return done, waiting


def code(kept: Any, asked: Rate, hall: Hall) -> str:
    with pytest.raises(DoorRefused) as no:
        kept[0].take(asked, hall, "k1")
    return str(no.value.code)


def test_the_first_rating_counts_and_its_repetition_is_the_same_answer(kept: Any, hall: Hall, now: Any) -> None:
    done, _ = done_and_waiting(hall)
    first = rate(done, 2, reasons=["long-wait", "unkind", "long-wait"], token=TOKEN)
    assert kept[0].take(first, hall, "k1") == Rated(2, case=True)
    assert kept[0].take(first, hall, "k1") == Rated(2, case=True)
    assert code(kept, rate(done, 5), hall) == "already-rated"
    assert kept[0].of_day(hall.plan.id, now.date()) == Tally({5: 0, 4: 0, 3: 0, 2: 1, 1: 0}, open_cases=1)


def test_nobody_stands_in_the_row(kept: Any, hall: Hall) -> None:
    done, _ = done_and_waiting(hall)
    kept[0].take(rate(done, 1, reasons=["not-done"]), hall, "k1")
    with kept[1].begin() as connection:
        row = connection.execute(sa.select(table)).one()._mapping
    assert {str(column) for column in row} == {
        *("hall", "of", "subject", "request", "level", "reasons", "device", "proved", "at", "day", "case")
    }
    assert (row["subject"], row["case"], row["proved"]) == (done, "open", False)


def test_only_what_is_done_can_be_rated_and_only_by_its_own_code(kept: Any, hall: Hall) -> None:
    done, waiting = done_and_waiting(hall)
    assert code(kept, rate(waiting), hall) == "not-done"
    assert code(kept, rate(done, token="U" * 22), hall) == "unknown-ticket"
    assert code(kept, rate(f"{done[:10]}-Z999"), hall) == "unknown-ticket"
    assert code(kept, rate("nonsense"), hall) == "unknown-ticket"


@pytest.mark.parametrize(("days", "answer"), [(1, None), (15, None), (16, "rating-too-late")])
def test_a_rating_that_was_told_off_line_may_come_late(
    kept: Any, hall: Hall, now: Any, days: int, answer: str | None
) -> None:
    asked = rate(f"{(now - timedelta(days=days)).date()}-A001")
    if answer is None:
        assert kept[0].take(asked, hall, "k1") == Rated(5, case=False)
    else:
        assert code(kept, asked, hall) == answer


def test_a_self_service_job_is_rated_like_a_visit(kept: Any, hall: Hall) -> None:
    assert kept[0].take(rate("job-17", 4, of="job"), hall, "k1") == Rated(4, case=False)
