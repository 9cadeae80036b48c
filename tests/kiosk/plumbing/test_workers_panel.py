"""Camera and panel beside the other devices: a simulated lens, and a simulated panel behind its daemon's socket."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devices.camera.sim import CameraSim
from devices.gpio.record import BadLayout
from devices.gpio.sim import PanelSim
from devices.scanner.sim import ScannerSim
from firmware_cfg.profile import Profile
from kiosk.events import CodeRead, DeviceChanged, KeyPressed, PanelChanged
from kiosk.workers import Workers
from queue_server.wire import messages as wire

pytestmark = pytest.mark.wire

Eventually = Callable[[Callable[[], bool], str], None]


@dataclasses.dataclass
class Bench:
    scanner: ScannerSim
    camera: CameraSim
    panel: PanelSim


@pytest.fixture
def bench(tmp_path: Any) -> Iterator[Bench]:
    bench = Bench(ScannerSim(tmp_path / "scanner"), CameraSim(), PanelSim())
    for sim in (bench.scanner, bench.camera, bench.panel):
        sim.plug()
    yield bench
    for sim in (bench.scanner, bench.camera, bench.panel):
        sim.close()


@pytest.fixture
def fitted(profile: Profile, bench: Bench, tmp_path: Any) -> Profile:
    return dataclasses.replace(
        profile,
        scanner=dataclasses.replace(profile.scanner, port=str(tmp_path / "scanner")),
        camera=dataclasses.replace(profile.camera, port=bench.camera.address),
        panel=dataclasses.replace(profile.panel, pins=bench.panel.address),
    )


@pytest.fixture
def told() -> list[dict[str, wire.Peripheral]]:
    """What the workers gave for the heartbeat, the latest last."""
    return []


@pytest.fixture
def workers(fitted: Profile, inbox: Any, told: list[dict[str, wire.Peripheral]]) -> Iterator[Workers]:
    workers = Workers(fitted, inbox, lambda peripherals: told.append({p.name: p for p in peripherals}))
    workers.start("citizen-1")
    yield workers
    workers.stop()


def becomes(inbox: Any, device: str, condition: str) -> DeviceChanged:
    return inbox.expect(DeviceChanged, lambda e: (e.device, e.condition) == (device, condition))[1]


def watched(inbox: Any) -> None:
    """The panel runs: it has said how its inputs stand. What is pressed before that is no key going down."""
    inbox.expect(PanelChanged, lambda e: e.input == "presence")


def test_camera_and_panel_stand_in_the_heartbeat_and_come_back(
    workers: Workers, bench: Bench, inbox: Any, told: list[dict[str, wire.Peripheral]]
) -> None:
    becomes(inbox, "camera", "ok")
    becomes(inbox, "panel", "ok")
    assert {"camera", "panel"} <= told[-1].keys()
    assert "zxing" in told[-1]["camera"].model
    bench.camera.unplug()
    bench.panel.unplug()
    becomes(inbox, "camera", "absent")
    becomes(inbox, "panel", "absent")
    bench.camera.plug()
    bench.panel.plug()
    becomes(inbox, "camera", "ok")
    becomes(inbox, "panel", "ok")


def test_a_code_before_the_camera_is_a_code(workers: Workers, bench: Bench, inbox: Any) -> None:
    becomes(inbox, "camera", "ok")
    bench.camera.show("20471234")
    assert inbox.expect(CodeRead) == ("citizen-1", CodeRead("20471234"))


def test_a_code_that_scanner_and_camera_see_counts_once(
    workers: Workers, bench: Bench, inbox: Any, eventually: Eventually
) -> None:
    becomes(inbox, "camera", "ok")
    becomes(inbox, "scanner", "ok")
    bench.scanner.show("20471234")
    assert inbox.expect(CodeRead)[1].text == "20471234"
    bench.camera.show("20471234")
    camera = workers._devices["camera"]
    eventually(lambda: camera.health.counters.get("codes") == 1, "the camera has seen it too")
    bench.camera.show("99887766")
    assert inbox.expect(CodeRead)[1].text == "99887766", "the same code again was no news"


def test_a_camera_that_is_not_wanted_is_off(workers: Workers, bench: Bench, inbox: Any, eventually: Eventually) -> None:
    becomes(inbox, "camera", "ok")
    eventually(lambda: bench.camera.line.viewers > 0, "the camera is looked through")
    workers.want_codes(wanted=False)
    eventually(lambda: bench.camera.line.viewers == 0, "nobody looks through it")
    bench.camera.show("20471234")
    workers.want_codes(wanted=True)
    assert inbox.expect(CodeRead)[1].text == "20471234"


@pytest.mark.parametrize("make", ["newland", "honeywell", "gm65"])
def test_a_triggered_scanner_shines_only_while_a_code_is_wanted(
    fitted: Profile, bench: Bench, inbox: Any, eventually: Eventually, make: str
) -> None:
    bench.scanner.settings.trigger = make  # type: ignore[assignment]
    workers = Workers(dataclasses.replace(fitted, scanner=dataclasses.replace(fitted.scanner, trigger=make)), inbox)
    workers.start("citizen-1")
    try:
        becomes(inbox, "scanner", "ok")
        eventually(lambda: bench.scanner.lit, "its light is on: a code may come at any time")
        workers.want_codes(wanted=False)
        eventually(lambda: not bench.scanner.lit, "and off when nobody could use one")
        assert not bench.scanner.show("20471234")
        workers.want_codes(wanted=True)
        eventually(lambda: bench.scanner.show("20471234"), "and on again")
        assert inbox.expect(CodeRead) == ("citizen-1", CodeRead("20471234"))
    finally:
        workers.stop()


def test_a_key_bears_the_session_and_a_call_is_never_too_late(workers: Workers, bench: Bench, inbox: Any) -> None:
    watched(inbox)
    bench.panel.tap("5")
    assert inbox.expect(KeyPressed) == ("citizen-1", KeyPressed("5"))
    bench.panel.tap("call")
    assert inbox.expect(KeyPressed) == (None, KeyPressed("call"))


def test_the_lamp_blinks_the_buzzer_sounds_and_a_lost_panel_is_dark(
    workers: Workers, bench: Bench, inbox: Any, eventually: Eventually
) -> None:
    becomes(inbox, "panel", "ok")
    workers.light(calling=True, speaking=True)
    workers.buzz()
    eventually(lambda: bench.panel.buzzing, "the buzzer sounds")
    eventually(lambda: bench.panel.lit, "the lamp is lit")
    eventually(lambda: not bench.panel.lit, "and dark again: it blinks")
    eventually(lambda: bench.panel.speech_lit, "the light of the speech key burns")
    eventually(lambda: not bench.panel.buzzing, "one short sound")
    workers.light(calling=False, speaking=False)
    eventually(lambda: not bench.panel.speech_lit, "and is put out")


@pytest.mark.parametrize(("input_", "reason"), [("door", "door-open"), ("tamper", "tamper")])
def test_the_fleet_hears_of_an_open_door_at_once(
    workers: Workers,
    bench: Bench,
    inbox: Any,
    told: list[dict[str, wire.Peripheral]],
    input_: str,
    reason: str,
) -> None:
    becomes(inbox, "panel", "ok")
    inbox.expect(PanelChanged, lambda e: e == PanelChanged(input_, active=False))
    closed_since = told[-1]["panel"].since
    bench.panel.set_input(input_, True)
    session, _ = inbox.expect(PanelChanged, lambda e: e == PanelChanged(input_, active=True))
    assert session is None
    assert becomes(inbox, "panel", "degraded").reason == reason
    assert (told[-1]["panel"].condition, told[-1]["panel"].reason) == ("degraded", reason)
    assert told[-1]["panel"].since > closed_since
    bench.panel.set_input(input_, False)
    inbox.expect(PanelChanged, lambda e: e == PanelChanged(input_, active=False))
    assert becomes(inbox, "panel", "ok").reason == ""
    assert told[-1]["panel"].since > closed_since


def test_of_door_and_tamper_the_graver_is_told(
    workers: Workers, bench: Bench, inbox: Any, told: list[dict[str, wire.Peripheral]]
) -> None:
    watched(inbox)
    bench.panel.set_door(True)
    assert becomes(inbox, "panel", "degraded").reason == "door-open"
    bench.panel.set_tamper(True)
    assert becomes(inbox, "panel", "degraded").reason == "tamper"
    bench.panel.set_tamper(False)
    assert becomes(inbox, "panel", "degraded").reason == "door-open"
    bench.panel.unplug()
    becomes(inbox, "panel", "absent")
    assert told[-1]["panel"].reason != "door-open", "of a panel that is away nothing is known"


def test_a_panel_whose_layout_is_wrong_is_said_before_anything_starts(profile: Profile, inbox: Any) -> None:
    wrong = dataclasses.replace(profile.panel, pins="mock", layout="dmeo")
    with pytest.raises(BadLayout, match="did you mean demo"):
        Workers(dataclasses.replace(profile, panel=wrong), inbox)
