"""The shipped driver against a simulated panel, on mock pins and through a pigpio daemon's socket."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import pytest

from devices.events import Condition, Health, KeyPressed, PanelChanged, PanelInput
from devices.gpio import debounce
from devices.gpio.layout_file import load_layout
from devices.gpio.record import Buzz, CyclePower, Lamp, Output, SpeechLight
from devices.gpio.sim import PanelSim

pytestmark = pytest.mark.wire

Benches = Callable[..., Any]
DEMO = load_layout("demo")
MATRIX = load_layout("pi-matrix")


def changed(name: PanelInput, *, active: bool) -> PanelChanged:
    return PanelChanged("panel", name, active)


@pytest.mark.parametrize("layout", ["demo", "pi-matrix"])
def test_a_quiet_panel_tells_how_each_input_stands_and_is_well(benches: Benches, wire: str, layout: str) -> None:
    bench = benches(wire, layout)
    assert [event for event in bench.heard if isinstance(event, PanelChanged)] == [
        changed(name, active=False) for name in PanelInput
    ]
    health = bench.supervisor.health
    assert (health.condition, health.reason) == (Condition.OK, "")
    assert layout in health.model
    assert bench.rest() == []


@pytest.mark.parametrize("layout", ["demo", "pi-matrix"])
def test_a_key_is_told_once_however_it_bounces(benches: Benches, wire: str, layout: str) -> None:
    press_each(benches(wire, layout), ("call", "speech", "1", "5", "#"))


@pytest.mark.soak
@pytest.mark.parametrize("layout", ["demo", "pi-matrix"])
def test_each_key_is_told_once_however_it_bounces(benches: Benches, wire: str, layout: str) -> None:
    bench = benches(wire, layout)
    for _ in range(20):
        press_each(bench, bench.sim.keys)


def press_each(bench: Any, keys: tuple[str, ...]) -> None:
    before = bench.supervisor.health.counters.get("keys", 0)
    bench.sim.faults.bounce_edges, bench.sim.faults.bounce_ms = 7, 12.0
    for key in keys:
        bench.sim.press(key)
        assert bench.key() == key
        bench.sim.release(key)
        bench.wait(lambda: not bench.sim.pressed)
        time.sleep(0.04)  # a hand needs longer between two keys
    assert bench.supervisor.health.counters["keys"] == before + len(keys)


def test_a_tap_from_another_thread_is_a_press(benches: Benches, wire: str) -> None:
    bench = benches(wire)
    bench.sim.tap("speech", held_s=0.08)
    assert bench.key() == "speech"
    bench.wait(lambda: not bench.sim.pressed)
    bench.sim.tap("5")
    assert bench.key() == "5"


def test_an_open_door_degrades_the_panel_until_it_is_closed(benches: Benches, wire: str) -> None:
    bench = benches(wire)
    bench.sim.set_door(True)
    assert bench.next() == changed(PanelInput.DOOR, active=True)
    assert bench.health("door-open").condition is Condition.DEGRADED
    bench.sim.set_door(False)
    assert bench.next() == changed(PanelInput.DOOR, active=False)
    assert bench.health("").condition is Condition.OK


@pytest.mark.parametrize("loop", [PanelInput.DOOR, PanelInput.TAMPER])
def test_a_cut_wire_is_an_alarm(benches: Benches, wire: str, loop: PanelInput) -> None:
    bench = benches(wire)
    bench.sim.cut_wire(loop)
    assert bench.next() == changed(loop, active=True)
    bench.health("tamper" if loop is PanelInput.TAMPER else "door-open")
    bench.sim.set_input(loop, True)  # opening what is cut already changes nothing
    bench.sim.set_input(loop, False)
    bench.sim.mend_wire(loop)
    assert bench.next() == changed(loop, active=False)
    bench.health("")
    assert bench.rest() == []


def test_the_graver_alarm_is_the_reason(benches: Benches, wire: str) -> None:
    bench = benches(wire)
    bench.sim.set_door(True)
    bench.health("door-open")
    bench.sim.set_tamper(True)
    bench.health("tamper")
    bench.sim.set_tamper(False)
    bench.health("door-open")


def test_a_door_that_is_open_at_the_start_is_told_at_the_start(benches: Benches, wire: str) -> None:
    bench = benches(wire, prepare=lambda sim: sim.set_door(True))
    assert changed(PanelInput.DOOR, active=True) in bench.heard
    bench.health("door-open")


def test_presence_is_told_at_once_and_taken_back_late(benches: Benches, wire: str) -> None:
    pin = dataclasses.replace(DEMO.inputs[PanelInput.PRESENCE], hold_off_s=0.4)
    layout = dataclasses.replace(DEMO, inputs={**DEMO.inputs, PanelInput.PRESENCE: pin})
    bench = benches(wire, layout)
    bench.sim.set_presence(True)
    assert bench.next() == changed(PanelInput.PRESENCE, active=True)
    for _ in range(2):  # the sensor loses and finds the person: nobody has left
        bench.sim.set_presence(False)
        time.sleep(0.1)
        bench.sim.set_presence(True)
        time.sleep(0.1)
    bench.sim.set_presence(False)
    assert bench.next() == changed(PanelInput.PRESENCE, active=False)
    assert bench.rest() == []


@pytest.mark.parametrize(("layout", "key"), [(DEMO, "call"), (MATRIX, "7")])
def test_a_key_that_stays_down_is_stuck_until_it_comes_up(benches: Benches, wire: str, layout: Any, key: str) -> None:
    bench = benches(wire, dataclasses.replace(layout, stuck_s=0.4))
    bench.sim.faults.stuck = True
    bench.sim.tap(key)
    assert bench.key() == key
    assert bench.health("key-stuck").condition is Condition.DEGRADED
    bench.sim.faults.stuck = False
    bench.sim.faults_changed()
    assert bench.health("").condition is Condition.OK


@pytest.mark.parametrize(("layout", "key"), [(DEMO, "call"), (MATRIX, "5")])
def test_a_key_that_is_down_at_the_start_was_pressed_for_nobody(
    benches: Benches, wire: str, layout: Any, key: str
) -> None:
    bench = benches(wire, layout, prepare=lambda sim: sim.press(key))
    bench.sim.release(key)
    bench.wait(lambda: not bench.sim.pressed)
    time.sleep(0.2)
    bench.sim.press(key)
    assert bench.key() == key
    assert bench.rest() == []


def test_a_contact_without_rest_is_reported_and_comes_back(benches: Benches, wire: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(debounce, "CHATTER_S", 0.4)
    # Only presence: a door that is believed open would be the graver reason.
    presence = {PanelInput.PRESENCE: DEMO.inputs[PanelInput.PRESENCE]}
    bench = benches(wire, dataclasses.replace(DEMO, inputs=presence))
    bench.sim.faults.chatter = True
    bench.sim.faults_changed()
    assert bench.health("panel-chatter").condition is Condition.DEGRADED
    bench.sim.faults.chatter = False
    bench.health("")
    bench.sim.tap("call")
    bench.until(lambda event: event == KeyPressed("panel", "call"))


def test_three_keys_at_the_corners_of_a_rectangle_press_no_fourth(benches: Benches, wire: str) -> None:
    bench = benches(wire, MATRIX)
    bench.sim.press("1")
    assert bench.key() == "1"
    bench.sim.press("2")
    assert bench.key() == "2"
    bench.sim.press("4")  # now 5 reads as down, too
    time.sleep(0.2)
    bench.sim.release("1")  # and now 2 and 4 are plain again
    assert bench.key() == "4"
    bench.sim.release("2")
    bench.sim.release("4")
    time.sleep(0.1)
    assert bench.rest() == []


def test_the_lamp_burns_blinks_and_goes_out(benches: Benches, wire: str) -> None:
    bench = benches(wire)
    bench.supervisor.submit(Lamp("on"))
    bench.supervisor.submit(SpeechLight("on"))
    bench.wait(lambda: bench.sim.lit and bench.sim.speech_lit)
    bench.supervisor.submit(Lamp("fast"))
    bench.wait(lambda: not bench.sim.lit)
    bench.wait(lambda: bench.sim.lit)
    bench.supervisor.submit(Lamp("slow"))
    bench.wait(lambda: not bench.sim.lit)
    bench.supervisor.submit(Lamp("off"))
    bench.wait(lambda: not bench.sim.lit)
    assert bench.sim.speech_lit


def test_once_is_one_sound(benches: Benches, wire: str) -> None:
    bench = benches(wire)
    bench.supervisor.submit(Buzz("once"))
    bench.wait(lambda: bench.sim.buzzing)
    bench.wait(lambda: not bench.sim.buzzing)
    bench.supervisor.submit(Buzz("on"))
    bench.wait(lambda: bench.sim.buzzing)
    bench.supervisor.stop()
    assert not bench.sim.buzzing


def test_the_relay_gives_the_power_back_by_itself(benches: Benches, wire: str) -> None:
    bench = benches(wire)
    assert bench.sim.power_on
    bench.supervisor.submit(CyclePower(0.5))
    bench.wait(lambda: not bench.sim.power_on)
    bench.wait(lambda: bench.sim.power_on)


def test_what_is_not_fitted_is_nobodys_mistake(benches: Benches, wire: str) -> None:
    layout = dataclasses.replace(DEMO, outputs={Output.BUZZER: DEMO.outputs[Output.BUZZER]}, inputs={})
    bench = benches(wire, layout)
    bench.supervisor.submit(Lamp("fast"))
    bench.supervisor.submit("make tea")
    bench.supervisor.submit(Buzz("on"))
    bench.wait(lambda: bench.sim.buzzing)
    assert not [event for event in bench.rest() if isinstance(event, Health)]


def test_a_lamp_that_is_lit_by_a_low_level_is_dark_at_the_start(benches: Benches, wire: str) -> None:
    lamp = dataclasses.replace(DEMO.outputs[Output.LAMP], active_high=False)
    bench = benches(wire, dataclasses.replace(DEMO, outputs={**DEMO.outputs, Output.LAMP: lamp}))
    assert not bench.sim.lit
    bench.supervisor.submit(Lamp("on"))
    bench.wait(lambda: bench.sim.lit)


def test_the_simulated_panel_knows_only_what_is_fitted() -> None:
    with PanelSim(layout=MATRIX) as sim:
        for wrong in (lambda: sim.press("F1"), lambda: sim.cut_wire("5"), lambda: sim.set_input("window", True)):
            with pytest.raises(LookupError, match="this panel has no"):
                wrong()
