"""One MQTT 3.1.1 connection, driven by the thread that owns it: paho's protocol without paho's threads.

A line is made for one connection and thrown away with it, so what was in flight dies with it; whoever needs
more than that keeps it elsewhere. Nagle's delay is off (88 ms a round trip with it, 0.6 ms without).
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from firmware_cfg.profile import Secret

KEEPALIVE_S = 20
CONNECT_S = 5.0


class Wake:
    """Lets any thread wake the one that waits in ``MqttLine.wait``."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def fileno(self) -> int:
        return self._near.fileno()

    def call(self) -> None:
        with suppress(OSError):  # full: it is awake already; closed: nobody waits any more
            self._far.send(b"x")

    def hush(self) -> None:
        with suppress(OSError):
            self._near.recv(4096)

    def close(self) -> None:
        self._near.close()
        self._far.close()


class MqttLine:
    """Made, ``connect``-ed, then ``wait``-ed on in turn with ``publish`` until it is not ``alive``; then ``close``-d.

    ``heard`` gets (topic, body) of every message, on the owner's thread. ``ready`` is true once the broker has
    taken us and our subscriptions; ``why`` says in words why it is not, or why the line ended.
    """

    def __init__(
        self,
        client_id: str,
        user: str,
        password: Secret | None,
        will: tuple[str, bytes],
        subscriptions: Sequence[str],
        heard: Callable[[str, bytes], None],
    ) -> None:
        self.ready = False
        self.why = "no answer"
        self._subscriptions = subscriptions
        self._heard = heard
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = CONNECT_S
        self._client.max_inflight_messages_set(1000)
        if password is not None:
            self._client.username_pw_set(user, password.reveal())
        topic, body = will
        self._client.will_set(topic, body, qos=1, retain=True)
        self._client.on_socket_open = _no_delay
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def connect(self, host: str, port: int) -> None:
        """Open the socket and ask to be let in. Raises OSError, ValueError for a host that can be none."""
        self._client.connect(host, port, keepalive=KEEPALIVE_S)

    @property
    def alive(self) -> bool:
        return self._client.socket() is not None

    def publish(self, topic: str, body: bytes, *, retain: bool = False) -> None:
        """Give a message (QoS 1) to the broker, as far as that is possible now."""
        self._client.publish(topic, body, qos=1, retain=retain)

    def wait(self, wake: Wake, timeout_s: float) -> None:
        """Until bytes come or go, somebody calls ``wake``, or the time is over; carries out what came."""
        line: Any = self._client.socket()
        if line is None:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._client.want_write() else 0)
        with selectors.DefaultSelector() as waiting:
            waiting.register(wake, selectors.EVENT_READ)
            waiting.register(line, events)
            ready = waiting.select(timeout_s)
        for key, mask in ready:
            if key.fileobj is wake:
                wake.hush()
                continue
            if mask & selectors.EVENT_READ:
                self._client.loop_read()
            if mask & selectors.EVENT_WRITE:
                self._client.loop_write()
        self._client.loop_misc()

    def close(self, wake: Wake, farewell_s: float = 0.0) -> None:
        """Let what is queued go out for at most ``farewell_s``, then leave in order (no will is sent)."""
        steps = round(farewell_s / 0.05)
        while steps > 0 and self.alive and self._client.want_write():
            self.wait(wake, 0.05)
            steps -= 1
        with suppress(OSError, ValueError):
            self._client.disconnect()
        line: Any = self._client.socket()
        if line is not None:
            with suppress(OSError):
                line.close()

    def _on_connect(self, _client: object, _data: object, _flags: object, reason: ReasonCode, _props: object) -> None:
        if reason.is_failure:
            self.why = f"refused: {reason}"
            return
        self._client.subscribe([(topic, 1) for topic in self._subscriptions])

    def _on_subscribe(self, _client: object, _data: object, _mid: int, _reasons: object, _props: object) -> None:
        self.ready = True

    def _on_disconnect(
        self, _client: object, _data: object, _flags: object, reason: ReasonCode, _props: object
    ) -> None:
        if self.ready:
            self.why = str(reason)
        self.ready = False

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self._heard(message.topic, bytes(message.payload))


def _no_delay(_client: object, _data: object, line: Any) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
