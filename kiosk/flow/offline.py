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

Who is booked is given a number, too: the terminal knows no bookings, so it believes the citizen, who chooses what for
or goes straight to the enquiry's line. The ticket is handed in with the word, the booking's code or the sealed card; in
the hall it becomes the appointment's check-in, at the time on the paper. Nothing of that is in the signed code. Where
the check-in was under way already, its number stands in for that question like any other's, and where the hall is
heard again before one is given, the check-in itself is asked.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import Effect, IssueOffline
from kiosk.events import BlocksChanged
from kiosk.flow.pages import Asking, SaysBooked, Trouble
from kiosk.flow.state import Claim, Fresh, Kiosk, State, Wish

Step = tuple[State, tuple[Effect, ...]]

OUT_AFTER_S = 5.0
"""A line that is back sooner was never missed: the first page does not go for a moment."""
UNHEARD_S = 120.0
"""A hall tells how full it is at least every half minute; one that has not for so long stands behind a dead line."""
LINK_DOWN_S = 2.0
NO_ANSWER_S = 10.0


def unheard(kiosk: Kiosk) -> bool:
    """Whether the hall is known not to answer now. A terminal that is just starting knows nothing yet."""
    return kiosk.silent or (kiosk.link_known and not kiosk.link_up)


def has_numbers(kiosk: Kiosk) -> bool:
    return any(kiosk.own_numbers.values())


def all_out(kiosk: Kiosk) -> bool:
    """Whether nothing can be given or asked here now: the hall is not heard, and no number of one's own is left."""
    if has_numbers(kiosk):
        return False
    if kiosk.link_up:
        quiet_s = 0.0 if kiosk.heard_s is None else kiosk.monotonic_s - kiosk.heard_s
        return kiosk.silent or quiet_s >= UNHEARD_S
    return kiosk.down_since_s is not None and kiosk.monotonic_s - kiosk.down_since_s >= OUT_AFTER_S


def linked(state: State, *, up: bool) -> State:
    """The link has come or gone."""
    kiosk = state.kiosk
    since = None if up else kiosk.down_since_s if kiosk.down_since_s is not None else kiosk.monotonic_s
    heard_s = kiosk.monotonic_s if up else None  # a line that has just come is given its time
    return replace(state, kiosk=replace(kiosk, link_up=up, link_known=True, down_since_s=since, heard_s=heard_s))


def blocks(state: State, event: BlocksChanged) -> State:
    return replace(state, kiosk=replace(state.kiosk, own_numbers=event.left))


def heard(state: State) -> State:
    """The hall has said something: those who come next are asked for again."""
    return replace(state, kiosk=replace(state.kiosk, silent=False, heard_s=state.kiosk.monotonic_s))


# --- giving ---------------------------------------------------------------------------------------------------


def take(state: State, wish: Wish) -> Step:
    """The hall is known not to answer: a number at once, or the desk."""
    if not has_numbers(state.kiosk):
        return state.go(Trouble("no-own-number")), ()
    asked_for = under_way(state)
    if asked_for is not None:
        wish = replace(wish, token=asked_for.token)
    wish = replace(wish, own=True)
    asked = replace(state, session=replace(state.session, wish=wish)).go(Asking(state.kiosk.monotonic_s))
    return asked, (_issue(state.kiosk, wish, replaces="" if asked_for is None else asked_for.id),)


def check_in(state: State, claim: Claim) -> State:
    """The terminal knows no bookings, and believes who says to be booked; without a number left, the desk."""
    if not has_numbers(state.kiosk):
        trouble = Trouble("check-in-offline")
        return state.swap(trouble) if isinstance(state.session.page, Trouble) else state.go(trouble)
    state = replace(state, session=replace(state.session, claim=claim))
    return state.swap(SaysBooked()) if isinstance(state.session.page, SaysBooked | Trouble) else state.go(SaysBooked())


def under_way(state: State) -> Wish | None:
    """The check-in that was asked and has no answer, while its citizen is on the way to an own number."""
    wish = state.session.wish
    return wish if state.session.claim is not None and wish is not None and wish.kind == "check-in" else None


def followed(state: State) -> State:
    """After each step: whoever leaves that way leaves no word behind on it."""
    session = state.session
    if session.claim is None or any(isinstance(page, SaysBooked) for page in (*session.trail, session.page)):
        return state
    return replace(state, session=replace(session, claim=None))


def waited(state: State, page: Asking, fresh: Fresh) -> Step | None:
    """Time passes while a question is under way; None: it is still worth waiting."""
    kiosk, wish = state.kiosk, state.session.wish
    if wish is None or wish.kind not in {"take", "check-in"} or wish.own or not has_numbers(kiosk):
        return None
    down_s = kiosk.monotonic_s - max(page.since_s, kiosk.down_since_s or page.since_s)
    if not (not kiosk.link_up and down_s >= LINK_DOWN_S) and kiosk.monotonic_s - page.since_s < NO_ANSWER_S:
        return None
    if wish.kind == "check-in":
        if wish.claim is None:
            return None
        state = replace(state, kiosk=replace(kiosk, silent=kiosk.link_up))
        return replace(state, session=replace(state.session, claim=wish.claim)).swap(SaysBooked()), ()
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
        claim=None if wish.claim is None else wish.claim.wired,
        for_other=wish.for_other,
    )
