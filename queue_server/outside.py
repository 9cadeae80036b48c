"""The lines out of the house, each made where its address is configured: the city's platform, its offices, a gateway.

Raises BadConfig for an address to which what a line carries must not be sent.
"""

from __future__ import annotations

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


def inquiries(settings: Settings, desk: Desk, vault: Vault, clock: Clock, foretold: Foretold) -> Inquiries:
    """Who answers what changes nothing; without offices only tickets are known."""
    office = None
    if settings.records_url:
        try:
            office = HttpOffice(settings.records_url, settings.records_token)
        except ValueError as unfit:
            raise BadConfig(str(unfit)) from None
    look_ups = {m.id: m.look_up for m in load_catalogue().matters if m.look_up != "no"}
    return Inquiries(desk, vault, clock, office, foretold, look_ups)


def texter(settings: Settings, desk: Desk, phones: PhoneBook, clock: Clock) -> Texter | None:
    """Who tells phones, where there is a gateway."""
    if not settings.texts_url:
        return None
    try:
        gateway = HttpGateway(settings.texts_url, settings.texts_token)
    except ValueError as unfit:
        raise BadConfig(str(unfit)) from None
    return Texter(desk, phones, gateway, clock)


def city_line(settings: Settings, desk: Desk, vault: Vault, clock: Clock) -> CityLine | None:
    """The line to the city's booking platform, where there is one."""
    if not settings.city_url:
        return None
    try:
        platform = HttpPlatform(settings.city_url, settings.city_token)
    except ValueError as unfit:
        raise BadConfig(str(unfit)) from None
    return CityLine(desk, platform, vault, clock)
