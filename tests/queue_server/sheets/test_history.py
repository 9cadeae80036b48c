"""A hall's own days, lived through the desk, teach its demand: walk-ins, services, who kept a booking."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.desk import Desk
from queue_server.domain import messages
from queue_server.domain.model import Outcome
from queue_server.sheets.history import demand_of, past_of
from queue_server.sheets.learn import PRIOR_BOOKINGS, Kept
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog
from queue_server.store.reports import Reports

HALL = "xinghe-hall"
MONDAY = date(2026, 11, 23)


def test_yesterday_teaches_tomorrow(tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 11, 16, 2, 0, tzinfo=UTC))  # Monday a week ago, 10:00 in Shanghai
    engine = open_engine(f"sqlite:///{tmp_path / 'halls.db'}")
    plan = load_plans().halls[HALL]
    desk = Desk(EventLog(engine), {HALL: plan}, clock)
    desk.start()
    matter = next(m for m in plan.matters.values() if m.bookable and m.skill is None)
    ids = iter(f"id-{n}" for n in range(999))

    def ask(kind: type[messages.Command], **fields: object) -> object:
        return desk.ask(HALL, kind(id=next(ids), **{"by": "staff:s", **fields})).result(10)[0]

    for name in ("met", "missed"):
        slot = datetime(2026, 11, 16, 2, 15, tzinfo=UTC)
        ask(messages.BookSlot, appointment_id=name, code=name, matters=(matter.id,), slot_start=slot, person_ref=name)
    ask(messages.OpenCounter, counter="1", staff="s")
    for _ in range(12):
        ask(messages.TakeTicket, matters=(matter.id,), token="t" * 22)
    ask(messages.CheckIn, token="t" * 22, appointment_id="met")
    for _ in range(4):
        ask(messages.CallNext, counter="1")
        ask(messages.BeginIdentityCheck, counter="1")
        clock.forward(minutes=matter.service_min * 1.5)
        ask(messages.AcceptMaterials, counter="1")
        ask(messages.Finish, counter="1", outcome=Outcome.ACCEPTED)
    clock.set(datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    ask(messages.Tick, by="system")

    past = past_of(Reports(engine), plan, MONDAY)
    assert past.days == (date(2026, 11, 16),)
    assert past.kept == Kept(2, 1)
    assert sum(not t.booked for t in past.tickets) == 12
    assert [round(t.took or 0, 2) for t in past.tickets if t.took is not None] == [matter.service_min * 1.5] * 4
    demand = demand_of(plan, past, MONDAY)
    assert demand.basis == "history"
    assert demand.no_show == pytest.approx(1 / (2 + PRIOR_BOOKINGS))
    assert demand.walk_ins[20] == max(demand.walk_ins), "all of them came about ten o'clock"
    other = demand_of(plan, past, date(2026, 11, 24))
    assert max(other.walk_ins) < demand.walk_ins[20], "a Monday teaches a Tuesday nothing of its rate"
    desk.stop()
    engine.dispose()
