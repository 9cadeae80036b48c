"""The sites this server knows: halls, windows, terminals and who answers for each terminal.

Loaded from TOML by ``config``. A terminal without a named owner cannot be registered (沪府办发 and Changning
2023 二(二)1: the street or centre is 第一责任人 for its terminals).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from queue_server.domain.model import HallPlan


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """A registered terminal: its broker user name is ``id``; it may speak for ``halls`` only."""

    id: str
    site: str
    halls: tuple[str, ...]
    owner: str
    owner_phone: str
    place_zh: str = ""


@dataclass(frozen=True, slots=True)
class SitePlan:
    """A centre, a residents' committee outlet or a 24-hour zone."""

    id: str
    name_zh: str
    name_en: str
    devices: tuple[DevicePlan, ...] = ()
    place: tuple[float, float] | None = None
    """Latitude and longitude in degrees (WGS 84), if the plan says them."""


@dataclass(frozen=True, slots=True)
class Plans:
    """Everything that is configured about the city: what ``config.load_plans`` returns."""

    sites: dict[str, SitePlan] = field(default_factory=dict)
    halls: dict[str, HallPlan] = field(default_factory=dict)
    devices: dict[str, DevicePlan] = field(default_factory=dict)
