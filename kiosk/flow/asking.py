"""Wishes: what is asked of the hall, what comes back, and what is printed of it.

A wish has one request id for ever; the outbox sends it until it is answered, so a slow server, a lost link
or a second tap cannot make two tickets. A citizen who leaves before the answer keeps the wish: its ticket
is printed when it comes, and the start page says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from devices.printer.slip import Slip
from kiosk.effects import Effect, EndSession, Print, Send
from kiosk.flow import offline
from kiosk.flow.pages import (
    Asking,
    Attract,
    Booked,
    CardLeft,
    Covered,
    Emergency,
    Given,
    OnList,
    Page,
    Printing,
    Refusal,
    Several,
    Shut,
    Start,
    Trouble,
)
from kiosk.flow.state import KEPT_ANSWERS, Card, Claim, Fresh, Kiosk, LeftCard, Notice, Session, State, Wish
from kiosk.slips import own_slip, ticket_slip
from queue_server.wire import messages as wire

Step = tuple[State, tuple[Effect, ...]]

NOTICE_S = 60.0
PATIENCE_S = 600.0
"""How long a wish is worth asking again: as long as the outbox keeps it (``kiosk.resend.PATIENCE``)."""
QUESTION_S = 60.0
"""The same of a question (``kiosk.resend.PATIENCE_QUESTION``): who reads a list does not wait ten minutes for it."""
_KNOWN: dict[str, Printing] = {"printed": "printed", "sent": "sent", "failed": "failed"}


def take(
    state: State,
    matters: tuple[str, ...],
    *,
    paper: bool,
    fresh: Fresh,
    remote: bool = False,
    for_other: wire.ForOther | None = None,
) -> Step:
    """Ask for a number; ``remote``: to be served by video from here; ``for_other``: for somebody else."""
    session, claim = state.session, state.session.claim
    wish = Wish(
        fresh.request,
        "take" if claim is None else "check-in",
        paper,
        session.lang,
        matters,
        remote=remote,
        token=fresh.token,
        claim=claim,
        for_other=for_other,
    )
    if offline.unheard(state.kiosk):
        return offline.take(state, wish)
    if claim is not None and for_other is None:
        return _check_in_after_all(state, claim, fresh)
    request = wire.TakeTicket(
        id=fresh.request,
        matters=list(matters),
        token=fresh.token,
        lang=session.lang,
        place="remote" if remote else "here",
        for_other=for_other,
    )
    return ask(state, request, wish)


def check_in(
    state: State,
    fresh: Fresh,
    *,
    code: str | None = None,
    person: str | None = None,
    appointment: str | None = None,
    card: Card | None = None,
    elsewhere: bool = False,
) -> Step:
    """Ask for the number of an appointment: by exactly one of booking code, sealed person, choice.

    ``elsewhere``: the code names another hall, and only where that is can be the answer.
    """
    session = state.session
    if offline.under_way(state) is not None:
        return state, ()
    said = Claim(code or "", person or ("" if code else session.person or ""))
    if offline.unheard(state.kiosk):
        return offline.check_in(state, said), ()
    request = wire.CheckIn(
        id=fresh.request, token=fresh.token, code=code, person=person, appointment=appointment, lang=session.lang
    )
    wish = Wish(
        fresh.request,
        "check-in",
        paper=True,
        lang=session.lang,
        token=fresh.token,
        elsewhere=elsewhere,
        claim=None if elsewhere or said == Claim() else said,
    )
    session = replace(session, card=card or session.card, person=person or session.person)
    return ask(replace(state, session=session), request, wish)


def _check_in_after_all(state: State, claim: Claim, fresh: Fresh) -> Step:
    """The hall is heard again before a number of the terminal's own was given: it is a check-in like any other."""
    if offline.under_way(state) is not None:
        return state.go(Asking(state.kiosk.monotonic_s)), ()
    if claim.code:
        return check_in(state, fresh, code=claim.code)
    return check_in(state, fresh, person=claim.person)


