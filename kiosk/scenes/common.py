"""The scenes of the way to a ticket, and of what can happen on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from kiosk import events
from kiosk.events import Event, Touched
from kiosk.flow import Site, State
from kiosk.flow.state import DEVICES
from kiosk.scenes.walk import CARD, NOW, TAKE, Walk, outlook, refused, ticket
from queue_server.wire import messages as wire


def common(site: Site) -> dict[str, State]:
    """By name, for one panel; in Chinese and normal size, to be varied by callers."""

    def walk() -> Walk:
        return Walk(site).ready()

    def asked(*happened: Event) -> Walk:
        return walk()(*happened)

    def fitted_with(*devices: str) -> Walk:
        return Walk(replace(site, fitted=frozenset(devices))).ready()

    keys = "zm" if not site.compact else "96"
    typed = tuple(Touched("key", key) for key in keys)
    taken = asked(*TAKE)
    taken(events.Replied(ticket(taken.wish)))
    printed = asked(*TAKE)
    printed(events.Replied(ticket(printed.wish)))
    printed(events.PrintEnded(printed.job, "printed"))
    unsure = asked(CARD)
    unsure(events.Replied(ticket(unsure.wish, number="B107", ahead=0, booked=True)))
    unsure(events.PrintEnded(unsure.job, "unknown", "no-answer"))
    no_paper = walk()(events.DeviceChanged("printer", "degraded", "paper-out"))
    no_paper(Touched("take-ticket"), Touched("matter", "M034"), Touched("take-without-paper"))
    no_paper(events.Replied(ticket(no_paper.wish)))
    several = asked(CARD)
    choices = [
        wire.Choice(appointment=f"ap{n}", slot_start=NOW + timedelta(minutes=15 * n), matters=[matter])
        for n, matter in enumerate(("M034", "M047", "M001"))
    ]
    several(events.Replied(refused(several.wish, "several-appointments", "", "", choices)))
    none = asked(CARD)
    none(
        events.Replied(
            refused(
                none.wish,
                "no-appointment",
                "没有查到您今天的预约。可以现场取号。",
                "No appointment of yours was found for today. You may take a number here.",
            )
        )
    )
    slow = asked(*TAKE)(events.LinkChanged(up=False)).wait(9)
    number = asked(Touched("check-in"), Touched("type-number"))
    return {
        "start": walk().state,
        "start-nobody": walk()(events.OutlookChanged(outlook(waiting=0))).state,
        "start-at-once": walk()(events.OutlookChanged(outlook(waiting=0, low=0, high=3))).state,
        "start-no-windows": walk()(events.OutlookChanged(outlook(waiting=0, windows=0, low=5, high=30))).state,
        "start-nobody-serves": walk()(
            events.OutlookChanged(outlook(windows=0, low=5, high=30, nobody="no-window-open"))
        ).state,
        "start-link-lost": walk()(events.LinkChanged(up=False)).state,
        "start-no-paper": walk()(events.DeviceChanged("printer", "degraded", "paper-out")).state,
        "start-no-devices": walk()(
            *(events.DeviceChanged(device, "absent", "port-missing") for device in DEVICES)
        ).state,
        "start-no-card": walk()(events.DeviceChanged("idcard", "absent", "no-answer")).state,
        "start-no-call-key": fitted_with("idcard", "printer", "scanner", "panel")(
            events.DeviceChanged("panel", "absent", "device-lost")
        ).state,
        "start-bare": fitted_with().state,
        "start-bare-of-paper": fitted_with("idcard", "scanner").state,
        "choose": asked(Touched("take-ticket")).state,
        "choose-by-hour": walk()(
            events.OutlookChanged(outlook(hot=("M069", "M054", "M060"))), Touched("take-ticket")
        ).state,
        "choose-no-catalogue": Walk(site)(events.LinkChanged(up=True), Touched("take-ticket")).state,
        "themes": asked(Touched("take-ticket"), Touched("themes")).state,
        "theme": asked(Touched("take-ticket"), Touched("theme", "查询打印")).state,
        "theme-last-leaf": asked(Touched("take-ticket"), Touched("theme", "查询打印"), Touched("page", "9")).state,
        "search": asked(Touched("take-ticket"), Touched("search")).state,
        "search-hits": asked(Touched("take-ticket"), Touched("search"), *typed).state,
        "search-no-hit": asked(
            Touched("take-ticket"), Touched("search"), *(Touched("key", keys[0]) for _ in range(9))
        ).state,
        "found": asked(Touched("take-ticket"), Touched("search"), typed[0], Touched("show-found")).state,
        "confirm": asked(*TAKE[:2]).state,
        "confirm-bare-of-paper": fitted_with("idcard", "scanner")(*TAKE[:2]).state,
        "confirm-long": asked(Touched("take-ticket"), Touched("matter", "M058")).state,
        "guide": asked(Touched("services"), Touched("guide"), Touched("matter", "M034")).state,
        "check-in": asked(Touched("check-in")).state,
        "check-in-no-devices": walk()(
            *(events.DeviceChanged(device, "absent", "port-missing") for device in DEVICES), Touched("check-in")
        ).state,
        "check-in-camera": fitted_with("camera")(Touched("check-in")).state,
        "type-number": number(events.TypedProgress(11)).state,
        "type-number-wrong": asked(
            Touched("check-in"),
            Touched("type-number"),
            events.TypedProgress(18),
            events.TypedTrouble("bad-number"),
        ).state,
        "type-code": asked(Touched("check-in"), Touched("type-code"), *(Touched("key", key) for key in "20471")).state,
        "asking": asked(CARD).state,
        "asking-slow": slow.state,
        "several": several.state,
        "ticket-printing": taken.state,
        "ticket": printed.state,
        "ticket-unsure": unsure.state,
        "ticket-without-paper": no_paper.state,
        "refused": none.state,
        "trouble-card": asked(events.CardTrouble("replace-card")).state,
        "trouble-code": asked(events.CodeRead("https://example.org/")).state,
        "help": fitted_with("idcard", "printer", "scanner")(Touched("help")).state,
        "help-panel": fitted_with(*DEVICES)(Touched("help")).state,
        "help-called": fitted_with(*DEVICES)(events.KeyPressed("call"), events.HelpChanged("c1")).state,
        "help-coming": fitted_with(*DEVICES)(events.KeyPressed("call"), events.HelpChanged("c1", coming=True)).state,
        "help-unheard": fitted_with("idcard", "printer")(Touched("help"), Touched("call")).wait(20).state,
        "door-open": fitted_with(*DEVICES)(events.PanelChanged("door", active=True)).state,
        "tamper": fitted_with(*DEVICES)(events.PanelChanged("tamper", active=True)).state,
        "more": asked(Touched("take-ticket"), Touched("more")).state,
        "still-there": asked(*TAKE[:2]).wait(64).state,
        "covered": asked(*TAKE[:2])(Touched("cover")).state,
    }
