"""The shipped camera driver under its supervisor, against a simulated camera on the network."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from devices.camera import driver
from devices.camera.decoders import Decoder, Reading
from devices.camera.frames import Frame
from devices.camera.record import Wanted
from devices.camera.sim_stream import StreamSettings
from devices.events import CodeSeen, CodeTrouble, Condition, Health
from devices.switches import set_switch

pytestmark = pytest.mark.wire

TICKET = "https://hall.example/t/8fJx-02?n=A017"
Hall = Any  # the class is in conftest.py, which tests do not import
MakeHall = Callable[..., Hall]
DEADLINE_S = 20.0
BACK_WITHIN_S = 5.0

MAKES = {
    "lengths": StreamSettings(),
    "no lengths": StreamSettings(lengths=False),
    "chunked": StreamSettings(chunked=True, quoted=True),
    "fast": StreamSettings(fps=60),
}


@pytest.mark.parametrize("settings", MAKES.values(), ids=MAKES.keys())
@pytest.mark.parametrize("decoder", ["zxing", "zbar"])
def test_a_code_that_is_shown_is_told_whatever_the_make(
    make_hall: MakeHall, decoder: str, settings: StreamSettings
) -> None:
    hall = make_hall(decoder, settings)
    hall.sim.line.faults.split = True
    for number, how in enumerate(({}, {"rotation_deg": 10.0, "size": 0.6}, {"x": 0.4, "size": 0.7})):
        hall.sim.show(f"{TICKET}{number}", **how)
        assert hall.next() == CodeSeen("camera", f"{TICKET}{number}")
    assert hall.supervisor.health.counters["codes"] == 3


def test_chinese_is_read_by_zxing_and_refused_of_zbar(make_hall: MakeHall) -> None:
    for decoder, told in (
        ("zxing", CodeSeen("camera", "办理:敬老卡")),
        ("zbar", CodeTrouble("camera", "unreadable-text")),
    ):
        hall = make_hall(decoder)
        hall.sim.show("办理:敬老卡")
        assert hall.next() == told


def test_a_code_that_is_held_is_told_once(hall: Hall) -> None:
    hall.sim.show("T-1")
    assert hall.next() == CodeSeen("camera", "T-1")
    hall.sim.show("T-1", x=0.4, rotation_deg=10)  # a hand is never still
    hall.sim.show("T-2")
    assert hall.next() == CodeSeen("camera", "T-2")
    assert hall.waiting() == []


def test_what_cannot_be_used_is_told_by_its_code(hall: Hall) -> None:
    hall.sim.show(b"\xff\xfe\xfd")
    assert hall.next() == CodeTrouble("camera", "unreadable-text")


def test_nothing_decodes_on_the_thread_that_takes_the_events(
    make_hall: MakeHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kiosk's screen takes events from a queue; frames are read and decoded on the device's own thread."""
    decoded_on: set[str] = set()
    opened = driver.open_decoder

    def noting(name: str) -> Decoder:
        decoder = opened(name)
        decode = decoder.decode

        def noted(frame: Frame) -> list[Reading]:
            decoded_on.add(threading.current_thread().name)
            return decode(frame)

        monkeypatch.setattr(decoder, "decode", noted)
        return decoder

    monkeypatch.setattr(driver, "open_decoder", noting)
    for decoder in ("zxing", "zbar"):
        hall = make_hall(decoder)
        hall.sim.show("T-1")
        assert hall.next() == CodeSeen("camera", "T-1")
    assert decoded_on == {"device camera"} == hall.heard_on
    assert threading.current_thread().name not in decoded_on


# -- the camera comes and goes


def test_unplugged_it_is_told_once_and_comes_back(hall: Hall) -> None:
    hall.sim.unplug()
    lost = hall.next()
    assert isinstance(lost, Health)
    assert (lost.condition, lost.reason) == (Condition.ABSENT, "device-lost")
    hall.sim.plug()
    hall.until_health(Condition.OK)
    hall.sim.show("T-1")
    assert hall.next_code() == CodeSeen("camera", "T-1")


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "port-forbidden"), (404, "port-missing"), (503, "port-busy"), (500, "link-garbled")]
)
def test_a_camera_that_refuses_says_why(hall: Hall, status: int, reason: str) -> None:
    hall.sim.line.faults.status = status
    hall.sim.unplug()
    hall.sim.plug()
    hall.until_health(Condition.ABSENT, reason)
    hall.sim.line.faults.status = None
    hall.supervisor.poke()
    hall.until_health(Condition.OK)


def test_a_camera_that_falls_silent_is_lost_and_a_slow_one_is_not(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "SILENT_S", 1.0)
    hall.sim.line.faults.slow_s = 0.4
    hall.sim.show("T-1")
    assert hall.next() == CodeSeen("camera", "T-1")
    hall.sim.line.faults.silent = True
    hall.until_health(Condition.ABSENT, "no-answer")
    hall.sim.line.faults.silent = False
    hall.until_health(Condition.OK)


def test_a_stream_cut_in_the_middle_of_a_picture_is_lost_and_comes_back(hall: Hall) -> None:
    hall.sim.line.faults.cut_mid_frame = True
    hall.sim.unplug()
    hall.sim.plug()
    for _ in range(2):
        hall.until_health(Condition.OK)
        hall.until_health(Condition.ABSENT, "device-lost")
        hall.supervisor.poke()
    hall.sim.line.faults.cut_mid_frame = False
    hall.until_health(Condition.OK)
    hall.sim.show("T-1")
    assert hall.next_code() == CodeSeen("camera", "T-1")


