"""How an answer finds its forecast: by the windows that serve the ticket, its kind and its class."""

from __future__ import annotations

from queue_server.domain.model import Kind, MatterClass

SLOT_AHEAD_MIN = (0.0, 10.0, 20.0)
"""How long before the slot a booked citizen may check in: the cases that are tried."""


def nearest_ahead(ahead_min: float) -> float:
    return min(SLOT_AHEAD_MIN, key=lambda one: abs(one - ahead_min))


def probe_key(windows: int, kind: Kind, matter_class: MatterClass, ahead_min: float = 0.0) -> str:
    """``windows`` are bits of the hall's floor."""
    place = nearest_ahead(ahead_min) if kind is Kind.APPOINTMENT else 0.0
    return f"{windows:x}/{kind.value}/{matter_class.value}/{place:g}"
