"""替别人办: a number for somebody who is not here (or does not stand here alone).

First what they are to each other, then both cards one after the other, each read or typed; what the rules allow may be
missing and is checked at the window. 村居代办 shows the number of its authorisation in place of the agent's card. Who
is under fourteen is acted for by a parent or guardian only, and cannot act for others. No card that is laid down on
this way begins a check-in; one that lies on the reader already when its turn comes is taken without being laid again.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import TypeKey
from kiosk.events import CardRead, Touched, TypedRead
from kiosk.flow import asking
from kiosk.flow.asking import Step
from kiosk.flow.pages import (
    NotForOthers,
    ProxyCard,
    ProxyMinor,
    ProxyNumber,
    ProxyPermit,
    ProxyReady,
    ProxyRelation,
    ProxyWithout,
    StillThere,
)
from kiosk.flow.pages.people import Whose
from kiosk.flow.state import Card, Fresh, Laid, Proxy, State
from queue_server.wire import messages as wire
from queue_server.wire.people import RELATIONS

PERMIT_MIN, PERMIT_MAX = 6, 16
ProxyPage = (
    ProxyRelation | NotForOthers | ProxyCard | ProxyNumber | ProxyPermit | ProxyWithout | ProxyMinor | ProxyReady
)


def begin(state: State, matters: tuple[str, ...]) -> State:
    """From the confirm page. What one must do in person is said at once, with what can be done instead."""
    known = state.kiosk.catalogue.matters
    if not all(name in known and known[name].proxy for name in matters):
        return state.go(NotForOthers(matters))
    return _with(state.go(ProxyRelation(matters)), Proxy())


def under_way(state: State) -> bool:
    session = state.session
    return any(isinstance(page, ProxyPage) for page in (*session.trail, session.page))


def followed(state: State) -> State:
    """After each step: whoever leaves the way leaves nobody behind on it, and a card that lies on the reader when its
    turn comes (laid down early, or while help was open) is taken.
    """
    proxy, page = state.session.proxy, state.session.page
    if proxy is None:
        return state
    if not under_way(state):
        return replace(state, session=replace(state.session, proxy=None))
    lying = proxy.lying
    if lying is None or not isinstance(page, ProxyCard) or page.trouble or _known(proxy, lying):
        return state
    return _laid(state, page.matters, page.whose, lying)


def _known(proxy: Proxy, laid: Laid) -> bool:
    return any(one is not None and (one is laid or one.mark == laid.mark) for one in (proxy.agent, proxy.person))


def touched(state: State, page: ProxyPage, touch: Touched, fresh: Fresh) -> Step:
    match (page, touch):
        case ProxyRelation(), Touched("relation", relation) if relation in RELATIONS:
            return _related(state, page.matters, relation)
        case ProxyRelation(), Touched("page", leaf) if leaf.isdecimal():
            return state.swap(replace(page, page=int(leaf))), ()
        case ProxyCard(), Touched("their-number"):
            return _number(state, page.matters, page.whose)
        case ProxyCard(whose="person"), Touched("without"):
            return state.go(ProxyWithout(page.matters)), ()
        case ProxyWithout(), Touched("their-number"):
            return _number(state, page.matters, "person")
        case ProxyWithout(), Touched("permit"):
            return state.go(ProxyPermit(page.matters)), ()
        case ((ProxyWithout() | ProxyMinor()), Touched("go-on")):
            return _guardian_or_on(state, page), ()
        case ProxyPermit(), Touched("key", key):
            return _permit_key(state, page, key), ()
        case ProxyReady(), Touched("take" | "take-without-paper" as how):
            return _take(state, page, fresh, paper=how == "take")
    return state, ()


def _proxy(state: State) -> Proxy:
    return state.session.proxy or Proxy()


def _with(state: State, proxy: Proxy) -> State:
    return replace(state, session=replace(state.session, proxy=proxy))


def _related(state: State, matters: tuple[str, ...], relation: str) -> Step:
    proxy = _proxy(state)
    state = _with(state, Proxy(relation=relation, lying=proxy.lying))
    if relation == "outlet":
        return state.go(ProxyPermit(matters)), ()
    return state.go(ProxyCard(matters, "agent")), ()


def _number(state: State, matters: tuple[str, ...], whose: Whose) -> Step:
    return state.go(ProxyNumber(matters=matters, whose=whose)), (TypeKey("clear"),)


def _guardian_or_on(state: State, page: ProxyWithout | ProxyMinor) -> State:
    """Without their card; or as a parent or guardian of somebody under fourteen."""
    if isinstance(page, ProxyMinor):
        state = _with(state, replace(_proxy(state), relation="parent"))
    return state.go(ProxyReady(page.matters))


def _permit_key(state: State, page: ProxyPermit, key: str) -> State:
    typed = page.typed
    match key:
        case "enter" if len(typed) >= PERMIT_MIN:
            proxy = replace(_proxy(state), authorisation=typed)
            state = _with(state, proxy)
            unknown = proxy.relation == "outlet" and proxy.person is None
            return state.go(ProxyCard(page.matters, "person") if unknown else ProxyReady(page.matters))
        case "erase":
            typed = typed[:-1]
        case "clear":
            typed = ""
        case _ if key in "0123456789" and len(key) == 1 and len(typed) < PERMIT_MAX:
            typed += key
    return state.swap(replace(page, typed=typed))


def card(state: State, card: CardRead) -> State:
    """A card on this way: of whose turn it is, else only noted as lying there."""
    laid = Laid(Card(card.masked_name, card.last4, card.expired), card.person, card.mark, card.minor)
    state = _with(state, replace(_proxy(state), lying=laid))
    if isinstance(state.session.page, StillThere):
        state = state.back()
    page = state.session.page
    return _laid(state, page.matters, page.whose, laid) if isinstance(page, ProxyCard | ProxyNumber) else state


def card_trouble(state: State, code: str) -> State:
    """Said where it was laid down; anywhere else on this way it does not matter."""
    if isinstance(state.session.page, StillThere):
        state = state.back()
    page = state.session.page
    return state.swap(replace(page, trouble=code)) if isinstance(page, ProxyCard) else state


def card_gone(state: State) -> State:
    proxy = state.session.proxy
    return state if proxy is None or proxy.lying is None else _with(state, replace(proxy, lying=None))


def typed(state: State, page: ProxyNumber, read: TypedRead) -> State:
    return _laid(state, page.matters, page.whose, Laid(Card(last4=read.last4), read.person, read.mark, read.minor))


def _laid(state: State, matters: tuple[str, ...], whose: Whose, laid: Laid) -> State:
    """Somebody is known. The same person twice, or a child who acts, is said at once and not taken."""
    proxy = _proxy(state)
    other = proxy.person if whose == "agent" else proxy.agent
    if isinstance(state.session.page, ProxyNumber):
        state = state.back()
    if laid.mark and other is not None and other.mark == laid.mark:
        return state.swap(ProxyCard(matters, whose, "same-card"))
    if whose == "agent":
        if laid.minor:
            return state.swap(ProxyCard(matters, whose, "agent-minor"))
        return _with(state, replace(proxy, agent=laid)).swap(ProxyCard(matters, "person"))
    state = _with(state, replace(proxy, person=laid))
    minor = laid.minor and proxy.relation not in {"parent", "outlet"}
    return state.go(ProxyMinor(matters) if minor else ProxyReady(matters))


def _take(state: State, page: ProxyReady, fresh: Fresh, *, paper: bool) -> Step:
    proxy = _proxy(state)
    other = wire.ForOther(
        relation=proxy.relation,  # type: ignore[arg-type]  # one of RELATIONS
        agent=proxy.agent.person if proxy.agent is not None else None,
        person=proxy.person.person if proxy.person is not None else None,
        authorisation=proxy.authorisation or None,
    )
    return asking.take(state, page.matters, paper=paper, fresh=fresh, for_other=other)