def test_broken_pictures_are_a_garbled_link_and_no_noise(hall: Hall, capfd: pytest.CaptureFixture[str]) -> None:
    hall.sim.settings.fps = 60
    hall.sim.line.faults.broken_jpeg = True
    hall.until_health(Condition.ABSENT, "link-garbled")
    hall.sim.line.faults.broken_jpeg = False
    hall.supervisor.poke()
    hall.until_health(Condition.OK)
    assert capfd.readouterr().err == ""


def test_a_covered_lens_is_told_and_taken_back(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.camera.sight.DARK_S", 0.3)
    set_switch(hall.sim, "black", True)
    hall.until_health(Condition.DEGRADED, "camera-dark")
    set_switch(hall.sim, "black", False)
    hall.until_health(Condition.OK)


def test_a_frozen_picture_is_told_then_the_camera_is_opened_anew(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.camera.sight.FROZEN_S", 0.3)
    monkeypatch.setattr(driver, "FROZEN_LOST_S", 1.0)
    set_switch(hall.sim, "frozen", True)
    hall.until_health(Condition.DEGRADED, "camera-frozen")
    hall.until_health(Condition.ABSENT, "camera-frozen")
    set_switch(hall.sim, "frozen", False)
    hall.until_health(Condition.OK)


def test_a_dead_decoder_is_told_and_replaced_while_the_camera_stays(make_hall: MakeHall) -> None:
    hall = make_hall("zbar")
    (child,) = hall.children()
    os.kill(child, signal.SIGKILL)
    hall.until_health(Condition.DEGRADED, "decoder-died")
    hall.until_health(Condition.OK)
    hall.sim.show("T-1")
    assert hall.next() == CodeSeen("camera", "T-1")
    assert hall.supervisor.health.counters["opened"] == 1


# -- privacy: looking only when it is wanted


def test_switched_off_nobody_looks_and_what_was_seen_is_forgotten(hall: Hall) -> None:
    hall.sim.show("T-1")
    assert hall.next() == CodeSeen("camera", "T-1")
    hall.supervisor.submit(Wanted(on=False))
    hall.wait_until(lambda: hall.sim.line.viewers == 0, "the camera is closed")
    hall.sim.show("T-2")
    hall.supervisor.submit(Wanted(on=True))
    assert hall.next() == CodeSeen("camera", "T-2")
    hall.supervisor.submit(Wanted(on=False))
    hall.wait_until(lambda: hall.sim.line.viewers == 0, "the camera is closed")
    hall.supervisor.submit(Wanted(on=True))
    assert hall.next() == CodeSeen("camera", "T-2")  # the next citizen may hold the same code
    assert hall.supervisor.health.condition is Condition.OK


def test_a_camera_that_nobody_wants_is_tried_and_switched_off_also_when_it_comes_back(make_hall: MakeHall) -> None:
    hall = make_hall(wanted=False)
    hall.wait_until(lambda: hall.sim.line.viewers == 0, "the camera is closed")
    hall.supervisor.submit(Wanted(on=True))
    hall.wait_until(lambda: hall.sim.line.viewers == 1, "the camera looks")
    hall.sim.unplug()
    hall.until_health(Condition.ABSENT)
    hall.sim.plug()
    hall.until_health(Condition.OK)
    hall.wait_until(lambda: hall.sim.line.viewers == 0, "the camera is closed")


def test_a_camera_that_is_gone_when_it_is_wanted_again_is_lost(hall: Hall) -> None:
    hall.supervisor.submit(Wanted(on=False))
    hall.wait_until(lambda: hall.sim.line.viewers == 0, "the camera is closed")
    hall.sim.unplug()
    hall.supervisor.submit(Wanted(on=True))
    hall.until_health(Condition.ABSENT, "port-missing")


def test_other_jobs_are_ignored(hall: Hall) -> None:
    hall.supervisor.submit("look here")
    hall.sim.show("T-1")
    assert hall.next() == CodeSeen("camera", "T-1")


def test_a_stop_is_quick_whatever_the_camera_does(make_hall: MakeHall) -> None:
    for fault in ("silent", None):
        hall = make_hall()
        if fault:
            set_switch(hall.sim, fault, True)
        began = time.monotonic()
        hall.supervisor.stop()
        assert time.monotonic() - began < DEADLINE_S


# -- a hundred times


def pull_and_plug(hall: Hall, times: int, seed: int) -> float:
    """Unplug at any moment of a stream, plug again a moment later; return the longest time until it was back."""
    chance = random.Random(seed)
    longest = 0.0
    for number in range(times):
        set_switch(hall.sim, "split", chance.random() < 0.5)
        hall.sim.show(f"PULL-{seed}-{number}")
        if chance.random() < 0.7:
            hall.until(lambda event, code=f"PULL-{seed}-{number}": event == CodeSeen("camera", code))
        else:
            time.sleep(chance.uniform(0, 0.1))  # anywhere within a picture
        hall.waiting()
        hall.sim.unplug()
        hall.until_health(Condition.ABSENT)
        if chance.random() < 0.3:
            time.sleep(chance.uniform(0, 1.2))  # tried in vain meanwhile
        hall.sim.plug()
        plugged = time.monotonic()
        hall.until_health(Condition.OK)
        longest = max(longest, time.monotonic() - plugged)
    return longest


def test_pulled_and_plugged_a_few_times_it_is_back_each_time(hall: Hall) -> None:
    assert pull_and_plug(hall, 3, seed=3) < BACK_WITHIN_S


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("decoder", ["zxing", "zbar"])
def test_pulled_and_plugged_a_hundred_times_it_is_back_within_five_seconds(make_hall: MakeHall, decoder: str) -> None:
    longest = pull_and_plug(make_hall(decoder), 100, seed=4)
    print(f"{decoder}: back after at most {longest:.2f} s")
    assert longest < BACK_WITHIN_S
