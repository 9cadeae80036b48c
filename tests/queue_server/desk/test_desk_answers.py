"""The desk answers once a wish, after the commit, and nobody else suffers from a command that cannot be decided."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import wait
from datetime import timedelta
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.clock import SetClock
from queue_server.desk import Asked, Desk, HallElsewhere, HallMoved, UnknownHall
from queue_server.domain.answers import RefusedAnswer, TicketAnswer
from queue_server.domain.messages import Command, Tick
from queue_server.store import tables
from queue_server.store.database import open_engine, reading
from queue_server.store.log import EventLog

OpenDesk = Callable[..., Desk]
Ask = Callable[..., Any]


def count(engine: sa.Engine, table: sa.Table) -> int:
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_same_request_gets_the_first_answer_again(open_desk: OpenDesk, demo: ModuleType) -> None:
    desk = open_desk()
    wish = demo.take()
    first, repeated = desk.ask("hall", wish).result(30)
    assert not repeated
    again, repeated = desk.ask("hall", wish).result(30)
    assert repeated
    assert again == first
    assert len(desk.hall("hall").tickets) == 1


def test_the_same_request_twice_in_one_batch_gets_one_number(open_desk: OpenDesk, demo: ModuleType) -> None:
    """The kiosk's two tries may be drained together: both get the same answer, one ticket exists."""
    wish, other = demo.take(), demo.take("house")
    answers: list[tuple[Any, bool]] = []

    def put_all(desk: Desk) -> None:  # before the desk runs, so that all are in its first batch
        for command in (wish, wish, other, wish):
            desk.submit(Asked("hall", command, lambda reply, repeated: answers.append((reply, repeated))))

    desk = open_desk(before_start=put_all)
    desk.ask("hall", Tick(id="t", by="system")).result(30)
    assert [repeated for _, repeated in answers] == [False, True, False, True]
    assert answers[0][0] == answers[1][0] == answers[3][0]
    assert sorted(t.number for t in desk.hall("hall").tickets.values()) == ["A001", "B001"]


def test_the_first_answer_outlives_a_restart(open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock) -> None:
    wish, refused = demo.take(), demo.call("1")
    desk = open_desk()
    ticket = ask(desk, wish)
    no = ask(desk, refused)
    assert isinstance(ticket, TicketAnswer)
    assert isinstance(no, RefusedAnswer)
    desk.stop()
    clock.forward(hours=1)
    desk = open_desk()
    ask(desk, demo.sit("1"))
    assert desk.ask("hall", wish).result(30) == (ticket, True)
    assert desk.ask("hall", refused).result(30) == (no, True), "the window is open now, but this wish was answered"


