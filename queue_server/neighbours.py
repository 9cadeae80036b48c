"""Where else: for each terminal the other halls with their coming hours and the other terminals, the nearest first.

Nearest by the places of the sites, as the crow flies; a site without a place comes after those with one, and among
such the plan's own order counts. The terminal's own site is nearer than any. A hall that is never open while all nearer
ones are closed is never the answer to "where is open now", so it is not told; what is told stays small in a city of
fifty halls. An outlet's own hall stands in another house, and so it is somewhere else, too. Nothing here depends on the
hour: the hours themselves are told, and what is told changes once a day.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from queue_server.domain import calendar
from queue_server.domain.model import HallPlan
from queue_server.plans import Plans
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
        self._openings: dict[str, list[wire.Opening]] = {}

    def news(self, now: datetime, shut: Collection[str] = (), *, anew: bool = False) -> list[tuple[str, bytes]]:
        """Topic and body for every terminal to which something has changed; ``anew``: for every terminal.

        ``shut``: halls whose day was ended by hand, before its time.
        """
        openings = {name: openings_of(plan, now, shut=name in shut) for name, plan in self._plans.halls.items()}
        if openings == self._openings and not anew:
            return []
        self._openings = openings
        halls: dict[tuple[str, tuple[str, ...]], list[wire.NearHall]] = {}
        kiosks: dict[str, list[wire.NearKiosk]] = {}
        news = []
        for device in self._plans.devices.values():
            place = (device.site, device.halls)
            if place not in halls:
                halls[place] = near_halls(self._plans, *place, openings)
            if device.site not in kiosks:
                kiosks[device.site] = near_kiosks(self._plans, device.site)
            others = [one for one in kiosks[device.site] if one.kiosk != device.id][:KIOSKS_MOST]
            body = _encode(wire.Near(halls=halls[place], kiosks=others))
            if anew or body != self._told.get(device.id):
                self._told[device.id] = body
                news.append((topics.site_down(device.site, device.id, "near"), body))
        return news


def near_halls(
    plans: Plans, site: str, own: Collection[str], openings: Mapping[str, list[wire.Opening]]
) -> list[wire.NearHall]:
    """The halls around ``site`` but those of its own that stand on it; ``own`` in another house is told in any case."""
    far = _distances(plans, site)
    others = [hall for hall in plans.halls.values() if hall.id not in own or hall.site != site]
    others.sort(key=lambda hall: _rank(hall.site == site, far[hall.site]))
    halls: list[wire.NearHall] = []
    covered: list[Span] = []
    for hall in others:
        spans = [(one.opens, one.closes) for one in openings[hall.id]]
        spare = len(halls) >= HALLS_MOST or all(_within(span, covered) for span in spans)
        if spare and hall.id not in own:
            continue
        covered = joined((*covered, *spans))
        names = (hall.id, hall.name_zh, hall.name_en, hall.address_zh)
        halls.append(wire.NearHall(*names, openings[hall.id], metres=far[hall.site]))
    return halls


def near_kiosks(plans: Plans, site: str) -> list[wire.NearKiosk]:
    """The terminals around ``site`` and on it, one more than is told: the one that is told is no news to itself."""
    far = _distances(plans, site)
    terminals = sorted(plans.devices.values(), key=lambda one: _rank(one.site == site, far[one.site]))
    return [
        wire.NearKiosk(one.id, there.name_zh, there.name_en, one.place_zh, metres=far[one.site])
        for one in terminals[: KIOSKS_MOST + 1]
        for there in (plans.sites[one.site],)
    ]


def _distances(plans: Plans, site: str) -> dict[str, int | None]:
    return {other: metres(plans, site, other) for other in plans.sites}


def openings_of(plan: HallPlan, now: datetime, *, shut: bool = False) -> list[wire.Opening]:
    """From the begin of the hall's day, so that it changes at midnight only; over midnight the doors stay open.

    ``shut``: today they do not open any more.
    """
    today = calendar.business_date(plan, now)
    spans: list[Span] = []
    for ahead in range(shut, DAYS_MOST):
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
