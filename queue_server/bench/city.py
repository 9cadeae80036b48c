"""A city to measure: a broker of its own with passwords and access rules, the shipped server, many halls.

Everything lies in one directory and listens on free ports of 127.0.0.1. The server is the very process that
``python -m queue_server serve`` starts, with its timers, pages and fleet; nothing is switched off for the
figures. Tests that kill servers use the same rig.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from queue_server import broker, config
from queue_server.bench.load import Terminal
from queue_server.children import die_with_parent

READY_S = 60.0
MATTER = "M001"
SITE = "bench"
COUNTERS = 4
WEST_END = -12
"""Hours: no time zone is further behind."""


class NotReady(RuntimeError):  # noqa: N818  (named for the condition)
    """A child did not come up; the text ends with its last words."""


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def hall_name(n: int) -> str:
    return f"hall-{n:03d}"


def device_name(n: int) -> str:
    return f"kiosk-{n:03d}"


def morning_zone(now: datetime) -> str:
    """The time zone in which it is ten o'clock now: what is measured or tried here must not meet midnight."""
    ahead = 10 - now.astimezone(UTC).hour
    if ahead < WEST_END:
        ahead += 24
    return f"Etc/GMT{-ahead:+d}"  # POSIX counts hours behind Greenwich


def plans_toml(halls: int, calls_gap_s: int = 20) -> str:
    """``halls`` halls with ``COUNTERS`` windows, open round the clock, one kiosk each; invented names."""
    day = '"00:00-24:00"'
    lines = [f'[[site]]\nid = "{SITE}"\nname_zh = "测试中心"\nname_en = "Bench Centre"']
    lines += [
        f'[[site.device]]\nid = "{device_name(n)}"\nhalls = ["{hall_name(n)}"]\n'
        'owner = "值班员(示例)"\nowner_phone = "000-0000"'
        for n in range(halls)
    ]
    for n in range(halls):
        lines.append(
            f'[[site.hall]]\nid = "{hall_name(n)}"\nname_zh = "{n}号大厅"\nname_en = "Hall {n}"\n'
            f'address_zh = "示例路{n}号"\ntz = "{morning_zone(datetime.now(UTC))}"\nopen_on_holidays = true\n'
            f"week = [{', '.join([day] * 7)}]\nrules = {{ call_gap_s = {calls_gap_s} }}"
        )
        lines += [
            f'[[site.hall.counter]]\nid = "{c}"\nname_zh = "{c}号窗口"\nname_en = "Window {c}"'
            for c in range(1, COUNTERS + 1)
        ]
    return "\n".join(lines) + "\n"


@dataclass
class City:
    """Broker and server of ``halls`` halls under ``directory``. ``environment`` is added to the server's."""

    directory: Path
    halls: int = 50
    database: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    server_id: str = "server-1"
    guests: tuple[str, ...] = ()
    """Who may enter the broker besides the terminals of the plans."""
    mqtt_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    broker: broker.Broker = field(init=False)
    server: subprocess.Popen[bytes] | None = None
    secret: str = ""
    """The first start's one-time staff secret, as the server printed it."""

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.plans_path = self.directory / "plans.toml"
        self.plans_path.write_text(plans_toml(self.halls), encoding="utf-8")
        self.plans = config.load_plans(self.plans_path)
        self.broker = broker.embedded(self.directory, [*self.plans.devices, *self.guests], port=self.mqtt_port)
        self.log = self.directory / f"{self.server_id}.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.directory.resolve() / 'halls.db'}"

    def second(self, server_id: str) -> City:
        """Another server of the same city: same broker, same database, same secrets, its own pages."""
        return City(self.directory, self.halls, self.database, server_id=server_id, mqtt_port=self.mqtt_port)

    def terminals(self) -> tuple[Terminal, ...]:
        return tuple(
            Terminal(hall_name(n), device_name(n), broker.password(self.directory, device_name(n)))
            for n in range(self.halls)
        )

    def start_server(self, environment: Mapping[str, str] | None = None, *, wait: bool = True) -> float:
        """Start the shipped server; return the seconds until it was ready. Raises NotReady."""
        began = time.monotonic()
        database = ["--database", self.database] if self.database else []
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                [
                    sys.executable, "-m", "queue_server", "serve", "--var", str(self.directory),
                    "--plans", str(self.plans_path), "--mqtt-port", str(self.mqtt_port),
                    "--http-port", str(self.http_port), "--server-id", self.server_id, *database,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment, **(environment or {})},
                preexec_fn=die_with_parent,  # noqa: PLW1509  (one prctl call; see children)
            )  # fmt: skip
        if wait:
            self.until(self.healthy, "the server")
            found = re.search(r"one-time secret (\S+)", self.log.read_text(encoding="utf-8"))
            self.secret = found[1] if found else self.secret
        return time.monotonic() - began

    def healthy(self) -> bool:
        """The server answers, every part runs, and it is connected to the broker."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2.0) as response:  # noqa: S310  (our own)
                health = json.load(response)
        except (OSError, urllib.error.URLError, ValueError):
            return False
        return bool(health["ok"] and health["broker"])

    def until(self, ready: Callable[[], bool], what: str, patience_s: float = READY_S) -> None:
        """Wait for ``ready``. Raises NotReady when the server ends or it takes too long."""
        deadline = time.monotonic() + patience_s
        while not ready():
            ended = self.server is not None and self.server.poll() is not None
            if ended or time.monotonic() > deadline:
                raise NotReady(f"{what} {'ended' if ended else 'is not ready'}: {self.last_words()}")
            time.sleep(0.02)

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])

    def stop_server(self) -> int:
        """SIGTERM, and its exit code."""
        server, self.server = self.server, None
        if server is None:
            return 0
        server.terminate()
        try:
            return server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            return server.wait()

    def kill_server(self) -> None:
        """SIGKILL: the power goes."""
        server, self.server = self.server, None
        if server is not None:
            with contextlib.suppress(ProcessLookupError):
                server.send_signal(signal.SIGKILL)
            server.wait()

    def stop(self) -> None:
        self.stop_server()
        self.broker.stop()
