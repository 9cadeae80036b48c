"""How far it is to a ticket: counted by a finger that may only touch what a view offers."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from firmware_cfg.load import load_profile
from kiosk.bench.search import catalogue as made
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
    finger = touches.Finger(site, catalogue)
    assert max(finger.searched(matter).touches for matter in catalogue.matters) <= 5


def test_so_does_any_of_a_thousand_here_a_sample(site: Site) -> None:
    thousand = made(1000)
    finger = touches.Finger(site, thousand)
    sample = random.Random(20261130).sample(thousand.matters, 40)
    assert max(finger.searched(matter).touches for matter in sample) <= 5


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2])
def test_so_does_each_of_a_thousand(site: Site, seed: int) -> None:
    thousand = made(1000, seed)
    finger = touches.Finger(site, thousand)
    assert {matter.id for matter in thousand.matters if finger.searched(matter).touches > 5} == set()


def test_without_a_printer_it_is_no_further(site: Site) -> None:
    bare = replace(site, fitted=frozenset())
    assert {way.touches for way in touches.hot(bare, shipped_catalogue()).values()} == {3}