def ask(state: State, request: wire.AnyRequest, wish: Wish) -> Step:
    """Put ``request`` under way and show that it is."""
    asked = replace(state, session=replace(state.session, wish=wish)).go(Asking(state.kiosk.monotonic_s))
    return asked, (Send(state.kiosk.site.hall, request),)


def replied(state: State, reply: wire.AnyReply, fresh: Fresh) -> Step:
    """An answer has come: for this citizen, for one who has left, or for one before a restart."""
    kiosk = state.kiosk
    if reply.id in kiosk.answered:
        return state, ()
    state = noted(state, reply)
    wish = state.session.wish
    if wish is not None and wish.id == reply.id:
        return _for_citizen(replace(state, session=replace(state.session, wish=None)), wish, reply, fresh)
    kept = next((left for left in kiosk.left if left.id == reply.id), None)
    if kept is not None:
        state = replace(state, kiosk=replace(state.kiosk, left=tuple(x for x in kiosk.left if x is not kept)))
        return _for_left(state, reply, fresh, again=False) if kept.paper else (state, ())
    # Asked before this kiosk was restarted: whether it had been printed is not known.
    return _for_left(state, reply, fresh, again=True)


def noted(state: State, reply: wire.AnyReply) -> State:
    """The reply has been dealt with: it is not dealt with again."""
    answered = (*state.kiosk.answered, reply.id)[-KEPT_ANSWERS:]
    return replace(state, kiosk=replace(state.kiosk, answered=answered))


def _for_citizen(state: State, wish: Wish, reply: wire.AnyReply, fresh: Fresh) -> Step:
    match reply:
        case wire.TicketReply() as ticket:
            given, effects = _given(state, ticket, fresh, wish)
            return _show(state, given), effects
        case wire.RefusedReply(choices=[_, *_] as choices):
            return _show(state, Several(tuple(choices))), ()
        case wire.RefusedReply(code="unknown-appointment") if wish.elsewhere:
            return _show(state, Trouble("other-hall")), ()
        case wire.RefusedReply():
            return _show(state, Refusal(reply, wish.kind == "check-in", wish.kind, wish.matters)), ()
        case _:
            return _show(state, Trouble("unexpected-answer")), ()


def _show(state: State, page: Page) -> State:
    """Show an answer; a hidden screen stays hidden, a page that must not be gone back to is forgotten."""
    if isinstance(state.session.page, Covered):
        return replace(state, session=replace(state.session, trail=(Start(), page)))
    return replace(state, session=replace(state.session, page=page, trail=(Start(),)))


def _given(state: State, ticket: wire.TicketReply, fresh: Fresh, wish: Wish) -> tuple[Given, tuple[Effect, ...]]:
    return _printed(state, Given(ticket, remote=wish.remote), fresh, paper=wish.paper)


def show_own(state: State, given: Given, fresh: Fresh, *, paper: bool) -> Step:
    """A ticket with the terminal's own number (``own_ticket``)."""
    given, effects = _printed(state, given, fresh, paper=paper)
    return _show(state, given), effects


def _printed(state: State, given: Given, fresh: Fresh, *, paper: bool) -> tuple[Given, tuple[Effect, ...]]:
    if not paper or not state.kiosk.works("printer"):
        return given, ()
    return replace(given, printing="printing", job=fresh.job), (Print(fresh.job, _slip(state, given)),)


def _slip(state: State, given: Given, *, reprint: bool = False) -> Slip:
    sensitive, lang = _sensitive(state, given.ticket), state.session.lang
    if given.own:
        return own_slip(
            given.ticket, state.kiosk.site, sensitive=sensitive, lang=lang, reprint=reprint, booked=given.booked
        )
    return ticket_slip(
        given.ticket, state.kiosk.site, sensitive=sensitive, lang=lang, reprint=reprint, remote=given.remote
    )


