"""A house for the pages: the real desk on SQLite, vault, staff list and fleet; a clock that is set by hand."""

from __future__ import annotations

import base64
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import argon2
import msgspec
import pytest
import uuid6
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient
from nacl.public import PublicKey, SealedBox
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from queue_server.auth import Auth, Role
from queue_server.clock import SetClock
from queue_server.config import Settings, load_plans
from queue_server.desk import Desk
from queue_server.domain import booking, messages
from queue_server.domain.answers import Answer, BookedAnswer, TicketAnswer
from queue_server.domain.messages import Command
from queue_server.domain.state import Hall
from queue_server.fleet import Fleet
from queue_server.http.app import build
from queue_server.orders import Commander, TechnicianCodes, signing_key
from queue_server.people.keys import load_keys
from queue_server.people.vault import Identity, Vault
from queue_server.plans import Plans
from queue_server.store.database import metadata, open_engine
from queue_server.store.log import EventLog

MORNING = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
HALL = "xinghe-hall"
PASSWORD = "a long enough phrase"
# argon2id with the smallest costs: what is tested is who may enter, not how slow guessing is
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class House:
    desk: Desk
    vault: Vault
    auth: Auth
    fleet: Fleet
    plans: Plans
    clock: SetClock
    app: Litestar
    commander: Commander
    codes: TechnicianCodes

    @property
    def hall(self) -> Hall:
        return self.desk.hall(HALL)

    def ask(self, command: Command) -> Answer:
        return self.desk.ask(HALL, command).result(10)[0]

    def take(self, matter: str = "", **more: Any) -> TicketAnswer:
        """A walk-in takes a number at the kiosk."""
        matters = (matter or self.matter(),)
        token = secrets.token_urlsafe(16)
        answer = self.ask(messages.TakeTicket(id=new_id(), by="kiosk:kiosk-01", matters=matters, token=token, **more))
        assert isinstance(answer, TicketAnswer), answer
        return answer

    def matter(self, **wanted: Any) -> str:
        """Some matter of the catalogue with these properties."""
        wanted = {"skill": None, "sensitive": False, "bookable": True} | wanted
        return next(
            m.id for m in self.plans.halls[HALL].matters.values() if all(getattr(m, k) == v for k, v in wanted.items())
        )

    def check_in(self, identity: Identity) -> TicketAnswer:
        """Somebody known has booked the next slot and checks in by card, a little early."""
        ref = self.vault.remember(identity)
        today = self.hall.business_date or self.clock().date()
        start = next(o.start for o in booking.offers(self.hall, (self.matter(),), today, self.clock()) if o.free)
        booked = self.ask(
            messages.BookSlot(
                id=new_id(),
                by="phone",
                appointment_id=secrets.token_urlsafe(9),
                code=f"{secrets.randbelow(10**8):08d}",
                matters=(self.matter(),),
                slot_start=start,
                person_ref=ref,
            )
        )
        assert isinstance(booked, BookedAnswer), booked
        answer = self.ask(
            messages.CheckIn(id=new_id(), by="kiosk:kiosk-01", token=secrets.token_urlsafe(16), person_ref=ref)
        )
        assert isinstance(answer, TicketAnswer), answer
        return answer

    def path(self, ticket: TicketAnswer) -> str:
        return f"/t/{HALL}/{ticket.business_date:%Y%m%d}/{ticket.number}/{ticket.token}"

    def account(self, name: str, *roles: Role) -> None:
        """A colleague, invited and set up."""
        secret = self.auth.first_secret()
        if secret is not None:
            self.auth.accept(secret, "first", "首位", PASSWORD)
        first = next(a for a in self.auth.everyone() if a.name == "first")
        self.auth.accept(self.auth.invite(first, frozenset(roles)), name, name.title(), PASSWORD)


