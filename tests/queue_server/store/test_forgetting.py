"""First answers are kept for two weeks, then forgotten, and only those."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from queue_server.domain.messages import TakeTicket
from queue_server.store import tables
from queue_server.store.codec import micros
from queue_server.store.forgetting import AT_ONCE, KEPT, OldAnswers, id_floor
from queue_server.store.log import EventLog


def request_id(moment: Any, n: int) -> str:
    """A UUIDv7 of that moment."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-{n:012x}"


def test_old_answers_go_and_young_ones_stay(
    engine: sa.Engine, log: EventLog, decided: Callable[..., Any], demo: ModuleType
) -> None:
    young = demo.MORNING
    old = young - KEPT - timedelta(minutes=3)
    rows = [
        {"request_id": request_id(old, n), "hall": "hall", "at": micros(old), "kind": "DoneAnswer", "body": "{}"}
        for n in range(AT_ONCE + 7)
    ]
    liar = {**rows[0], "request_id": request_id(old, 10**6), "at": micros(young)}  # a terminal whose clock was wrong
    with engine.begin() as connection:
        connection.execute(sa.insert(tables.replies), [*rows, liar])
    kept = request_id(young, 1)
    take = TakeTicket(id=kept, by="kiosk:k1", matters=(next(iter(demo.plan("hall").matters)),), token="t" * 22)
    assert log.append([decided(take).part]) == {}
    breaths: list[float] = []
    assert OldAnswers(engine, breaths.append).forget_due(young) == AT_ONCE + 7
    assert len(breaths) == 2, "a few at a time"
    assert set(log.first_answers([("hall", kept), ("hall", liar["request_id"])])) == {
        ("hall", kept),
        ("hall", liar["request_id"]),
    }
    assert OldAnswers(engine, breaths.append).forget_due(young) == 0


def test_the_floor_is_under_every_id_of_that_time(demo: ModuleType) -> None:
    assert id_floor(demo.MORNING) <= request_id(demo.MORNING, 0)
    assert request_id(demo.MORNING - timedelta(minutes=2), 0) < id_floor(demo.MORNING)
