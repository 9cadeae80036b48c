"""The lines out of the house, each made where its address is configured: the city's platform, its offices, a gateway.

Raises BadConfig for an address to which what a line carries must not be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from firmware_cfg.catalogue import load_catalogue
from queue_server.adapters.city_http import HttpPlatform
from queue_server.adapters.city_line import CityLine
from queue_server.adapters.records_http import HttpOffice
from queue_server.adapters.texts import HttpGateway
from queue_server.clock import Clock
from queue_server.config import BadConfig, Settings
from queue_server.desk import Desk
from queue_server.forecast.foretold import Foretold
from queue_server.inquiries import Inquiries
from queue_server.people.phones import PhoneBook
from queue_server.people.vault import Vault
from queue_server.texter import Texter

T = TypeVar("T")


def _line(make: Callable[[str, str], T], url: str, token: str) -> T | None:
    """The client's end of a line, where it has an address. Raises BadConfig for one that is unfit."""
    if not url:
        return None
    try:
        return make(url, token)
    except ValueError as unfit:
        raise BadConfig(str(unfit)) from None


def inquiries(settings: Settings, desk: Desk, vault: Vault, clock: Clock, foretold: Foretold) -> Inquiries:
    """Who answers what changes nothing; without offices only tickets are known."""
    office = _line(HttpOffice, settings.records_url, settings.records_token)
    look_ups = {m.id: m.look_up for m in load_catalogue().matters if m.look_up != "no"}
    return Inquiries(desk, vault, clock, office, foretold, look_ups)


def texter(settings: Settings, desk: Desk, phones: PhoneBook, clock: Clock) -> Texter | None:
    """Who tells phones, where there is a gateway."""
    gateway = _line(HttpGateway, settings.texts_url, settings.texts_token)
    return None if gateway is None else Texter(desk, phones, gateway, clock)


def city_line(settings: Settings, desk: Desk, vault: Vault, clock: Clock) -> CityLine | None:
    """The line to the city's booking platform, where there is one."""
    platform = _line(HttpPlatform, settings.city_url, settings.city_token)
    return None if platform is None else CityLine(desk, platform, vault, clock)
