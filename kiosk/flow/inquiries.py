"""What the kiosk asks only to know: for progress (``progress``) and for a record (``record``).

An answer takes the place of the page that waited for it, wherever that stands by now, so that the way back is the way
one came. No answer within half a minute is said, and the question is dropped.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import events
from kiosk.effects import Effect
from kiosk.flow import progress, record
from kiosk.flow.asking import Step
from kiosk.flow.pages import (
    Asking,
    Consent,
    LayCard,
    LookUps,
    NoProgress,
    NoRecord,
    Page,
    Progress,
    ProgressWays,
    Record,
    ServiceMenu,
    TakeAway,
    Trouble,
    TypeCase,
    TypeTicket,
)
from kiosk.flow.state import KEPT_ANSWERS, Fresh, State
from queue_server.wire import messages as wire

ASKS_WITH_CARD = ServiceMenu | ProgressWays | TypeTicket | TypeCase | Progress | NoProgress
KEEPS_CARD = LookUps | Consent | LayCard | NoRecord
SHOWN = Record | TakeAway
"""A result is shown: neither a card nor a code begins anything."""


def replied(state: State, reply: wire.AnyReply) -> Step | None:
    """The answer to what this citizen asked to know; None if the reply is about something else."""
    wish = state.session.wish
    if wish is None or not wish.inquiry or wish.id != reply.id:
        return None
    kiosk = replace(state.kiosk, answered=(*state.kiosk.answered, reply.id)[-KEPT_ANSWERS:])
    state = replace(state, kiosk=kiosk, session=replace(state.session, wish=None))
    effects: tuple[Effect, ...] = ()
    page: Page | None
    if wish.kind == "progress":
        page = progress.answered(reply)
    else:
        found = record.answered(wish, reply)
        page, effects = found if found is not None else (None, ())
    return _instead(state, page or Trouble("unexpected-answer")), effects


def given_up(state: State, since_s: float) -> bool:
    wish = state.session.wish
    return wish is not None and wish.inquiry and state.kiosk.monotonic_s - since_s >= progress.INQUIRY_S


def without_answer(state: State) -> State:
    return _instead(replace(state, session=replace(state.session, wish=None)), Trouble("no-inquiry"))


def _instead(state: State, page: Page) -> State:
    """``page`` where the waiting page stands, shown or behind a cover."""
    session = state.session
    pages = tuple(page if isinstance(one, Asking) else one for one in (*session.trail, session.page))
    return replace(state, session=replace(session, trail=pages[:-1], page=pages[-1]))


def card_laid(state: State, page: Page, card: events.CardRead, fresh: Fresh) -> Step | None:
    """Where a card is for asking and not for checking in; None on every other page."""
    if isinstance(page, ASKS_WITH_CARD):
        return progress.card_laid(state, card, fresh)
    if isinstance(page, KEEPS_CARD):
        return record.card_laid(state, page, card, fresh)
    return None


def card_trouble(state: State, page: Page, code: str) -> State | None:
    """The page that wants the card says so itself, and goes on wanting it."""
    return state.swap(replace(page, trouble=code)) if isinstance(page, LayCard) else None
