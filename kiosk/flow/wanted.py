"""Which matters stand first where one chooses: what most walk-ins come for at this hour, as the hall has counted.

Without a line, and where the hall has counted nothing yet, the catalogue's own list. Once a citizen has seen the tiles
they stay as they are until the session ends: nothing moves under a finger.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.flow.pages import Hot, Searching
from kiosk.flow.state import State
from queue_server.wire import messages as wire


def fixed(state: State) -> State:
    """The first page that shows the tiles decides for the session."""
    session = state.session
    if session.hot is not None or not isinstance(session.page, Hot | Searching):
        return state
    return replace(state, session=replace(session, hot=_now(state)))


def hottest(state: State, count: int) -> tuple[wire.CatalogueMatter, ...]:
    """``count`` matters, the most wanted first, filled up from the catalogue's own list."""
    session, catalogue = state.session, state.kiosk.catalogue
    wanted = session.hot if session.hot is not None else _now(state)
    first = [catalogue.matters[name] for name in wanted if name in catalogue.matters]
    ids = dict.fromkeys(matter.id for matter in (*first, *catalogue.hottest(count)))
    return tuple(catalogue.matters[name] for name in list(ids)[:count])


def _now(state: State) -> tuple[str, ...]:
    """What the hall says of this hour. Who wants to be helped has the bar for it: that is no tile."""
    kiosk = state.kiosk
    if kiosk.outlook is None or not kiosk.link_up:
        return ()
    known = kiosk.catalogue.matters
    return tuple(name for name in dict.fromkeys(kiosk.outlook.hot) if name in known and known[name].role != "help")
