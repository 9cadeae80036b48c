"""Walks that lead to every screen, for pictures and for the tests that look at each of them.

Events go through the real flow with the shipped catalogue; only the hall's answers are written down here.
People, numbers and tokens are invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec

from firmware_cfg.catalogue import CATALOGUE
from kiosk import events
from kiosk.events import Event, Touched
from kiosk.flow import Fresh, Site, State, opening, step
from kiosk.flow.pages import Given
from kiosk.flow.state import DEVICES
from kiosk.views import page_view
from kiosk.views.keypad import meant
from queue_server.wire import messages as wire

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
OUTLOOK_S = 30
TOKEN = "k3JmQ2xY7uR0aTzW9bVcEg"  # noqa: S105  (invented)


@cache
def shipped_catalogue() -> wire.Catalogue:
    return msgspec.json.decode(CATALOGUE.read_bytes(), type=wire.Catalogue)


def outlook(
    *,
    waiting: int = 12,
    is_open: bool = True,
    windows: int = 4,
    low: int = 8,
    high: int = 15,
    nobody: str = "",
    hot: Iterable[str] = (),
    texts: bool = True,
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
        hot=list(hot),
        texts=texts,
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
            pressed = isinstance(event, events.KeyPressed)
            what = meant(self.state, event, page_view(self.state)) if pressed else event
            self.state, effects = step(self.state, what, NOW + timedelta(seconds=self.clock_s), fresh)
            self.effects += effects
        return self

    def wait(self, seconds: float) -> Walk:
        """Time passes in steps of a second; a hall that can be heard says every half minute how full it is."""
        for _ in range(int(seconds)):
            self.clock_s += 1
            self(events.Ticked(NOW + timedelta(seconds=self.clock_s), self.clock_s))
            kiosk = self.state.kiosk
            if kiosk.link_up and kiosk.outlook is not None and not kiosk.silent and self.clock_s % OUTLOOK_S == 0:
                self(events.OutlookChanged(kiosk.outlook))
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
