"""The scenes of 短信提醒: a phone typed for a ticket, wrong, asked for, and told."""

from __future__ import annotations

from kiosk import events
from kiosk.events import Touched
from kiosk.flow import Site, State
from kiosk.flow.pages import TypePhone
from kiosk.scenes.walk import TAKE, Walk, ticket
from queue_server.wire import messages as wire

TYPED = events.PhoneRead("138****5678", "c2VhbGVk")


def texting(site: Site) -> dict[str, State]:
    def pad(*happened: events.Event) -> Walk:
        walked = Walk(site).ready()(*TAKE)
        walked(events.Replied(ticket(walked.wish)))
        walked(events.PrintEnded(walked.job, "printed"))
        return walked(Touched("text-me"), *happened)

    def typed(shown: str) -> events.Event:
        return events.TypedProgress(len(shown), shown)

    whole = typed("138●●●●5678")
    told = pad(whole, TYPED)
    page = told.state.session.page
    asked = page.request if isinstance(page, TypePhone) else ""
    told(events.Replied(wire.TextedReply(id=asked, masked="138****5678")))
    return {
        "text-phone": pad(typed("138●●●●56")).state,
        "text-phone-wrong": pad(typed("128●●●●5678"), events.TypedTrouble("bad-phone")).state,
        "text-phone-asking": pad(whole, TYPED).state,
        "text-phone-no-answer": pad(whole, TYPED).wait(16).state,
        "ticket-texted": told.state,
    }
