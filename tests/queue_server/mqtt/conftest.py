"""A real broker with its access rules, a whole server in this process, and terminals that speak plain MQTT."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from queue_server import broker, config
from queue_server import mqtt_packets as packets
from queue_server.bench.city import City
from queue_server.server import Server
from queue_server.wire import messages as wire
from queue_server.wire import topics

PATIENCE_S = 20.0
STRANGER = "stranger"


class Terminal:
    """One connection to the broker, blocking. ``inbox`` holds (topic, payload, retained) in order."""

    def __init__(self, port: int, user: str, word: str, *, will: tuple[str, bytes] | None = None) -> None:
        self.user = user
        self.inbox: list[tuple[str, bytes, bool]] = []
        self._acks: list[int] = []
        self._mid = 0
        self._inward = packets.Inward()
        self._line = socket.create_connection(("127.0.0.1", port), timeout=0.2)
        self._line.sendall(_hello(f"test-{user}-{id(self)}", user, word, will))
        self.refused = self._connack()

    def _connack(self) -> int:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for kind, _, body in self._read():
                if kind == packets.CONNACK:
                    return body[1]
        pytest.fail("the broker does not answer")

    def _read(self) -> list[tuple[int, int, bytes]]:
        try:
            data = self._line.recv(65536)
        except TimeoutError:
            return []
        if not data:
            raise ConnectionResetError("the broker closed the connection")
        return self._inward.feed(data)

    def pump(self) -> None:
        for kind, flags, body in self._read():
            if kind == packets.PUBLISH:
                topic, mid, payload = packets.published(flags, body)
                if mid:
                    self._line.sendall(packets.puback(mid))
                self.inbox.append((topic.decode(), payload, bool(flags & packets.RETAIN)))
            elif kind in (packets.SUBACK, packets.PUBACK):
                self._acks.append(int.from_bytes(body[:2], "big"))

    def until(self, what: str, ready: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while not (found := ready()):
            assert time.monotonic() < deadline, f"waited for {what}; inbox: {self.inbox}"
            self.pump()
        return found

    def subscribe(self, *filters: str) -> None:
        self._mid += 1
        mid = self._mid
        self._line.sendall(packets.subscribe(mid, *filters))
        self.until("SUBACK", lambda: mid in self._acks)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """QoS 1; returns when the broker has acknowledged (which says nothing about access)."""
        self._mid += 1
        mid = self._mid
        self._line.sendall(packets.publish(packets.text(topic), mid, payload, retain=retain))
        self.until("PUBACK", lambda: mid in self._acks)

    def ask(self, hall: str, body: object) -> Any:
        """Send a request (a struct, or anything as raw JSON or bytes) and wait for the reply with its id."""
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        request_id = msgspec.json.decode(raw)["id"]
        seen = len(self.inbox)
        self.publish(topics.request(hall, self.user), raw)

        def reply() -> Any:
            for topic, payload, _ in self.inbox[seen:]:
                if topic == topics.response(hall, self.user) and msgspec.json.decode(payload)["id"] == request_id:
                    return msgspec.json.decode(payload, type=wire.AnyReply)
            return None

        return self.until(f"the reply to {request_id}", reply)

    def drop(self) -> None:
        """The line breaks, without a good-bye."""
        self._line.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._line.sendall(packets.DISCONNECT)
        self._line.close()


def _hello(client_id: str, user: str, word: str, will: tuple[str, bytes] | None) -> bytes:
    """CONNECT, with a will (QoS 1, retained) where there is one: §3.1.2.5."""
    if will is None:
        return packets.connect(client_id, user, word)
    topic, payload = will
    body = packets.text("MQTT") + bytes((4, 0xC2 | 0x2C)) + (60).to_bytes(2, "big") + packets.text(client_id)
    body += packets.text(topic) + len(payload).to_bytes(2, "big") + payload
    body += packets.text(user) + packets.text(word)
    return b"\x10" + packets.length(len(body)) + body


class Rig:
    """The running server, and terminals on its broker."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.settings = config.settings(city.directory, mqtt_port=city.mqtt_port, http_port=city.http_port)
        self.server = Server(self.settings, city.plans)
        self._terminals: list[Terminal] = []

    def until(self, what: str, ready: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while not (found := ready()):
            assert time.monotonic() < deadline, f"waited for {what}"
            time.sleep(0.005)
        return found

    def start(self) -> None:
        self.server.start()
        self.until("the line to the broker", lambda: self.server.mqtt.connected)

    def terminal(self, user: str, *halls: str, **more: Any) -> Terminal:
        """A terminal that listens to the replies of ``halls``."""
        made = Terminal(self.city.mqtt_port, user, broker.password(self.city.directory, user), **more)
        assert made.refused == 0
        self._terminals.append(made)
        made.subscribe(*(topics.response(hall, user) for hall in halls))
        return made

    def knock(self, user: str, word: str) -> int:
        """CONNACK's code for this name and password."""
        stranger = Terminal(self.city.mqtt_port, user, word)
        stranger.drop()
        return stranger.refused

    def hang_up(self) -> None:
        while self._terminals:
            self._terminals.pop().close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One server for a module: three halls, a kiosk each, and a user of the broker that is no terminal."""
    city = City(tmp_path_factory.mktemp("mqtt") / "city", halls=3, guests=(STRANGER,))
    city.broker.start()
    rig = Rig(city)
    try:
        rig.start()
        yield rig
    finally:
        rig.server.stop()
        city.broker.stop()


@pytest.fixture
def rig(running: Rig) -> Iterator[Rig]:
    yield running
    running.hang_up()
