"""The scenes of 读屏: what is said is shown, and where the keypad stands is seen."""

from __future__ import annotations

from dataclasses import replace

from kiosk import events
from kiosk.events import Event, KeyPressed, Touched
from kiosk.flow import Site, State
from kiosk.flow.state import DEVICES
from kiosk.scenes.walk import TAKE, Walk, ticket


def voice(site: Site) -> dict[str, State]:
    """By name, for one panel; with a keypad unless the name says otherwise."""
    with_keys = replace(site, speech=True, fitted=frozenset(DEVICES))
    without = replace(site, speech=True, fitted=frozenset(DEVICES) - {"panel"})

    def heard(*happened: Event, on: Site = with_keys) -> Walk:
        return Walk(on).ready()(Touched("voice"), *happened)

    def keys(pressed: str) -> list[Event]:
        return [KeyPressed(key) for key in pressed]

    taken = heard(*TAKE)
    taken(events.Replied(ticket(taken.wish)))
    taken(events.PrintEnded(taken.job, "printed"), *keys("8"))
    return {
        "voice-start": heard().state,
        "voice-start-focus": heard(*keys("88")).state,
        "voice-start-link-lost": heard(events.LinkChanged(up=False)).state,
        "voice-choose": heard(Touched("take-ticket"), *keys("888")).state,
        "voice-choose-bar": heard(Touched("take-ticket"), *keys("2")).state,
        "voice-confirm": heard(*TAKE[:2], *keys("8")).state,
        "voice-ticket": taken.state,
        "voice-type-number": heard(Touched("check-in"), Touched("type-number"), events.TypedProgress(6)).state,
        "voice-type-number-way-out": heard(Touched("check-in"), Touched("type-number"), *keys("*")).state,
        "voice-search": heard(Touched("take-ticket"), Touched("search"), *keys("72*")).state,
        "voice-still-there": heard(*TAKE[:2]).wait(64).state,
        "voice-without-keypad": heard(events.Focused(1), on=without).state,
        "voice-without-sound": heard(events.DeviceChanged("speaker", "absent")).state,
        "voice-dark": heard(Touched("cover")).state,
    }
