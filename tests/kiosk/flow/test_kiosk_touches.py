"""How far it is to a ticket: counted by a finger that may only touch what a view offers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_cfg.load import load_profile
from kiosk.flow import Site
from kiosk.scenes import shipped_catalogue
from kiosk.site import site_of
from tests.figures import touches


@pytest.fixture(params=["demo", "outlet-7in"])
def site(request: pytest.FixtureRequest) -> Site:
    return site_of(load_profile(request.param))


def test_the_matters_most_people_come_for_take_three_touches(site: Site) -> None:
    reached = touches.hot(site, shipped_catalogue())
    assert len(reached) == (4 if site.compact else 6)
    assert {way.touches for way in reached.values()} == {3}


def test_who_has_booked_touches_nothing(site: Site) -> None:
    assert touches.booked(site, shipped_catalogue()) == 0


def test_every_matter_takes_at_most_five_touches_beside_its_letters(site: Site) -> None:
    catalogue = shipped_catalogue()
    assert max(touches.searched(site, catalogue, matter).touches for matter in catalogue.matters) <= 5


def test_without_a_printer_it_is_no_further(site: Site) -> None:
    bare = replace(site, fitted=frozenset())
    assert {way.touches for way in touches.hot(bare, shipped_catalogue()).values()} == {3}
