"""The scanner's cable is pulled in the middle of codes, again and again: it comes back, and no half code with it."""

from __future__ import annotations

import random
import statistics
import time
from typing import Any

import pytest

from devices.events import CodeSeen, Condition
from devices.scanner.sim import EngineSettings, Mode

pytestmark = pytest.mark.wire

Counter = Any  # the class is in conftest.py, which tests do not import

BACK_S = 5.0  # after the cable is put back, a code must have been read
MODES: list[Mode] = ["continuous", "newland", "gm65", "honeywell"]


def pull_and_put_back(counter: Counter, mode: Mode, times: int) -> list[float]:
    """Pull the cable ``times`` times while a code is sent; return the seconds from each plugging to the next code."""
    rng = random.Random(mode)
    counter.wanted = True
    counter.start(mode)
    sim, shown, took_s = counter.sim, [], []
    for number in range(times):
        sim.settings = EngineSettings(
            rng.choice([b"", b"]Q3"]), rng.choice(["cr", "lf", "crlf"]), rng.choice(["utf-8", "gb18030"]), mode
        )
        sim.line.faults.split = rng.random() < 0.2
        first, torn, back = (f"{word}-{number}-{'号' * rng.randint(1, 40)}" for word in ("whole", "torn", "back"))
        if number == 0:
            counter.wait(lambda: sim.lit)
            sim.show(first)  # from here on the engine is known to end its codes with a suffix
            counter.until(lambda event, first=first: event == CodeSeen("scanner", first))
            shown.append(first)
        counter.wait(lambda: sim.lit)
        if rng.random() < 0.5:
            sim.faults.unplug_mid_code = True
        else:
            sim.line.faults.unplug_after = rng.randint(1, len(torn) - 1)
        sim.show(torn)
        counter.condition(Condition.ABSENT, "device-lost")
        sim.line.faults.unplug_after = None

        plugged_s = time.monotonic()
        sim.plug()
        counter.condition(Condition.OK)
        counter.wait(lambda: sim.lit)
        sim.show(back)
        counter.until(lambda event, back=back: event == CodeSeen("scanner", back))
        took_s.append(time.monotonic() - plugged_s)
        shown.append(back)
    assert counter.codes() == shown, "nothing but whole codes"
    assert counter.supervisor.health.counters["lost"] == times
    return took_s


each_mode = pytest.mark.parametrize("mode", MODES)


@each_mode
def test_a_sample_of_pulled_cables(counter: Counter, mode: Mode) -> None:
    assert max(pull_and_put_back(counter, mode, 2)) < BACK_S


@pytest.mark.soak
@pytest.mark.timeout(1800)
@each_mode
def test_a_hundred_pulled_cables(counter: Counter, mode: Mode) -> None:
    took_s = pull_and_put_back(counter, mode, 100)
    print(
        f"{mode}: back and reading after {statistics.median(took_s):.2f} s (median),"
        f" {max(took_s):.2f} s (longest of 100)"
    )
    assert max(took_s) < BACK_S
