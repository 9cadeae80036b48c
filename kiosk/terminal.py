"""What a terminal says of itself to its site: birth, heartbeat, and when a change of its devices is worth one."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from firmware_cfg.profile import Profile
from queue_server.wire import messages as wire


def birth(
    profile: Profile,
    session: str,
    at: datetime,
    peripherals: list[wire.Peripheral],
    catalogue_version: str,
    *,
    key: str = "",
    technician: str = "",
) -> wire.Birth:
    """Who this terminal is and who answers for it; sent on every connection. ``technician``: the sealed secret."""
    return wire.Birth(
        session=session,
        at=at,
        model=model(),
        version=version(),
        profile=profile.name[:64],
        owner=profile.kiosk.owner,
        owner_phone=profile.kiosk.owner_phone,
        peripherals=peripherals,
        catalogue_version=catalogue_version,
        key=key,
        technician=technician,
    )


def essence(peripherals: Sequence[wire.Peripheral]) -> list[tuple[object, ...]]:
    """What is worth a heartbeat of its own: not the counters, not a time."""
    return [(p.name, p.condition, p.reason, p.model, p.paper_percent) for p in peripherals]


def model() -> str:
    """The board's own name on a Raspberry Pi, else the machine's kind."""
    with suppress(OSError):
        return Path("/proc/device-tree/model").read_text(encoding="utf-8").strip("\x00 \n")[:64]
    return f"{platform.system()} {platform.machine()}"[:64]


def version() -> str:
    """The installed version of this software; ``unknown`` where it runs from a checkout without being installed."""
    try:
        return importlib.metadata.version("jiaohao")[:64]
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