def reprint(state: State, given: Given, fresh: Fresh) -> Step:
    """Once more, marked 补打; only where the first print-out is not known to have come out."""
    page = replace(given, printing="printing", job=fresh.job, reprinted=True)
    return state.swap(page), (Print(fresh.job, _slip(state, given, reprint=True)),)


def may_reprint(given: Given | Booked | OnList, *, printer_works: bool) -> bool:
    return printer_works and not given.reprinted and given.printing in {"sent", "failed", "unknown", "none"}


def _for_left(state: State, reply: wire.AnyReply, fresh: Fresh, *, again: bool) -> Step:
    if not isinstance(reply, wire.TicketReply):
        return state, ()
    until_s = state.kiosk.monotonic_s + NOTICE_S
    if not state.kiosk.works("printer"):
        notice = Notice(reply.number, "failed", "", until_s)
        return replace(state, kiosk=replace(state.kiosk, notice=notice)), ()
    slip = ticket_slip(reply, state.kiosk.site, sensitive=_sensitive(state, reply), reprint=again)
    notice = Notice(reply.number, "printing", fresh.job, until_s)
    return replace(state, kiosk=replace(state.kiosk, notice=notice)), (Print(fresh.job, slip),)


def _sensitive(state: State, ticket: wire.TicketReply) -> bool:
    return sensitive(state, ticket.matters)


def sensitive(state: State, names: Iterable[str]) -> bool:
    """A matter that is not in the catalogue (any more) is treated as sensitive: less is said."""
    matters = state.kiosk.catalogue.matters
    return any(matters[name].sensitive if name in matters else True for name in names)


def print_ended(state: State, job: str, result: str) -> State:
    """The end of a print job, of the ticket on the page or of one whose citizen has left."""
    session, notice = state.session, state.kiosk.notice
    if notice is not None and notice.job == job:
        said = replace(notice, result="printed" if result in {"printed", "sent"} else "failed")
        return replace(state, kiosk=replace(state.kiosk, notice=said))
    known = _KNOWN.get(result, "unknown")
    pages = tuple(_ended(page, job, known) for page in (*session.trail, session.page))
    return replace(state, session=replace(session, trail=pages[:-1], page=pages[-1]))


def _ended(page: Page, job: str, result: Printing) -> Page:
    if isinstance(page, Given | Booked | OnList) and page.job == job and job:
        return replace(page, printing=result)
    return page


def first_page(kiosk: Kiosk) -> Page:
    """Where a session begins."""
    if kiosk.emergency is not None:
        return Emergency(said_s=kiosk.monotonic_s)
    return Shut() if kiosk.shut else Start()


def nobody_is_served(state: State) -> bool:
    """No citizen's business is on the screen, and no paper of one who has left is on its way."""
    printing = state.kiosk.notice is not None and state.kiosk.notice.result == "printing"
    return isinstance(state.session.page, Start | Shut | Emergency | Attract) and not printing


def ended(state: State, fresh: Fresh) -> Step:
    """The only way out: a new session, nothing of the last one, its unanswered wish kept without a person.

    It begins at the first page; behind an open door, or where the server has ordered it, at the one that says why;
    where a card still lies on the reader at the page that calls after its owner, in their own language and manner.
    """
    kiosk, session = state.kiosk, state.session
    left = (*kiosk.left, session.wish.nameless) if session.wish is not None else kiosk.left
    lies = kiosk.left_card or LeftCard(kiosk.monotonic_s) if kiosk.card_lies else None
    kiosk = replace(kiosk, left=left[-KEPT_ANSWERS:], card_left=kiosk.card_lies, left_card=lies)
    new = Session(id=fresh.session, page=first_page(kiosk), touched_s=kiosk.monotonic_s)
    if lies is not None and isinstance(new.page, Start):
        manner = {name: getattr(session, name) for name in ("lang", "elder", "contrast", "low", "voice")}
        new = replace(new, page=CardLeft(), **manner)
    return State(kiosk, new), (EndSession(),)
