"""When the hall cannot be heard: the terminal gives numbers of its own, and a citizen never gets two.

Precisely, for somebody who asks for a number:

* the link is known to be down: nothing is asked, an own number is given at once;
* the link goes down while the question is under way: after ``LINK_DOWN_S`` an own number is given in its place;
* the link is up and nothing answers: after ``NO_ANSWER_S`` likewise, and until the hall is heard again those who
  come next get theirs at once.

The own number bears the token of the question it stands in for. On the terminal one row of the outbox decides between
the two (``blocks``): if the answer has taken it out, no number is given and the answer, which is in the inbox, is
shown; if the number has, a late answer finds nobody and is dropped. In the hall one token is one visit
(``queue_server.domain.offline``): whatever it had given for the question gives way to the number on the paper.
Without a number left nothing is promised: the citizen is sent to the desk, and a question under way goes on.

A check-in by booking is not given a number: the terminal knows no bookings, and whoever is booked has a place already.
The page says so, and that a walk-in number can be had meanwhile.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import Effect, IssueOffline
from kiosk.events import BlocksChanged
from kiosk.flow.pages import Asking, Trouble
from kiosk.flow.state import Fresh, Kiosk, State, Wish

Step = tuple[State, tuple[Effect, ...]]

OUT_AFTER_S = 5.0
"""A line that is back sooner was never missed: the first page does not go for a moment."""
LINK_DOWN_S = 2.0
NO_ANSWER_S = 10.0


def unheard(kiosk: Kiosk) -> bool:
    """Whether the hall is known not to answer now. A terminal that is just starting knows nothing yet."""
    return kiosk.silent or (kiosk.link_known and not kiosk.link_up)


def has_numbers(kiosk: Kiosk) -> bool:
    return any(kiosk.own_numbers.values())


def all_out(kiosk: Kiosk) -> bool:
    """Whether nothing can be given or asked here now: the hall is not heard, and no number of one's own is left."""
    if not unheard(kiosk) or has_numbers(kiosk):
        return False
    down_since_s = kiosk.down_since_s
    return kiosk.link_up or (down_since_s is not None and kiosk.monotonic_s - down_since_s >= OUT_AFTER_S)


def linked(state: State, *, up: bool) -> State:
    """The link has come or gone."""
    kiosk = state.kiosk
    since = None if up else kiosk.down_since_s if kiosk.down_since_s is not None else kiosk.monotonic_s
    return replace(state, kiosk=replace(kiosk, link_up=up, link_known=True, down_since_s=since))


def blocks(state: State, event: BlocksChanged) -> State:
    return replace(state, kiosk=replace(state.kiosk, own_numbers=event.left))


def heard(state: State) -> State:
    """The hall has said something: those who come next are asked for again."""
    return replace(state, kiosk=replace(state.kiosk, silent=False)) if state.kiosk.silent else state


# --- giving ---------------------------------------------------------------------------------------------------


def take(state: State, wish: Wish) -> Step:
    """The hall is known not to answer: a number at once, or the desk."""
    if not has_numbers(state.kiosk):
        return state.go(Trouble("no-own-number")), ()
    asked = replace(state, session=replace(state.session, wish=wish)).go(Asking(state.kiosk.monotonic_s))
    return asked, (_issue(state.kiosk, wish, replaces=""),)


def check_in(state: State) -> State:
    """The terminal knows no bookings: said, with what can be done."""
    trouble = Trouble("check-in-offline")
    return state.swap(trouble) if isinstance(state.session.page, Trouble) else state.go(trouble)


def waited(state: State, page: Asking, fresh: Fresh) -> Step | None:
    """Time passes while a question is under way; None: it is still worth waiting."""
    kiosk, wish = state.kiosk, state.session.wish
    if wish is None or wish.kind != "take" or wish.own or not has_numbers(kiosk):
        return None
    down_s = kiosk.monotonic_s - max(page.since_s, kiosk.down_since_s or page.since_s)
    if not (not kiosk.link_up and down_s >= LINK_DOWN_S) and kiosk.monotonic_s - page.since_s < NO_ANSWER_S:
        return None
    own = replace(wish, id=fresh.request, own=True)
    state = replace(state, session=replace(state.session, wish=own))
    return state, (_issue(kiosk, own, replaces=wish.id),)


def _issue(kiosk: Kiosk, wish: Wish, *, replaces: str) -> IssueOffline:
    first = kiosk.catalogue.matters.get(wish.matters[0])
    return IssueOffline(
        request=wish.id,
        token=wish.token,
        matters=wish.matters,
        letter="" if first is None else first.group,
        lang=wish.lang,
        replaces=replaces,
        remote=wish.remote,
    )
