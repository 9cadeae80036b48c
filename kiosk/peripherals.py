"""How each fitted device is, for the heartbeat and for the flow; one record a device, the latest.

A device's health comes from its supervisor (the card reader's from its reading process). What its driver cannot
judge is added here: a panel whose door stands open, or whose tamper loop is broken, works, but not as it should.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from devices.events import Condition, Health, PanelChanged, PanelInput
from kiosk.events import DeviceChanged
from kiosk.flow.state import DEVICES
from queue_server.wire import messages as wire

ALARMS = {PanelInput.TAMPER: "tamper", PanelInput.DOOR: "door-open"}
"""What is told of the panel while the input is active, the graver first."""


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
        self._panel: wire.Peripheral | None = None
        self._alarms: dict[PanelInput, bool] = {}

    def health(self, health: Health) -> None:
        """A supervised device's health."""
        with self._lock:
            now = peripheral(health)
            if now.name == "panel":
                self._panel = now
                if now.condition == "absent":
                    self._alarms.clear()  # nothing watches the door now; what it was is not known
                now = self._panel_as_it_is(now)
            self._take(now)

    def panel(self, event: PanelChanged) -> None:
        """Door and tamper loop belong to the panel's health: the fleet hears of them at once."""
        with self._lock:
            if event.input in ALARMS and self._panel is not None:
                self._alarms[event.input] = event.active
                self._take(self._panel_as_it_is(self._panel))

    def take(self, now: wire.Peripheral) -> None:
        """A record that is ready for the wire."""
        with self._lock:
            self._take(now)

    def _panel_as_it_is(self, now: wire.Peripheral) -> wire.Peripheral:
        alarm = next((reason for what, reason in ALARMS.items() if self._alarms.get(what)), "")
        was = self._known.get("panel")
        if alarm:
            return msgspec.structs.replace(now, condition="degraded", reason=alarm, since=datetime.now(UTC))
        if was is not None and was.reason in ALARMS.values():  # well again since now, not since it was opened
            return msgspec.structs.replace(now, since=datetime.now(UTC))
        return now

    def _take(self, now: wire.Peripheral) -> None:
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
