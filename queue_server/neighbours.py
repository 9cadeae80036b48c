"""Where else: for each terminal the other halls with their coming hours and the other terminals, the nearest first.

Nearest by the places of the sites, as the crow flies; a site without a place comes after those with one, and among
such the plan's own order counts. The terminal's own site is nearer than any. A hall that is never open while all nearer
ones are closed is never the answer to "where is open now", so it is not told; what is told stays small in a city of
fifty halls. Nothing here depends on the hour: the hours themselves are told, and what is told changes once a day.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import msgspec

from queue_server.domain import calendar
from queue_server.domain.model import HallPlan
from queue_server.plans import DevicePlan, Plans
from queue_server.wire import messages as wire
from queue_server.wire import topics

HALLS_MOST, KIOSKS_MOST = 10, 4
DAYS = 4
"""Openings of so many days are told; more only until a hall opens at all, over a long holiday."""
DAYS_MOST = 30
EARTH_M = 6_371_000.0

Span = tuple[datetime, datetime]
_encode = msgspec.json.Encoder().encode


class Neighbours:
    """What was told last to each terminal is remembered, so that only news is told. One thread."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._told: dict[str, bytes] = {}

    def news(self, now: datetime, *, anew: bool = False) -> list[tuple[str, bytes]]:
        """Topic and body for every terminal to which something has changed; ``anew``: for every terminal."""
        openings = {name: openings_of(plan, now) for name, plan in self._plans.halls.items()}
        news = []
        for device in self._plans.devices.values():
            body = _encode(near(self._plans, device, openings))
            if anew or body != self._told.get(device.id):
                self._told[device.id] = body
                news.append((topics.site_down(device.site, device.id, "near"), body))
        return news


def near(plans: Plans, device: DevicePlan, openings: dict[str, list[wire.Opening]]) -> wire.Near:
    """What lies around ``device``; ``openings`` by hall."""
    far = partial(metres, plans, device.site)
    others = [hall for hall in plans.halls.values() if hall.id not in device.halls]
    others.sort(key=lambda hall: _rank(hall.site == device.site, far(hall.site)))
    halls: list[wire.NearHall] = []
    covered: list[Span] = []
    for hall in others:
        spans = [(one.opens, one.closes) for one in openings[hall.id]]
        if len(halls) == HALLS_MOST or all(_within(span, covered) for span in spans):
            continue
        covered = joined((*covered, *spans))
        halls.append(
            wire.NearHall(
                hall.id, hall.name_zh, hall.name_en, hall.address_zh, openings[hall.id], metres=far(hall.site)
            )
        )
    terminals = [other for other in plans.devices.values() if other.id != device.id]
    terminals.sort(key=lambda other: _rank(other.site == device.site, far(other.site)))
    kiosks = [
        wire.NearKiosk(other.id, site.name_zh, site.name_en, other.place_zh, metres=far(other.site))
        for other in terminals[:KIOSKS_MOST]
        for site in (plans.sites[other.site],)
    ]
    return wire.Near(halls=halls, kiosks=kiosks)


def openings_of(plan: HallPlan, now: datetime) -> list[wire.Opening]:
    """From the begin of the hall's day, so that it changes at midnight only; over midnight the doors stay open."""
    today = calendar.business_date(plan, now)
    spans: list[Span] = []
    for ahead in range(DAYS_MOST):
        if ahead >= DAYS and spans:
            break
        spans += calendar.openings(plan, today + timedelta(days=ahead))
    return [wire.Opening(opens, closes) for opens, closes in joined(spans)]


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order, and as one where they touch."""
    found: list[Span] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return found


def metres(plans: Plans, site: str, other: str) -> int | None:
    """From one site to another on the sphere; None where the plan does not say both places."""
    one, two = plans.sites[site].place, plans.sites[other].place
    if site == other:
        return 0
    if one is None or two is None:
        return None
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (one, two))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return round(2 * EARTH_M * math.asin(math.sqrt(min(1.0, half))))


def _rank(here: bool, far: int | None) -> tuple[bool, bool, int]:  # noqa: FBT001
    return not here, far is None, far or 0


def _within(span: Span, covered: list[Span]) -> bool:
    return any(opens <= span[0] and span[1] <= closes for opens, closes in covered)
