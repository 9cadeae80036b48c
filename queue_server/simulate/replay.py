"""A recorded day against a server that runs: citizens come over MQTT, windows call over the staff's HTTP.

A broker of its own, the shipped server on a clock that is set (``stage``), one kiosk, one clerk who keeps all
windows. The day is the same ``play`` that goes through the domain, so whatever differs from the simulator's calls
was done by the server on the way: doors, desk, log, or the order of things.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from queue_server import broker
from queue_server import mqtt_packets as packets
from queue_server.bench.city import free_port
from queue_server.bench.clerks import ACCOUNT, PASSWORD, Console
from queue_server.bench.load import RequestIds
from queue_server.children import die_with_parent
from queue_server.domain.errors import Code
from queue_server.simulate.day import LONG_SERVICE, PRIORITY_REASON
from queue_server.simulate.moments import BOOKING_US, MINUTE_US, micros_of, moment_of
from queue_server.simulate.plan import HALL, matter_of
from queue_server.simulate.play import Call, play
from queue_server.simulate.stage import KIOSK
from queue_server.simulate.traces import DayTrace, HallTrace, Person
from queue_server.wire import messages as wire
from queue_server.wire import topics

PATIENCE_S = 30.0
STEP_US = 2 * MINUTE_US
"""The clock never leaps further while somebody is signed in: a console that nobody touches locks itself."""


class NotAsPlayed(RuntimeError):  # noqa: N818  (named for the condition)
    """The server did not come up, or refused what the simulator's hall granted; the text says what."""


def replay(directory: Path, hall: HallTrace, day: DayTrace, policy: str = "sla") -> list[Call]:
    """The calls that a running server makes of ``day``, which lies in ``directory``. Raises NotAsPlayed."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-replay-") as var:
        mqtt_port, http_port = free_port(), free_port()
        line = broker.embedded(Path(var), [KIOSK], port=mqtt_port)
        line.start()
        try:
            with _server(directory, day, policy, Path(var), mqtt_port, http_port) as (clock, secret):
                door = _Server(clock, secret, mqtt_port, http_port, broker.password(Path(var), KIOSK))
                try:
                    return play(hall, day, door)
                finally:
                    door.close()
        finally:
            line.stop()


@contextmanager
def _server(
    directory: Path, day: DayTrace, policy: str, var: Path, mqtt_port: int, http_port: int
) -> Iterator[tuple[_Clock, str]]:
    """The stage as a child process: its clock, and the one-time secret of its first start."""
    command = [sys.executable, "-m", "queue_server.simulate.stage", str(directory), day.name, "--policy", policy]
    ports = ["--var", str(var), "--mqtt-port", str(mqtt_port), "--http-port", str(http_port)]
    with (var / "server.log").open("wb") as log:
        child = subprocess.Popen(
            [*command, *ports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  (one prctl call; see children)
        )
    try:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018  (both are pipes)
        secret = _heard(child.stdout, r"one-time secret (\S+)", var / "server.log")
        _until_well(http_port)
        yield _Clock(child.stdin, child.stdout, var / "server.log"), secret
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


def _heard(output: IO[str], pattern: str, log: Path) -> str:
    for line in output:
        found = re.search(pattern, line)
        if found is not None:
            return found[1]
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
    raise NotAsPlayed(f"the server ended: {' / '.join(last)}")


def _until_well(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/healthz")
            health = json.loads(line.getresponse().read())
            if health["ok"] and health["broker"]:
                return
        except OSError:
            pass  # it does not listen yet
        finally:
            line.close()
        time.sleep(0.02)
    raise NotAsPlayed("the server is not well")


class _Clock:
    """The server's clock, set over its standard input."""

    def __init__(self, to_server: IO[str], from_server: IO[str], log: Path) -> None:
        self._to, self._from, self._log = to_server, from_server, log

    def set(self, micros: int) -> None:
        """Returns when the server has set it."""
        said = moment_of(micros).isoformat()
        self._to.write(f"{said}\n")
        self._to.flush()
        _heard(self._from, f"clock ({re.escape(said)})", self._log)


