"""The bench as tests, journeys and its own page use it: one process, real ptys, HTTP on a free port."""

from __future__ import annotations

import io
import json
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import zxingcpp
from PIL import Image

from devices.bench.serve import serve
from devices.bench.table import Table
from devices.errors import PortBusy
from devices.events import DeviceEvent, Health, Printed
from devices.printer.driver import PrintJob, supervise_printer
from devices.printer.profile import load_profile
from devices.printer.slip import Line, Qr, Slip

pytestmark = pytest.mark.wire

DEADLINE_S = 20.0
PAGE = Path(serve.__code__.co_filename).parent / "page"


@pytest.mark.parametrize("device", ["idcard", "scanner", "printer"])
def test_cables_are_pulled_and_put_back(bench: Any, device: str) -> None:
    assert bench.do(device, "unplug")[device]["plugged"] is False
    assert not (bench.folder / device).exists()
    assert bench.do(device, "replug")[device]["plugged"] is True
    assert (bench.folder / device).resolve().is_char_device()


def test_a_printed_ticket_is_shown_from_its_very_bytes(bench: Any) -> None:
    events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    supervisor = supervise_printer(str(bench.folder / "printer"), load_profile(), events.put, poll_s=0.1)
    supervisor.start()
    before = len(bench.get("/api/tickets"))
    try:
        supervisor.submit(PrintJob("one", Slip((Line("C007", size=6), Qr("http://127.0.0.1:8080/t/C007")))))
        said = until(events, lambda event: isinstance(event, Printed))
        assert isinstance(said, Printed)
        assert said.result == "printed"
        tickets = bench.get("/api/tickets")
        assert len(tickets) == before + 1
        assert tickets[0]["lines"] == ["C007"]
        assert tickets[0]["qr"] == ["http://127.0.0.1:8080/t/C007"]
        picture = bench.http.get(tickets[0]["png"]).raise_for_status()
        assert picture.headers["content-type"] == "image/png"
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)))
        assert code.text == "http://127.0.0.1:8080/t/C007"

        for action, reason in (
            ("tear", "paper-out"),
            ("load", ""),
            ("open", "cover-open"),
            ("close", ""),
            ("jam", "cutter"),
        ):
            bench.do("printer", action)
            until(events, lambda event, reason=reason: isinstance(event, Health) and event.reason == reason)
    finally:
        supervisor.stop()


def until(events: queue.SimpleQueue[DeviceEvent], true: Callable[[DeviceEvent], bool]) -> DeviceEvent:
    end = time.monotonic() + DEADLINE_S
    while True:
        event = events.get(timeout=max(0.0, end - time.monotonic()))
        if true(event):
            return event


def test_changes_are_pushed_to_an_open_page(bench: Any) -> None:
    seen: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    enough = threading.Event()

    def follow() -> None:
        with httpx.stream("GET", str(bench.http.base_url.join("/api/events")), timeout=DEADLINE_S) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    seen.put(json.loads(line.removeprefix("data:")))
                if enough.is_set():
                    return

    page = threading.Thread(target=follow)
    page.start()
    assert seen.get(timeout=DEADLINE_S)["printer"]["cover_open"] is False
    bench.do("printer", "open")
    while seen.get(timeout=DEADLINE_S)["printer"]["cover_open"] is not True:
        pass
    enough.set()
    bench.do("printer", "close")
    page.join(DEADLINE_S)
    assert not page.is_alive()


