"""Runs a driver for one command: until it tells what is wanted, or until the wait is over."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from devices.commands.saying import TROUBLES, Countdown, note
from devices.events import CardTrouble, CodeTrouble, DeviceEvent
from devices.supervisor import Device, Jobs

_TICK_S = 0.5

Heard = queue.SimpleQueue[DeviceEvent | Exception]


@contextmanager
def running(device: Device, jobs: Jobs | None = None) -> Iterator[Heard]:
    """Run ``device`` on a thread of its own; its events come in the queue, what it was lost with as an error."""
    heard: Heard = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        try:
            device.run(heard.put, jobs or queue.SimpleQueue(), stop)
        except Exception as error:  # noqa: BLE001  handed to the command's thread, which raises it
            heard.put(error)

    thread = threading.Thread(target=work, name="device")
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        thread.join()


def first(
    device: Device,
    wanted: Callable[[DeviceEvent], bool],
    wait_s: float,
    jobs: Sequence[object] = (),
    *,
    waiting: str = "waiting",
) -> DeviceEvent | None:
    """Run ``device`` until it emits what is ``wanted``; None when that takes longer than ``wait_s``.

    Troubles with cards and codes are told on the way. Raises ``DeviceError`` when the device is lost.
    """
    todo: Jobs = queue.SimpleQueue()
    for job in jobs:
        todo.put(job)
    until = time.monotonic() + wait_s
    with running(device, todo) as heard, Countdown(waiting) as countdown:
        while (left := until - time.monotonic()) > 0:
            countdown.tick(left)
            try:
                event = heard.get(timeout=min(left, _TICK_S))
            except queue.Empty:
                continue
            if isinstance(event, Exception):
                raise event
            if wanted(event):
                return event
            if isinstance(event, CardTrouble | CodeTrouble):
                countdown.end_line()
                note(TROUBLES.get(event.code, event.code))
    return None
