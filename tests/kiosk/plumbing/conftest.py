"""A bench for the kiosk's plumbing: an inbox that can be waited on, a real broker, a server's end of the wire."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import paho.mqtt.client as mqtt
import pytest
from nacl.public import PrivateKey
from paho.mqtt.enums import CallbackAPIVersion

from firmware_cfg.load import load_profile
from firmware_cfg.profile import Profile
from kiosk.events import Event, Stamped
from queue_server import broker
from queue_server.wire import topics

WAIT_S = 20.0
T = TypeVar("T", bound=Event)


class Inbox(queue.SimpleQueue[Stamped]):
    """The kiosk's inbox, read by a test: what was looked for is taken out, the rest stays to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Stamped] = []

    def expect(self, kind: type[T], where: Callable[[T], bool] = lambda _event: True) -> tuple[str | None, T]:
        """The first event of this kind that fits, and its session; fails when none comes in time."""
        deadline = time.monotonic() + WAIT_S
        while True:
            for place, stamped in enumerate(self.seen):
                if isinstance(stamped.event, kind) and where(stamped.event):
                    del self.seen[place]
                    return stamped.session, stamped.event
            try:
                self.seen.append(self.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                pytest.fail(f"no {kind.__name__} came; there were {self.seen}")

    def everything(self) -> list[Stamped]:
        while not self.empty():
            self.seen.append(self.get_nowait())
        return self.seen


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool], str], None]:
    """Wait for a condition with a deadline."""

    def wait(condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, f"never came true: {what}"
            time.sleep(0.01)

    return wait


@pytest.fixture
def server_box() -> PrivateKey:
    """The server's secret half, which no kiosk has."""
    return PrivateKey.generate()


@pytest.fixture
def profile(tmp_path: Path, server_box: PrivateKey) -> Profile:
    """The demo terminal with everything under the test's own directory and no device fitted."""
    key = tmp_path / "people-box.pub"
    key.write_text(bytes(server_box.public_key).hex())
    settings = {
        "kiosk.server_key_file": key,
        "broker.port": free_port(),
        "broker.password_file": tmp_path / "secrets" / "mqtt-kiosk-01",
        "idcard.port": '""',
        "printer.port": '""',
        "scanner.port": '""',
        "var.path": tmp_path / "kiosk",
    }
    return load_profile("demo", [f"{name}={value}" for name, value in settings.items()])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mosquitto(tmp_path: Path, profile: Profile) -> Iterator[broker.Broker]:
    """The shipped broker with the shipped configuration, on a free port; a test may kill it."""
    running = broker.embedded(tmp_path, [profile.kiosk.id], port=profile.broker.port)
    running.start()
    yield running
    running.stop()


@dataclass
class ServerEnd:
    """What a server hears of the kiosk and can answer; ``heard`` holds (topic, body, retained)."""

    client: mqtt.Client
    heard: list[tuple[str, Any, bool]] = field(default_factory=list)
    subscribed: threading.Event = field(default_factory=threading.Event)

    def bodies(self, topic: str) -> list[Any]:
        return [body for where, body, _ in list(self.heard) if where == topic]

    def say(self, topic: str, body: object, *, retain: bool = False) -> None:
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        self.client.publish(topic, data, qos=1, retain=retain)


@pytest.fixture
def server_end(tmp_path: Path, profile: Profile) -> Iterator[Callable[[], ServerEnd]]:
    """Connects as the server to whatever broker runs now; each call a new connection."""
    made: list[ServerEnd] = []

    def connect() -> ServerEnd:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"server-{len(made)}", protocol=mqtt.MQTTv311)
        client.username_pw_set("server", broker.password(tmp_path, "server"))
        end = ServerEnd(client)

        def on_message(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
            with suppress(
                msgspec.DecodeError, UnicodeDecodeError, RecursionError
            ):  # a test's own nonsense comes back to it too
                end.heard.append((message.topic, msgspec.json.decode(message.payload), message.retain))

        client.on_connect = lambda *_: client.subscribe(topics.EVERYTHING, 1) and None
        client.on_subscribe = lambda *_: end.subscribed.set()
        client.on_message = on_message
        client.connect(profile.broker.host, profile.broker.port)
        client.loop_start()
        made.append(end)
        assert end.subscribed.wait(WAIT_S)
        return end

    yield connect
    for end in made:
        end.client.disconnect()
        end.client.loop_stop()
