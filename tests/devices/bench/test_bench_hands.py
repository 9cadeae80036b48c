"""What a hand can do to the devices on the bench, asked of its interface and seen at the cables' other ends."""

from __future__ import annotations

import io
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image

pytestmark = pytest.mark.wire

DEADLINE_S = 20.0


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


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


@pytest.mark.parametrize(
    ("fault", "left"), [("lift_mid_read", ("card", None)), ("unplug_mid_read", ("plugged", False))]
)
def test_the_card_is_lifted_or_the_cable_comes_out_in_the_middle_of_a_read(
    bench: Any, fault: str, left: tuple[str, object]
) -> None:
    bench.do("idcard", "lay", card="zhang")
    bench.do("idcard", "fault", name=fault, value=True)
    line = os.open(bench.folder / "idcard", os.O_RDWR | os.O_NOCTTY)
    try:
        for request in ("20 01 22", "20 02 21", "30 01 32"):
            os.write(line, bytes.fromhex(f"AAAAAA9669 0003 {request}"))
            if request != "30 01 32":
                assert select.select([line], [], [], DEADLINE_S)[0]
                os.read(line, 100)
        eventually(lambda: left in bench.get("/api/state")["idcard"].items())
        assert bench.get("/api/state")["idcard"]["on"] == [], "it happened once"
    finally:
        os.close(line)
