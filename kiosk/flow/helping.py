"""Calling a person: over the wire to the staff's pages, and with lamp and buzzer where there is a panel.

The wire only counts while the link is up, and the page never claims more than is so: *asked* until the hall has
answered, *called* from then on, *coming* once somebody has said that they go. A call without an answer is said
to be unheard, and the desk and the telephone are named. It stands beyond the citizen's session: whoever comes
finds the terminal, whoever stands before it.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import Buzz, Effect, Send
from kiosk.events import HelpChanged
from kiosk.flow.asking import Step
from kiosk.flow.pages import Help, Shut
from kiosk.flow.state import Fresh, Helping, State
from kiosk.flow.touches import over
from queue_server.wire import messages as wire

HEARD_S = 15.0
"""A call that the hall has not answered by then is said to be unheard; it may still be answered."""
CALL_S = 300.0
"""So long a call stands and the lamp calls, unless somebody says that they have come; the key calls again."""


def may_call(state: State) -> bool:
    """Whether a call would reach anybody: over the wire, or by the lamp."""
    return state.kiosk.link_up or state.kiosk.works("panel")


def call(state: State, fresh: Fresh) -> Step:
    """Wire, lamp and buzzer call somebody, and the page says so; a hidden or closed screen keeps what it hides."""
    kiosk = state.kiosk
    effects: tuple[Effect, ...] = (Buzz(),) if kiosk.works("panel") else ()
    helping = kiosk.helping
    if kiosk.link_up and (helping is None or helping.stage == "unheard"):
        page = type(state.session.page).__name__
        request = wire.CallHelp(id=fresh.request, screen=page, lang=state.session.lang)
        helping = Helping(request=fresh.request, stage="asked")
        effects = (Send(kiosk.site.hall, request), *effects)
    kiosk = replace(kiosk, called_until_s=kiosk.monotonic_s + CALL_S, helping=helping)
    state = replace(state, kiosk=kiosk)
    if not isinstance(state.session.page, Help | Shut):
        state = over(state, Help())
    return state, effects


def came(state: State, fresh: Fresh) -> Step:
    """Somebody has come to help: the lamp goes out, and the hall is told."""
    helping = state.kiosk.helping
    state = replace(state, kiosk=replace(state.kiosk, called_until_s=None, helping=None))
    if helping is None:
        return state, ()
    return state, (Send(state.kiosk.site.hall, wire.EndHelp(id=fresh.request, call=helping.call or helping.request)),)


def waited(state: State) -> State:
    """Time has passed: who is not answered is told so, and a call does not stand for ever."""
    kiosk = state.kiosk
    if kiosk.called_until_s is None:
        return state
    if kiosk.monotonic_s >= kiosk.called_until_s:
        return lapsed(state)
    helping, since_s = kiosk.helping, kiosk.called_until_s - CALL_S
    if helping is not None and helping.stage == "asked" and kiosk.monotonic_s >= since_s + HEARD_S:
        return _with(state, replace(helping, stage="unheard"))
    return state


def lapsed(state: State) -> State:
    """Nobody said that they came: the lamp has burnt long enough."""
    return replace(state, kiosk=replace(state.kiosk, called_until_s=None, helping=None))


def replied(state: State, reply: wire.AnyReply) -> State | None:
    """The hall's word on the call; None if the reply is about something else."""
    helping = state.kiosk.helping
    if isinstance(reply, wire.HelpReply):
        if helping is None or helping.request != reply.id or reply.state == "ended":
            return state  # of a call that is over
        stage = "coming" if reply.state == "coming" else helping.stage if helping.stage == "coming" else "called"
        return _with(state, Helping(request=helping.request, call=reply.call, stage=stage))
    if helping is not None and reply.id == helping.request:
        return _with(state, Helping(request=helping.request, stage="unheard"))
    return None


def changed(state: State, news: HelpChanged) -> State:
    """What the hall's lamps say of this terminal's call; also of one from before a restart."""
    helping = state.kiosk.helping
    if news.call:
        request = news.call if helping is None else helping.request
        state = _with(state, Helping(request=request, call=news.call, stage="coming" if news.coming else "called"))
        if state.kiosk.called_until_s is None:
            until = state.kiosk.monotonic_s + CALL_S
            state = replace(state, kiosk=replace(state.kiosk, called_until_s=until))
        return state
    if helping is None or helping.stage not in {"called", "coming"}:
        return state
    state = lapsed(state)  # a helper has said that it is done
    return state.back() if isinstance(state.session.page, Help) else state


def _with(state: State, helping: Helping) -> State:
    return replace(state, kiosk=replace(state.kiosk, helping=helping))
