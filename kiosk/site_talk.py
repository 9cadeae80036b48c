"""What a terminal and its home site say to each other beside births and heartbeats: orders, answers, notes.

The link's thread hears and sends; anybody may leave an answer or a note for it. They wait for a connection in the
order in which they came, and not over a restart: an order that stands is answered anew when the broker brings it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import msgspec

from firmware_cfg.profile import Profile
from kiosk.events import Ordered
from kiosk.mqtt_line import MqttLine, Wake
from kiosk.orders import Orders
from queue_server.wire import messages as wire
from queue_server.wire import topics

KEPT = 50
"""So many wait at most; the oldest goes first."""

_encode = msgspec.json.Encoder().encode


class SiteTalk:
    """``wake`` wakes the link's thread."""

    def __init__(self, profile: Profile, clock: Callable[[], datetime], wake: Wake) -> None:
        kiosk = profile.kiosk
        self.order_topic = topics.site_down(kiosk.site, kiosk.id, "cmd")
        self.orders = Orders(profile.var.path / "orders.json", kiosk.server_sign_file, kiosk.site, kiosk.id, clock)
        self._site, self._device, self._clock, self._wake = kiosk.site, kiosk.id, clock, wake
        self._lock = threading.Lock()
        self._said: list[tuple[topics.SiteUp, wire.Ack | wire.TerminalNote]] = []

    def acknowledge(self, order: str) -> None:
        """The server's order of this id was carried out. Any thread."""
        self._leave("ack", self.orders.done(order))

    def note(self, code: wire.NoteCode) -> None:
        """Something for technicians to know. Any thread."""
        self._leave("log", wire.TerminalNote(code=code, at=self._clock()))

    def _leave(self, what: topics.SiteUp, said: wire.Ack | wire.TerminalNote) -> None:
        with self._lock:
            self._said = [*self._said, (what, said)][-KEPT:]
        self._wake.call()

    def heard(self, body: bytes) -> Ordered | None:
        """What came on ``order_topic``: news for the flow, or None. On the link's thread."""
        news, answer = self.orders.take(body) if body else (None, None)
        if answer is not None:
            self._leave("ack", answer)
        return news

    def send(self, line: MqttLine) -> None:
        """What was left since the last time. On the link's thread."""
        with self._lock:
            said, self._said = self._said, []
        for what, body in said:
            line.publish(topics.site_up(self._site, self._device, what), _encode(body))
