"""Calling a person: over the wire to the staff's pages, and with lamp and buzzer where there is a panel.

The wire only counts while the link is up, and the page never claims more than is so: *asked* until the hall has
answered, *called* from then on, *coming* once somebody has said that they go. A call without an answer is said
to be unheard, and the desk and the telephone are named. It stands beyond the citizen's session: whoever comes
finds the terminal, whoever stands before it. Nobody is left waiting for nobody: after 45 s it rings again, after 60 s
the page says what else can be done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from kiosk.effects import Buzz, Effect, Send
from kiosk.events import HelpChanged
from kiosk.flow.asking import Step
from kiosk.flow.pages import Asking, Emergency, Given, Help, Shut
from kiosk.flow.state import Fresh, Helping, State
from kiosk.flow.touches import over
from queue_server.wire import messages as wire

AGAIN_S = 45.0
"""After so long without an answer it is rung for again (product.md K10); the hall's own alarm turns amber then."""
OTHER_WAYS_S = 60.0
"""And after so long the telephone and a number of the helpers' own are offered."""
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
    kiosk = replace(kiosk, called_until_s=kiosk.monotonic_s + CALL_S, helping=helping, help_rung=0)
    state = replace(state, kiosk=kiosk)
    if not isinstance(state.session.page, Help | Shut | Emergency):
        state = over(state, Help())
    return state, effects


def over_with(state: State, fresh: Fresh, *, withdrawn: bool) -> Step:
    """Somebody has come, or nobody is needed any more: the lamp goes out, and the hall is told."""
    helping = state.kiosk.helping
    state = lapsed(state)
    if helping is None:
        return state, ()
    over = wire.EndHelp(
        id=fresh.request, call=helping.call or helping.request, because="withdrawn" if withdrawn else "came"
    )
    return state, (Send(state.kiosk.site.hall, over),)


def called_for_s(state: State) -> float:
    """How long the call has stood; 0 while there is none."""
    until_s = state.kiosk.called_until_s
    return 0.0 if until_s is None else max(0.0, state.kiosk.monotonic_s - until_s + CALL_S)


def waited(state: State, fresh: Fresh) -> Step:
    """Time has passed: who is not answered is told so and rung for again, and a call does not stand for ever."""
    kiosk = state.kiosk
    if kiosk.called_until_s is None:
        return state, ()
    if kiosk.monotonic_s >= kiosk.called_until_s:
        return lapsed(state), ()
    helping, stood_s = kiosk.helping, called_for_s(state)
    if helping is not None and helping.stage == "coming":
        return state, ()
    if helping is not None and helping.stage == "asked" and stood_s >= HEARD_S and not kiosk.help_rung:
        state = _with(state, replace(helping, stage="unheard"))
    if stood_s >= OTHER_WAYS_S and kiosk.help_rung < 2:
        return _other_ways(state), ()
    if stood_s >= AGAIN_S and kiosk.help_rung < 1:
        return _again(state, fresh)
    return state, ()


def _again(state: State, fresh: Fresh) -> Step:
    """The second ring: sound, and on the wire with the word that it is the second."""
    kiosk = state.kiosk
    effects: tuple[Effect, ...] = (Buzz(),) if kiosk.works("panel") else ()
    helping = kiosk.helping
    if kiosk.link_up:
        request = wire.CallHelp(
            id=fresh.request, screen=type(state.session.page).__name__, lang=state.session.lang, again=True
        )
        effects = (Send(kiosk.site.hall, request), *effects)
        if helping is None or helping.stage != "called":
            helping = Helping(request=fresh.request, stage="asked")
    return replace(state, kiosk=replace(kiosk, help_rung=1, helping=helping)), effects


def _other_ways(state: State) -> State:
    """Nobody has come in a minute: there is time to read what else can be done."""
    session = state.session
    if isinstance(session.page, Help):
        session = replace(session, touched_s=state.kiosk.monotonic_s)
    return replace(state, kiosk=replace(state.kiosk, help_rung=2), session=session)


def ticket_matter(state: State) -> str:
    """The matter of a 帮办 number, where one can be taken now: not beside another that is on its way or given."""
    session, outlook = state.session, state.kiosk.outlook
    busy = session.wish is not None or any(isinstance(page, Asking | Given) for page in session.trail)
    if busy or (outlook is not None and not outlook.open):
        return ""
    return state.kiosk.catalogue.of_role("help")


def lapsed(state: State) -> State:
    """The lamp goes out, and there is no call any more."""
    return replace(state, kiosk=replace(state.kiosk, called_until_s=None, helping=None, help_rung=0))


def replied(state: State, reply: wire.AnyReply) -> State | None:
    """The hall's word on the call; None if the reply is about something else."""
    helping = state.kiosk.helping
    if isinstance(reply, wire.HelpReply):
        if helping is None or helping.request != reply.id or reply.state == "ended":
            return state  # of a call that is over
        stage: Literal["coming", "called"]
        stage = "coming" if reply.state == "coming" else helping.stage if helping.stage == "coming" else "called"
        return _with(state, replace(helping, call=reply.call, stage=stage))
    if helping is not None and reply.id == helping.request:
        return _with(state, Helping(request=helping.request, stage="unheard"))
    return None


def changed(state: State, news: HelpChanged) -> State:
    """What the hall's lamps say of this terminal's call; also of one from before a restart."""
    helping = state.kiosk.helping
    if news.call:
        request = news.call if helping is None else helping.request
        stage: Literal["coming", "called"] = "coming" if news.coming else "called"
        state = _with(state, Helping(request, stage, news.call, news.who_zh, news.who_en))
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
