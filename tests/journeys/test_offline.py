"""The line is cut in the middle of a morning: shipped server, broker, link and store, without screen and devices.

Tickets are taken, one is called at a window by its code before anything is synchronised, the broker returns, and
everything is in the hall, once, in the order in which people came; who is booked has checked in by a number of the
terminal's own. What it took is printed, not asserted.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uuid6

from firmware_cfg.load import load_profile
from firmware_cfg.profile import Profile
from kiosk.app import Kiosk
from kiosk.events import CodeRead, Stamped, Touched
from kiosk.flow import pages
from kiosk.hall_clock import HallClock
from kiosk.link import Link
from kiosk.outbox import Outbox
from kiosk.own_numbers import OwnNumbers
from kiosk.slips import page_address
from queue_server.bench.city import City, device_name, hall_name
from queue_server.bench.clerks import ACCOUNT, PASSWORD, Console

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]
HALL, KIOSK = hall_name(0), device_name(0)


class Absent:
    """Screen, speech and devices: whatever they are asked, nothing comes of it."""

    height = 0

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        return lambda *_args, **_more: ()


class Terminal:
    """The kiosk's own loop, stepped by the test."""

    def __init__(self, profile: Profile) -> None:
        self.inbox: queue.SimpleQueue[Stamped] = queue.SimpleQueue()
        self.outbox = Outbox(profile.var.path / "outbox.db")
        clock = HallClock(profile.var.path / "hall-clock.json")
        self.own = OwnNumbers(profile, self.outbox, clock, lambda news: self.inbox.put(Stamped(None, news)))
        self.link = Link(profile, self.outbox, self.inbox, own=self.own)
        self.kiosk = Kiosk(profile, Absent(), self.inbox, self.link, Absent(), Absent(), own=self.own)  # type: ignore[arg-type]
        self.link.start()
        self.own.start(self.link)

    @property
    def page(self) -> pages.Page:
        return self.kiosk.state.session.page

    def until(self, what: str, true: Callable[[], Any], patience_s: float = 90.0) -> Any:
        deadline = time.monotonic() + patience_s
        while True:
            self.kiosk.drain()
            self.kiosk.tick()
            found = true()
            if found:
                return found
            assert time.monotonic() < deadline, f"waited for {what} on {self.page}; unanswered: {self.outbox.pending()}"
            time.sleep(0.02)

    def take(self, matter: str) -> pages.Given:
        """A citizen takes a number and goes."""
        for touch in (Touched("take-ticket"), Touched("matter", matter), Touched("take-without-paper")):
            self.kiosk.touched(touch.action, touch.value)
        given = self.until("a ticket", lambda: self.page if isinstance(self.page, pages.Given) else None)
        assert isinstance(given, pages.Given)
        self.kiosk.touched("leave", "")
        return given

    def book(self, matter: str) -> str:
        """A citizen books the next place that is free, and is told the code."""
        for touch in (Touched("take-ticket"), Touched("matter", matter), Touched("book")):
            self.kiosk.touched(touch.action, touch.value)
        days = self.until("the days", lambda: self.page if isinstance(self.page, pages.Days) else None)
        self.kiosk.touched("day", next(day.day.isoformat() for day in days.reply.days if day.free))
        slots = self.until("the slots", lambda: self.page if isinstance(self.page, pages.Slots) else None)
        self.kiosk.touched("slot", next(slot.start.isoformat() for slot in slots.reply.slots if slot.free))
        self.kiosk.touched("book-nameless", "")
        booked = self.until("the booking", lambda: self.page if isinstance(self.page, pages.Booked) else None)
        self.kiosk.touched("leave", "")
        return str(booked.reply.code)

    def check_in(self, code: str) -> pages.Given:
        """Somebody booked holds the code to the scanner, and the hall cannot be heard; stays on the page."""
        self.kiosk.take(CodeRead(code))
        assert self.page == pages.SaysBooked()
        self.kiosk.touched("take", "")
        assert isinstance(self.page, pages.Given)
        return self.page

    def close(self) -> None:
        self.own.stop()
        self.link.stop()
        self.outbox.close()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    made = City(tmp_path / "city", halls=1)
    made.broker.start()
    made.start_server()
    yield made
    made.stop()


