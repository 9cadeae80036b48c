"""What a citizen leaves behind: a card on the reader. The terminal calls after its owner, and then tells the hall.

For half a minute light, sound and voice every five seconds (product.md K13); then the staff know, by the wire, that a
card lies here, not whose. Nothing is read from it for anybody. Who comes meanwhile is served by touch: the call is
over then, the strip under the title stays. When the card is taken a new session begins, and the hall hears of it.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import Buzz, Effect, Send, Speak
from kiosk.flow.asking import Step, ended
from kiosk.flow.pages import CardLeft, Start
from kiosk.flow.state import Fresh, LeftCard, Session, State
from kiosk.text import words
from queue_server.wire import messages as wire

RING_EVERY_S = 5.0
RING_FOR_S = 30.0
"""So long its owner is called after; then the hall is told."""
CALL_ZH = "请取走您的身份证"


def ringing(state: State) -> bool:
    """Whether the lamp is to call after somebody now."""
    left = state.kiosk.left_card
    return left is not None and not left.told and isinstance(state.session.page, CardLeft)


def waited(state: State, fresh: Fresh) -> Step:
    """Time passes while a card lies there."""
    left = state.kiosk.left_card
    if left is None:
        return state, ()
    lain_s = state.kiosk.monotonic_s - left.since_s
    if lain_s >= RING_FOR_S:
        return _told(state, left, fresh) if not left.told else (state, ())
    rung = int(lain_s // RING_EVERY_S) + 1
    if rung <= left.rung or not isinstance(state.session.page, CardLeft):
        return state, ()
    state = _with(state, replace(left, rung=rung))
    return state, _ring(state)


def _ring(state: State) -> tuple[Effect, ...]:
    session = state.session
    aloud = (Speak(words(session.lang)(CALL_ZH), session.lang),)
    return (Buzz(), *aloud) if state.kiosk.works("panel") else aloud


def _told(state: State, left: LeftCard, fresh: Fresh) -> Step:
    report = wire.ReportLeft(id=fresh.request, what="card")
    return _with(state, replace(left, told=fresh.request)), (Send(state.kiosk.site.hall, report),)


def replied(state: State, reply: wire.AnyReply) -> State | None:
    """The hall knows; None if the reply is about something else."""
    left = state.kiosk.left_card
    if isinstance(reply, wire.LeftReply):
        known = left is not None and left.told == reply.id
        return _with(state, replace(left, known=True)) if left is not None and known else state
    return state if left is not None and left.told and left.told == reply.id else None


def taken(state: State, fresh: Fresh) -> Step:
    """The card is gone. The page that called after it goes, too, and with it the session in which it lay there."""
    kiosk, left = state.kiosk, state.kiosk.left_card
    state = replace(state, kiosk=replace(kiosk, card_lies=False, card_left=False, left_card=None))
    over: tuple[Effect, ...] = ()
    if left is not None and left.told:
        over = (Send(kiosk.site.hall, wire.ReportLeft(id=fresh.request, what="card", gone=True)),)
    if not isinstance(state.session.page, CardLeft):
        return state, over
    state, effects = ended(state, fresh)
    return state, (*over, *effects)


def serve_others(state: State) -> State:
    """Somebody else is here. They begin at the first page, in no one's manner; the card stays unread."""
    session = Session(id=state.session.id, page=Start(), touched_s=state.kiosk.monotonic_s)
    return replace(state, session=session)


def _with(state: State, left: LeftCard) -> State:
    return replace(state, kiosk=replace(state.kiosk, left_card=left))
