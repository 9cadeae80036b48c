"""The list of terminals as a technician reads it: state, owner, peripherals, paper. Nothing about citizens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from queue_server.fleet.terminal import DeviceView, alarms
from queue_server.http import words
from queue_server.http.orders_view import NOTES, SiteLine
from queue_server.wire.messages import Peripheral

LOW_PAPER_PERCENT = 20
KEY_SIGNS = 16
"""So much of a key is shown: enough to compare it with the terminal's own page."""


class PeripheralLine(msgspec.Struct, frozen=True):
    name_zh: str
    name_en: str
    model: str
    level: str
    """ok, warn, bad or off: the pill's colour; the words beside it say the same."""
    condition_zh: str
    condition_en: str
    since: str
    reason_zh: str
    reason_en: str
    reason: str
    paper: str


class DeviceLine(msgspec.Struct, frozen=True):
    id: str
    place: str
    owner: str
    owner_phone: str
    level: str
    state_zh: str
    state_en: str
    since: str
    seen: str
    """When the last sign of life came, ISO, for the page's running age; empty if never."""
    age_s: int
    version: str
    model: str
    profile: str
    outbox: int
    reason_zh: str
    reason_en: str
    peripherals: list[PeripheralLine]
    alarms: list[tuple[str, str]] = []
    """What else somebody should look at, in words."""
    key: str = ""
    """The first signs of the key by which its off-line tickets are believed."""
    offered_key: str = ""
    """Another key that it shows, whole: to be confirmed or looked into."""


class FleetView(msgspec.Struct, frozen=True):
    total: int
    online: int
    trouble: int
    offline: int
    devices: list[DeviceLine]
    sites: list[SiteLine] = []


_LEVEL = {"ok": "ok", "starting": "info", "degraded": "warn", "absent": "bad"}
_WHY_LOST = {"will": ("断线", "connection broke"), "silence": ("75 秒无心跳", "silent for 75 s")}


def fleet_view(
    devices: list[DeviceView], now: datetime, wall: Callable[[datetime], str], sites: list[SiteLine] | None = None
) -> FleetView:
    """``wall`` shows a moment on the site's clock. Trouble counts those of the living with a bad peripheral."""
    lines = [device_line(d, now, wall) for d in devices]
    return FleetView(
        total=len(lines),
        online=sum(1 for d in devices if d.alive),
        trouble=sum(1 for d in devices if d.alive and _troubled(d, now)),
        offline=sum(1 for d in devices if not d.alive),
        devices=sorted(lines, key=lambda d: ({"bad": 0, "warn": 1, "off": 2}.get(d.level, 3), d.id)),
        sites=sites or [],
    )


def _troubled(device: DeviceView, now: datetime) -> bool:
    return bool(device.trouble) or device.state == "alert" or bool(alarms(device, now)) or bool(device.offered_key)


def device_line(device: DeviceView, now: datetime, wall: Callable[[datetime], str]) -> DeviceLine:
    """One terminal as it is now."""
    state_zh, state_en = words.DEVICE_STATES.get(device.state, (device.state, device.state))
    level = "bad" if device.state in ("lost", "alert") else "off" if not device.alive else "ok"
    if device.alive and device.trouble:
        level, state_zh, state_en = "warn", "在线，外设异常", "Online, peripheral trouble"
    loud = [NOTES[code] for code in alarms(device, now)]
    if loud and level == "ok":
        level, (state_zh, state_en) = "warn", ("在线，有告警", "Online, an alarm")
    if device.offered_key:
        level, state_zh, state_en = "bad", "密钥已更换，待确认", "Key changed, to be confirmed"
    why_zh, why_en = _WHY_LOST.get(device.reason, (device.reason, device.reason))
    at = device.registration
    return DeviceLine(
        id=device.id,
        place=at.place_zh,
        owner=at.owner,
        owner_phone=at.owner_phone,
        level=level,
        state_zh=state_zh,
        state_en=state_en,
        since=wall(device.since) if device.since else "",
        seen=device.last_seen.isoformat() if device.last_seen else "",
        age_s=int((now - device.last_seen).total_seconds()) if device.last_seen else -1,
        version=device.version,
        model=device.model,
        profile=device.profile,
        outbox=device.outbox,
        reason_zh=why_zh,
        reason_en=why_en,
        alarms=loud,
        peripherals=[_peripheral(p, wall, alive=device.alive) for p in device.peripherals],
        key=device.key[:KEY_SIGNS],
        offered_key=device.offered_key,
    )


def _peripheral(p: Peripheral, wall: Callable[[datetime], str], *, alive: bool) -> PeripheralLine:
    """One line of a terminal's table; of a silent terminal it says what was known last, and in grey."""
    name_zh, name_en = words.PERIPHERALS.get(p.name, (p.name, p.name))
    zh, en = words.CONDITIONS[p.condition]
    low = p.paper_percent is not None and p.paper_percent < LOW_PAPER_PERCENT
    reason_zh, reason_en = words.REASONS.get(p.reason, (p.reason, p.reason))
    level = _LEVEL[p.condition]
    if low and p.condition == "ok":
        level, (zh, en) = "warn", words.REASONS["paper-low"]
    if not alive:
        level, zh, en = "off", f"此前{zh}", f"Was: {en}"
    return PeripheralLine(
        name_zh=name_zh,
        name_en=name_en,
        model=p.model,
        level=level,
        condition_zh=zh,
        condition_en=en,
        since=wall(p.since),
        reason_zh=reason_zh,
        reason_en=reason_en,
        reason=p.reason,
        paper="" if p.paper_percent is None else f"{p.paper_percent}%",
    )
