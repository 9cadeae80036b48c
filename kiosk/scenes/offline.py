"""The scenes of a terminal that cannot hear its hall: numbers of its own, none left, and the hall back again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from kiosk import events
from kiosk.effects import IssueOffline
from kiosk.events import Event, Touched
from kiosk.flow import Site, State
from kiosk.scenes.walk import CARD, NOW, TAKE, Walk
from queue_server.wire import messages as wire

SIGNED = "1.kiosk-01.01939f3c-0000-7000-8000-00000000b10c.A17.M034.k3JmQ2xY7uR0aTzW9bVcEg.t62yio.0.zh-Hans." + "x" * 86


_WORDS: tuple[Literal["said", "met", "early", "unmet"], ...] = ("said", "met", "early", "unmet")


def _booked(own: Walk, word: Literal["said", "met", "early", "unmet"]) -> Walk:
    """Somebody who says to be booked has a number; and what the hall has made of it."""
    own(given(own, "N004"))
    own(events.PrintEnded(own.job, "printed"))
    if word == "said":
        return own
    request = next(effect.request for effect in own.effects if isinstance(effect, IssueOffline))
    reply = wire.RecordedReply(
        id=request, number="N004", ticket="2026-11-20-N004", printed="N004", booked=word,
        slot_start=None if word == "unmet" else NOW + timedelta(minutes=75 if word == "early" else 5),
    )  # fmt: skip
    return own(events.LinkChanged(up=True), events.Replied(reply))


def given(walked: Walk, number: str = "A017") -> events.OfflineGiven:
    """What the hands answer to the last IssueOffline."""
    wish = next(effect for effect in reversed(walked.effects) if isinstance(effect, IssueOffline))
    return events.OfflineGiven(wish.request, "A", number, date(2026, 11, 20), NOW, f"/o/demo/{SIGNED}")


def offline(site: Site) -> dict[str, State]:
    def walk(*happened: Event, left: int = 40) -> Walk:
        cut = Walk(site).ready()(events.BlocksChanged({"A": left} if left else {}), events.LinkChanged(up=False))
        return cut(*happened)

    def taken(*happened: Event) -> Walk:
        own = walk(*TAKE)
        return own(given(own), *happened)

    no_paper = walk(events.DeviceChanged("printer", "degraded", "paper-out"), *TAKE[:2], Touched("take-without-paper"))
    no_paper(given(no_paper))
    printed = taken()
    printed(events.PrintEnded(printed.job, "printed"))
    known = taken()
    back = (events.PrintEnded(known.job, "printed"), events.LinkChanged(up=True))
    request = next(effect.request for effect in known.effects if isinstance(effect, IssueOffline))
    recorded = wire.RecordedReply(id=request, number="A017", ticket="2026-11-20-A017", printed="A017")
    disputed = wire.RecordedReply(id=request, number="A052", ticket="2026-11-20-A052", printed="A017")
    known(*back, events.Replied(recorded))
    corrected = taken()(*back, events.Replied(disputed))
    corrected_left = taken()(*back, Touched("leave"), events.Replied(disputed))
    return {
        "start-offline": walk().state,
        "start-offline-no-numbers": walk(left=0).state,
        "offline-choose": walk(Touched("take-ticket")).state,
        "offline-confirm": walk(*TAKE[:2]).state,
        "offline-ticket": printed.state,
        "offline-ticket-printing": taken().state,
        "offline-ticket-without-paper": no_paper.state,
        "offline-ticket-known": known.state,
        "offline-ticket-corrected": corrected.state,
        "start-offline-corrected": corrected_left.state,
        "offline-no-numbers": walk(*TAKE, left=0).state,
        "offline-check-in": walk(CARD).state,
        "offline-check-in-no-numbers": walk(CARD, left=0).state,
        **{f"offline-booked-{word}": _booked(walk(CARD, Touched("take")), word).state for word in _WORDS},
    }
