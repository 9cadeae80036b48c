"""The server's line to the broker: one thread, one socket, one session kept by the broker, MQTT 3.1.1.

Nothing is acknowledged by itself: a request stays the broker's until its answer is committed and sent. What
we publish (QoS 1) is kept here until the broker confirms it, and sent again after a reconnection.

Why not paho, which the kiosk uses: it asks the socket for every byte of a header and sends every packet alone,
and each such call hands the interpreter to the desk and waits to get it back; its share of a ticket's time was
larger than the hall's own rules. Here a burst of hundreds of packets costs two system calls. The bytes
themselves are in ``mqtt_packets``.

An acknowledgement belongs to the connection on which its message came: after a reconnection the broker counts
message ids anew, so a late acknowledgement of the old connection is dropped; the broker delivers that message
again, and the desk gives its first answer again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import select
import socket
import threading
import time
from typing import NamedTuple, Protocol

from queue_server import mqtt_packets as packets

log = logging.getLogger(__name__)

KEEPALIVE_S = 20
CONNECT_WITHIN_S = 5.0
BACKOFF_S = (0.1, 10.0)
"""Pauses between attempts to connect: doubled from the first to the second, each with jitter."""
CALM_S = 5.0
"""A connection that stood so long makes the next pause short again."""
UNCONFIRMED = 20_000
"""So many publications may wait for the broker's confirmation; ids run to 65,535 and must not be re-used."""
_READ = 262_144
_FILTERS = 50


class Handle(NamedTuple):
    """What is needed to acknowledge one message: the connection it came on, its id there (empty for QoS 0)."""

    connection: int
    mid: bytes


class Ears(Protocol):
    """Who uses the line. All are called on the line's thread and must not block."""

    def up(self) -> None:
        """Connected: subscribe, and publish what the broker may have lost."""

    def message(self, topic: bytes, payload: bytes, handle: Handle, *, retained: bool) -> None:
        """One message. Must not raise."""

    def busy(self) -> bool:
        """Whether ``work`` has something to do."""

    def work(self) -> None:
        """Publish and acknowledge what is at hand."""


class Refused(ConnectionError):  # noqa: N818  (named for the condition)
    """The broker does not let us in; the text says why."""


