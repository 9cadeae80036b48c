"""The scenes of what is there for people: help and its minute, a card left behind, time running out."""

from __future__ import annotations

from dataclasses import replace

from kiosk import events
from kiosk.events import Touched
from kiosk.flow import Site, State
from kiosk.flow.state import DEVICES
from kiosk.scenes.walk import CARD, TAKE, Walk, outlook
from queue_server.wire import messages as wire


def people(site: Site) -> dict[str, State]:
    return {**_help(site), **_left(site)}


def _help(site: Site) -> dict[str, State]:
    def called(*devices: str, **more: str) -> Walk:
        fitted = frozenset(devices or ("idcard", "printer", "scanner"))
        walked = Walk(replace(site, fitted=fitted, **more)).ready()  # type: ignore[arg-type]
        walked(Touched("help"), Touched("call"))
        return walked(events.HelpChanged("c1")) if walked.state.kiosk.link_up else walked

    closed = events.OutlookChanged(outlook(is_open=False))
    remote = {"remote_phone": "021-0000-0002", "remote_hours_zh": "8:00–22:00"}
    return {
        "help-counting": called().wait(12).state,
        "help-again": called().wait(47).state,
        "help-nobody": called().wait(63).state,
        "help-nobody-no-catalogue": called()(
            events.CatalogueChanged(wire.Catalogue(version="0", groups=[], matters=[]))
        )
        .wait(63)
        .state,
        "help-who": called()(events.HelpChanged("c1", True, "3号窗口", "Window 3")).wait(20).state,
        "help-lamp-only": Walk(replace(site, fitted=frozenset(DEVICES)))
        .ready()(events.LinkChanged(up=False), events.KeyPressed("call"))
        .wait(48)
        .state,
        "help-night": Walk(site).ready()(closed, Touched("help")).state,
        "help-night-remote": Walk(replace(site, **remote)).ready()(closed, Touched("help")).state,  # type: ignore[arg-type]
        "help-night-called": called(**remote)(closed).wait(5).state,
    }


def _left(site: Site) -> dict[str, State]:
    def lying(*before: events.Event) -> Walk:
        return Walk(site).ready()(*before, CARD, Touched("help"), events.Idle())

    told = lying().wait(32)
    known = lying().wait(32)
    left = known.state.kiosk.left_card
    known(events.Replied(wire.LeftReply(id=left.told if left else "")))
    waits = {"still-there-late": Walk(site).ready()(*TAKE[:2]).wait(82).state}
    return {
        "card-left": lying().wait(3).state,
        "card-left-told": told.state,
        "card-left-known": known.state,
        "card-left-no-link": lying()(events.LinkChanged(up=False)).wait(32).state,
        "start-card-left": lying()(Touched("serve-others")).state,
        **waits,
    }
