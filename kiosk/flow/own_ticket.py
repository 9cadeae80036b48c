"""A number of the terminal's own: shown and printed as a ticket, and what becomes of it when the hall is back.

What only the hall knows stands nowhere on it: no people ahead, no minutes, no promise. When and why one is given is
``offline``'s rule.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import msgspec

from kiosk.events import OfflineGiven, OfflineNotGiven
from kiosk.flow import asking
from kiosk.flow.asking import Step
from kiosk.flow.pages import Asking, Given, Page, Trouble
from kiosk.flow.state import Fresh, Notice, State, Wish
from queue_server.wire import messages as wire


def given(state: State, event: OfflineGiven, fresh: Fresh) -> Step:
    """The number is on the disk: shown, and printed if there is paper."""
    wish = state.session.wish
    if wish is None or wish.id != event.request:
        return state, ()
    silent = state.kiosk.link_up  # there was a line, and nobody at its other end
    state = replace(state, kiosk=replace(state.kiosk, silent=silent), session=replace(state.session, wish=None))
    said: Literal["", "said"] = "" if wish.claim is None else "said"
    shown = Given(_ticket(state, event, wish), remote=wish.remote, own="waiting", booked=said)
    return asking.show_own(state, shown, fresh, paper=wish.paper)


def not_given(state: State, event: OfflineNotGiven) -> Step:
    """A question that was under way goes on under its own id (its answer may be in the inbox); else to the desk."""
    wish = state.session.wish
    if wish is None or wish.id != event.request:
        return state, ()
    if event.replaces:
        return replace(state, session=replace(state.session, wish=replace(wish, id=event.replaces))), ()
    page = state.session.page
    state = replace(state, session=replace(state.session, wish=None))
    return (state.swap(Trouble("no-own-number")) if isinstance(page, Asking) else state), ()


def _ticket(state: State, event: OfflineGiven, wish: Wish) -> wire.TicketReply:
    """As the hall would have answered, without what only the hall knows: nobody ahead, no minutes, no promise."""
    group = _group(state, event.group)
    return wire.TicketReply(
        id=event.request,
        number=event.number,
        group=event.group,
        group_zh=group[0],
        group_en=group[1],
        ticket=f"{event.day.isoformat()}-{event.number}",
        business_date=event.day,
        token=wish.token,
        matters=list(wish.matters),
        ticket_kind="walk-in",
        checked_in_at=event.checked_in_at,
        promised_by=event.checked_in_at,
        ahead=0,
        wait_min_low=0,
        wait_min_high=0,
        hall_zh=state.kiosk.site.name_zh,
        hall_en="",
        area_zh="",
        area_en="",
        path=event.path,
        for_other=wish.for_other is not None,
    )


def _group(state: State, letter: str) -> tuple[str, str]:
    """The letter's words by the last outlook; a sensitive matter's are left out by the slip anyway."""
    outlook = state.kiosk.outlook
    found = next((g for g in outlook.groups if g.group == letter), None) if outlook is not None else None
    return ("", "") if found is None else (found.name_zh, found.name_en)


# --- and then the hall is back -----------------------------------------------------------------------------------


def recorded(state: State, reply: wire.RecordedReply, fresh: Fresh) -> Step:
    """The hall has the ticket. Under another number only if the printed one was disputed: that is said and printed."""
    session = state.session
    pages = tuple(_recorded(page, reply) for page in (*session.trail, session.page))
    state = replace(state, session=replace(session, trail=pages[:-1], page=pages[-1]))
    if not reply.printed or reply.printed == reply.number:
        return state, ()
    notice = Notice(reply.number, "renumbered", "", state.kiosk.monotonic_s + asking.NOTICE_S, was=reply.printed)
    state = replace(state, kiosk=replace(state.kiosk, notice=notice))
    shown = state.session.page
    if isinstance(shown, Given) and shown.ticket.id == reply.id:
        return asking.show_own(state, shown, fresh, paper=shown.printing != "none")
    return state, ()


def _recorded(page: Page, reply: wire.RecordedReply) -> Page:
    if not isinstance(page, Given) or page.ticket.id != reply.id or page.own == "":
        return page
    booked = reply.booked or page.booked
    if reply.number == page.ticket.number:
        return replace(
            page,
            own="known",
            booked=booked,
            ticket=msgspec.structs.replace(page.ticket, slot_start=reply.slot_start),
        )
    ticket = msgspec.structs.replace(page.ticket, number=reply.number, ticket=reply.ticket, slot_start=reply.slot_start)
    return replace(page, own="renumbered", booked=booked, ticket=ticket)
