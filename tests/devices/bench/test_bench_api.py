"""The bench as tests, journeys and its own page use it: one process, real ptys, HTTP on a free port."""

from __future__ import annotations

import io
import json
import os
import queue
import re
import select
import socket
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

DEADLINE_S = 20.0
PAGE = Path(serve.__code__.co_filename).parent / "page"


def test_cards_are_laid_and_lifted(bench: Any) -> None:
    cards = bench.get("/api/cards")
    assert len(cards) >= 4
    assert bench.do("idcard", "lay", card=cards[0]["key"])["idcard"]["card"] == cards[0]["key"]
    assert bench.do("idcard", "lift")["idcard"]["card"] is None


def test_a_shown_code_comes_out_of_the_scanners_cable(bench: Any) -> None:
    line = os.open(bench.folder / "scanner", os.O_RDONLY | os.O_NOCTTY)
    try:
        state = bench.do("scanner", "show", text="预约 B20260105")
        heard = b""
        end = time.monotonic() + DEADLINE_S
        while not heard.endswith(b"\r\n") and select.select([line], [], [], max(0, end - time.monotonic()))[0]:
            heard += os.read(line, 100)
        assert heard.decode() == "预约 B20260105\r\n"
        assert state["scanner"]["shown"][-1] == "预约 B20260105"
    finally:
        os.close(line)


def test_a_code_shown_to_an_unplugged_scanner_is_lost(bench: Any) -> None:
    bench.do("scanner", "unplug")
    lost = bench.get("/api/state")["scanner"]["lost_codes"]
    assert bench.do("scanner", "show", text="x")["scanner"]["lost_codes"] == lost + 1


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


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def until(events: queue.SimpleQueue[DeviceEvent], true: Callable[[DeviceEvent], bool]) -> DeviceEvent:
    end = time.monotonic() + DEADLINE_S
    while True:
        event = events.get(timeout=max(0.0, end - time.monotonic()))
        if true(event):
            return event


def test_a_narrower_roll_makes_narrower_tickets(bench: Any) -> None:
    assert bench.do("printer", "roll58")["printer"]["paper"] == "full"
    eventually(lambda: bench.get("/api/state")["printer"]["paper_mm"] == 58)
    before = bench.get("/api/state")["latest_ticket"]
    line = os.open(bench.folder / "printer", os.O_WRONLY | os.O_NOCTTY)
    try:
        os.write(line, b"\x1b@A017\n\x1dV\x42\x00")
        eventually(lambda: bench.get("/api/state")["latest_ticket"] > before)
        newest = bench.get("/api/tickets")[0]
        assert newest["lines"] == ["A017"]
        picture = Image.open(io.BytesIO(bench.http.get(newest["png"]).content))
        assert picture.width == 58 * 8
    finally:
        os.close(line)
        bench.do("printer", "roll80")
    eventually(lambda: bench.get("/api/state")["printer"]["paper_mm"] == 80)


