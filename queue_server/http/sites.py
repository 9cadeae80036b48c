"""The city's sites as the technician's pages show them: a clock, and which emergency stands where."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from queue_server.http.door import Door
from queue_server.http.orders_view import SiteLine, emergency_line


def wall(door: Door, at: datetime) -> str:
    """On the clock of the first hall's city: day only where it is not today."""
    zone = ZoneInfo(next(iter(door.plans.halls.values())).tz if door.plans.halls else "UTC")
    local, today = at.astimezone(zone), door.clock().astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"


def sites_now(door: Door) -> list[SiteLine]:
    """Every site that has a terminal. Blocks on the database."""
    lines = []
    for site in door.plans.sites.values():
        devices = [device.id for device in door.plans.devices.values() if device.site == site.id]
        if devices and door.commander is not None:
            stands = door.commander.standing(site.id)
            line = None if stands is None else emergency_line(stands, devices, lambda at: wall(door, at))
            lines.append(SiteLine(site.id, site.name_zh, site.name_en, len(devices), line))
    return lines
