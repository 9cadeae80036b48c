"""The server's line to the broker: one thread, one paho client, MQTT 3.1.1.

The session is kept by the broker (``clean_session=False``) and nothing is acknowledged by itself
(``manual_ack``): a request stays the broker's until its answer is committed and sent. The thread runs paho's
own steps (``loop_read``, ``loop_write``, ``loop_misc``) and puts a buffer under them: paho asks the socket for
every byte of a header and sends every packet alone, and each such call would hand the interpreter to the desk
and wait to get it back. With the buffer a burst of hundreds of packets costs two system calls.

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
from typing import Any, NamedTuple, Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

log = logging.getLogger(__name__)

KEEPALIVE_S = 20
BACKOFF_S = (0.1, 10.0)
"""Pauses between attempts to connect: doubled from the first to the second, each with jitter."""
CALM_S = 5.0
"""A connection that stood so long makes the next pause short again."""
UNCONFIRMED = 20_000
"""So many publications may wait for the broker's confirmation; ids run to 65,535 and must not be re-used."""
_READ = 65_536


class Handle(NamedTuple):
    """What is needed to acknowledge one message: the connection it came on, its id there, its quality."""

    connection: int
    mid: int
    qos: int


class Ears(Protocol):
    """Who uses the line. All are called on the line's thread and must not block."""

    def up(self) -> None:
        """Connected: subscribe, and publish what the broker may have lost."""

    def message(self, topic: str, payload: bytes, handle: Handle, *, retained: bool) -> None: ...

    def busy(self) -> bool:
        """Whether ``work`` has something to do."""

    def work(self) -> None:
        """Publish and acknowledge what is at hand."""


