"""The database goes away in the middle of the morning: nobody is answered, nobody is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.clock import SetClock
from queue_server.desk import Desk
from queue_server.rooms import Room
from queue_server.staging import Asked, Draft
from queue_server.store.database import open_engine
from queue_server.store.errors import StoreDown
from queue_server.store.log import EventLog

Until = Callable[..., None]


@pytest.fixture
def impatient(engine: sa.Engine) -> sa.Engine:
    """SQLite gives up on a lock after 50 ms instead of 10 s."""
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _impatient(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout=50")

    return engine


class Outage:
    """SQLite: somebody holds the write lock. PostgreSQL: connections are cut and new ones refused."""

    def __init__(self, url: str, server: str | None) -> None:
        self._postgres = server is not None
        self._name = sa.make_url(url).database
        self._engine = sa.create_engine(server, isolation_level="AUTOCOMMIT") if server else open_engine(url)
        self._lock: sa.Connection | None = None

    def begin(self) -> None:
        self._lock = self._engine.connect()
        if not self._postgres:
            self._lock.begin()
            return
        self._lock.execute(sa.text(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS false'))
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        self._lock.execute(sa.text(cut), {"name": self._name})

    def end(self) -> None:
        assert self._lock is not None
        if self._postgres:
            self._lock.execute(sa.text(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS true'))
        else:
            self._lock.rollback()
        self._lock.close()
        self._engine.dispose()


@pytest.fixture
def outage(database_url: str, request: pytest.FixtureRequest) -> Outage:
    postgres = database_url.startswith("postgresql")
    return Outage(database_url, request.getfixturevalue("postgres_server") if postgres else None)


def test_nothing_is_answered_while_the_database_is_away_and_everything_after(
    impatient: sa.Engine,
    outage: Outage,
    demo: ModuleType,
    clock: SetClock,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk(EventLog(impatient), {"hall": demo.plan()}, clock, beat_s=0.2)
    desk.start()
    desk.ask("hall", demo.take()).result(30)
    outage.begin()
    try:
        waiting = [desk.ask("hall", demo.take()) for _ in range(50)]
        until(lambda: "the database is away" in caplog.text, "the desk notices")
        again = threading.Event()
        again.wait(0.3)  # several tries of the desk; it must stay silent however many there are
        assert not any(future.done() for future in waiting)
        assert len(desk.hall("hall").tickets) == 1, "reading goes on with what is committed"
    finally:
        outage.end()
    answers = [future.result(30)[0] for future in waiting]
    assert [a.number for a in answers] == [f"A{n:03d}" for n in range(2, 52)]
    desk.stop()
    assert sum(type(e).__name__ == "TicketIssued" for e in desk.log.events_after("hall", 0)) == 51


def test_a_desk_told_to_stop_in_an_outage_leaves_the_batch_unanswered(
    impatient: sa.Engine,
    outage: Outage,
    demo: ModuleType,
    clock: SetClock,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk(EventLog(impatient), {"hall": demo.plan()}, clock, beat_s=0.2)
    desk.start()
    outage.begin()
    try:
        wish = demo.take()
        waiting = desk.ask("hall", wish)
        until(lambda: "the database is away" in caplog.text, "the desk notices")
        desk.stop()
        assert not waiting.done()
    finally:
        outage.end()
    desk = Desk(EventLog(impatient), {"hall": demo.plan()}, clock)
    desk.start()
    answer, repeated = desk.ask("hall", wish).result(30)
    desk.stop()
    assert (answer.number, repeated) == ("A001", False)


def test_a_commit_whose_fate_is_unknown_is_found_again(demo: ModuleType, engine: sa.Engine, clock: SetClock) -> None:
    """The connection broke after the commit and before the word of it: the retry meets its own rows."""
    log = EventLog(engine)
    desk = Desk(log, {"hall": demo.plan()}, clock)
    heard: list[Any] = []
    desk.listen(lambda moved: heard.extend(moved.events))
    append, broke = log.append, []

    def append_and_break(parts: Any, before_commit: Any) -> Any:
        faults = append(parts, before_commit)
        if not broke:
            broke.append(True)
            return {part.hall: StoreDown("the word was lost") for part in parts}
        return faults

    log.append = append_and_break  # type: ignore[method-assign]  # the real one, and then the line is cut
    desk.start()
    first = desk.ask("hall", demo.take()).result(30)[0]
    second = desk.ask("hall", demo.take()).result(30)[0]
    desk.stop()
    assert broke
    assert (first.number, second.number) == ("A001", "A002")
    assert heard == log.events_after("hall", 0), "listeners hear of it too, once"


def test_starting_without_a_database_says_so(demo: ModuleType, clock: SetClock) -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreDown):
        Desk(EventLog(engine), {"hall": demo.plan()}, clock).start()
    engine.dispose()


def test_a_writer_beside_the_desk_is_noticed_and_the_hall_loaded_again(
    demo: ModuleType, engine: sa.Engine, clock: SetClock
) -> None:
    """Somebody wrote this hall's next event (a restored backup, a stray tool): no number is given twice."""
    log = EventLog(engine)
    desk = Desk(log, {"hall": demo.plan()}, clock)
    stray = Desk(EventLog(engine), {"hall": demo.plan()}, clock, server_id="stray")
    desk.start()
    desk.ask("hall", demo.take()).result(30)
    room = desk._rooms.open["hall"]
    draft = Draft.of("hall", Room(room.plan, room.epoch, room.hall), {})
    draft.stage(Asked("hall", demo.take(), lambda *_: None), clock())
    assert stray.log.append([draft.part]) == {}
    heard: list[Any] = []
    desk.listen(lambda moved: heard.extend(moved.events))
    assert desk.ask("hall", demo.take()).result(30)[0].number == "A003"
    desk.stop()
    assert [e.ticket.number for e in heard] == ["A002", "A003"]
