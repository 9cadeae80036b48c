"""A hall that really runs: `make run`'s launcher on free ports, its kiosk under a virtual display, a real browser.

Nothing is replaced: mosquitto, the server on SQLite, the simulators behind ptys, the Kivy window touched by
xdotool, Chromium for console, board and phone.
"""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import paho.mqtt.client as mqtt
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from queue_server.bench.city import morning_zone
from queue_server.config import DEMO
from queue_server.wire import topics

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
FIRST = {"name": "wang", "password": "an invented pass phrase"}
"""Of the staff."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", default=None, help="write photographs of screens and pages into this directory")


def until(what: str, ask: Callable[[], T], patience_s: float = PATIENCE_S, said: object = None) -> T:
    """Ask until the answer is true; fail with ``what`` was awaited, the last answer, and what ``said`` holds."""
    deadline = time.monotonic() + patience_s
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"waited {patience_s:.0f} s for {what}; last answer: {answer!r} {said or ''}")
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


@dataclass
class Hall:
    """The running hall as its people reach it."""

    var: Path
    ports: dict[str, int]
    plans: Path
    profile: str = "demo"
    kiosk: bool = True
    lines: list[str] = field(default_factory=list)
    account: bool = False
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        options = [part for name, port in self.ports.items() for part in (f"--{name}-port", str(port))]
        self.lines.clear()
        self.var.mkdir(parents=True, exist_ok=True)
        if not (self.var / "fonts").exists():
            (self.var / "fonts").symlink_to(ROOT / "var" / "fonts")  # extracted once, by the installation
        environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "queue_server.run", "--var", str(self.var), "--profile", self.profile),
                *("--plans", str(self.plans), *options, *([] if self.kiosk else ["--no-kiosk"])),
            ],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until("the hall to open", lambda: self._open() or self.process.poll() is not None, 120)
        assert self._open(), "\n".join(self.lines)

    def _read(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self.lines.append(line.rstrip())

    def _open(self) -> bool:
        return any("is open" in line for line in self.lines)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self._reader.join(10)
        return code

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}"

    @property
    def bench(self) -> str:
        return f"http://127.0.0.1:{self.ports['bench']}"

    def messages(self) -> list[dict[str, str]]:
        """What phones have been told, as the simulated gateway keeps it."""
        page = httpx.get(self.url).raise_for_status().text
        found = re.search(r'href="([^"]+)"[^>]*>(?:\s|<[^>]*>)*模拟短信', page)
        assert found is not None
        sent: list[dict[str, str]] = httpx.get(f"{found[1]}api/messages").raise_for_status().json()["sent"]
        return sent

    @property
    def secret(self) -> str:
        """The one-time secret that the first start printed."""
        found = until(
            "the one-time secret",
            lambda: [m for line in self.lines if (m := re.search(r"secret\D*?([A-Za-z0-9_-]{16,})", line))],
        )
        return found[0][1]

    def let_in(self, browser: webdriver.Chrome) -> None:
        """Sign in as the first of the staff, who has every role; the very first time with the printed secret."""
        entries = dict(FIRST)
        page = "sign-in"
        if not self.account:
            page = "setup"
            entries |= {"secret": self.secret, "display": "小王"}
        browser.get(f"{self.url}/staff/{page}")
        for name, value in entries.items():
            browser.find_element(By.ID, name).send_keys(value)
        browser.find_element(By.CSS_SELECTOR, "main form button.primary").click()
        until("to be signed in", lambda: page not in browser.current_url)
        self.account = True

    def staff(self) -> httpx.Client:
        """The first of the staff as a program, for what stands behind the pages; to be closed."""
        client = httpx.Client(base_url=self.url, follow_redirects=True)
        if self.account:
            client.post("/staff/sign-in", data=FIRST).raise_for_status()
        else:
            new = {**FIRST, "secret": self.secret, "display": "小王"}
            client.post("/staff/setup", data=new).raise_for_status()
        self.account = True
        found = re.search(r'data-csrf="([^"]+)"', client.get("/alarms/xinghe-hall").raise_for_status().text)
        assert found is not None
        client.headers["X-CSRF"] = found[1]
        return client

    def lay(self, card: str) -> None:
        httpx.post(f"{self.bench}/api/idcard/lay", json={"card": card}).raise_for_status()

    def lift(self) -> None:
        httpx.post(f"{self.bench}/api/idcard/lift").raise_for_status()

    def show(self, code: str) -> None:
        httpx.post(f"{self.bench}/api/scanner/show", json={"text": code}).raise_for_status()

    def bench_state(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.bench}/api/state").raise_for_status().json())

    def handle(self, device: str, action: str, **detail: object) -> None:
        """A hand at the simulated device, as on the bench's page."""
        httpx.post(f"{self.bench}/api/{device}/{action}", json=detail).raise_for_status()

    def printer(self, what: str) -> None:
        """``tear``, ``load``, ``open``, ``close``: a hand at the simulated printer."""
        httpx.post(f"{self.bench}/api/printer/{what}").raise_for_status()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """A terminal's request over MQTT, as kiosk-01, and the hall's reply."""
        replies: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="journey", protocol=mqtt.MQTTv311)
        client.username_pw_set("kiosk-01", (self.var / "secrets" / "mqtt-kiosk-01").read_text().strip())
        client.on_message = lambda _c, _u, message: replies.put(json.loads(message.payload))
        client.on_subscribe = lambda c, *_: c.publish(
            topics.request("xinghe-hall", "kiosk-01"), json.dumps(request), qos=1
        )
        client.on_connect = lambda c, *_: c.subscribe(topics.response("xinghe-hall", "kiosk-01"), qos=1)
        client.connect("127.0.0.1", self.ports["mqtt"])
        client.loop_start()
        try:
            return replies.get(timeout=PATIENCE_S)
        finally:
            client.disconnect()
            client.loop_stop()

    def home(self) -> None:
        """Leave whatever the kiosk shows, as a citizen who has finished."""
        shown = self.screen()
        if shown.get("screen") != "Start":
            self.touch(next(way for way in ("home", "leave", "back") if way in shown["targets"]))
        self.reaches("Start")

    def tickets(self) -> list[dict[str, Any]]:
        """Print-outs as the simulated printer understood them, newest first."""
        answer = httpx.get(f"{self.bench}/api/tickets").raise_for_status().json()
        return list(answer)

    def screen(self) -> dict[str, Any]:
        """What the kiosk shows: the screen's name and its targets' rectangles."""
        try:
            shown: dict[str, Any] = json.loads((self.var / "run" / "kiosk-screen.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return shown

    def touch(self, action: str) -> None:
        """A finger on the target of that name: a real pointer event in the kiosk's window."""
        shown: dict[str, Any] = {}

        def place() -> list[int] | None:
            shown.update(self.screen())
            found: list[int] | None = shown.get("targets", {}).get(action)
            return found

        x, y, width, height = until(f"{action} on the screen", place, said=shown)
        display = (self.var / "run" / "display").read_text()
        point = [str(round(x + width / 2)), str(round(y + height / 2))]
        subprocess.run(
            ["xdotool", "mousemove", *point, "mousedown", "1", "sleep", "0.12", "mouseup", "1"],
            env={**os.environ, "DISPLAY": display},
            check=True,
        )

    def reaches(self, screen: str) -> dict[str, Any]:
        shown: dict[str, Any] = {}

        def there() -> dict[str, Any]:
            shown.clear()
            shown.update(self.screen())
            return shown if shown.get("screen") == screen else {}

        return until(f"the kiosk to show {screen}", there, said=shown)

    def photograph(self, path: Path) -> None:
        display = (self.var / "run" / "display").read_text()
        subprocess.run(["import", "-window", "root", "-display", display, str(path)], check=True)


def daytime(path: Path) -> Path:
    """The demonstration city, moved to where it is late morning now: a journey must not meet midnight."""
    zone = morning_zone(datetime.now(UTC))
    path.write_text(DEMO.read_text(encoding="utf-8").replace("Asia/Shanghai", zone), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def make_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Hall]]:
    made: list[Hall] = []

    def make(*, kiosk: bool = True, profile: str = "demo") -> Hall:
        names = ("http", "bench", "screen", "vnc", "mqtt")
        base = tmp_path_factory.mktemp("hall")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        made.append(Hall(base / "var", ports, daytime(base / "city.toml"), profile, kiosk))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.stop()


@pytest.fixture
def new_hall(make_hall: Callable[..., Hall]) -> Callable[..., Hall]:
    return make_hall


@pytest.fixture(scope="session")
def hall(make_hall: Callable[..., Hall]) -> Iterator[Hall]:
    """One hall with its kiosk for the journeys of a run."""
    running = make_hall()
    running.start()
    yield running
    assert running.stop() == 0
    for port in running.ports.values():
        with closing(socket.socket()) as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, f"port {port} was left behind"


@dataclass
class Fleet:
    """What a terminal tells its site: the latest birth or heartbeat of each, as the server hears it."""

    latest: dict[str, dict[str, Any]] = field(default_factory=dict)

    def peripherals(self, device: str) -> dict[str, dict[str, Any]]:
        return {p["name"]: p for p in self.latest.get(device, {}).get("peripherals", [])}

    def conditions(self, device: str) -> dict[str, str]:
        return {name: p["condition"] for name, p in self.peripherals(device).items()}


@pytest.fixture
def fleet(hall: Hall) -> Iterator[Fleet]:
    heard = Fleet()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="journey-fleet", protocol=mqtt.MQTTv311)
    client.username_pw_set("server", (hall.var / "secrets" / "mqtt-server").read_text().strip())

    def on_message(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        _jh, _one, _site, _place, device, _up, what = message.topic.split("/")
        if what in {"birth", "hb"}:
            heard.latest[device] = json.loads(message.payload)

    client.on_message = on_message
    client.on_connect = lambda c, *_: c.subscribe(f"{topics.ROOT}/site/+/+/up/+", qos=1)
    client.connect("127.0.0.1", hall.ports["mqtt"])
    client.loop_start()
    yield heard
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def signed_in(hall: Hall) -> Callable[[webdriver.Chrome], None]:
    """Signs a browser in as the first clerk: by the printed one-time secret once, then by name and password."""
    return hall.let_in


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., Any]:
    return until


@pytest.fixture
def browsers(tmp_path: Path) -> Iterator[Callable[[int, int], webdriver.Chrome]]:
    """Chromium windows of the asked sizes, each a person of its own."""
    opened: list[webdriver.Chrome] = []

    def open_one(width: int, height: int) -> webdriver.Chrome:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN",
            f"--user-data-dir={tmp_path / f'browser-{len(opened)}'}", f"--window-size={width},{height}",
        ):  # fmt: skip
            options.add_argument(argument)
        opened.append(webdriver.Chrome(options, Service("/usr/bin/chromedriver")))
        opened[-1].execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        return opened[-1]

    yield open_one
    for driver in opened:
        driver.quit()
