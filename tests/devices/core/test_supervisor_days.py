"""Any day of a device, invented by hypothesis: what it may do, the supervisor's promises hold."""

from __future__ import annotations

import itertools
import queue
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import DeviceLost, DeviceSilent, PortMissing
from devices.events import Condition, DeviceEvent, Health, Printed, PrintResult
from devices.supervisor import FIRST_REST_S, LONGEST_REST_S, STEADY_S, Emit, Jobs, Supervisor, rest_s

DEADLINE_S = 20.0
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LOOK_S = 0.25


@dataclass(frozen=True)
class Life:
    """How one opening of the device goes: it fails at ``fails``, or works for ``works_s`` and is lost."""

    fails: str | None
    works_s: float
    takes_s: float  # opening and identifying
    jobs: int  # handed in while it works; the last is not taken any more
    mistake: bool  # the driver stumbles instead of telling what went wrong


@dataclass
class Day:
    lives: list[Life]
    plugged_s: list[float]  # when a new device node appears
    now_s: float = 0.0
    begun: list[float] = field(default_factory=list)
    ended: list[tuple[float, float | None]] = field(default_factory=list)  # end, and since when it worked
    events: list[DeviceEvent] = field(default_factory=list)
    submitted: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(
            "printer",
            self.open,
            self.events.append,
            refuse=lambda job, reason: Printed("printer", job, PrintResult.FAILED, reason),
            watch=lambda: sum(at <= self.now_s for at in self.plugged_s),
            clock=lambda: START + timedelta(seconds=self.now_s),
            monotonic=lambda: self.now_s,
            jitter=lambda: 0.0,
            wait=self.wait,
        )

    def open(self) -> Day:
        self.begun.append(self.now_s)
        if len(self.begun) > len(self.lives):
            return self
        self.now_s += self.life.takes_s
        if self.life.fails == "opening":
            self.ended.append((self.now_s, None))
            raise PortMissing("nothing there")
        return self

    @property
    def life(self) -> Life:
        return self.lives[len(self.begun) - 1]

    @property
    def last(self) -> bool:
        return len(self.begun) > len(self.lives)

    def identify(self) -> str:
        if not self.last and self.life.fails == "identifying":
            self.ended.append((self.now_s, None))
            if self.life.mistake:
                raise ZeroDivisionError
            raise DeviceSilent("no answer")
        return "model"

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        if self.last:
            self.over.set()
            stop.wait()
            return
        since = self.now_s
        for n in range(self.life.jobs):
            self.submit()
            if n < self.life.jobs - 1:
                emit(Printed("printer", jobs.get_nowait(), PrintResult.PRINTED))
        self.now_s += self.life.works_s
        self.ended.append((self.now_s, since))
        if self.life.mistake:
            raise ZeroDivisionError
        raise DeviceLost("unplugged")

    def close(self) -> None:
        if not self.last and self.life.mistake:
            raise OSError("close failed, which it should not")

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.now_s += seconds
        if int(self.now_s * 3) % 2:
            self.submit()
        return event.is_set()

    def submit(self) -> None:
        self.submitted += 1
        self.supervisor.submit(f"ticket-{self.submitted}")


LIVES = st.builds(
    Life,
    fails=st.sampled_from([None, "opening", "identifying"]),
    works_s=st.sampled_from([0.0, 0.1, STEADY_S - 0.01, STEADY_S, 60.0]),
    takes_s=st.sampled_from([0.0, 0.3, 6.0]),
    jobs=st.integers(0, 3),
    mistake=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(lives=st.lists(LIVES, max_size=12), plugged_s=st.lists(st.floats(0.0, 200.0), max_size=12))
def test_whatever_a_device_does_it_is_tried_again_in_time_and_every_job_ends_once(
    lives: list[Life], plugged_s: list[float]
) -> None:
    day = Day(lives, plugged_s)
    before = threading.active_count()
    day.supervisor.start()
    assert day.over.wait(DEADLINE_S)
    day.supervisor.stop()
    assert threading.active_count() == before

    failures = 0
    for began, (ended, works_since), again in zip(day.begun[:-1], day.ended, day.begun[1:], strict=True):
        steady = works_since is not None and ended - works_since >= STEADY_S
        failures = 1 if steady else failures + 1
        changes = [at for at in plugged_s if began < at <= again]
        if changes:
            assert again <= max(ended, min(changes)) + LOOK_S + 1e-6
            failures = 0
        else:
            assert abs(again - ended - rest_s(failures, 0.0)) < 1e-6
        assert again - ended <= LONGEST_REST_S + 1e-6
        assert changes or again - ended >= FIRST_REST_S - 1e-6

    health = [event for event in day.events if isinstance(event, Health)]
    assert [h.since for h in health] == sorted(h.since for h in health)
    news = [(h.condition, h.reason) for h in health]
    assert all(one != other for one, other in itertools.pairwise(news))
    assert health[-1].condition is Condition.OK
    counters = day.supervisor.health.counters
    assert counters.get("lost", 0) == len(lives)
    assert counters["opened"] == 1 + sum(life.fails is None for life in lives)

    ended_jobs = sorted(event.job for event in day.events if isinstance(event, Printed))
    assert ended_jobs == sorted(f"ticket-{n}" for n in range(1, day.submitted + 1))
    assert counters.get("printed", 0) + counters.get("refused", 0) == day.submitted


def test_events_never_come_from_two_threads() -> None:
    threads: queue.SimpleQueue[int] = queue.SimpleQueue()
    day = Day([Life("opening", 0.0, 0.0, 0, mistake=False)], [])
    day.supervisor._emit = lambda _event: threads.put(threading.get_ident())
    day.supervisor.start()
    assert day.over.wait(DEADLINE_S)
    day.supervisor.stop()
    told = {threads.get() for _ in range(threads.qsize())}
    assert len(told) == 1
    assert threading.get_ident() not in told
