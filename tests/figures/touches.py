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


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be touched after some letters: on the page of the letters, and on the first leaf of their results."""

    state: State
    here: frozenset[tuple[str, str]]
    results: frozenset[tuple[str, str]]


class Finger:
    """Finds matters by their letters on one panel. What stands there after the same letters is looked at once."""

    def __init__(self, site: Site, catalogue: wire.Catalogue) -> None:
        self._site = site
        letters = _walk(site, catalogue)(Touched("take-ticket"), Touched("search"))
        self._seen: dict[str, Seen] = {"": self._look(letters.state)}

    def searched(self, matter: wire.CatalogueMatter) -> Reached:
        """Its initials, letter by letter, until it is offered or, on a small panel, among the results' first leaf.

        Where others share all of its initials, its pinyin in full.
        """
        for text in (matter.initials, matter.pinyin.replace(" ", "")):
            found = self._by(text.lower(), matter)
            if found is not None:
                return found
        raise AssertionError(f"{matter.id} {matter.name_zh} is not found by its initials nor by its pinyin")

    def _by(self, text: str, matter: wire.CatalogueMatter) -> Reached | None:
        keys = [T9[letter] if self._site.compact else letter for letter in text[:LETTERS_MAX] if letter in T9]
        for typed in range(1, len(keys) + 1):
            seen = self._after("".join(keys[:typed]))
            if seen is None:
                return None
            walk = self._from(seen.state)
            if ("matter", matter.id) in seen.here:
                return _asked(walk, matter.id, 2, typed)
            if ("matter", matter.id) in seen.results:
                return _asked(walk(Touched("show-found")), matter.id, 3, typed)
        return None

    def _after(self, keys: str) -> Seen | None:
        """None: the last of these keys could not be touched."""
        known = self._seen.get(keys)
        if known is not None:
            return known
        before = self._after(keys[:-1])
        if before is None or ("key", keys[-1]) not in before.here:
            return None
        walk = self._from(before.state)(Touched("key", keys[-1]))
        seen = self._seen[keys] = self._look(walk.state)
        return seen

    def _look(self, state: State) -> Seen:
        here = frozenset((button.action, button.value) for button in offered(state))
        if not self._site.compact or ("show-found", "") not in here:
            return Seen(state, here, frozenset())
        results = self._from(state)(Touched("show-found"))
        return Seen(state, here, frozenset((button.action, button.value) for button in offered(results.state)))

    def _from(self, state: State) -> Walk:
        walk = Walk(self._site)
        walk.state = state
        return walk


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
