"""The log is the hall: replayed whole, or from a snapshot and the tail, it gives the very hall that lived."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.domain.hall import empty, replay
from queue_server.domain.messages import CallAgain, CloseDay, MarkNoShow, PauseTicket, ResumeTicket, Tick
from queue_server.domain.snapshot import freeze, thaw
from queue_server.store import tables
from queue_server.store.database import open_engine, reading
from queue_server.store.log import EventLog
from queue_server.store.reports import Reports
from queue_server.store.snapshots import UnreadableSnapshot, pack, unpack

OpenDesk = Callable[..., Desk]
Ask = Callable[..., Any]

moves = st.lists(
    st.tuples(
        st.sampled_from(["take", "house", "book", "met", "call", "again", "miss", "serve", "pause", "resume", "tick"]),
        st.integers(min_value=0, max_value=3),
        st.integers(min_value=0, max_value=900),
    ),
    max_size=40,
)


def play(desk: Desk, demo: ModuleType, clock: SetClock, steps: list[tuple[str, int, int]]) -> None:
    """Put the steps to the desk, whatever it answers; many are refused, and that is part of the day."""
    for counter in ("1", "2", "3"):
        desk.ask("hall", demo.sit(counter)).result(30)
    for turn, (step, which, seconds) in enumerate(steps):
        clock.forward(seconds=seconds)
        counter = str(which)
        ticket = f"{date(2026, 3, 2).isoformat()}-A{which + 1:03d}"
        quarter = clock().replace(second=0, microsecond=0, minute=0) + timedelta(hours=1, minutes=15 * which)
        commands: dict[str, tuple[Any, ...]] = {
            "take": (demo.take(),),
            "house": (demo.take("house"),),
            "book": (demo.book(quarter, f"booking-{turn}", f"code-{which}", f"person-{which}"),),
            "met": (demo.check_in(f"code-{which}"),),
            "call": (demo.call(counter),),
            "again": (CallAgain(id=demo.new_id(), by="system", counter=counter),),
            "miss": (MarkNoShow(id=demo.new_id(), by="system", counter=counter),),
            "serve": demo.serve(counter),
            "pause": (PauseTicket(id=demo.new_id(), by="phone", ticket_id=ticket),),
            "resume": (ResumeTicket(id=demo.new_id(), by="phone", ticket_id=ticket),),
            "tick": (Tick(id="tick", by="system"),),
        }
        for command in commands[step]:
            desk.ask("hall", command)
    desk.ask("hall", Tick(id="tick", by="system")).result(30)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=moves, snapshot_every=st.integers(min_value=1, max_value=30))
def test_whatever_happens_the_log_replayed_is_the_living_hall(
    demo: ModuleType, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], snapshot_every: int
) -> None:
    path: Path = tmp_path_factory.mktemp("replay") / "desk.db"
    engine = open_engine(f"sqlite:///{path}")
    clock = SetClock(demo.MORNING)
    plan = demo.plan(windows=3, slot_capacity=2)
    desk = Desk(EventLog(engine), {"hall": plan}, clock, snapshot_every=snapshot_every)
    desk.start()
    try:
        play(desk, demo, clock, steps)
        living = desk.hall("hall")
    finally:
        desk.stop()
    log = EventLog(engine)
    whole = replay(empty(plan), log.events_after("hall", 0))
    assert whole == living
    snapshot, tail = log.load("hall")
    started = empty(plan) if snapshot is None else thaw(snapshot, plan)
    assert replay(started, tail) == living
    for ticket in living.tickets.values():
        row = Reports(engine).ticket("hall", ticket.business_date, ticket.number)
        assert row is not None
        assert (row.state, row.due_at, row.wait_net_s) == (ticket.state, ticket.due, ticket.wait_net_s)
        assert (row.misses, row.pauses, row.outcome) == (ticket.misses, ticket.pauses, ticket.outcome)
        assert (row.amber_at is not None, row.broken_at is not None) == (ticket.amber, ticket.broken)
    engine.dispose()


def stored_snapshots(engine: sa.Engine) -> list[int]:
    with reading(engine) as connection:
        return list(connection.scalars(sa.select(tables.snapshots.c.seq).order_by(tables.snapshots.c.seq)))


def test_a_restart_reads_a_snapshot_and_only_the_tail(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, engine: sa.Engine, until: Callable[..., None]
) -> None:
    desk = open_desk(snapshot_every=50)
    ask(desk, demo.sit("1"))
    for _ in range(130):
        ask(desk, demo.take())
    until(lambda: len(stored_snapshots(engine)) >= 2, "two snapshots")
    ask(desk, demo.call("1"))
    living = desk.hall("hall")
    desk.stop()
    snapshot, tail = desk.log.load("hall")
    assert snapshot is not None
    assert snapshot.seq + len(tail) == living.seq
    assert len(tail) < living.seq - 50
    assert open_desk().hall("hall") == living
    assert len(stored_snapshots(engine)) == 2, "older ones are dropped"


def test_the_close_of_the_day_takes_a_snapshot(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, engine: sa.Engine, until: Callable[..., None]
) -> None:
    desk = open_desk()
    ask(desk, demo.take())
    day = desk.hall("hall").business_date
    ask(desk, CloseDay(id=demo.new_id(), by="system", business_date=day))
    until(lambda: stored_snapshots(engine), "the day's snapshot")
    assert stored_snapshots(engine) == [desk.hall("hall").seq]


@pytest.mark.parametrize("damage", [b"0whatever", b"1not zlib", b""])
def test_a_snapshot_that_cannot_be_read_costs_time_not_tickets(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, engine: sa.Engine, damage: bytes
) -> None:
    desk = open_desk()
    for _ in range(5):
        ask(desk, demo.take())
    living = desk.hall("hall")
    desk.stop()
    desk.log.keep_snapshot("hall", 3, 0, damage)
    assert open_desk().hall("hall") == living


def test_a_snapshot_of_another_version_is_not_trusted(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    desk = open_desk()
    ask(desk, demo.take())
    frozen = freeze(desk.hall("hall"))
    assert unpack(pack(frozen)) == frozen
    with pytest.raises(UnreadableSnapshot):
        unpack(pack(dataclasses.replace(frozen, version=frozen.version + 1)))


def test_packing_breathes_and_gives_the_same_bytes(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    desk = open_desk()
    for _ in range(300):
        desk.ask("hall", demo.take())
    ask(desk, demo.take())
    breaths: list[int] = []
    frozen = freeze(desk.hall("hall"))
    body = pack(frozen, lambda: breaths.append(1))
    assert len(breaths) >= 4
    assert unpack(body) == frozen


def test_a_log_newer_than_the_server_keeps_its_hall_closed_and_the_others_open(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with open_engine_rows(engine) as connection:
        connection.execute(
            sa.insert(tables.events).values(hall="strange", seq=1, at=0, kind="FutureEvent", body="{}", request_id=None)
        )
    desk = open_desk(demo.plan("strange"), demo.plan("hall"))
    assert ask(desk, demo.take()).number == "A001"
    assert not desk.owns("strange")
    assert "strange cannot be loaded" in caplog.text


def open_engine_rows(engine: sa.Engine) -> Any:
    EventLog(engine).create()
    return engine.begin()