@pytest.fixture
def terminal(tmp_path: Path, city: City) -> Iterator[Terminal]:
    settings = {
        "kiosk.id": KIOSK,
        "kiosk.site": "bench",
        "kiosk.hall": HALL,
        "kiosk.public_url": city.url,
        "broker.port": city.mqtt_port,
        "broker.password_file": city.directory / "secrets" / f"mqtt-{KIOSK}",
        "var.path": tmp_path / "kiosk",
        "speech.enabled": "false",
    }
    profile = load_profile("demo", [f"{name}={value}" for name, value in settings.items()])
    made = Terminal(profile)
    made.until("blocks for a day", lambda: sum(made.kiosk.state.kiosk.own_numbers.values()) >= 500)
    yield made
    made.close()


@pytest.fixture
def clerk(city: City) -> Iterator[Console]:
    console = Console("127.0.0.1", city.http_port)
    console.sign_in("/staff/setup", secret=city.secret, name=ACCOUNT, display="Bench", password=PASSWORD)
    console.press(HALL, "1", "open", str(uuid6.uuid7()))
    yield console
    console.close()


def test_a_morning_without_the_line(city: City, terminal: Terminal, clerk: Console) -> None:
    matters = [terminal.kiosk.state.kiosk.catalogue.hot[n % 3] for n in range(20)]
    terminal.take(matters[0])  # by the hall, unless this machine is so busy that it does not answer in time
    code = terminal.book(matters[0])

    cut = time.monotonic()
    city.broker.kill()
    terminal.until("the link to be missed", lambda: not terminal.kiosk.state.kiosk.link_up)
    missed = time.monotonic()
    given = [terminal.take(matter) for matter in matters]
    took = (time.monotonic() - missed) / len(given)
    assert all(one.own == "waiting" for one in given)
    numbers = [one.ticket.number for one in given]
    assert len(set(numbers)) == len(numbers)
    checked_in = terminal.check_in(code)
    assert (checked_in.own, checked_in.booked) == ("waiting", "said")

    shown = page_address(terminal.kiosk.state.kiosk.site, given[7].ticket)
    phone = httpx.get(shown)
    assert phone.status_code == 200
    assert numbers[7] in phone.text
    assert "尚未同步" in phone.text
    assert clerk.press(HALL, "1", "call-paper", str(uuid6.uuid7()), paper=shown) == (numbers[7], "")

    city.broker.start()
    began = time.monotonic()
    terminal.until("the link", lambda: terminal.kiosk.state.kiosk.link_up)
    again = time.monotonic()
    terminal.until("all to be known to the hall", lambda: not terminal.outbox.pending())
    done = time.monotonic()
    assert isinstance(terminal.page, pages.Given)
    assert (terminal.page.ticket.number, terminal.page.booked) == (checked_in.ticket.number, "met")
    terminal.kiosk.touched("leave", "")
    print(
        f"missed after {missed - cut:.2f} s; {took * 1000:.0f} ms a ticket;"
        f" link {again - began:.2f} s after the broker; {len(given)} recorded {done - again:.2f} s later"
    )
    for one in given:
        page = httpx.get(page_address(terminal.kiosk.state.kiosk.site, one.ticket), follow_redirects=True)
        assert page.status_code == 200
        assert one.ticket.number in page.text
        assert "尚未同步" not in page.text
    while terminal.take(matters[0]).own != "":
        pass  # and again by the hall


def test_a_server_that_dies_behind_a_living_broker(city: City, terminal: Terminal) -> None:
    """The link is up and nobody answers: the citizen waits a little, gets one number, and it is one visit."""
    city.kill_server()
    first = terminal.take(terminal.kiosk.state.kiosk.catalogue.hot[0])
    second = terminal.take(terminal.kiosk.state.kiosk.catalogue.hot[0])
    assert (first.own, second.own) == ("waiting", "waiting")
    city.start_server()
    terminal.until("both to be known to the hall", lambda: not terminal.outbox.pending())
    for one in (first, second):
        page = httpx.get(page_address(terminal.kiosk.state.kiosk.site, one.ticket), follow_redirects=True)
        assert one.ticket.number in page.text
    outlook = terminal.until("the hall's word", lambda: terminal.kiosk.state.kiosk.outlook)
    terminal.until("two to wait", lambda: terminal.kiosk.state.kiosk.outlook.waiting == 2)
    assert outlook is not None
