"""A device is lost and comes back; what the kiosk hears of it, and when it is tried again."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.errors import DeviceFault, DeviceLost, PortMissing
from devices.events import CardSeen, Condition, DeviceEvent, Health, Printed, PrintResult
from devices.idcard.driver import Reader
from devices.idcard.sim import IdCardSim
from devices.supervisor import LONGEST_REST_S, Emit, Jobs, Supervisor, rest_s
from devices.transport import node_watch, open_transport

DEADLINE_S = 10.0
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Days:
    """A clock that moves only when somebody waits on it."""

    now_s: float = 0.0
    on_wait: Callable[[float], None] = lambda _now: None

    def monotonic(self) -> float:
        return self.now_s

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.now_s += seconds
        self.on_wait(self.now_s)
        return event.is_set()


@dataclass
class Scripted:
    """A device that identifies itself and then does ``work``."""

    work: Callable[[Emit, Jobs, threading.Event], None]
    model: str = "model"
    closed: threading.Event = field(default_factory=threading.Event)

    def identify(self) -> str:
        return self.model

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        self.work(emit, jobs, stop)

    def close(self) -> None:
        self.closed.set()


def working(_emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
    stop.wait()


class Heard:
    def __init__(self) -> None:
        self._events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()

    def __call__(self, event: DeviceEvent) -> None:
        self._events.put(event)

    def next(self) -> DeviceEvent:
        return self._events.get(timeout=DEADLINE_S)

    def rest(self) -> list[DeviceEvent]:
        events = []
        while not self._events.empty():
            events.append(self._events.get())
        return events


def test_rests_double_from_half_a_second_to_thirty_and_jitter_only_shortens_them() -> None:
    assert [rest_s(n, 0.0) for n in range(1, 9)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert rest_s(10_000, 0.0) == LONGEST_REST_S
    assert rest_s(1, 1.0) == 0.5
    assert rest_s(7, 1.0) == 22.5


def test_a_device_that_is_not_there_is_tried_less_and_less_often_and_told_once() -> None:
    days, heard = Days(), Heard()
    tried: list[float] = []
    enough = threading.Event()

    def open_device() -> Scripted:
        tried.append(days.now_s)
        if len(tried) == 8:
            enough.set()
        raise PortMissing("nothing there")

    supervisor = Supervisor(
        "printer", open_device, heard, clock=days.clock, monotonic=days.monotonic, jitter=lambda: 0.0, wait=days.wait
    )
    supervisor.start()
    assert enough.wait(DEADLINE_S)
    supervisor.stop()

    assert tried[:8] == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5]
    assert heard.rest() == [
        Health("printer", Condition.ABSENT, START, "port-missing", counters={"lost": 1}),
    ]
    assert supervisor.health.counters["lost"] >= 8


def test_after_a_steady_life_the_first_rest_is_short_again() -> None:
    days, heard = Days(), Heard()
    opened: list[float] = []
    third = threading.Event()

    def live_ten_seconds(_emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        if len(opened) == 3:
            third.set()
            stop.wait()
            return
        days.now_s += 10
        raise DeviceLost("unplugged")

    def open_device() -> Scripted:
        opened.append(days.now_s)
        return Scripted(live_ten_seconds)

    supervisor = Supervisor(
        "idcard", open_device, heard, clock=days.clock, monotonic=days.monotonic, jitter=lambda: 0.0, wait=days.wait
    )
    supervisor.start()
    assert third.wait(DEADLINE_S)
    supervisor.stop()
    assert opened == [0, 10.5, 21.0]
    conditions = [event.condition for event in heard.rest() if isinstance(event, Health)]
    assert conditions == ["ok", "absent", "ok", "absent", "ok"]


@pytest.mark.parametrize("how", ["poked", "node-appears"])
def test_a_device_that_may_be_back_is_tried_at_once(how: str) -> None:
    days, heard = Days(), Heard()
    node: list[object] = [None]
    tried: list[float] = []
    back = threading.Event()

    def open_device() -> Scripted:
        tried.append(days.now_s)
        if days.now_s < 40:
            raise PortMissing("nothing there")
        return Scripted(lambda _emit, _jobs, stop: (back.set(), stop.wait(), None)[2])

    supervisor = Supervisor(
        "idcard",
        open_device,
        heard,
        watch=lambda: node[0],
        clock=days.clock,
        monotonic=days.monotonic,
        jitter=lambda: 0.0,
        wait=days.wait,
    )

    def at_forty(now_s: float) -> None:
        if now_s >= 40 and node[0] is None:
            node[0] = "here"
            if how == "poked":
                supervisor.poke()

    days.on_wait = at_forty
    supervisor.start()
    assert back.wait(DEADLINE_S)
    supervisor.stop()
    assert tried[-1] == 40  # the rest that began at 31.5 would have lasted to 61.5


def test_a_cable_put_back_before_its_loss_was_noticed_is_tried_at_once_each_time() -> None:
    days, heard = Days(), Heard()
    node = [0]
    opened: list[float] = []
    enough = threading.Event()

    def pulled_and_put_back(_emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        if len(opened) == 20:
            enough.set()
            stop.wait()
            return
        node[0] += 1
        raise DeviceLost("unplugged")

    def open_device() -> Scripted:
        opened.append(days.now_s)
        return Scripted(pulled_and_put_back)

    supervisor = Supervisor(
        "idcard",
        open_device,
        heard,
        watch=lambda: node[0],
        clock=days.clock,
        monotonic=days.monotonic,
        jitter=lambda: 0.0,
        wait=days.wait,
    )
    supervisor.start()
    assert enough.wait(DEADLINE_S)
    supervisor.stop()
    assert opened[-1] <= 19 * 0.5  # never more than the shortest rest


def test_a_job_for_a_device_that_is_away_is_refused_at_once() -> None:
    heard = Heard()
    supervisor = Supervisor(
        "printer",
        lambda: (_ for _ in ()).throw(PortMissing("nothing there")),
        heard,
        refuse=lambda job, reason: Printed("printer", job, PrintResult.FAILED, reason),
    )
    supervisor.start()
    assert isinstance(heard.next(), Health)
    supervisor.submit("ticket-1")
    assert heard.next() == Printed("printer", "ticket-1", PrintResult.FAILED, "port-missing")
    supervisor.stop()
    supervisor.submit("ticket-2")
    assert heard.next() == Printed("printer", "ticket-2", PrintResult.FAILED, "stopped")


def test_a_job_reaches_the_device_and_counts() -> None:
    heard = Heard()

    def print_one(emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        emit(Printed("printer", jobs.get(timeout=DEADLINE_S), PrintResult.PRINTED))
        stop.wait()

    supervisor = Supervisor("printer", lambda: Scripted(print_one), heard)
    supervisor.start()
    supervisor.submit("ticket-1")
    assert isinstance(heard.next(), Health)
    assert heard.next() == Printed("printer", "ticket-1", PrintResult.PRINTED)
    supervisor.stop()
    assert supervisor.health.counters == {"opened": 1, "printed": 1}
    assert supervisor.health.last_ok is not None


def test_health_is_told_when_it_changes_and_not_when_it_stays() -> None:
    days, heard = Days(), Heard()
    said = threading.Event()

    def tell(emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        for condition, reason, percent in (
            (Condition.OK, "", None),
            (Condition.DEGRADED, "paper-low", 4),
            (Condition.DEGRADED, "paper-low", 4),
            (Condition.DEGRADED, "paper-out", 0),
            (Condition.OK, "", 100),
        ):
            days.now_s += 1
            emit(Health("", condition, datetime.min.replace(tzinfo=UTC), reason, paper_percent=percent))
        said.set()
        stop.wait()

    supervisor = Supervisor("printer", lambda: Scripted(tell), heard, clock=days.clock, monotonic=days.monotonic)
    supervisor.start()
    assert said.wait(DEADLINE_S)
    supervisor.stop()
    told = [(h.condition, h.reason, (h.since - START).seconds) for h in heard.rest() if isinstance(h, Health)]
    assert told == [
        ("ok", "", 0),
        ("degraded", "paper-low", 2),
        ("degraded", "paper-out", 2),  # the reason is new, the condition has lasted since second 2
        ("ok", "", 5),
    ]


def test_a_fault_that_the_device_reports_is_the_reason() -> None:
    heard = Heard()
    supervisor = Supervisor(
        "idcard", lambda: (_ for _ in ()).throw(DeviceFault("no licence", "sam-not-authorised")), heard
    )
    supervisor.start()
    event = heard.next()
    supervisor.stop()
    assert isinstance(event, Health)
    assert (event.condition, event.reason) == (Condition.ABSENT, "sam-not-authorised")


def test_a_mistake_in_a_driver_is_survived_and_its_words_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()
    devices: list[Scripted] = []

    def stumble(_emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        if len(devices) == 1:
            int("110199199207152022 张晓梅")
        stop.wait()

    def open_device() -> Scripted:
        devices.append(Scripted(stumble))
        return devices[-1]

    supervisor = Supervisor("idcard", open_device, heard)
    supervisor.start()
    told = [heard.next() for _ in range(3)]
    supervisor.stop()
    assert [(h.condition, h.reason) for h in told if isinstance(h, Health)] == [
        ("ok", ""),
        ("absent", "driver-error"),
        ("ok", ""),
    ]
    assert all(device.closed.is_set() for device in devices)
    assert "ValueError" in caplog.text
    assert "11019919" not in caplog.text
    assert "张" not in caplog.text


def test_stopping_ends_the_thread_and_closes_the_device() -> None:
    device = Scripted(working)
    heard = Heard()
    supervisor = Supervisor("scanner", lambda: device, heard)
    before = threading.active_count()
    supervisor.start()
    heard.next()
    supervisor.stop()
    assert threading.active_count() == before
    assert device.closed.is_set()


def test_a_card_that_is_seen_does_not_show_in_the_event() -> None:
    assert "张" not in repr(CardSeen("idcard", card="张晓梅"))  # type: ignore[arg-type]  # any record will do


def test_a_cable_pulled_between_identifying_and_working_is_noticed_and_its_return_too(tmp_path: Path) -> None:
    sim = IdCardSim(tmp_path / "idcard")
    pulled = threading.Event()

    class PulledOnce(Reader):
        def identify(self) -> str:
            model = super().identify()
            if not pulled.is_set():
                pulled.set()
                sim.unplug()
            return model

    heard = Heard()
    address = str(sim.line.link_path)
    supervisor = Supervisor("idcard", lambda: PulledOnce(open_transport(address)), heard, watch=node_watch(address))
    with sim:
        sim.put("zhang")
        supervisor.start()
        told: list[DeviceEvent] = [heard.next() for _ in range(2)]
        sim.plug()
        told += [heard.next() for _ in range(2)]
        supervisor.stop()
    assert [(h.condition, h.reason) for h in told if isinstance(h, Health)] == [
        ("ok", ""),
        ("absent", "device-lost"),
        ("ok", ""),
    ]
    assert isinstance(told[-1], CardSeen)


def test_stopping_while_a_connection_is_tried_leaves_no_thread_and_no_news() -> None:
    heard = Heard()
    opening, let_go = threading.Event(), threading.Event()
    device = Scripted(working)

    def open_device() -> Scripted:
        opening.set()
        assert let_go.wait(DEADLINE_S)
        return device

    before = threading.active_count()
    supervisor = Supervisor("printer", open_device, heard)
    supervisor.start()
    assert opening.wait(DEADLINE_S)
    with pytest.raises(TimeoutError, match="did not end within"):
        supervisor.stop(0.01)
    let_go.set()
    supervisor.stop()
    assert threading.active_count() == before
    assert device.closed.is_set()
    assert heard.rest() == []


def test_a_listener_that_stumbles_does_not_end_the_device(caplog: pytest.LogCaptureFixture) -> None:
    second = threading.Event()
    lives: list[Scripted] = []

    def stumble(_event: DeviceEvent) -> None:
        raise KeyError("110199199207152022")

    def work(emit: Emit, _jobs: Jobs, stop: threading.Event) -> None:
        if len(lives) == 1:
            emit(Printed("printer", "1", PrintResult.PRINTED))
            raise DeviceLost("unplugged")
        second.set()
        stop.wait()

    def open_device() -> Scripted:
        lives.append(Scripted(work))
        return lives[-1]

    supervisor = Supervisor("printer", open_device, stumble)
    supervisor.start()
    assert second.wait(DEADLINE_S)
    supervisor.stop()
    assert supervisor.health.counters == {"opened": 2, "printed": 1, "lost": 1}
    assert supervisor.health.reason == ""
    assert "KeyError" in caplog.text
    assert "110199" not in caplog.text


def test_counters_are_told_once_a_minute_and_the_paper_is_remembered_while_the_printer_is_away() -> None:
    days, heard = Days(), Heard()
    away = threading.Event()

    def print_all_day(emit: Emit, _jobs: Jobs, _stop: threading.Event) -> None:
        emit(Health("", Condition.OK, START, paper_percent=88))
        for n in range(13):
            days.now_s += 10.0
            emit(Printed("printer", str(n), PrintResult.PRINTED))
        raise DeviceLost("unplugged")

    def open_device() -> Scripted:
        if days.now_s > 0:
            away.set()
            raise PortMissing("nothing there")
        return Scripted(print_all_day)

    supervisor = Supervisor(
        "printer", open_device, heard, clock=days.clock, monotonic=days.monotonic, jitter=lambda: 0.0, wait=days.wait
    )
    supervisor.start()
    assert away.wait(DEADLINE_S)
    supervisor.stop()
    told = [event for event in heard.rest() if isinstance(event, Health)]
    assert (
        [((h.since - START).seconds, h.condition, h.paper_percent, h.counters.get("printed", 0)) for h in told]
        == [
            (0, "ok", None, 0),
            (0, "ok", 88, 0),
            (0, "ok", 88, 6),
            (0, "ok", 88, 12),
            (130, "absent", 88, 13),
            (130, "absent", 88, 13),  # the reason is another: port-missing
        ][: len(told)]
    )
    assert len(told) >= 5
    assert told[4].last_ok == START + timedelta(seconds=130)


def test_a_supervisor_starts_once() -> None:
    supervisor = Supervisor("scanner", lambda: Scripted(working), Heard())
    supervisor.start()
    with pytest.raises(RuntimeError):
        supervisor.start()
    supervisor.stop()


def test_a_look_at_the_node_that_fails_finds_nothing_and_harms_nobody() -> None:
    heard = Heard()
    looks: list[None] = []

    def look() -> object:
        looks.append(None)
        if len(looks) < 5:
            raise FileNotFoundError("it went while we looked")
        return "here"

    def open_device() -> Scripted:
        if len(looks) < 5:
            raise PortMissing("nothing there")
        return Scripted(working)

    supervisor = Supervisor("panel", open_device, heard, watch=look)
    supervisor.start()
    told = [heard.next(), heard.next()]
    supervisor.stop()
    assert [h.condition for h in told if isinstance(h, Health)] == ["absent", "ok"]


def test_a_technicians_test_opens_the_device_anew_and_hears_how_it_went() -> None:
    heard, answers = Heard(), queue.SimpleQueue[str]()
    lives: list[Scripted] = []

    def open_device() -> Scripted:
        if len(lives) == 2:
            raise PortMissing("pulled out meanwhile")
        lives.append(Scripted(working))
        return lives[-1]

    supervisor = Supervisor("scanner", open_device, heard)
    supervisor.start()
    assert isinstance(heard.next(), Health)
    supervisor.renew(answers.put)
    assert answers.get(timeout=DEADLINE_S) == ""
    assert lives[0].closed.wait(DEADLINE_S)
    assert len(lives) == 2
    supervisor.renew(answers.put)
    assert answers.get(timeout=DEADLINE_S) == "port-missing"
    supervisor.stop()
    said = [(event.condition, event.reason) for event in heard.rest() if isinstance(event, Health)]
    assert said == [(Condition.ABSENT, "port-missing")], "the first test was no loss, and nobody was told of one"
