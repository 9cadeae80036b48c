"""Walks that lead to every screen, for pictures and for the tests that look at each of them.

Events go through the real flow with the shipped catalogue; only the hall's answers are written down here.
People, numbers and tokens are invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec

from firmware_cfg.catalogue import CATALOGUE
from kiosk import events
from kiosk.events import Event, Touched
from kiosk.flow import Fresh, Site, State, opening, step
from kiosk.flow.pages import Given
from kiosk.flow.state import DEVICES
from queue_server.wire import messages as wire

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
TOKEN = "k3JmQ2xY7uR0aTzW9bVcEg"  # noqa: S105  (invented)


def shipped_catalogue() -> wire.Catalogue:
    return msgspec.json.decode(CATALOGUE.read_bytes(), type=wire.Catalogue)


def outlook(
    *, waiting: int = 12, is_open: bool = True, windows: int = 4, low: int = 8, high: int = 15, nobody: str = ""
) -> wire.Outlook:
    groups = [
        wire.GroupOutlook(group=letter, name_zh="", name_en="", waiting=waiting // 3, wait_min_low=5, wait_min_high=12)
        for letter in "ABCDEFGHJKNPR"
    ]
    return wire.Outlook(
        at=NOW,
        open=is_open,
        waiting=waiting,
        wait_min_low=low,
        wait_min_high=high,
        groups=groups,
        windows_open=windows,
        nobody=nobody,
        next_opening=None if is_open else NOW + timedelta(hours=22, minutes=15),
    )


def ticket(request: str, *, number: str = "A023", ahead: int = 5, booked: bool = False) -> wire.TicketReply:
    return wire.TicketReply(
        id=request,
        number=number,
        group="A",
        group_zh="社保",
        group_en="Social security",
        ticket=f"20261120-{number}",
        token=TOKEN,
        business_date=date(2026, 11, 20),
        matters=["M034"],
        ticket_kind="appointment" if booked else "walk-in",
        checked_in_at=NOW,
        promised_by=NOW + timedelta(minutes=10 if booked else 30),
        ahead=ahead,
        wait_min_low=8,
        wait_min_high=15,
        hall_zh="演示大厅",
        hall_en="Demo Hall",
        area_zh="二号等候区",
        area_en="Waiting area 2",
        path=f"/t/demo/20261120/{number}/{TOKEN}",
        slot_start=NOW if booked else None,
    )


def refused(request: str, code: str, zh: str, en: str, choices: Iterable[wire.Choice] = ()) -> wire.RefusedReply:
    return wire.RefusedReply(id=request, code=code, zh=zh, en=en, choices=list(choices))


class Walk:
    """A kiosk that is walked through: ``walk(Touched("take-ticket"), ...)``; each step gets fresh ids by count."""

    def __init__(self, site: Site) -> None:
        self.state: State = opening(site, NOW, "s0")
        self.count = 0
        self.clock_s = 0.0
        self.effects: list[object] = []

    def __call__(self, *happened: Event) -> Walk:
        for event in happened:
            self.count += 1
            fresh = Fresh(f"s{self.count}", request_id(self.count), TOKEN, f"j{self.count}")
            self.state, effects = step(self.state, event, NOW + timedelta(seconds=self.clock_s), fresh)
            self.effects += effects
        return self

    def wait(self, seconds: float) -> Walk:
        """Time passes in steps of a second."""
        for _ in range(int(seconds)):
            self.clock_s += 1
            self(events.Ticked(NOW + timedelta(seconds=self.clock_s), self.clock_s))
        return self

    @property
    def wish(self) -> str:
        """The request id of what was asked last; empty if nothing is on its way."""
        return self.state.session.wish.id if self.state.session.wish else ""

    @property
    def job(self) -> str:
        """The print job of the ticket that is shown."""
        page = self.state.session.page
        return page.job if isinstance(page, Given) else ""

    def ready(self) -> Walk:
        """Everything works."""
        return self(
            events.CatalogueChanged(shipped_catalogue()),
            events.LinkChanged(up=True),
            events.OutlookChanged(outlook()),
            *(events.DeviceChanged(device, "ok") for device in DEVICES),
        )


def request_id(count: int) -> str:
    return f"01939f3c-0000-7000-8000-{count:012x}"


CARD = events.CardRead("张*", "1234", "c2VhbGVk")
TAKE = (Touched("take-ticket"), Touched("matter", "M034"), Touched("take"))


def scenes(site: Site) -> dict[str, State]:
    """Every screen and its states, by name, for one panel; in Chinese and normal size, to be varied by callers."""

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
        "start-closed": walk()(events.OutlookChanged(outlook(is_open=False))).state,
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
        "guide": asked(Touched("guide"), Touched("matter", "M034")).state,
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
