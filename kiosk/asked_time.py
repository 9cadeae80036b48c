"""When the hall is asked for its time, and how long the answer took.

Not a request of the outbox: an answer that comes late is worth nothing, so it is asked anew on each connection and
every ten minutes, and only the last question counts. On a new connection tickets whose check-in is not sure wait a
moment for it, so that they are handed in with their true one. Times are monotonic seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec
import uuid6

from kiosk.mqtt_line import MqttLine, Wake
from queue_server.wire import messages as wire

EVERY_S = 600.0
FIRST_WAIT_S = 1.5
_encode = msgspec.json.Encoder().encode


class WhoWantsIt(Protocol):
    """Whose check-ins depend on it: ``own_numbers``."""

    def any_unsure(self) -> bool: ...
    def time_heard(self, at: datetime, took_s: float) -> bool: ...


class AskedTime:
    """On the link's thread. ``topic``: where the hall is asked. Where nobody wants to know, nothing is asked."""

    def __init__(self, own: WhoWantsIt | None, topic: str) -> None:
        self._own = own
        self._topic = topic
        self._id = ""
        self._at_s = -EVERY_S

    def due(self, now_s: float) -> bool:
        return self._own is not None and now_s - self._at_s >= EVERY_S

    def ask(self, line: MqttLine, now_s: float) -> None:
        if self._own is None:
            return
        self._id, self._at_s = str(uuid6.uuid7()), now_s
        line.publish(self._topic, _encode(wire.AskTime(id=self._id)))

    def heard(self, reply: wire.TimeReply, now_s: float) -> None:
        """An answer to anything but the last question says nothing."""
        if self._own is not None and self._id and reply.id == self._id:
            self._id = ""
            self._own.time_heard(reply.at, now_s - self._at_s)

    def wait(self, line: MqttLine, wake: Wake, stop: threading.Event, monotonic: Callable[[], float]) -> None:
        """Until nothing is unsure any more, for a moment at most."""
        until_s = monotonic() + FIRST_WAIT_S
        while self._unsure() and line.alive and not stop.is_set() and monotonic() < until_s:
            line.wait(wake, 0.1)

    def _unsure(self) -> bool:
        return self._own is not None and self._own.any_unsure()