def test_the_same_id_in_another_hall_is_another_wish(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    desk = open_desk(demo.plan("east"), demo.plan("west"))
    wish = demo.take()
    east, west = ask(desk, wish, "east"), ask(desk, wish, "west")
    assert (east.number, west.number) == ("A001", "A001")
    assert count(desk.log.engine, tables.tickets) == 2


def test_a_refusal_changes_nothing_and_is_kept(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    desk = open_desk()
    before = desk.hall("hall")
    assert ask(desk, demo.take("no-such-matter")).code == "unknown-matter"
    assert desk.hall("hall") is before
    assert count(desk.log.engine, tables.events) == 0
    assert count(desk.log.engine, tables.replies) == 1


class Riddle(Command):
    """A command the rules do not know."""


def test_a_command_that_makes_the_rules_stumble_does_not_take_the_batch_with_it(
    open_desk: OpenDesk, demo: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    good = [demo.take() for _ in range(5)]
    riddle = Riddle(id=demo.new_id(), by="ZHANG-SAN-310104")
    answers: dict[str, Any] = {}

    def put_all(desk: Desk) -> None:
        for command in (*good[:3], riddle, *good[3:]):
            desk.submit(Asked("hall", command, lambda reply, _, key=command.id: answers.__setitem__(key, reply)))

    with caplog.at_level(logging.ERROR):
        desk = open_desk(before_start=put_all)
        desk.ask("hall", Tick(id="t", by="system")).result(30)
    assert answers[riddle.id] == RefusedAnswer(code="internal")
    assert [answers[c.id].number for c in good] == ["A001", "A002", "A003", "A004", "A005"]
    assert "Riddle" in caplog.text
    assert "ZHANG" not in caplog.text


def test_a_value_the_database_refuses_is_singled_out(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    """A lone surrogate cannot be written as UTF-8; the door should have stopped it, the desk survives it."""
    desk = open_desk()
    bad = demo.take(lang="\ud800")
    futures = [desk.ask("hall", command) for command in (demo.take(), bad, demo.take())]
    wait(futures, timeout=30)
    answers = [future.result()[0] for future in futures]
    assert answers[1] == RefusedAnswer(code="internal")
    assert [answers[0].number, answers[2].number] == ["A001", "A002"]


@pytest.mark.postgres
def test_what_only_postgresql_refuses_is_singled_out_too(postgres_url: str, demo: ModuleType, clock: SetClock) -> None:
    """A NUL passes through JSON but not into a PostgreSQL text: found at the commit, not before."""
    engine = open_engine(postgres_url)
    desk = Desk(EventLog(engine), {"hall": demo.plan()}, clock)
    answers: list[Any] = []
    for command in (demo.take(), demo.take(lang="zh\0"), demo.take()):
        desk.submit(Asked("hall", command, lambda reply, _: answers.append(reply)))
    desk.start()
    desk.ask("hall", Tick(id="t", by="system")).result(30)
    desk.stop()
    engine.dispose()
    assert [getattr(a, "number", getattr(a, "code", None)) for a in answers] == ["A001", "internal", "A002"]


def test_answers_come_before_listeners_and_settling_comes_last(
    open_desk: OpenDesk, demo: ModuleType, until: Callable[..., None]
) -> None:
    said: list[str] = []

    def prepare(desk: Desk) -> None:
        desk.listen(lambda moved: said.append(f"moved {len(moved.events)}"))
        for _ in range(2):
            desk.submit(Asked("hall", demo.take(), lambda *_: said.append("answered"), lambda: said.append("settled")))

    open_desk(before_start=prepare)
    until(lambda: len(said) == 5, "both settled")
    assert said == ["answered", "answered", "moved 4", "settled", "settled"], "the day opened, but no window"


def test_whoever_is_answered_finds_it_on_disk_and_in_the_hall(
    open_desk: OpenDesk, demo: ModuleType, engine: sa.Engine
) -> None:
    seen: list[tuple[int, int]] = []
    desk = open_desk()
    for _ in range(20):
        desk.submit(
            Asked(
                "hall",
                demo.take(),
                lambda *_: seen.append((count(engine, tables.tickets), len(desk.hall("hall").tickets))),
            )
        )
    desk.ask("hall", demo.take()).result(30)
    assert len(seen) == 20
    for told, (stored, shown) in enumerate(seen, start=1):
        assert stored >= told
        assert shown >= told


def test_a_door_that_throws_does_not_stop_the_desk(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    desk = open_desk()
    desk.listen(lambda _: 1 / 0)
    desk.submit(Asked("hall", demo.take(), lambda *_: 1 / 0, lambda: 1 / 0))  # type: ignore[arg-type]  # it throws
    assert ask(desk, demo.take()).number == "A002"


def test_a_hall_nobody_plans_is_unknown_and_one_of_another_server_is_elsewhere(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask
) -> None:
    desk = open_desk(server_id="a", server_url="http://a")
    assert ask(desk, demo.take(), "nowhere") == RefusedAnswer(code="hall-elsewhere")
    with pytest.raises(UnknownHall):
        desk.hall("nowhere")
    other = open_desk(server_id="b", server_url="http://b")
    assert not other.owns("hall")
    with pytest.raises(HallElsewhere) as elsewhere:
        other.hall("hall")
    assert elsewhere.value.owner_url == "http://a"
    wish = demo.take()
    assert ask(other, wish) == RefusedAnswer(code="hall-elsewhere")
    assert isinstance(ask(desk, wish), TicketAnswer), "being sent elsewhere is not a first answer"


def test_a_clock_set_back_does_not_turn_the_hall_back(
    open_desk: OpenDesk, demo: ModuleType, ask: Ask, clock: SetClock
) -> None:
    desk = open_desk()
    first = ask(desk, demo.take())
    clock.set(demo.MORNING - timedelta(hours=5))
    second = ask(desk, demo.take())
    assert second.checked_in_at == first.checked_in_at
    assert second.number == "A002"


def test_listeners_see_each_event_once_and_in_order(open_desk: OpenDesk, demo: ModuleType, ask: Ask) -> None:
    moves: list[HallMoved] = []
    desk = open_desk(before_start=lambda d: d.listen(moves.append))
    ask(desk, demo.sit("1"))
    for _ in range(3):
        ask(desk, demo.take())
    ask(desk, demo.call("1"))
    ask(desk, Tick(id="t", by="system"))
    heard = [event for move in moves for event in move.events]
    _, logged = desk.log.load("hall")
    assert heard == logged
    assert all(a.after == b.before for a, b in pairwise(moves))
    assert moves[-1].after == desk.hall("hall")
