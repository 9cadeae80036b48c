"""The log's three guards stand in the database: one writer per number, one answer per wish, no old lease."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from queue_server.domain.hall import empty, replay
from queue_server.store import tables
from queue_server.store.database import reading
from queue_server.store.errors import HallMovedOn, LeaseLost, StoreDown
from queue_server.store.leases import Leases
from queue_server.store.log import EventLog

Decide = Callable[..., Any]
FIRST_TICKET = 3
"""Events of a first ticket: the day opens, the number is given, and nobody is at a window."""


def rows(engine: sa.Engine, table: sa.Table) -> int:
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_what_was_appended_is_loaded_again(log: EventLog, decided: Decide, demo: ModuleType) -> None:
    commands = [demo.take(), demo.sit("1"), demo.call("1"), *demo.serve("1"), demo.take("house")]
    batch = decided(*commands)
    assert log.append([batch.part]) == {}
    snapshot, events = log.load("hall")
    assert snapshot is None
    assert replay(empty(demo.plan()), events) == batch.hall
    assert [row[1] for row in batch.part.events] == list(range(1, len(events) + 1))


def test_first_answers_are_found_by_hall_and_request(log: EventLog, decided: Decide, demo: ModuleType) -> None:
    wish, refused = demo.take(), demo.take("no-such-matter")
    batch = decided(wish, refused)
    log.append([batch.part])
    asked = [("hall", wish.id), ("hall", refused.id), ("other", wish.id), ("hall", demo.new_id())]
    assert log.first_answers(asked) == {
        ("hall", wish.id): batch.answers[0],
        ("hall", refused.id): batch.answers[1],
    }
    assert log.first_answers([]) == {}


def test_of_two_writers_of_the_same_event_one_wins_and_the_other_leaves_nothing(
    log: EventLog, decided: Decide, demo: ModuleType
) -> None:
    assert log.append([decided(demo.take()).part]) == {}
    before = [rows(log.engine, table) for table in tables.DESK_TABLES]
    faults = log.append([decided(demo.take("house")).part])
    assert isinstance(faults["hall"], HallMovedOn)
    assert [rows(log.engine, table) for table in tables.DESK_TABLES] == before


def test_one_halls_conflict_does_not_hold_up_the_others(log: EventLog, decided: Decide, demo: ModuleType) -> None:
    assert log.append([decided(demo.take(), name="west").part]) == {}
    batch = [decided(demo.take(), name=name).part for name in ("east", "west", "north")]
    faults = log.append(batch)
    assert set(faults) == {"west"}
    assert isinstance(faults["west"], HallMovedOn)
    assert [len(log.events_after(name, 0)) for name in ("east", "west", "north")] == [FIRST_TICKET] * 3


def test_a_wish_is_answered_once_even_if_the_hall_has_moved(log: EventLog, decided: Decide, demo: ModuleType) -> None:
    wish = demo.take()
    first = decided(wish)
    log.append([first.part])
    again = decided(wish, hall=first.hall)
    assert isinstance(log.append([again.part])["hall"], HallMovedOn)


def test_a_number_of_the_day_is_given_once_even_if_the_rules_forgot_it(
    log: EventLog, decided: Decide, demo: ModuleType
) -> None:
    """The last guard: events and request are new, only the number is not."""
    first = decided(demo.take())
    log.append([first.part])
    forgetful = decided(demo.take())
    forgetful.part.events = [(h, seq + 10, *rest) for h, seq, *rest in forgetful.part.events]
    assert isinstance(log.append([forgetful.part])["hall"], HallMovedOn)


def test_an_append_with_an_old_epoch_writes_nothing(log: EventLog, decided: Decide, demo: ModuleType) -> None:
    now = [1000.0]
    old = Leases(log.engine, "a", "", ["hall"], seconds=lambda _: now[0])
    new = Leases(log.engine, "b", "", ["hall"], seconds=lambda _: now[0])
    epoch = old.turn().held["hall"]
    first = decided(demo.take(), epoch=epoch)
    assert log.append([first.part]) == {}
    now[0] += 7
    assert new.turn().held == {"hall": epoch + 1}
    late = decided(demo.take(), hall=first.hall, epoch=epoch)
    assert isinstance(log.append([late.part])["hall"], LeaseLost)
    assert len(log.events_after("hall", first.hall.seq)) == 0
    fresh = decided(demo.take(), hall=first.hall, epoch=epoch + 1)
    assert log.append([fresh.part]) == {}


def test_a_lost_lease_stops_only_its_own_hall(log: EventLog, decided: Decide, demo: ModuleType) -> None:
    held = Leases(log.engine, "a", "", ["east", "west"]).turn().held
    parts = [decided(demo.take(), name="east", epoch=held["east"]).part]
    parts.append(decided(demo.take(), name="west", epoch=held["west"] - 1).part)
    faults = log.append(parts)
    assert {hall: type(fault) for hall, fault in faults.items()} == {"west": LeaseLost}
    assert len(log.events_after("east", 0)) == FIRST_TICKET


def test_a_fault_between_the_rows_and_the_commit_leaves_nothing(
    log: EventLog, decided: Decide, demo: ModuleType
) -> None:
    def power_cut() -> None:
        raise sa.exc.OperationalError("COMMIT", {}, RuntimeError("cut"))

    faults = log.append([decided(demo.take()).part], power_cut)
    assert isinstance(faults["hall"], StoreDown)
    assert rows(log.engine, tables.events) == rows(log.engine, tables.tickets) == 0


def test_readers_do_not_wait_for_the_writer(log: EventLog, decided: Decide, demo: ModuleType) -> None:
    """A page that looks something up while a batch is being written gets the state before it, at once."""
    seen: list[int] = []
    batch = decided(demo.take())
    assert log.append([batch.part], lambda: seen.append(len(log.events_after("hall", 0)))) == {}
    assert seen == [0]
    assert len(log.events_after("hall", 0)) == FIRST_TICKET
