"""Terminals that do not give up, and a city whose server and broker are killed under them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from queue_server import mqtt_packets as packets
from queue_server.bench.city import MATTER, City
from queue_server.bench.load import RequestIds, Terminal
from queue_server.wire import messages as wire
from queue_server.wire import topics

RESEND_S = 1.0
PATIENCE_S = 60.0
TOKEN = "t" * 22


class Line(asyncio.Protocol):
    """One connection of one terminal; a lost one is made again by its owner."""

    def __init__(self, owner: Stubborn, terminal: Terminal) -> None:
        self.owner, self.terminal = owner, terminal
        self.inward = packets.Inward()
        self.topic = packets.text(topics.request(terminal.hall, terminal.device))
        self.mid = 0
        self.transport: Any = None
        self.up = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.owner.made(self)  # here and not later: it may be lost before whoever connects hears of it
        device = self.terminal.device
        self.transport.write(packets.connect(f"stubborn-{device}", device, self.terminal.password, clean=False))

    def data_received(self, data: bytes) -> None:
        for kind, flags, body in self.inward.feed(data):
            if kind == packets.CONNACK:
                assert body[1] == 0, packets.REFUSALS.get(body[1])
                self.transport.write(packets.subscribe(1, topics.response(self.terminal.hall, self.terminal.device)))
            elif kind == packets.SUBACK:
                self.up = True
                self.owner.resend(self)
            elif kind == packets.PUBLISH:
                _, mid, payload = packets.published(flags, body)
                if mid:
                    self.transport.write(packets.puback(mid))
                self.owner.replied(self.terminal, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        self.up = False
        self.owner.lost(self)

    def send(self, payload: bytes) -> None:
        self.mid = self.mid % 65_535 + 1
        self.transport.write(packets.publish(self.topic, self.mid, payload))


@dataclass
class Stubborn:
    """Keeps ``window`` requests under way over all terminals; each is sent again, same id, until it is answered.

    ``first`` holds the first reply to each request as it came; a later reply that differs stands in ``changed``.
    """

    port: int
    terminals: tuple[Terminal, ...]
    window: int = 60
    resends: bool = True
    """False: each request is sent once; whatever is lost then was lost by the server."""
    asked: dict[str, tuple[Terminal, bytes]] = field(default_factory=dict)
    first: dict[str, bytes] = field(default_factory=dict)
    halls: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    changed: list[tuple[bytes, bytes]] = field(default_factory=list)
    asking: bool = False
    _lines: list[Line] = field(default_factory=list)
    _ids: RequestIds = field(default_factory=lambda: RequestIds(3))

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._closed = False
        for terminal in self.terminals:
            asyncio.run_coroutine_threadsafe(self._connect(terminal), self._loop).result(10)
        asyncio.run_coroutine_threadsafe(self._resend_now_and_then(), self._loop)

    # --- from the test's thread ---

    def ask(self) -> None:
        """Begin, and keep the window full."""
        self._call(self._begin)

    def rest(self) -> None:
        """Ask nothing new; what is unanswered is still pursued."""
        self._call(lambda: setattr(self, "asking", False))

    def one(self, terminal: Terminal, payload: bytes, request_id: str) -> None:
        """One request of the test's own."""
        self._call(lambda: self._put(terminal, request_id, payload))

    def wait(self, what: str, ready: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + patience_s
        while not ready():
            assert time.monotonic() < deadline, f"{what}: {len(self.asked)} unanswered, {len(self.first)} answered"
            time.sleep(0.005)

    def wait_for_more(self, count: int) -> None:
        """Until ``count`` more requests have been answered than now."""
        now = len(self.first)
        self.wait(f"{count} more answers", lambda: len(self.first) >= now + count)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._closed = True
        for line in self._lines:
            line.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # the aborted transports say so on the loop's next turn

    def _call(self, what: Callable[[], object]) -> None:
        done: Future[None] = Future()

        def step() -> None:
            try:
                what()
                done.set_result(None)
            except Exception as error:  # noqa: BLE001  (raised in the test's thread)
                done.set_exception(error)

        self._loop.call_soon_threadsafe(step)
        done.result(10)

    # --- on the loop ---

    async def _connect(self, terminal: Terminal) -> None:
        while not self._closed:
            try:
                await self._loop.create_connection(
                    lambda: Line(self, terminal), "127.0.0.1", self.port, family=socket.AF_INET
                )
            except OSError:
                await asyncio.sleep(0.05)
                continue
            return

    def made(self, line: Line) -> None:
        self._lines.append(line)

    def lost(self, line: Line) -> None:
        self._lines.remove(line)
        if not self._closed:
            self._loop.create_task(self._connect(line.terminal))

    def _begin(self) -> None:
        self.asking = True
        for n in range(self.window - len(self.asked)):
            self._new(self.terminals[n % len(self.terminals)])

    def _new(self, terminal: Terminal) -> None:
        request_id = self._ids()
        request = wire.TakeTicket(id=request_id, matters=[MATTER], token=TOKEN)
        self._put(terminal, request_id, msgspec.json.encode(request))

    def _put(self, terminal: Terminal, request_id: str, payload: bytes) -> None:
        self.asked[request_id] = (terminal, payload)
        self.halls[request_id] = terminal.hall
        for line in self._lines:
            if line.terminal is terminal and line.up:
                line.send(payload)

    def resend(self, line: Line) -> None:
        if not self.resends:
            return
        for terminal, payload in list(self.asked.values()):
            if terminal is line.terminal:
                line.send(payload)

    async def _resend_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(RESEND_S)
            for line in list(self._lines):
                if line.up:
                    self.resend(line)

    def replied(self, terminal: Terminal, payload: bytes) -> None:
        request_id = msgspec.json.decode(payload)["id"]
        before = self.first.setdefault(request_id, payload)
        if self.asked.pop(request_id, None) is None:
            self.repeated += 1
            if before != payload:
                self.changed.append((before, payload))
        elif self.asking:
            self._new(terminal)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """Four halls with a broker under way; the server is the test's to start and to kill."""
    made = City(tmp_path / "city", halls=4)
    made.broker.start()
    yield made
    made.stop()


@pytest.fixture
def two_servers(tmp_path: Path, postgres_url: str) -> Iterator[tuple[City, City]]:
    """One city on one PostgreSQL and one broker, with two servers under way."""
    one = City(tmp_path / "city", halls=6, database=postgres_url)
    other = one.second("server-2")
    one.broker.start()
    try:
        one.start_server()
        other.start_server()
        yield one, other
    finally:
        other.stop_server()
        one.stop()


@pytest.fixture
def stubborn() -> Iterator[Callable[[City], Stubborn]]:
    """Makes the terminals of a city; they hang up at the end."""
    made: list[Stubborn] = []

    def make(city: City) -> Stubborn:
        made.append(Stubborn(city.mqtt_port, city.terminals()))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def terminals(city: City, stubborn: Callable[[City], Stubborn]) -> Stubborn:
    return stubborn(city)
