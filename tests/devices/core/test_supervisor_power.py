"""The end of the lock-up ladder: a device that hangs through several lives has its power cycled."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.errors import DeviceError, DeviceFault, DeviceLost, DeviceSilent, PortBusy, PortMissing
from devices.events import Condition, DeviceEvent, Health, Printed, PrintResult
from devices.power import command_hook
from devices.supervisor import Emit, Jobs, Supervisor

DEADLINE_S = 10.0
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Device:
    """One that does ``work`` once identified, and whose ``identify`` may fail."""

    work: Callable[[Emit, Jobs, threading.Event], None]
    failure: DeviceError | None = None

    def identify(self) -> str:
        if self.failure is not None:
            raise self.failure
        return "model"

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        self.work(emit, jobs, stop)

    def close(self) -> None:
        pass


@dataclass
class World:
    """A hall whose clock moves only when somebody waits; ``fails`` says what is wrong with the device at a time."""

    fails: Callable[[float], DeviceError | None]
    now_s: float = 0.0
    cycled_s: list[float] = field(default_factory=list)
    opened_s: list[float] = field(default_factory=list)
    events: queue.SimpleQueue[DeviceEvent] = field(default_factory=queue.SimpleQueue)
    well: threading.Event = field(default_factory=threading.Event)
    until_s: float = 5000.0
    over: threading.Event = field(default_factory=threading.Event)

    def open(self) -> Device:
        self.opened_s.append(self.now_s)
        self.now_s += 0.5
        return Device(self._work, self.fails(self.now_s))

    def cycle(self) -> bool:
        self.cycled_s.append(self.now_s)
        self.now_s += 2.5
        return True

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if self.now_s >= self.until_s:
            self.over.set()
            return event.wait(DEADLINE_S)
        self.now_s += seconds
        return event.is_set()

    def _work(self, _emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        self.well.set()
        stop.wait()

    def supervisor(self) -> Supervisor:
        return Supervisor(
            "idcard",
            self.open,
            self.events.put,
            power_cycle=self.cycle,
            clock=lambda: START + timedelta(seconds=self.now_s),
            monotonic=lambda: self.now_s,
            jitter=lambda: 0.0,
            wait=self.wait,
        )

    def told(self) -> list[Health]:
        told = []
        while not self.events.empty():
            event = self.events.get()
            assert isinstance(event, Health)
            told.append(event)
        return told


def test_a_reader_that_hangs_is_opened_anew_then_power_cycled_then_works() -> None:
    world = World(lambda _now: None)
    world.fails = lambda _now: None if world.cycled_s else DeviceSilent("no answer")
    supervisor = world.supervisor()
    supervisor.start()
    assert world.well.wait(DEADLINE_S)
    supervisor.stop()

    assert len(world.cycled_s) == 1
    before = [at for at in world.opened_s if at < world.cycled_s[0]]
    assert len(before) >= 3
    back_s = world.opened_s[-1] - world.cycled_s[0]
    assert back_s <= 3.0  # the pause of the cycle and the shortest rest
    assert [(h.condition, h.reason, h.counters.get("power-cycles", 0)) for h in world.told()] == [
        ("absent", "no-answer", 0),
        ("absent", "no-answer", 1),
        ("ok", "", 1),
    ]
    assert supervisor.health.counters["power-cycles"] == 1


def test_one_that_no_power_cycle_helps_is_cycled_every_ten_minutes_at_most() -> None:
    world = World(lambda _now: DeviceFault("self-test", "sam-self-test"), until_s=3000.0)
    supervisor = world.supervisor()
    supervisor.start()
    assert world.over.wait(DEADLINE_S)
    supervisor.stop()
    pauses = [later - earlier for earlier, later in zip(world.cycled_s, world.cycled_s[1:], strict=False)]
    assert len(pauses) >= 3
    assert all(600.0 <= pause < 640.0 for pause in pauses)
    assert supervisor.health.counters["power-cycles"] == len(world.cycled_s)


@pytest.mark.parametrize("error", [PortMissing("x"), PortBusy("x"), DeviceLost("x")])
def test_an_unplugged_or_occupied_device_keeps_its_power(error: DeviceError) -> None:
    world = World(lambda _now: error, until_s=2000.0)
    supervisor = world.supervisor()
    supervisor.start()
    assert world.over.wait(DEADLINE_S)
    supervisor.stop()
    assert world.cycled_s == []
    assert "power-cycles" not in supervisor.health.counters


def test_a_printer_whose_driver_waits_for_it_in_silence_is_power_cycled_too() -> None:
    world = World(lambda _now: None)
    silent = Health("", Condition.ABSENT, START, "not-answering")

    def goes_silent(emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        while not world.cycled_s and not stop.is_set():
            world.now_s += 2.0
            emit(silent)
        world.well.set()
        stop.wait()

    world._work = goes_silent  # type: ignore[method-assign]  # the work of this device
    supervisor = world.supervisor()
    supervisor.start()
    assert world.well.wait(DEADLINE_S)
    supervisor.stop()
    assert len(world.cycled_s) == 1
    assert [(h.condition, h.reason) for h in world.told()] == [
        ("ok", ""),
        ("absent", "not-answering"),
        ("absent", "not-answering"),  # told again with the power cycle in its counters
        ("ok", ""),
    ]


def test_silence_now_and_then_is_no_hang() -> None:
    world = World(lambda _now: None)

    def stutters(emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        for _ in range(100):
            for condition, reason in (("absent", "not-answering"), ("absent", "not-answering"), ("ok", "")):
                world.now_s += 5.0
                emit(Health("", Condition(condition), START, reason))
        world.well.set()
        stop.wait()

    world._work = stutters  # type: ignore[method-assign]  # the work of this device
    supervisor = world.supervisor()
    supervisor.start()
    assert world.well.wait(DEADLINE_S)
    supervisor.stop()
    assert world.cycled_s == []


def test_jobs_are_refused_while_the_power_is_cycled_and_stopping_waits_for_its_end() -> None:
    events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    begun, go_on = threading.Event(), threading.Event()

    def cycle() -> bool:
        begun.set()
        return go_on.wait(DEADLINE_S)

    now_s = [0.0]

    def open_device() -> Device:
        now_s[0] += 10.0
        raise DeviceSilent("no answer")

    def wait(event: threading.Event, seconds: float) -> bool:
        now_s[0] += seconds
        return event.is_set()

    supervisor = Supervisor(
        "printer",
        open_device,
        events.put,
        refuse=lambda job, reason: Printed("printer", job, PrintResult.FAILED, reason),
        power_cycle=cycle,
        monotonic=lambda: now_s[0],
        wait=wait,
    )
    before = threading.active_count()
    supervisor.start()
    assert begun.wait(DEADLINE_S)
    supervisor.submit("ticket-1")
    while isinstance(event := events.get(timeout=DEADLINE_S), Health):
        pass
    assert event == Printed("printer", "ticket-1", PrintResult.FAILED, "no-answer")
    assert not go_on.is_set()
    stopping = threading.Thread(target=supervisor.stop)
    stopping.start()
    go_on.set()
    stopping.join(DEADLINE_S)
    assert threading.active_count() == before


@pytest.mark.parametrize("cycle", [lambda: False, lambda: 1 // 0, command_hook(["false"])])
def test_a_power_cycle_that_fails_changes_nothing_for_the_device(
    cycle: Callable[[], bool], caplog: pytest.LogCaptureFixture
) -> None:
    world = World(lambda _now: DeviceSilent("no answer"), until_s=1000.0)
    world.cycle = cycle  # type: ignore[method-assign]  # the hook of this world
    supervisor = world.supervisor()
    supervisor.start()
    assert world.over.wait(DEADLINE_S)
    supervisor.stop()
    assert supervisor.health.counters["power-cycles"] == 2
    pauses = [later - earlier for earlier, later in zip(world.opened_s, world.opened_s[1:], strict=False)]
    assert max(pauses) >= 30.0  # the rests grew on


def test_the_shipped_hook_runs_its_command_when_a_reader_hangs(tmp_path: Path) -> None:
    told = tmp_path / "told"
    world = World(lambda _now: None)
    world.fails = lambda _now: None if told.exists() else DeviceSilent("no answer")
    world.cycle = command_hook(["touch", str(told)])  # type: ignore[method-assign]  # the hook of this world
    supervisor = world.supervisor()
    supervisor.start()
    assert world.well.wait(DEADLINE_S)
    supervisor.stop()
    assert supervisor.health.counters["power-cycles"] == 1
