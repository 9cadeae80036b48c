"""How many touches it takes from the first page to a ticket, for each matter of a catalogue, through the real views.

The finger may only touch what a view offers. Letters typed are counted apart: nobody can know fewer of a name than
tell it from the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import events
from kiosk.events import Touched
from kiosk.flow import Site, State, pages
from kiosk.scenes import CARD, Walk, ticket
from kiosk.views import view
from kiosk.views.parts import Button
from queue_server.wire import messages as wire

T9 = {letter: digit for digit, letters in {
    "2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv", "9": "wxyz",
}.items() for letter in letters}  # fmt: skip
LETTERS_MAX = 40


@dataclass(frozen=True, slots=True)
class Reached:
    """``touches`` beside ``letters`` typed, from the first page until the number is asked for."""

    touches: int
    letters: int


def offered(state: State) -> list[Button]:
    """Every control of the page that can be touched now."""
    found: list[Button] = []

    def gather(value: object) -> None:
        if isinstance(value, Button):
            if value.enabled:
                found.append(value)
        elif isinstance(value, tuple):
            for part in value:
                gather(part)

    now = view(state)
    for name in now.__slots__:
        gather(getattr(now, name))
    return found


def can(state: State, action: str, value: str = "") -> bool:
    return any(button.action == action and button.value == value for button in offered(state))


def hot(site: Site, catalogue: wire.Catalogue) -> dict[str, Reached]:
    """Of each matter on the first page of matters: touch it, and ask for the number."""
    walk = _walk(site, catalogue)(Touched("take-ticket"))
    tops = [button.value for button in offered(walk.state) if button.action == "matter"]
    return {matter: _asked(_walk(site, catalogue)(Touched("take-ticket")), matter, 1, 0) for matter in tops}


def searched(site: Site, catalogue: wire.Catalogue, matter: wire.CatalogueMatter) -> Reached:
    """Its initials, letter by letter, until it is offered or, on a small panel, among the results' first leaf.

    Where others share all of its initials, its pinyin in full.
    """
    for text in (matter.initials, matter.pinyin.replace(" ", "")):
        found = _by(text.lower(), site, catalogue, matter)
        if found is not None:
            return found
    raise AssertionError(f"{matter.id} {matter.name_zh} is not found by its initials nor by its pinyin")


def _by(text: str, site: Site, catalogue: wire.Catalogue, matter: wire.CatalogueMatter) -> Reached | None:
    walk = _walk(site, catalogue)(Touched("take-ticket"), Touched("search"))
    for typed, letter in enumerate(text[:LETTERS_MAX], start=1):
        key = T9[letter] if site.compact else letter
        if not can(walk.state, "key", key):
            return None
        walk(Touched("key", key))
        if can(walk.state, "matter", matter.id):
            return _asked(walk, matter.id, 2, typed)
        if site.compact and can(walk.state, "show-found"):
            results = Walk(site)
            results.state = walk.state
            results.count = walk.count
            results(Touched("show-found"))
            if can(results.state, "matter", matter.id):
                return _asked(results, matter.id, 3, typed)
    return None


def booked(site: Site, catalogue: wire.Catalogue) -> int:
    """Touches of somebody with a booking who lays down a card: the ticket is there without any."""
    walk = _walk(site, catalogue)(CARD)
    walk(events.Replied(ticket(walk.wish, booked=True)))
    assert isinstance(walk.state.session.page, pages.Given)
    return 0


def _asked(walk: Walk, matter: str, before: int, letters: int) -> Reached:
    touches = before
    assert can(walk.state, "matter", matter)
    walk(Touched("matter", matter))
    touches += 1
    take = "take" if can(walk.state, "take") else "take-without-paper"
    assert can(walk.state, take)
    walk(Touched(take))
    touches += 1
    assert isinstance(walk.state.session.page, pages.Asking)
    return Reached(touches, letters)


def _walk(site: Site, catalogue: wire.Catalogue) -> Walk:
    return Walk(site).ready()(events.CatalogueChanged(catalogue))