def test_a_code_left_before_the_scanner_comes_again_until_it_is_taken_away(bench: Any) -> None:
    line = os.open(bench.folder / "scanner", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        assert bench.do("scanner", "hold", text="A017")["scanner"]["held"] == "A017"
        heard = b""
        while heard.count(b"A017\r\n") < 3:
            assert select.select([line], [], [], DEADLINE_S)[0]
            heard += os.read(line, 100)
        assert bench.do("scanner", "release")["scanner"]["held"] == ""
        while select.select([line], [], [], 0)[0]:
            os.read(line, 100)
        bench.do("scanner", "show", text="B002")
        assert select.select([line], [], [], DEADLINE_S)[0]
        assert os.read(line, 100) == b"B002\r\n", "nothing of the code that was taken away"
    finally:
        os.close(line)


def test_a_triggered_scanner_sees_nothing_until_its_host_says_so(bench: Any) -> None:
    bench.do("scanner", "fault", name="trigger", value="honeywell")
    line = os.open(bench.folder / "scanner", os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(line, b"\x16M\rTRGMOD0.")
        eventually(lambda: not bench.get("/api/state")["scanner"]["lit"])
        lost = bench.get("/api/state")["scanner"]["lost_codes"]
        assert bench.do("scanner", "show", text="A017")["scanner"]["lost_codes"] == lost + 1
        os.write(line, b"\x16T\r")
        eventually(lambda: bench.get("/api/state")["scanner"]["lit"])
        assert bench.do("scanner", "show", text="A017")["scanner"]["shown"][-1] == "A017"
    finally:
        os.close(line)


def test_a_flood_of_codes_comes_and_ends(bench: Any) -> None:
    line = os.open(bench.folder / "scanner", os.O_RDONLY | os.O_NOCTTY)
    try:
        bench.do("scanner", "flood", count=300)
        heard = b""
        while heard.count(b"\r\n") < 300:
            assert select.select([line], [], [], DEADLINE_S)[0]
            heard += os.read(line, 4096)
        assert len(set(heard.split())) == 300
        eventually(lambda: not bench.get("/api/state")["scanner"]["flooding"])
    finally:
        os.close(line)


def seen_by_the_camera(bench: Any) -> list[str]:
    picture = bench.http.get("/camera.jpg").raise_for_status()
    assert picture.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(picture.content)) as image:
        return [code.text for code in zxingcpp.read_barcodes(image.convert("L"))]


def test_the_picture_shows_what_is_held_before_the_camera(bench: Any) -> None:
    bench.do("camera", "clear")
    assert seen_by_the_camera(bench) == []
    state = bench.do("camera", "show", text="预约 B20260105", rotation_deg=30)["camera"]
    assert (state["shown"], state["pose"]["rotation_deg"]) == ("预约 B20260105", 30.0)
    assert seen_by_the_camera(bench) == ["预约 B20260105"]
    bench.do("camera", "pose", inverted=True, rotation_deg=0)
    assert seen_by_the_camera(bench) == ["预约 B20260105"]
    bench.do("camera", "pose", blur=10)
    assert seen_by_the_camera(bench) == []
    bench.do("camera", "mend")
    assert seen_by_the_camera(bench) == ["预约 B20260105"]
    bench.do("camera", "fault", name="black", value=True)
    assert seen_by_the_camera(bench) == []
    bench.do("camera", "clear")


def test_camera_and_panel_are_found_by_their_addresses(bench: Any) -> None:
    state = bench.get("/api/state")
    for device, scheme in (("camera", "http"), ("panel", "pigpio")):
        place = urlsplit(state[device]["address"])
        assert (place.scheme, place.hostname) == (scheme, "127.0.0.1")
        assert place.port
        socket.create_connection((place.hostname, place.port), DEADLINE_S).close()
        bench.do(device, "unplug")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((place.hostname, place.port), DEADLINE_S)
        again = bench.do(device, "replug")[device]["address"]
        assert again == state[device]["address"]


def test_a_key_stays_down_as_long_as_the_finger(bench: Any) -> None:
    assert bench.do("panel", "press", key="5")["panel"]["pressed"] == ["5"]
    assert bench.do("panel", "release", key="5")["panel"]["pressed"] == []
    bench.do("panel", "fault", name="stuck", value=True)
    bench.do("panel", "press", key="call")
    assert bench.do("panel", "release", key="call")["panel"]["pressed"] == ["call"]
    bench.do("panel", "fault", name="stuck", value=False)
    eventually(lambda: bench.get("/api/state")["panel"]["pressed"] == [])
    bench.do("panel", "tap", key="#")
    eventually(lambda: bench.get("/api/state")["panel"]["pressed"] == [])


def test_the_card_is_lifted_and_the_cable_comes_out_in_the_middle_of_a_read(bench: Any) -> None:
    for fault, left in (("lift_mid_read", {"card": None}), ("unplug_mid_read", {"plugged": False})):
        bench.do("idcard", "replug")
        bench.do("idcard", "lay", card="zhang")
        bench.do("idcard", "fault", name=fault, value=True)
        line = os.open(bench.folder / "idcard", os.O_RDWR | os.O_NOCTTY)
        try:
            for request in ("20 01 22", "20 02 21", "30 01 32"):
                os.write(line, bytes.fromhex(f"AAAAAA9669 0003 {request}"))
                assert select.select([line], [], [], DEADLINE_S)[0]
                if request != "30 01 32":
                    os.read(line, 100)
            eventually(lambda left=left: left.items() <= bench.get("/api/state")["idcard"].items())
            assert bench.get("/api/state")["idcard"]["on"] == [], "it happened once"
        finally:
            os.close(line)


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
