"""Two server processes on one PostgreSQL: each hall has one writer, whoever dies or freezes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.domain.messages import TicketCalled, TicketIssued
from queue_server.store import tables
from queue_server.store.database import open_engine, reading
from queue_server.store.log import EventLog

pytestmark = [pytest.mark.postgres, pytest.mark.crash]

HERE = Path(__file__).parent
TTL_S, BEAT_S = 1.5, 0.3


class Child:
    """One server process, and the clients' line to it."""

    def __init__(self, url: str, name: str, halls: list[str]) -> None:
        self.name = name
        self.owned: set[str] = set()
        self.ready: Future[list[str]] = Future()
        self._asked: dict[str, Future[dict[str, Any] | None]] = {}
        self._lock = threading.Lock()
        self._dead = False
        root = HERE.parents[2]
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "desk_child.py"), url, name, str(TTL_S), str(BEAT_S), *halls],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.endswith("\n"):
                break  # killed in the middle of a line
            said = json.loads(line)
            if "ready" in said:
                self.ready.set_result(said["ready"])
            elif "owned" in said:
                (self.owned.add if said["owned"] else self.owned.discard)(said["hall"])
            else:
                with self._lock:
                    waiting = self._asked.pop(said["id"], None)
                if waiting is not None:
                    waiting.set_result(said)
        with self._lock:
            self._dead = True
            left = list(self._asked.values())
        for waiting in left:
            waiting.set_result(None)
        if not self.ready.done():
            self.ready.set_exception(RuntimeError(f"{self.name} never began"))

    def ask(self, **command: Any) -> Future[dict[str, Any] | None]:
        """The answer's line, or None if the process died first."""
        waiting: Future[dict[str, Any] | None] = Future()
        with self._lock:
            if self._dead:
                waiting.set_result(None)
                return waiting
            self._asked[command["id"]] = waiting
            try:
                assert self.process.stdin is not None
                self.process.stdin.write(json.dumps(command) + "\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                pass  # the reader sees the end and answers None
        return waiting

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def end(self) -> None:
        """Ask to stop, as a service manager does; SIGKILL if it does not."""
        assert self.process.stdin is not None
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.close()
            self.process.wait(20)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.kill()
        self._reader.join(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def begin(postgres_url: str) -> Iterator[Callable[[str, list[str]], Child]]:
    """``begin(name, halls)``: a server process that is ready."""
    EventLog(engine := open_engine(postgres_url)).create()
    engine.dispose()
    children: list[Child] = []

    def start(name: str, halls: list[str]) -> Child:
        child = Child(postgres_url, name, halls)
        children.append(child)
        child.ready.result(60)
        return child

    yield start
    for child in children:
        child.end()


def insist(servers: list[Child], **command: Any) -> dict[str, Any]:
    """Ask one server, then the other, with the same id, until one that has the hall answers. As a kiosk does."""
    deadline = time.monotonic() + 90
    pause = threading.Event()
    while time.monotonic() < deadline:
        for server in servers:
            try:
                said = server.ask(**command).result(5)
            except TimeoutError:
                continue  # frozen: the other may have the hall by now
            if said is not None and said["code"] != "hall-elsewhere":
                return said
        pause.wait(0.05)
    raise AssertionError(f"never answered: {command}")


def check_history(url: str, halls: list[str], wishes: dict[str, list[str]], answers: dict[str, dict[str, Any]]) -> None:
    """No number twice, no gap, each wish once, what was acknowledged is there, no ticket called to two windows."""
    engine = open_engine(url)
    log = EventLog(engine)
    for hall in halls:
        events = log.events_after(hall, 0)
        issued = [e.ticket for e in events if isinstance(e, TicketIssued)]
        assert sorted(int(t.number[1:]) for t in issued) == list(range(1, len(wishes[hall]) + 1))
        by_number = {t.number: t for t in issued}
        for wish in wishes[hall]:
            assert answers[wish]["number"] in by_number
        assert len({answers[wish]["number"] for wish in wishes[hall]}) == len(wishes[hall])
        called = Counter(e.ticket_id for e in events if isinstance(e, TicketCalled))
        assert set(called.values()) <= {1}, "a ticket was called to two windows"
    with reading(engine) as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(tables.tickets))
    assert rows == sum(map(len, wishes.values()))
    engine.dispose()


def shared(servers: list[Child], halls: list[str]) -> bool:
    """Each hall has one owner, and the servers have as many as each other."""
    owned = [server.owned for server in servers]
    return set().union(*owned) == set(halls) and [len(o) for o in owned] == [len(halls) // len(servers)] * len(servers)


def test_two_servers_share_the_halls_and_one_takes_over_when_the_other_is_killed(
    begin: Callable[[str, list[str]], Child], postgres_url: str, demo: ModuleType, until: Callable[..., None]
) -> None:
    """Eight kiosks issue 2,000 tickets and eight clerks call, while one of the two servers is killed."""
    halls = ["east", "west", "north", "south"]
    first, second = begin("server-a", halls), begin("server-b", halls)
    servers = [first, second]
    until(lambda: shared(servers, halls), "two halls each")
    wishes: dict[str, list[str]] = {hall: [demo.new_id() for _ in range(500)] for hall in halls}
    answers: dict[str, dict[str, Any]] = {}
    half = threading.Event()
    issued_all = threading.Event()

    def kiosk(place: int) -> None:
        hall = halls[place % 4]
        for wish in wishes[hall][place // 4 :: 2]:
            answers[wish] = insist(servers[:: 1 if place % 2 else -1], hall=hall, id=wish, do="take")
            if len(answers) > 700:
                half.set()

    def clerk(place: int) -> list[str]:
        hall, counter, served = halls[place % 4], str(place + 1), []
        assert insist(servers, hall=hall, id=demo.new_id(), do="sit", counter=counter)["kind"] == "DoneAnswer"
        while True:
            last_round = issued_all.is_set()
            said = insist(servers, hall=hall, id=demo.new_id(), do="call", counter=counter)
            if said["kind"] == "CalledAnswer":
                served.append(said["ticket_id"])
                for step in ("identity", "accept", "finish"):
                    insist(servers, hall=hall, id=demo.new_id(), do=step, counter=counter)
            elif last_round:
                assert said["code"] == "nobody-waiting"
                return [f"{hall} {ticket}" for ticket in served]

    with ThreadPoolExecutor(16) as pool:
        clerks = [pool.submit(clerk, place) for place in range(8)]
        kiosks = [pool.submit(kiosk, place) for place in range(8)]
        assert half.wait(120)
        first.kill()
        for kiosk_done in kiosks:
            kiosk_done.result(120)
        issued_all.set()
        called = Counter(ticket for done in clerks for ticket in done.result(120))
    assert second.owned == set(halls)
    assert set(called.values()) == {1}, "a ticket was called to two windows"
    assert len(called) == 2000
    check_history(postgres_url, halls, wishes, answers)


def test_a_frozen_server_wakes_up_and_can_write_no_more(
    begin: Callable[[str, list[str]], Child], postgres_url: str, demo: ModuleType, until: Callable[..., None]
) -> None:
    first, second = begin("server-a", ["hall"]), begin("server-b", ["hall"])
    until(lambda: first.owned == {"hall"}, "the hall is the first server's")
    wishes = [demo.new_id() for _ in range(30)]
    answers = {w: insist([first], hall="hall", id=w, do="take") for w in wishes[:10]}
    first.process.send_signal(signal.SIGSTOP)
    late = {w: first.ask(hall="hall", id=w, do="take") for w in wishes[10:20]}
    until(lambda: second.owned == {"hall"}, "the second server takes over")
    answers |= {w: insist([second], hall="hall", id=w, do="take") for w in wishes[20:]}
    first.process.send_signal(signal.SIGCONT)
    for waiting in late.values():
        said = waiting.result(30)
        assert said is not None
        assert said["code"] == "hall-elsewhere", "a server whose lease is gone answered for the hall"
    until(lambda: not first.owned, "the first server knows that it lost the hall")
    answers |= {w: insist([first, second], hall="hall", id=w, do="take") for w in wishes[10:20]}
    check_history(postgres_url, ["hall"], {"hall": wishes}, answers)


def test_a_server_that_stops_hands_over_at_once_and_one_that_comes_gets_its_share(
    begin: Callable[[str, list[str]], Child], until: Callable[..., None]
) -> None:
    halls = ["east", "west", "north", "south"]
    first = begin("server-a", halls)
    assert sorted(first.ready.result(1)) == sorted(halls)
    second = begin("server-b", halls)
    until(lambda: shared([first, second], halls), "two halls each")
    first.end()
    until(lambda: second.owned == set(halls), "all halls are the second server's")
