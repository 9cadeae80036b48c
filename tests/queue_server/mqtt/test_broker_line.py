"""The server's line, with the other end of the wire in the test's hands: what goes out, and on which connection."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable, Iterator

import pytest

from queue_server import mqtt_packets as packets
from queue_server.broker_line import BrokerLine, Handle

pytestmark = pytest.mark.wire

PATIENCE_S = 15.0
CONNACK = b"\x20\x02\x00\x00"


class Ears:
    """Notes what comes; publishes and acknowledges what the test puts."""

    def __init__(self) -> None:
        self.line: BrokerLine | None = None
        self.ups = 0
        self.heard: list[tuple[bytes, bytes, Handle]] = []
        self.todo: deque[Handle | tuple[str, bytes]] = deque()

    def up(self) -> None:
        self.ups += 1

    def message(self, topic: bytes, payload: bytes, handle: Handle, *, retained: bool) -> None:
        self.heard.append((topic, payload, handle))

    def busy(self) -> bool:
        return bool(self.todo)

    def work(self) -> None:
        assert self.line is not None
        while self.todo:
            match self.todo.popleft():
                case Handle() as handle:
                    self.line.ack(handle)
                case (topic, payload):
                    self.line.publish(topic, payload)

    def put(self, what: Handle | tuple[str, bytes]) -> None:
        assert self.line is not None
        self.todo.append(what)
        self.line.wake()


class Far:
    """The broker's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(0.2)
        self.inward = packets.Inward()
        self.seen: list[tuple[int, int, bytes]] = []

    def pump(self) -> None:
        try:
            data = self.sock.recv(65536)
        except TimeoutError:
            return
        self.seen += self.inward.feed(data)

    def until(self, what: str, ready: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not ready():
            assert time.monotonic() < deadline, f"waited for {what}; seen {self.seen}"
            self.pump()

    def kinds(self) -> list[int]:
        return [kind for kind, _, _ in self.seen]

    def of(self, wanted: int) -> list[tuple[int, bytes]]:
        return [(flags, body) for kind, flags, body in self.seen if kind == wanted]

    def let_in(self) -> None:
        self.until("CONNECT", lambda: 1 in self.kinds())
        self.sock.sendall(CONNACK)


@pytest.fixture
def broker_end() -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(PATIENCE_S)
        yield listening


@pytest.fixture
def ears(broker_end: socket.socket) -> Iterator[Ears]:
    made = Ears()
    port = broker_end.getsockname()[1]
    made.line = BrokerLine("127.0.0.1", port, "server", "w" * 24, "jiaohao-test", made)
    made.line.start()
    yield made
    made.line.stop()


def accept(listening: socket.socket) -> Far:
    far = Far(listening.accept()[0])
    far.let_in()
    return far


def message(mid: int, payload: bytes) -> bytes:
    return packets.publish(packets.text("jh/1/x"), mid, payload)


def test_it_keeps_its_session_and_acknowledges_nothing_by_itself(broker_end: socket.socket, ears: Ears) -> None:
    far = accept(broker_end)
    connect = far.of(1)[0][1]
    assert connect[:7] == packets.text("MQTT") + b"\x04"
    assert not connect[7] & 0x02, "clean session would forget what was sent while we were away"
    far.sock.sendall(message(7, b"one"))
    far.until("the message", lambda: ears.heard)
    ears.put(("jh/1/y", b"reply"))
    far.until("a publication", lambda: packets.PUBLISH in far.kinds())
    assert packets.PUBACK not in far.kinds()
    ears.put(ears.heard[0][2])
    far.until("the acknowledgement", lambda: far.of(packets.PUBACK) == [(0, b"\x00\x07")])
    far.sock.close()


def test_a_late_acknowledgement_of_a_lost_connection_is_dropped(broker_end: socket.socket, ears: Ears) -> None:
    first = accept(broker_end)
    first.sock.sendall(message(1, b"before"))
    first.until("the message", lambda: ears.heard)
    first.sock.close()
    second = accept(broker_end)
    second.sock.sendall(message(1, b"another, with the same id"))
    second.until("the other message", lambda: len(ears.heard) == 2)
    ears.put(ears.heard[0][2])
    ears.put(("jh/1/y", b"after it"))
    second.until("what was put after it", lambda: packets.PUBLISH in second.kinds())
    assert packets.PUBACK not in second.kinds(), "it would take a message off the broker that nobody has answered"
    ears.put(ears.heard[1][2])
    second.until("the right one", lambda: packets.PUBACK in second.kinds())
    second.sock.close()


def test_what_was_not_confirmed_is_sent_again(broker_end: socket.socket, ears: Ears) -> None:
    first = accept(broker_end)
    ears.put(("jh/1/a", b"confirmed"))
    ears.put(("jh/1/b", b"lost"))
    first.until("both", lambda: len(first.of(packets.PUBLISH)) == 2)
    mid = packets.published(*first.of(packets.PUBLISH)[0])[1]
    first.sock.sendall(packets.puback(mid) + message(3, b"so that the confirmation has been read"))
    first.until("the message", lambda: ears.heard)
    first.sock.close()
    deadline = time.monotonic() + PATIENCE_S
    while ears.line is not None and ears.line.connected:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    ears.put(("jh/1/c", b"put while nobody was there"))
    second = accept(broker_end)
    second.until("what was missing", lambda: len(second.of(packets.PUBLISH)) == 2)
    sent = {packets.published(flags, body)[2]: flags for flags, body in second.of(packets.PUBLISH)}
    assert set(sent) == {b"lost", b"put while nobody was there"}
    assert sent[b"lost"] & packets.DUP
    assert not sent[b"put while nobody was there"] & packets.DUP, "§3.3.1.1: not before it was sent once"
    second.sock.close()


def test_a_refusal_is_tried_again_later(
    broker_end: socket.socket, ears: Ears, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Far(broker_end.accept()[0])
    refused.until("CONNECT", lambda: 1 in refused.kinds())
    refused.sock.sendall(b"\x20\x02\x00\x05")
    accepted = accept(broker_end)
    accepted.until("to be up", lambda: ears.ups == 1)
    assert "password is wrong" in caplog.text
    refused.sock.close()
    accepted.sock.close()


def test_nonsense_from_the_broker_ends_the_connection_not_the_line(broker_end: socket.socket, ears: Ears) -> None:
    first = accept(broker_end)
    first.until("to be up", lambda: ears.ups == 1)
    first.sock.sendall(b"\x30\xff\xff\xff\xff\xff")
    second = accept(broker_end)
    second.until("to be up again", lambda: ears.ups == 2)
    first.sock.close()
    second.sock.close()
