"""The floor: a plain paho client that sends every request straight back. Nothing is read, decided or stored.

It runs as a process of its own, subscribed as the queue server is, so that the difference between the two is
the queue server.
"""

from __future__ import annotations

import signal
import socket
import sys
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from queue_server.wire import topics


def serve(host: str, port: int, user: str, password: str, halls: list[str]) -> None:
    """Echo until SIGTERM. Prints ``ready`` when subscribed."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="bench-echo", protocol=paho.MQTTv311)
    client.username_pw_set(user, password)
    client.max_inflight_messages_set(0)
    client.max_queued_messages_set(0)
    replies: dict[str, str] = {}

    def opened(_client: paho.Client, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connected(*_: Any) -> None:
        client.subscribe([(topics.hall_requests(hall), 1) for hall in halls])

    def subscribed(*_: Any) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    def message(_client: paho.Client, _data: Any, came: paho.MQTTMessage) -> None:
        topic = replies.get(came.topic)
        if topic is None:
            where = topics.parse(came.topic)
            assert isinstance(where, topics.HallRequest)  # noqa: S101  (we subscribe to nothing else)
            topic = replies[came.topic] = topics.response(where.hall, where.device)
        client.publish(topic, came.payload, 1)

    client.on_socket_open = opened
    client.on_connect = connected
    client.on_subscribe = subscribed
    client.on_message = message
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    client.connect(host, port)
    client.loop_forever()


if __name__ == "__main__":
    # the password comes on stdin: a command line is for everybody to read
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.stdin.readline().strip(), sys.argv[4].split(","))