class BrokerLine:
    """One kept session with the broker. ``wake`` from any thread; the rest only from the line's own."""

    def __init__(self, host: str, port: int, user: str, password: str, client_id: str, ears: Ears) -> None:
        self._host, self._port = host, port
        self._ears = ears
        self._connection = 0
        self._unconfirmed = 0
        self._connected = False
        self._stopping = False
        self._asleep = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        client = self._client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.username_pw_set(user, password)
        client.max_inflight_messages_set(0)  # bounded by UNCONFIRMED; paho's own bound walks all messages each time
        client.connect_timeout = 5.0
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_socket_open = _no_delay
        client.connect_async(host, port, keepalive=KEEPALIVE_S)

    @property
    def connected(self) -> bool:
        return self._connected

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
        return self._unconfirmed < UNCONFIRMED

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """With QoS 1. Without connection it is kept and sent after the next one stands."""
        info = self._client.publish(topic, payload, 1, retain)
        if info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            log.error("a publication to %s was dropped: its message id is still in use", topic)
            return
        self._unconfirmed += 1

    def ack(self, handle: Handle) -> None:
        """Take the message off the broker, if it came on the present connection."""
        if handle.qos and handle.connection == self._connection and self._connected:
            self._client.ack(handle.mid, handle.qos)

    def subscribe(self, filters: list[str]) -> None:
        for start in range(0, len(filters), 50):
            self._client.subscribe([(each, 1) for each in filters[start : start + 50]])

    def unsubscribe(self, filters: list[str]) -> None:
        if filters:
            self._client.unsubscribe(filters)

    def flush(self) -> None:
        """Hand what is buffered to the kernel now."""
        sock = self._client.buffered
        if sock is not None:
            try:
                sock.flush()
            except OSError:
                self._lost()

    # --- the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        pause_s = BACKOFF_S[0]
        while not self._stopping:
            began = time.monotonic()
            try:
                self._client.reconnect()
            except (OSError, ValueError) as error:
                log.warning("no broker at %s:%d: %s", self._host, self._port, error)
            else:
                self._serve()
            if time.monotonic() - began > CALM_S:
                pause_s = BACKOFF_S[0]
            self._wait(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(pause_s * 2, BACKOFF_S[1])

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            select.select([self._wake_read], [], [], left)
            self._drain_wake()
            self._ears.work()  # acknowledgements of a lost connection fall away, replies are kept by paho

    def _serve(self) -> None:
        """From a fresh socket until it is lost or we stop."""
        client = self._client
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        sock = client.buffered
        if sock is None:
            return
        number = sock.fileno()
        misc_at = time.monotonic() + 1.0
        while client.buffered is sock:
            waits = select.POLLIN | (select.POLLOUT if sock.unsent or client.want_write() else 0)
            poll.register(number, waits)
            self._asleep = True
            ready = poll.poll(0 if self._stopping or self._ears.busy() else 1000)
            self._asleep = False
            self._drain_wake()
            for which, what in ready:
                if which == number and what & ~select.POLLOUT:
                    self._read(sock)
            if client.buffered is not sock:
                return
            self._ears.work()
            if client.want_write():
                client.loop_write()
            self.flush()
            now = time.monotonic()
            if now >= misc_at:
                misc_at = now + 1.0
                client.loop_misc()
            if self._stopping:
                client.disconnect()
                client.loop_write()
                return

    def _read(self, sock: _Buffered) -> None:
        client = self._client
        while True:
            rc = client.loop_read()
            if rc != MQTTErrorCode.MQTT_ERR_SUCCESS or client.buffered is not sock or not sock.pending():
                return

    def _drain_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _lost(self) -> None:
        self._connected = False
        self._client.drop()

    # --- paho calls -------------------------------------------------------------------------------------

    def _on_connect(
        self, _client: paho.Client, _data: Any, _flags: paho.ConnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        if reason.is_failure:
            log.error("the broker at %s:%d refuses us: %s", self._host, self._port, reason)
            return
        self._connection += 1
        self._connected = True
        log.info("connected to the broker at %s:%d", self._host, self._port)
        self._ears.up()

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, _flags: paho.DisconnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        self._connected = False
        if not self._stopping:
            log.warning("the broker is gone: %s", reason)

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        handle = Handle(self._connection, message.mid, message.qos)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            log.warning("a message with a topic that is not UTF-8")
            self.ack(handle)
            return
        self._ears.message(topic, bytes(message.payload), handle, retained=message.retain)

    def _on_publish(self, _client: paho.Client, _data: Any, _mid: int, _reason: ReasonCode, _props: Any) -> None:
        self._unconfirmed -= 1


class _Buffered:
    """A non-blocking socket under paho: reads much at once, keeps what is sent until ``flush``."""

    def __init__(self, sock: socket.socket) -> None:
        self.raw = sock
        self._in = b""
        self._at = 0
        self.unsent = bytearray()

    def recv(self, size: int) -> bytes:
        at = self._at
        if at >= len(self._in):
            self._in, self._at = self.raw.recv(_READ), 0
            at = 0
        data = self._in[at : at + size]
        self._at = at + len(data)
        return data

    def pending(self) -> int:
        return len(self._in) - self._at

    def send(self, data: bytes | bytearray) -> int:
        self.unsent += data
        return len(data)

    def flush(self) -> None:
        if self.unsent:
            with contextlib.suppress(BlockingIOError):
                sent = self.raw.send(self.unsent)
                del self.unsent[:sent]

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001  (the socket's own signature)
        self.raw.setblocking(flag)

    def fileno(self) -> int:
        return self.raw.fileno()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.flush()  # the good-bye may still be in here
        self.raw.close()


class _Client(paho.Client):
    """Paho with a buffer under it. ``buffered`` is the present socket, None without one."""

    buffered: _Buffered | None = None

    def _create_socket(self) -> _Buffered:
        self.buffered = _Buffered(super()._create_socket_connection())  # plain TCP, which is all we use
        return self.buffered

    def _sock_close(self) -> None:
        self.buffered = None
        super()._sock_close()

    def drop(self) -> None:
        """The socket is dead: let paho see it as it sees any loss."""
        self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)


def _no_delay(_client: paho.Client, _data: Any, sock: Any) -> None:
    """Without this an echo takes 88 ms instead of 0.6 (Nagle meets delayed acknowledgement; mqtt.md §1)."""
    sock.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
