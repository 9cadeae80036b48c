"""The scenes of what the server orders: emergencies, a terminal that is closed or being mended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kiosk.events import Ordered
from kiosk.flow import Site, State
from kiosk.scenes.walk import NOW, TAKE, Walk
from queue_server.wire import messages as wire


def order(make: Any, serial: int = 1, *, minutes: float = 60, **more: Any) -> Ordered:
    """An order as it comes out of ``kiosk.orders``, good for ``minutes`` from NOW."""
    head = {"id": f"order-{serial}", "site": "xinghe", "device": "*", "serial": serial, "issued_at": NOW}
    return Ordered(make(**head, expires_at=NOW + timedelta(minutes=minutes), **more))


def orders(site: Site) -> dict[str, State]:
    def walk(*happened: Any) -> State:
        return Walk(site).ready()(*happened).state

    return {
        "emergency-fire": walk(*TAKE, order(wire.Emergency, danger="fire")),
        "emergency-closing": walk(order(wire.Emergency, danger="closing")),
        "emergency-other": walk(
            order(
                wire.Emergency,
                danger="other",
                zh="自来水管破裂，一楼积水，请从二楼连廊离开",
                en="A water pipe has burst on the ground floor. Leave over the bridge on the second floor.",
            )
        ),
        "emergency-longest": walk(
            order(
                wire.Emergency,
                danger="other",
                zh="附近施工挖断了燃气管道，请马上从北门离开，不要打电话，不要开关电器，到北门外的空地集合等候",
                en="A gas pipe was broken near here. Leave by the north gate now. Touch no switch, use no phone. "
                "Meet outside the gate.",
            )
        ),
        "shut-closed": walk(order(wire.SetMode, mode="closed")),
        "shut-maintenance": walk(order(wire.SetMode, mode="maintenance")),
    }