class _Kiosk:
    """One terminal's connection to the broker, blocking."""

    def __init__(self, port: int, word: str) -> None:
        self._inward = packets.Inward()
        self._read: list[tuple[int, int, bytes]] = []
        self._ids = RequestIds(1)
        self._mid = 1
        self._line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line.sendall(packets.connect("replay", KIOSK, word))
        _, _, body = self._next(packets.CONNACK)
        if body[1]:
            raise NotAsPlayed(f"the broker says {packets.REFUSALS.get(body[1], body[1])}")
        self._line.sendall(packets.subscribe(1, topics.response(HALL, KIOSK)))
        self._next(packets.SUBACK)

    def ask(self, kind: type[wire.Request], **fields: Any) -> wire.AnyReply:
        """The reply to a request. Raises NotAsPlayed for a refusal."""
        request = kind(id=self._ids(), **fields)
        self._mid = self._mid % 65_535 + 1
        topic = packets.text(topics.request(HALL, KIOSK))
        self._line.sendall(packets.publish(topic, self._mid, msgspec.json.encode(request)))
        while True:
            _, flags, body = self._next(packets.PUBLISH)
            _, mid, payload = packets.published(flags, body)
            if mid:
                self._line.sendall(packets.puback(mid))
            reply: wire.AnyReply = msgspec.json.decode(payload, type=wire.AnyReply)
            if isinstance(reply, wire.RefusedReply):
                raise NotAsPlayed(f"{kind.__name__} was refused: {reply.code}: {reply.en}")
            if reply.id == request.id:
                return reply

    def close(self) -> None:
        with suppress(OSError):
            self._line.sendall(packets.DISCONNECT)
        self._line.close()

    def _next(self, wanted: int) -> tuple[int, int, bytes]:
        while True:
            while self._read:
                packet = self._read.pop(0)
                if packet[0] == wanted:
                    return packet
            data = self._line.recv(65_536)
            if not data:
                raise NotAsPlayed("the broker closed the connection")
            self._read += self._inward.feed(data)


class _Server:
    """The door of ``play`` that leads through a broker and a browser's routes to a running server."""

    def __init__(self, clock: _Clock, secret: str, mqtt_port: int, http_port: int, word: str) -> None:
        self._clock = clock
        self._kiosk = _Kiosk(mqtt_port, word)
        self._console = Console("127.0.0.1", http_port)
        self._console.sign_in("/staff/setup", secret=secret, name=ACCOUNT, display="Replay", password=PASSWORD)
        self._presses = RequestIds(2)
        self._now_us = BOOKING_US
        self._touched_us: int | None = None
        """When the clerk last touched the console; None before he has signed in."""
        self._codes: dict[int, str] = {}
        self._persons: dict[str, int] = {}
        """Person's id per number."""

    def at(self, micros: int) -> None:
        while self._touched_us is not None and micros - self._touched_us > STEP_US:
            self._touched_us += STEP_US
            self._clock.set(self._touched_us)
            self._console.here()
        self._now_us = micros
        self._clock.set(micros)

    def book(self, person: Person) -> None:
        assert person.slot_min is not None  # noqa: S101  (the reader has seen to it)
        slot = moment_of(micros_of(person.slot_min))
        booked = self._kiosk.ask(wire.Book, matters=[matter_of(person)], slot_start=slot, origin="online")
        assert isinstance(booked, wire.BookedReply)  # noqa: S101  (refusals were raised)
        self._codes[person.id] = booked.code

    def arrive(self, person: Person) -> None:
        token = f"{person.id:022d}"
        if person.kind == "appointment":
            reply = self._kiosk.ask(wire.CheckIn, token=token, code=self._codes[person.id])
        else:
            reason = PRIORITY_REASON if person.priority else None
            reply = self._kiosk.ask(wire.TakeTicket, token=token, matters=[matter_of(person)], priority_reason=reason)
        assert isinstance(reply, wire.TicketReply)  # noqa: S101  (refusals were raised)
        self._persons[reply.number] = person.id

    def open(self, window: str) -> None:
        if self._touched_us is None:
            self._console.sign_in("/staff/sign-in", name=ACCOUNT, password=PASSWORD)
            self._touched_us = self._now_us
        self._press(window, "open")

    def pause(self, window: str) -> None:
        self._press(window, "pause")

    def resume(self, window: str) -> None:
        self._press(window, "resume")

    def call(self, window: str) -> int | None:
        number, refused = self._console.press(HALL, window, "call-next", self._presses())
        if refused == Code.NOBODY_WAITING:
            return None
        if refused:
            raise NotAsPlayed(f"window {window}: call-next was refused: {refused}")
        self._press(window, "identity")
        return self._persons[number]

    def finish(self, window: str) -> None:
        self._press(window, "materials")
        _, refused = self._console.press(HALL, window, "finish", self._presses(), outcome="accepted")
        if refused == Code.REASON_MISSING:
            self._press(window, "finish", outcome="accepted", reason=LONG_SERVICE)
        elif refused:
            raise NotAsPlayed(f"window {window}: finish was refused: {refused}")

    def close(self) -> None:
        self._kiosk.close()
        self._console.close()

    def _press(self, window: str, action: str, **more: str) -> None:
        _, refused = self._console.press(HALL, window, action, self._presses(), **more)
        if refused:
            raise NotAsPlayed(f"window {window}: {action} was refused: {refused}")
