"""How far a ticket or a case is: asked by its code, a card, or a number, and shown as the hall says it.

A ticket's own code asks from wherever a code may be shown. Without the line nothing is asked and nothing guessed.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.events import CardRead, Touched
from kiosk.flow import asking
from kiosk.flow.asking import Step
from kiosk.flow.pages import (
    CannotLookUp,
    Hot,
    LookUps,
    NoProgress,
    Page,
    Progress,
    ProgressWays,
    RateWays,
    ServiceMenu,
    TypeCase,
    TypeTicket,
)
from kiosk.flow.state import Card, Fresh, State, Wish
from queue_server.wire import messages as wire

TICKET_DIGITS = (3, 5)
CASE_DIGITS = (8, 20)
INQUIRY_S = 30.0
"""Who asks a question at a screen does not wait longer for its answer (half of ``kiosk.resend.PATIENCE_QUESTION``)."""

ProgressPage = ServiceMenu | ProgressWays | TypeTicket | TypeCase | Progress | NoProgress


def ask(
    state: State,
    fresh: Fresh,
    *,
    path: str | None = None,
    number: str | None = None,
    case: str | None = None,
    person: str | None = None,
) -> Step:
    """Ask by exactly one of a ticket's path, its number, a case number, a sealed person."""
    if not state.kiosk.link_up:
        return state.go(CannotLookUp("offline")), ()
    request = wire.AskProgress(id=fresh.request, path=path, number=number, case=case, person=person)
    return asking.ask(state, request, Wish(fresh.request, "progress", paper=False, lang=state.session.lang))


def card_laid(state: State, card: CardRead, fresh: Fresh) -> Step:
    """On a page of progress a card asks for what is its owner's."""
    session = replace(state.session, card=Card(card.masked_name, card.last4, card.expired))
    return ask(replace(state, session=session), fresh, person=card.person)


def answered(reply: wire.AnyReply) -> Page | None:
    """The page of an answer; None for one that is about something else."""
    match reply:
        case wire.ProgressReply():
            return Progress(reply, 0 if len(reply.cases) + (reply.ticket is not None) == 1 else -1)
        case wire.RefusedReply():
            return NoProgress(reply)
    return None


def letters(state: State) -> tuple[str, ...]:
    """The letters that this hall's numbers begin with."""
    return tuple(sorted({matter.group for matter in state.kiosk.catalogue.matters.values()}))


def touched(state: State, page: ProgressPage, touch: Touched, fresh: Fresh) -> Step:
    match (page, touch):
        case ServiceMenu(), Touched("progress"):
            return state.go(ProgressWays()), ()
        case ServiceMenu(), Touched("look-up"):
            return state.go(LookUps()), ()
        case ((ServiceMenu() | Progress()), Touched("rate")):
            return state.go(RateWays()), ()
        case ServiceMenu(), Touched("guide"):
            return state.go(Hot(guide=True)), ()
        case ((ProgressWays() | NoProgress()), Touched("type-ticket")):
            return state.go(TypeTicket()), ()
        case ((ProgressWays() | NoProgress()), Touched("type-case")):
            return state.go(TypeCase()), ()
        case ((Progress() | NoProgress()), Touched("take-ticket")):
            return state.go(Hot()), ()
        case (Progress(chosen=-1, reply=reply), Touched("found", place)) if place.isdecimal():
            count = len(reply.cases) + (reply.ticket is not None)
            return (state.go(replace(page, chosen=int(place))) if int(place) < count else state), ()
        case TypeTicket(letter=""), Touched("key", key) if key in letters(state):
            return state.swap(replace(page, letter=key)), ()
        case TypeTicket() as typed, Touched("key", key) if typed.letter:
            return _digit(state, typed, key, fresh)
        case TypeCase() as typed_case, Touched("key", "enter") if len(typed_case.typed) >= CASE_DIGITS[0]:
            return ask(state, fresh, case=typed_case.typed)
        case TypeCase() as typed_case, Touched("key", key):
            return state.swap(replace(typed_case, typed=_typed(typed_case.typed, key, CASE_DIGITS[1]))), ()
    return state, ()


def _digit(state: State, page: TypeTicket, key: str, fresh: Fresh) -> Step:
    match key:
        case "enter" if len(page.digits) >= TICKET_DIGITS[0]:
            return ask(state, fresh, number=page.letter + page.digits)
        case "erase" if not page.digits:
            return state.swap(TypeTicket()), ()
        case "clear":
            return state.swap(TypeTicket()), ()
    return state.swap(replace(page, digits=_typed(page.digits, key, TICKET_DIGITS[1]))), ()


def _typed(text: str, key: str, longest: int) -> str:
    match key:
        case "erase":
            return text[:-1]
        case "clear":
            return ""
        case _ if len(key) == 1 and key in "0123456789" and len(text) < longest:
            return text + key
    return text
