"""The scenes of a terminal at which nobody is."""

from __future__ import annotations

from dataclasses import replace

from kiosk import events
from kiosk.flow import Site, State
from kiosk.scenes.walk import Walk
from kiosk.views.attract import STEP_S


def idle(site: Site) -> dict[str, State]:
    waiting = replace(site, attract_s=60)

    def alone(site: Site = waiting, *happened: events.Event, seconds: float = 61) -> State:
        return Walk(site).ready()(*happened).wait(seconds).state

    always_dim = replace(waiting, dim=(0, 24 * 60 - 1))
    lost = (events.LinkChanged(up=False),)
    return {
        "attract": alone(),
        "attract-light": alone(seconds=61 + 2 * STEP_S),
        "attract-link-lost": alone(waiting, *lost),
        "attract-dimmed": alone(always_dim),
        "start-dimmed": alone(replace(always_dim, attract_s=0)),
    }