class Browser:
    """A signed-in browser: keeps its cookie and knows its CSRF token."""

    def __init__(self, client: TestClient[Litestar], name: str) -> None:
        self.client, self.name = client, name
        reply = client.post("/staff/sign-in", data={"name": name, "password": PASSWORD}, follow_redirects=False)
        assert reply.status_code == 303, reply.text
        self.cookie = reply.cookies["jiaohao"]
        client.cookies.clear()
        staff = self.get("/staff")
        found = re.search(r'name="csrf" value="([^"]+)"', staff.text)
        assert found is not None
        self.csrf = found.group(1)

    def again(self) -> Browser:
        """Signed in anew: the console had locked itself."""
        return Browser(self.client, self.name)

    def get(self, path: str, **more: Any) -> Any:
        headers = {"cookie": f"jiaohao={self.cookie}", "accept": "text/html"} | more.pop("headers", {})
        return self.client.get(path, headers=headers, follow_redirects=False, **more)

    def post(self, path: str, **more: Any) -> Any:
        headers = {"cookie": f"jiaohao={self.cookie}", "x-csrf": self.csrf} | more.pop("headers", {})
        return self.client.post(path, headers=headers, follow_redirects=False, **more)

    def at_work(self, clock: SetClock, minutes: int) -> None:
        """Time passes while somebody keeps touching the console."""
        for _ in range(minutes):
            clock.forward(minutes=1)
            assert self.post("/staff/here").status_code == 204

    def press(self, counter: str, action: str, **data: Any) -> Any:
        """One key of the console."""
        path = f"/api/staff/halls/{HALL}/counters/{counter}/{action}"
        return self.post(path, json={"id": new_id(), **data})


def new_id() -> str:
    return str(uuid6.uuid7())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = SetClock(MORNING)
    engine, side = (open_engine(f"sqlite:///{tmp_path / name}.db") for name in ("halls", "side"))
    plans = load_plans()
    desk = Desk(EventLog(engine), plans.halls, clock, server_id="one", server_url="http://one.example")
    vault = Vault(side, load_keys(tmp_path / "secrets"), clock)
    auth = Auth(side, clock, hasher=QUICK)
    fleet = Fleet(side, plans, clock)
    metadata.create_all(side)
    settings = Settings(tmp_path, "", "", links={"bench": "http://127.0.0.1:8090/"})
    keys = load_keys(tmp_path / "secrets")
    commander = Commander(side, plans, signing_key(tmp_path / "secrets"), clock, new_id)
    codes = TechnicianCodes(side, keys, clock)
    app = build(desk, vault, auth, fleet, plans, settings, clock, commander=commander, codes=codes)
    fleet.start()
    desk.start()
    yield House(desk, vault, auth, fleet, plans, clock, app, commander, codes)
    desk.stop()
    fleet.stop()
    engine.dispose()
    side.dispose()


@pytest.fixture
def client(house: House) -> Iterator[TestClient[Litestar]]:
    with TestClient(house.app) as running:
        yield running


@pytest.fixture
def sign_in(house: House, client: TestClient[Litestar]) -> Callable[..., Browser]:
    def new_browser(name: str, *roles: Role) -> Browser:
        house.account(name, *roles)
        return Browser(client, name)

    return new_browser


@pytest.fixture
def seal(house: House) -> Callable[[Identity], str]:
    """What a kiosk sends of a card: sealed to the vault's public key."""

    def sealed(identity: Identity) -> str:
        plain = msgspec.json.encode({"number": identity.number, "name": identity.name})
        return base64.b64encode(SealedBox(PublicKey(house.vault.public_key())).encrypt(plain)).decode()

    return sealed


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The pages on a real server and port, as browsers meet them."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(house.app, log_config=None, lifespan="on", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    house.app.state.door.hub.close()
    server.should_exit = True
    thread.join()
    listening.close()


def until(true: Callable[[], Any], within_s: float = 15.0) -> Any:
    """What ``true`` gives once it is true; fails at the deadline."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = true()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not become true in time")


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., Any]:
    return until


@pytest.fixture
def open_window(tmp_path: Path) -> Iterator[Callable[..., Chrome]]:
    """Real Chromium windows, headless, closed afterwards."""
    opened: list[Chrome] = []

    def window(width: int = 1366, height: int = 768) -> Chrome:
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--user-data-dir={tmp_path / f'chromium-{len(opened)}'}",
            f"--window-size={width},{height}",
            "--autoplay-policy=no-user-gesture-required",
        ):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        opened.append(Chrome(options=options, service=Service("/usr/bin/chromedriver")))
        return opened[-1]

    yield window
    for each in opened:
        each.quit()
