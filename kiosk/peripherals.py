"""How each fitted device is, for the heartbeat and for the flow; one record a device, the latest.

A device's health comes from its supervisor, the card reader's from its reading process. A panel whose door stands
open, or whose loop is broken, says so in its health, too: so the fleet hears of it at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from devices.events import Condition, Health
from kiosk.events import DeviceChanged
from kiosk.flow.state import DEVICES
from queue_server.wire import messages as wire


class Peripherals:
    """``changed`` hears what the flow must know, ``on_peripherals`` everything, whenever something differs.

    Both are called on the devices' threads, in the order in which things happened.
    """

    def __init__(
        self,
        changed: Callable[[DeviceChanged], None],
        on_peripherals: Callable[[Sequence[wire.Peripheral]], None],
    ) -> None:
        self._changed = changed
        self._on_peripherals = on_peripherals
        self._lock = threading.Lock()
        self._known: dict[str, wire.Peripheral] = {}

    def health(self, health: Health) -> None:
        """A supervised device's health."""
        self.take(peripheral(health))

    def take(self, now: wire.Peripheral) -> None:
        """A record that is ready for the wire."""
        with self._lock:
            was = self._known.get(now.name)
            if was is not None and was.condition == now.condition:
                # Each citizen's reading process opens the reader anew; that it works began long ago.
                now = msgspec.structs.replace(now, since=was.since)
            self._known[now.name] = now
            if was is None or (was.condition, was.reason) != (now.condition, now.reason):
                self._changed(DeviceChanged(now.name, now.condition, now.reason))
            self._on_peripherals([self._known[name] for name in DEVICES if name in self._known])


def peripheral(health: Health) -> wire.Peripheral:
    """A device's health as the heartbeat carries it."""
    return wire.Peripheral(
        name=health.device,
        condition=_CONDITIONS[health.condition],
        since=health.since.astimezone(UTC) if health.since.tzinfo else datetime.now(UTC),
        reason=health.reason[:64],
        model=health.model[:64],
        paper_percent=health.paper_percent,
        counters=dict(health.counters),
    )


_CONDITIONS: dict[Condition, Literal["starting", "ok", "degraded", "absent"]] = {
    Condition.STARTING: "starting",
    Condition.OK: "ok",
    Condition.DEGRADED: "degraded",
    Condition.ABSENT: "absent",
}
