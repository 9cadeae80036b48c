"""The server as a process: it starts in order, says what is wrong in one line, ends cleanly, goes on where it was."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from queue_server import broker
from queue_server.bench.city import City

pytestmark = pytest.mark.wire


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    made = City(tmp_path / "city", halls=2)
    made.broker.start()
    yield made
    made.stop()


def serve(city: City, **more: str) -> subprocess.CompletedProcess[str]:
    """A server that is expected to refuse to start."""
    options = {
        "--var": str(city.directory),
        "--plans": str(city.plans_path),
        "--mqtt-port": str(city.mqtt_port),
        "--http-port": str(city.http_port),
    } | {f"--{name}": value for name, value in more.items()}
    command = [sys.executable, "-m", "queue_server", "serve", *(part for pair in options.items() for part in pair)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_it_starts_is_well_and_ends_with_nothing_left(city: City) -> None:
    city.start_server()
    health = httpx.get(f"{city.url}/healthz").json()
    assert health == {"ok": True, "broker": True, "fallen": [], "server": "server-1", "forecast": "estimate"}
    assert city.secret, "the first start says the one-time secret"
    assert city.server is not None
    pid = city.server.pid
    assert city.stop_server() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_open_page_does_not_hold_up_the_end(city: City) -> None:
    city.start_server()
    with httpx.stream("GET", f"{city.url}/board/hall-000/events", timeout=10) as stream:
        assert stream.status_code == 200
        next(stream.iter_raw())
        assert city.server is not None
        city.server.send_signal(signal.SIGTERM)
        assert city.server.wait(15) == 0
    city.server = None


def test_it_is_well_without_its_broker_and_finds_it_again(city: City) -> None:
    city.start_server()
    city.broker.kill()
    city.until(lambda: httpx.get(f"{city.url}/healthz").json()["broker"] is False, "the loss of the broker")
    assert httpx.get(f"{city.url}/healthz").status_code == 200
    city.broker.start()
    city.until(city.healthy, "the broker again")


def test_a_port_in_use_is_one_line(city: City) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", city.http_port))
        other.listen()
        said = one_line(serve(city))
    assert str(city.http_port) in said


def test_a_sample_secret_is_one_line(city: City) -> None:
    file = broker.password_file(city.directory, "server")
    file.write_text("change-me-please-change-me\n")
    assert "sample" in one_line(serve(city))


def test_a_database_that_is_not_there_is_one_line_without_its_password(city: City) -> None:
    said = one_line(serve(city, database="postgresql+psycopg://jiaohao:t0psecret@127.0.0.1:1/none"))
    assert "database" in said
    assert "t0psecret" not in said


def test_a_plan_with_mistakes_is_one_line(city: City) -> None:
    city.plans_path.write_text(city.plans_path.read_text().replace('owner = "值班员(示例)"', 'owner = ""', 1))
    assert "owner" in one_line(serve(city))
