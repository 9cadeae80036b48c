"""The shipped scanner driver against a simulated engine, over a real pty."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from devices.errors import DeviceSilent
from devices.events import CodeSeen, CodeTrouble, Condition, Health
from devices.scanner.driver import Wanted, open_scanner, supervise_scanner
from devices.scanner.sim import EngineSettings, Mode
from devices.simulated_line import LineFaults

pytestmark = pytest.mark.wire

Counter = Any  # the class is in conftest.py, which tests do not import

WIRES = {
    "plain": LineFaults(),
    "split": LineFaults(split=True),
    "slow": LineFaults(slow_s=0.0005),
    "paced": LineFaults(paced=True),
}
TRIGGERS: list[Mode] = ["newland", "gm65", "honeywell"]
each_wire = pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
each_trigger = pytest.mark.parametrize("trigger", TRIGGERS)
MODELS = {
    "newland": "Newland NLS-EM3096 (simulated) V1.02.003",
    "gm65": "GM65/EM3095 hardware 1.00 software 1.10",
    "honeywell": "Honeywell N8680 (simulated) 16345",
}
ENGINES = (
    EngineSettings(),
    EngineSettings(suffix="cr"),
    EngineSettings(suffix="lf", prefix=b"]Q3"),
    EngineSettings(suffix="none", encoding="gb18030"),
)


# -- engines that scan always


@each_wire
def test_a_code_is_seen_whatever_the_engine_and_the_wire(counter: Counter, wire: LineFaults) -> None:
    counter.start()
    counter.sim.line.faults = dataclasses.replace(wire)
    for number, engine in enumerate(ENGINES):
        counter.sim.settings = engine
        counter.sim.show(f"办理:敬老卡 A{number}")
        assert counter.next() == CodeSeen("scanner", f"办理:敬老卡 A{number}")


def test_a_code_that_is_held_is_seen_once(counter: Counter) -> None:
    counter.start()
    counter.sim.hold("T-1", times=5, every_s=0.01)
    counter.sim.show("T-2")
    assert [counter.next(), counter.next()] == [CodeSeen("scanner", "T-1"), CodeSeen("scanner", "T-2")]


def test_what_cannot_be_used_is_told_by_its_code(counter: Counter) -> None:
    counter.start()
    counter.sim.show(b"\xff\xfe\xfd")
    assert counter.next() == CodeTrouble("scanner", "unreadable-text")
    counter.sim.show("x" * 600)
    assert counter.next() == CodeTrouble("scanner", "too-long")
    counter.sim.show("T-1")
    assert counter.next() == CodeSeen("scanner", "T-1")


def test_a_flood_is_told_once_degrades_the_scanner_and_ends_after_a_calm(counter: Counter) -> None:
    counter.start()
    counter.sim.flood(400)
    told = [counter.next() for _ in range(10)]
    assert all(isinstance(event, CodeSeen) for event in told[:8])
    assert told[8] == CodeTrouble("scanner", "flood")
    assert isinstance(told[9], Health)
    assert (told[9].condition, told[9].reason) == (Condition.DEGRADED, "flood")
    calm = counter.next()
    assert isinstance(calm, Health)
    assert calm.condition is Condition.OK
    counter.sim.show("T-1")
    assert counter.next() == CodeSeen("scanner", "T-1")


def test_unplugged_in_the_middle_of_a_code_it_comes_back_without_the_half(counter: Counter) -> None:
    counter.start()
    counter.sim.faults.unplug_mid_code = True
    counter.sim.show("T-half")
    counter.condition(Condition.ABSENT, "device-lost")
    counter.sim.plug()
    counter.condition(Condition.OK)
    counter.sim.show("T-1")
    counter.until(lambda event: event == CodeSeen("scanner", "T-1"))
    assert counter.codes() == ["T-1"]


def test_an_engine_that_scans_always_may_be_told_that_a_code_is_wanted(counter: Counter) -> None:
    counter.start().submit(Wanted(on=True))
    counter.sim.show("T-1")
    assert counter.next() == CodeSeen("scanner", "T-1")
    assert counter.sim.commands == 0


@pytest.mark.parametrize(("prefixes", "trigger"), [((b"",), "none"), ((), "zebra")])
def test_what_no_scanner_can_be_set_to_is_refused_before_anything_is_opened(prefixes: Any, trigger: Any) -> None:
    with pytest.raises(ValueError, match="scanner"):
        open_scanner("/nowhere", prefixes=prefixes, trigger=trigger)
    with pytest.raises(ValueError, match="scanner"):
        supervise_scanner("/nowhere", print, prefixes=prefixes, trigger=trigger)


# -- engines that wait to be told


@each_wire
@each_trigger
def test_a_triggered_engine_says_who_it_is_and_is_dark_until_a_code_is_wanted(
    counter: Counter, trigger: Mode, wire: LineFaults
) -> None:
    counter.sim.line.faults = dataclasses.replace(wire)
    supervisor = counter.start(trigger)
    assert supervisor.health.model == MODELS[trigger]
    assert not counter.sim.show("nobody asked")
    for number, suffix in enumerate(("crlf", "none", "cr")):
        counter.sim.settings.suffix = suffix
        counter.want()
        assert counter.sim.show(f"办理 {number}")
        assert not counter.sim.lit
        assert counter.until(lambda e: isinstance(e, CodeSeen)).text == f"办理 {number}"
    counter.want()
    counter.want(on=False)
    assert not counter.sim.show("nobody asked")
    assert counter.codes() == ["办理 0", "办理 1", "办理 2"]


@each_trigger
def test_an_unreadable_code_leaves_the_light_on(counter: Counter, trigger: Mode) -> None:
    counter.start(trigger)
    counter.want()
    assert counter.sim.show(b"\xff\xfe\xfd")
    assert counter.next() == CodeTrouble("scanner", "unreadable-text")
    counter.wait(lambda: counter.sim.lit)
    assert counter.sim.show("T-1")
    assert counter.next() == CodeSeen("scanner", "T-1")


@each_trigger
def test_an_engine_that_comes_back_shines_only_if_somebody_wants_it_to(counter: Counter, trigger: Mode) -> None:
    counter.start(trigger)
    counter.want()
    for wanted in (True, False):
        counter.sim.unplug()
        counter.condition(Condition.ABSENT, "device-lost")
        counter.wanted = wanted
        counter.sim.plug()
        counter.condition(Condition.OK)
        counter.wait(lambda wanted=wanted: counter.sim.lit == wanted)


@each_trigger
def test_after_a_code_the_light_comes_back_by_itself(counter: Counter, trigger: Mode) -> None:
    counter.start(trigger)
    counter.want()
    assert counter.sim.show("T-1")
    counter.wait(lambda: not counter.sim.lit)
    counter.wait(lambda: counter.sim.lit)
    assert counter.sim.show("T-2")
    counter.until(lambda event: event == CodeSeen("scanner", "T-2"))
    assert counter.codes() == ["T-1", "T-2"]


@each_trigger
def test_an_engine_that_does_not_answer_is_absent_and_comes_back(counter: Counter, trigger: Mode) -> None:
    counter.sim.faults.deaf = True
    counter.sim.settings.trigger = trigger
    counter.sim.plug()
    supervisor = counter.supervise(trigger=trigger)
    assert counter.condition(Condition.ABSENT, "no-answer").model == ""
    counter.sim.faults.deaf = False
    supervisor.poke()
    assert counter.condition(Condition.OK).model == MODELS[trigger]


@pytest.mark.parametrize("trigger", ["newland", "gm65"])
def test_an_engine_that_stops_answering_is_reported_when_a_code_is_wanted(counter: Counter, trigger: Mode) -> None:
    supervisor = counter.start(trigger)
    counter.sim.faults.deaf = True
    supervisor.submit(Wanted(on=True))
    counter.condition(Condition.ABSENT, "no-answer")


@pytest.mark.parametrize("trigger", ["newland", "gm65"])
def test_two_lost_answers_are_no_loss(counter: Counter, trigger: Mode) -> None:
    counter.start(trigger)
    counter.sim.faults.mute_answers = 2
    counter.want()
    counter.wait(lambda: counter.sim.faults.mute_answers == 0)
    assert counter.sim.show("T-1")
    assert counter.next() == CodeSeen("scanner", "T-1")


@pytest.mark.parametrize(
    ("trigger", "fault", "reason"),
    [
        ("newland", "refuses", "trigger-refused"),
        ("gm65", "refuses", "trigger-refused"),
        ("honeywell", "refuses", "trigger-refused"),
        ("gm65", "damaged_commands", "link-garbled"),
        ("gm65", "damaged_answers", "link-garbled"),
        ("newland", "damaged_answers", "link-garbled"),
        ("honeywell", "damaged_answers", "no-answer"),
    ],
)
def test_what_an_engine_cannot_do_is_told_as_the_reason(
    counter: Counter, trigger: Mode, fault: str, reason: str
) -> None:
    counter.sim.settings.trigger = trigger
    setattr(counter.sim.faults, fault, True)
    counter.sim.plug()
    counter.supervise(trigger=trigger)
    counter.condition(Condition.ABSENT, reason)
    assert counter.codes() == []


@each_trigger
def test_an_engine_that_scans_on_although_dark_is_degraded_and_its_codes_still_count(
    counter: Counter, trigger: Mode
) -> None:
    counter.start(trigger)
    counter.sim.faults.stuck_on = True
    for number in range(40):
        counter.sim.show(f"T-{number}")
        with_defect = [e for e in counter.heard if isinstance(e, Health) and e.reason == "stuck-on"]
        if with_defect:
            break
        counter.next()
    assert [e.condition for e in with_defect] == [Condition.DEGRADED]
    assert counter.codes()


@each_trigger
def test_the_light_goes_off_when_the_kiosk_ends(counter: Counter, trigger: Mode) -> None:
    supervisor = counter.start(trigger)
    counter.want()
    supervisor.stop()
    counter.wait(lambda: not counter.sim.lit)


def test_without_a_supervisor_too_an_engine_is_identified_or_missed(counter: Counter) -> None:
    counter.sim.settings.trigger = "newland"
    counter.sim.plug()
    scanner = open_scanner(counter.sim.address, trigger="newland")
    assert scanner.identify() == MODELS["newland"]
    scanner.close()
    scanner = open_scanner(counter.sim.address, trigger="gm65")
    with pytest.raises(DeviceSilent):
        scanner.identify()
    scanner.close()
