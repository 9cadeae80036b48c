"""A real scan engine: what it is, that it obeys its make's trigger, and that it reads a code held before it.

    pytest -m hardware --port=/dev/serial/by-id/...
    pytest -m hardware --port="serial:/dev/ttyUSB0?baud=9600"

All settings go to the engine's volatile memory: pull its plug afterwards and it is as before. Hold a code of our own
before the window when asked (a ticket, or the page of one); without one the last tests are skipped. What the code
says is not printed or kept.
"""

from __future__ import annotations

import functools
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from devices.errors import DeviceError
from devices.events import CodeSeen, DeviceEvent
from devices.scanner.answers import Make
from devices.scanner.dialects import TriggerName, dialect_of
from devices.scanner.driver import Scanner, Wanted, open_scanner
from devices.supervisor import Jobs

pytestmark = pytest.mark.hardware

CODE_S = 20.0
DARK_S = 4.0
MAKES: tuple[Make, ...] = ("newland", "honeywell", "gm65")


@pytest.fixture
def port(port_of: Callable[[str], str]) -> str:
    return port_of("scanner")


@pytest.fixture
def trigger(port: str) -> TriggerName:
    return make_at(port)


@functools.cache
def make_at(port: str) -> TriggerName:
    """The make whose commands the engine answers; ``none`` if it answers to nobody's."""
    for make in MAKES:
        scanner = open_scanner(port, trigger=make, wanted=False)
        with suppress(DeviceError):
            tell(f"it answers as {make}: {scanner.identify()}")
            scanner.close()
            return make
        scanner.close()
    return "none"


@contextmanager
def at_work(port: str, trigger: TriggerName, *, wanted: bool) -> Iterator[tuple[queue.SimpleQueue[DeviceEvent], Jobs]]:
    """The shipped driver on its thread: what it tells, and where jobs go."""
    told: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    jobs: Jobs = queue.SimpleQueue()
    stop = threading.Event()
    trouble: list[DeviceError] = []
    scanner: Scanner = open_scanner(port, trigger=trigger, wanted=wanted)

    def work() -> None:
        try:
            scanner.run(told.put, jobs, stop)
        except DeviceError as error:
            trouble.append(error)

    try:
        scanner.identify()
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield told, jobs
        finally:
            stop.set()
            thread.join()
    finally:
        scanner.close()
    assert not trouble, trouble


def first_code(told: queue.SimpleQueue[DeviceEvent], within_s: float) -> bool:
    end = time.monotonic() + within_s
    while (left := end - time.monotonic()) > 0:
        with suppress(queue.Empty):
            event = told.get(timeout=left)
            if isinstance(event, CodeSeen):
                return True
            tell(f"told: {event}")
    return False


def test_an_engine_with_a_trigger_answers_every_command_that_we_send(port: str, trigger: TriggerName) -> None:
    dialect = dialect_of(trigger)
    if dialect is None:
        pytest.skip("it answers nobody's commands: use it in continuous or presentation mode, trigger none")
    with at_work(port, trigger, wanted=True) as (_told, jobs):
        for on in (False, True, False):
            jobs.put(Wanted(on))
            threading.Event().wait(1.0)  # the light can be seen; a lost answer raises within this and the next


def test_a_code_is_read_and_told_once(port: str, trigger: TriggerName) -> None:
    """Waits 20 s for a code, then 2 s with it held there."""
    with at_work(port, trigger, wanted=True) as (told, _jobs):
        tell(f"请出示二维码并保持不动 / hold a code before the window within {CODE_S:g} s, and keep it there")
        if not first_code(told, CODE_S):
            pytest.skip("no code was shown, or none could be read")
        assert not first_code(told, 2.0), "a code that was held was told twice"


def test_a_dark_engine_reads_nothing(port: str, trigger: TriggerName) -> None:
    if trigger == "none":
        pytest.skip("it has no trigger that we know")
    with at_work(port, trigger, wanted=False) as (told, jobs):
        tell(f"灯应熄灭 / the light should be off; hold a code before the window for {DARK_S:g} s")
        assert not first_code(told, DARK_S), "it reads without being asked"
        jobs.put(Wanted(on=True))
        if not first_code(told, CODE_S):
            pytest.skip("no code was shown, or none could be read")


def tell(words: str) -> None:
    """To whoever stands there, past pytest's capturing."""
    print(words, file=sys.__stderr__, flush=True)
