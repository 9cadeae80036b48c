"""How a matter can go on, and only what is possible: now, later, here, by video, for somebody else.

``possible`` is asked by the confirm page and by what its touches do, so that nothing is offered that does not work.
A way that another business leads to is entered in ``POSSIBLE`` by that business, together with its touch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from kiosk.events import Touched
from kiosk.flow import asking, booking, proxy, record
from kiosk.flow.asking import Step
from kiosk.flow.pages import Checklist, Confirm, Missing, OtherWays
from kiosk.flow.state import Fresh, State
from queue_server.wire import messages as wire

Matters = tuple[wire.CatalogueMatter, ...]
WaysPage = Confirm | OtherWays | Missing | Checklist
NOTHING = "无"


def known(state: State, names: tuple[str, ...]) -> Matters:
    """Of these matters those that the catalogue has (still)."""
    matters = state.kiosk.catalogue.matters
    return tuple(matters[name] for name in names if name in matters)


def is_closed(state: State) -> bool:
    """The hall is known to give no numbers now."""
    kiosk = state.kiosk
    return kiosk.link_up and kiosk.outlook is not None and not kiosk.outlook.open


def _book(state: State, matters: Matters) -> bool:
    return state.kiosk.link_up and bool(matters) and all(matter.bookable for matter in matters)


def _remote(state: State, matters: Matters) -> bool:
    """Where this place can speak by video, and a window that serves by video is staffed now."""
    kiosk = state.kiosk
    staffed = kiosk.outlook.remote_open if kiosk.outlook is not None and kiosk.link_up else None
    reachable = bool(kiosk.site.remote_zh and staffed) and not is_closed(state)
    return reachable and bool(matters) and all(matter.remote_ok for matter in matters)


def papers_of(matter: wire.CatalogueMatter) -> list[wire.Paper]:
    """The checklist; an older catalogue's lines say 免交 in words."""
    if matter.papers:
        return matter.papers
    return [wire.Paper(line, free="free" if "免交" in line else "") for line in matter.materials_zh if line != NOTHING]


def _needs_papers(_state: State, matters: Matters) -> bool:
    return any(not paper.free for matter in matters for paper in papers_of(matter))


def _proxy(state: State, matters: Matters) -> bool:
    """Also where the matter must be done in person: why, and what else can be done, is said then."""
    return not is_closed(state) and bool(matters)


POSSIBLE: Mapping[str, Callable[[State, Matters], bool]] = MappingProxyType({
    "missing": _needs_papers,
    "book": _book,
    "self-service": record.offered,
    "take-remote": _remote,
    "proxy": _proxy,
})  # fmt: skip
"""The ways beside a number, in the order in which they are shown."""


def possible(state: State, names: tuple[str, ...]) -> tuple[str, ...]:
    matters = known(state, names)
    return tuple(way for way, can in POSSIBLE.items() if can(state, matters))


def touched(state: State, page: WaysPage, touch: Touched, fresh: Fresh) -> Step:
    guide = isinstance(page, Confirm) and page.guide
    match touch.action:
        case "take-ticket" if guide:
            return state.go(Confirm(page.matters)), ()
        case "checklist":
            return state.go(Checklist(page.matters)), ()
        case _ if guide:
            return state, ()
        case "take" | "take-without-paper" if not is_closed(state):
            return asking.take(state, page.matters, paper=touch.action == "take", fresh=fresh)
        case "other-ways" if isinstance(page, Confirm):
            return state.go(OtherWays(page.matters)), ()
        case way if way not in possible(state, page.matters):
            return state, ()
        case "self-service":
            return record.begin(state, page.matters[0]), ()
        case "take-remote":
            return asking.take(state, page.matters, paper=True, fresh=fresh, remote=True)
        case "missing" if not isinstance(page, Missing):
            return state.go(Missing(page.matters)), ()
        case "proxy":
            return proxy.begin(state, page.matters), ()
        case "book":
            state = replace(state, session=replace(state.session, later=True))
            return booking.ask_days(state, page.matters, fresh)
    return state, ()
