"""A code before the camera, keys beside the screen, a hand at the door: on the bench, through the running hall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

DEVICES = {"idcard", "printer", "scanner", "camera", "panel"}


def request_id(number: int) -> str:
    return f"01900000-0000-7000-8000-ca3e2a{number:06x}"


@pytest.fixture
def kiosk(hall: Any, until: Any) -> Iterator[Any]:
    """The hall's kiosk at its first page with everything plugged in, and left as it was found."""
    hall.home()
    until("camera and panel in use", lambda: all(hall.bench_state()[x]["plugged"] for x in ("camera", "panel")))
    until("the panel's daemon to be called", lambda: hall.bench_state()["panel"]["connected"])
    yield hall
    hall.handle("camera", "clear")
    for name in ("door", "tamper"):
        hall.handle("panel", "input", name=name, active=False)
    until("a kiosk that serves", lambda: hall.screen().get("screen") not in {"", "Shut"})
    hall.home()


def paper_is_there(kiosk: Any, until: Any) -> None:
    """Another journey may just have loaded it: the terminal offers to print as soon as it has seen that."""
    kiosk.touch("take-ticket")
    hot = kiosk.reaches("Hot")
    kiosk.touch(next(name for name in hot["targets"] if name.startswith("matter:")))
    kiosk.reaches("Confirm")
    until("printing to be offered", lambda: "take" in kiosk.screen().get("targets", {}))
    kiosk.home()


def test_a_booking_before_the_camera_checks_in_without_a_touch(kiosk: Any, until: Any) -> None:
    slots = kiosk.ask({
        "kind": "ask-slots", "v": 1, "id": request_id(1), "matters": ["M034"], "day": f"{datetime.now(UTC):%Y-%m-%d}",
    })["slots"]  # fmt: skip
    start = next(slot["start"] for slot in slots if slot["free"])
    booked = kiosk.ask({
        "kind": "book", "v": 1, "id": request_id(2), "matters": ["M034"], "slot_start": start,
    })  # fmt: skip
    assert booked["kind"] == "booked", booked
    paper_is_there(kiosk, until)
    before = len(kiosk.tickets())
    until("the camera to be looked through", lambda: kiosk.bench_state()["camera"]["viewers"] > 0)
    kiosk.handle("camera", "show", text=booked["code"])
    kiosk.reaches("Given")
    until("a printed ticket", lambda: len(kiosk.tickets()) == before + 1)
    until("the camera to be off: no code is wanted now", lambda: kiosk.bench_state()["camera"]["viewers"] == 0)


def test_the_call_key_opens_help_and_lights_the_lamp_until_somebody_comes(kiosk: Any, until: Any) -> None:
    kiosk.handle("panel", "tap", key="call")
    kiosk.reaches("Help")
    until("the lamp", lambda: kiosk.bench_state()["panel"]["outputs"]["lamp"])
    kiosk.touch("help-came")
    kiosk.reaches("Start")
    kiosk.touch("help")
    until("that it may be called again", lambda: "call" in kiosk.screen()["targets"])
    assert "help-came" not in kiosk.screen()["targets"]


def test_a_number_is_typed_on_the_keypad(kiosk: Any, until: Any) -> None:
    kiosk.touch("check-in")
    kiosk.reaches("CheckInWays")
    kiosk.touch("type-number")
    kiosk.reaches("TypeNumber")
    assert "key:enter" not in kiosk.screen()["targets"]
    kiosk.handle("panel", "tap", key="7")
    until("a digit that the reading process has counted", lambda: "key:enter" in kiosk.screen()["targets"])


def test_an_open_door_closes_the_kiosk_and_the_fleet_hears_of_it(kiosk: Any, until: Any, fleet: Any) -> None:
    kiosk.touch("take-ticket")
    kiosk.reaches("Hot")
    kiosk.handle("panel", "input", name="door", active=True)
    shut = kiosk.reaches("Shut")
    assert list(shut["targets"]) == ["language"]
    told = until("the fleet to hear", lambda: fleet.peripherals("kiosk-01"))["panel"]
    assert (told["condition"], told["reason"]) == ("degraded", "door-open")
    kiosk.handle("panel", "input", name="tamper", active=True)
    until("the graver to be told", lambda: fleet.peripherals("kiosk-01")["panel"].get("reason") == "tamper")
    kiosk.handle("panel", "input", name="door", active=False)
    kiosk.handle("panel", "input", name="tamper", active=False)
    kiosk.reaches("Start")
    until("all five to be well", lambda: fleet.conditions("kiosk-01") == dict.fromkeys(DEVICES, "ok"))


def test_camera_and_panel_are_lost_and_found_while_the_kiosk_serves(kiosk: Any, until: Any, fleet: Any) -> None:
    for device in ("camera", "panel"):
        kiosk.handle(device, "unplug")
        until(f"the {device} to be missed", lambda device=device: fleet.conditions("kiosk-01").get(device) == "absent")
    kiosk.touch("take-ticket")
    kiosk.reaches("Hot")
    for device in ("camera", "panel"):
        kiosk.handle(device, "replug")
        until(f"the {device} to be back", lambda device=device: fleet.conditions("kiosk-01").get(device) == "ok")