def test_faults_are_switched_and_back(bench: Any) -> None:
    assert bench.do("printer", "fault", name="no_process_id", value=True)["printer"]["faults"]["no_process_id"] is True
    assert (
        bench.do("printer", "fault", name="no_process_id", value=False)["printer"]["faults"]["no_process_id"] is False
    )
    assert bench.do("scanner", "fault", name="slow_s", value=0.01)["scanner"]["line"]["slow_s"] == 0.01
    bench.do("scanner", "fault", name="slow_s", value=0)
    assert bench.do("printer", "fault", name="tear_after_mm", value=40)["printer"]["faults"]["tear_after_mm"] == 40.0
    bench.do("printer", "fault", name="tear_after_mm", value=None)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/toaster/open", "{}", 404, "unknown-device"),
        ("/api/printer/explode", "{}", 404, "unknown-action"),
        ("/api/idcard/lay", '{"card": "nobody"}', 400, "unknown-card"),
        ("/api/idcard/lay", "{}", 400, "missing-detail"),
        ("/api/idcard/lay", "[1", 400, "bad-json"),
        ("/api/idcard/lay", "[]", 400, "bad-json"),
        ("/api/scanner/show", '{"text": ""}', 400, "bad-text"),
        ("/api/scanner/show", json.dumps({"text": "x" * 513}), 400, "bad-text"),
        ("/api/scanner/flood", '{"count": 0}', 400, "bad-detail"),
        ("/api/scanner/flood", '{"count": true}', 400, "bad-detail"),
        ("/api/scanner/hold", "{}", 400, "missing-detail"),
        ("/api/camera/show", '{"text": "x", "size": 9}', 400, "bad-detail"),
        ("/api/camera/pose", '{"rotation_deg": "left"}', 400, "bad-detail"),
        ("/api/camera/pose", '{"inverted": 1}', 400, "bad-detail"),
        ("/api/panel/press", '{"key": "F1"}', 400, "unknown-part"),
        ("/api/panel/cut", '{"name": "lamp"}', 400, "unknown-part"),
        ("/api/panel/input", '{"name": "door"}', 400, "missing-detail"),
        ("/api/panel/input", '{"name": "window", "active": true}', 400, "unknown-part"),
        ("/api/all/explode", "{}", 404, "unknown-device"),
        ("/api/printer/fault", '{"name": "gravity", "value": true}', 400, "unknown-fault"),
        ("/api/printer/fault", '{"name": "clone", "value": 1}', 400, "bad-value"),
        ("/api/printer/fault", '{"name": "noise", "value": -1}', 400, "bad-value"),
        ("/api/printer/fault", '{"name": "slow_s", "value": 1e99}', 400, "bad-value"),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_with_a_code(
    bench: Any, path: str, body: str, status: int, code: str
) -> None:
    reply = bench.http.post(path, content=body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.json()["sentence"]


def test_an_oversized_request_is_refused(bench: Any) -> None:
    assert bench.http.post("/api/scanner/show", content="x" * 20_000).status_code == 413


@pytest.mark.parametrize("name", ["999.png", "x.png", "-1.png", "1e3.png"])
def test_a_ticket_that_is_not_there(bench: Any, name: str) -> None:
    reply = bench.http.get(f"/tickets/{name}")
    assert (reply.status_code, reply.json()["code"]) == (404, "no-such-ticket")


def test_another_page_in_the_same_browser_may_not_handle_the_devices(bench: Any) -> None:
    reply = bench.http.post("/api/printer/tear", headers={"Origin": "http://elsewhere.example"})
    assert (reply.status_code, reply.json()["code"]) == (403, "foreign-page")
    own = bench.http.post("/api/printer/low", headers={"Origin": str(bench.http.base_url).rstrip("/")})
    assert own.status_code == 200


def test_the_page_and_all_it_loads_are_there(bench: Any) -> None:
    page = bench.http.get("/").raise_for_status().text
    wanted = set(re.findall(r'"/page/([\w.]+)"', page))
    assert {"bench.css", "bench.js"} <= wanted
    seen: set[str] = set()
    while wanted - seen:
        file = (wanted - seen).pop()
        seen.add(file)
        text = bench.http.get(f"/page/{file}").raise_for_status().text
        wanted |= set(re.findall(r'from "\./([\w.]+)"', text))
    unused = {path.name for path in PAGE.iterdir()} - seen - {"index.html", "words.json"}
    assert unused == set()


def test_every_switch_has_words_on_the_page(bench: Any) -> None:
    words = bench.get("/page/words.json")
    for device, offers in bench.get("/api/switches").items():
        known = {**words["line"], **words[device]}
        assert {offer["name"] for offer in offers} - set(known) == set(), f"every switch of the {device} is named"
        assert all(word["zh"] and word["en"] for word in known.values())


def test_a_port_in_use_is_said_in_one_line(bench: Any, tmp_path: Path) -> None:
    port = str(bench.http.base_url.port)
    command = [sys.executable, "-m", "devices", "bench", "--dir", str(tmp_path), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert f"port {port}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_camera_or_panel_port_in_use_leaves_nothing_behind(bench: Any, tmp_path: Path) -> None:
    taken = urlsplit(bench.get("/api/state")["camera"]["address"]).port
    threads = threading.active_count()
    for ports in ({"camera_port": taken}, {"panel_port": taken}):
        with pytest.raises(PortBusy, match=f"port {taken} "):
            Table(tmp_path, **ports)
        assert threading.active_count() == threads
        assert list(tmp_path.iterdir()) == []