class BrokerLine:
    """One kept session with the broker. ``wake`` and ``connected`` from any thread; the rest from the line's own."""

    def __init__(self, host: str, port: int, user: str, password: str, client_id: str, ears: Ears) -> None:
        self._host, self._port = host, port
        self._hello = packets.connect(client_id, user, password, KEEPALIVE_S, clean=False)
        self._ears = ears
        self._connection = 0
        self._sock: socket.socket | None = None
        self._inward = packets.Inward()
        self._out = bytearray()
        self._mid = 0
        self._unconfirmed: dict[int, bytes] = {}
        self._topics: dict[str, bytes] = {}
        self._sent_at = self._heard_at = 0.0
        self._stopping = False
        self._asleep = False
        self.connected = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let ``Ears.work`` finish what is at hand, say good-bye, end the thread."""
        self._stopping = True
        os.write(self._wake_write, b"\0")
        if self._thread.is_alive():
            self._thread.join()
        self._asleep = False  # so that no late wake writes to a descriptor that is somebody else's by then
        os.close(self._wake_read)
        os.close(self._wake_write)

    def wake(self) -> None:
        """Call ``Ears.work`` soon. Any thread; cheap when the line is awake anyway."""
        if self._asleep:
            self._asleep = False
            with contextlib.suppress(BlockingIOError, OSError):
                os.write(self._wake_write, b"\0")

    def room(self) -> bool:
        """Whether another publication may go out now."""
        return len(self._unconfirmed) < UNCONFIRMED

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """With QoS 1. Without connection it is kept and sent when the next one stands."""
        named = self._topics.get(topic)
        if named is None:
            if len(self._topics) > UNCONFIRMED:
                self._topics.clear()
            named = self._topics[topic] = packets.text(topic)
        mid = self._next_mid()
        packet = self._unconfirmed[mid] = packets.publish(named, mid, payload, retain=retain)
        if self.connected:
            self._out += packet

    def ack(self, handle: Handle) -> None:
        """Take the message off the broker, if it came on the present connection."""
        connection, mid = handle
        if mid and connection == self._connection and self.connected:
            self._out += packets.puback(mid)

    def subscribe(self, filters: list[str]) -> None:
        for start in range(0, len(filters), _FILTERS):
            self._out += packets.subscribe(self._next_mid(), *filters[start : start + _FILTERS])

    def unsubscribe(self, filters: list[str]) -> None:
        for start in range(0, len(filters), _FILTERS):
            self._out += packets.unsubscribe(self._next_mid(), *filters[start : start + _FILTERS])

    def flush(self) -> None:
        """Hand what is to be sent to the kernel, as much as it takes now. Raises OSError."""
        if self._out and self._sock is not None:
            with contextlib.suppress(BlockingIOError):
                sent = self._sock.send(self._out)
                del self._out[:sent]
                self._sent_at = time.monotonic()

    # --- the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        pause_s = BACKOFF_S[0]
        while not self._stopping:
            began = time.monotonic()
            try:
                self._connect()
                self._serve()
            except (OSError, packets.Malformed) as error:
                if not self._stopping:
                    log.warning("no broker at %s:%d: %s", self._host, self._port, error)
            finally:
                self._hang_up()
            if time.monotonic() - began > CALM_S:
                pause_s = BACKOFF_S[0]
            self._rest(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(pause_s * 2, BACKOFF_S[1])

    def _connect(self) -> None:
        """A socket on which the broker has let us in. Raises OSError, Refused or Malformed."""
        sock = socket.create_connection((self._host, self._port), timeout=CONNECT_WITHIN_S)
        self._sock = sock
        # Without this an echo takes 88 ms instead of 0.6: Nagle meets delayed acknowledgement (mqtt.md §1).
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(self._hello)
        self._inward = packets.Inward()
        self._out.clear()
        self._sent_at = self._heard_at = time.monotonic()
        while not self.connected:
            data = sock.recv(_READ)
            if not data:
                raise ConnectionResetError("it closed the connection")
            self._take(data)
        sock.setblocking(False)

    def _serve(self) -> None:
        """Until the connection is lost (raises OSError) or we stop."""
        sock = self._sock
        assert sock is not None  # noqa: S101  (_connect returned)
        ears, number = self._ears, sock.fileno()
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        poll.register(number, select.POLLIN)
        want_out = False
        while True:
            if want_out != bool(self._out):
                want_out = not want_out
                poll.register(number, select.POLLIN | select.POLLOUT if want_out else select.POLLIN)
            self._asleep = True
            ready = poll.poll(0 if self._stopping or ears.busy() else 1000)
            self._asleep = False
            for which, what in ready:
                if which != number:
                    self._drain_wake()
                elif what & ~select.POLLOUT:
                    self._read(sock)
            ears.work()
            self._keep_alive()
            self.flush()
            if self._stopping:
                self._out += packets.DISCONNECT
                sock.settimeout(CONNECT_WITHIN_S)
                sock.sendall(self._out)
                return

    def _read(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(_READ)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionResetError("it closed the connection")
        self._take(data)

    def _take(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        message, connection, unconfirmed = self._ears.message, self._connection, self._unconfirmed
        for kind, flags, body in self._inward.feed(data):
            if kind == packets.PUBLISH:
                topic, mid, payload = packets.published(flags, body)
                message(topic, payload, Handle(connection, mid), retained=bool(flags & packets.RETAIN))
            elif kind == packets.PUBACK:
                unconfirmed.pop(body[0] << 8 | body[1], None)
            elif kind == packets.CONNACK:
                self._let_in(body)
                connection = self._connection
            elif kind == packets.SUBACK and 0x80 in body[2:]:
                log.error("the broker refused a subscription")

    def _let_in(self, body: bytes) -> None:
        if body[1]:
            raise Refused(packets.REFUSALS.get(body[1], f"code {body[1]}"))
        self._connection += 1
        self.connected = True
        log.info("connected to the broker at %s:%d", self._host, self._port)
        for packet in self._unconfirmed.values():
            self._out += packet
        self._ears.up()

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if now - self._sent_at > KEEPALIVE_S / 2 and not self._out:
            self._out += packets.PINGREQ
        if now - self._heard_at > KEEPALIVE_S * 1.5:
            raise ConnectionAbortedError("it has fallen silent")

    def _hang_up(self) -> None:
        if self.connected:
            if not self._stopping:
                log.warning("the broker is gone")
            # what may have been sent is marked so; what is put from now on was not
            self._unconfirmed.update({mid: packets.again(packet) for mid, packet in self._unconfirmed.items()})
        self.connected = False
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _rest(self, seconds: float) -> None:
        """Wait, and meanwhile take what is put: replies are kept for the next connection."""
        deadline = time.monotonic() + seconds
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            self._asleep = True
            if not self._ears.busy():
                select.select([self._wake_read], [], [], left)
            self._asleep = False
            self._drain_wake()
            self._ears.work()

    def _drain_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _next_mid(self) -> int:
        while True:
            self._mid = self._mid % 65_535 + 1
            if self._mid not in self._unconfirmed:
                return self._mid
