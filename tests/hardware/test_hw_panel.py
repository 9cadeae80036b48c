"""A real panel: that its pins can be had, its inputs rest, and its lamps follow. Nobody has to do anything.

    pytest -m hardware --port=lgpio -s

``--port`` may also be ``lgpio:CHIP`` or ``pigpio://HOST:PORT``. The layout is ``demo`` unless the environment variable
``PANEL_LAYOUT`` gives another one's name or path. The lamp, the speech key's light and (briefly) the buzzer go on and
off; the power relay is left alone. What each input reads is printed: an open door is a report here, not a failure.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devices.events import DeviceEvent, Health, KeyPressed, PanelChanged
from devices.gpio.driver import Panel, open_panel
from devices.gpio.layout_file import load_layout
from devices.gpio.pins import open_pins
from devices.gpio.record import Buzz, Lamp, Output, PanelLayout, SpeechLight
from devices.gpio.wires import Wires

pytestmark = pytest.mark.hardware

WATCH_S = 3.0


@pytest.fixture
def layout() -> PanelLayout:
    return load_layout(os.environ.get("PANEL_LAYOUT", "demo"))


@pytest.fixture
def port(port_of: Callable[[str], str]) -> str:
    return port_of("panel")


@pytest.fixture
def panel(port: str, layout: PanelLayout) -> Iterator[Panel]:
    panel = open_panel(port, layout)
    yield panel
    panel.close()


def watched(panel: Panel, *jobs: object) -> list[DeviceEvent]:
    """What the panel says within ``WATCH_S`` while it does ``jobs``."""
    heard: list[DeviceEvent] = []
    todo: queue.SimpleQueue[object] = queue.SimpleQueue()
    for job in jobs:
        todo.put(job)
    stop = threading.Event()
    timer = threading.Timer(WATCH_S, stop.set)
    timer.start()
    try:
        panel.run(heard.append, todo, stop)
    finally:
        timer.cancel()
        timer.join()
    return heard


def test_the_board_says_what_it_is(panel: Panel, layout: PanelLayout) -> None:
    model = panel.identify()
    print(model)
    assert model.endswith(f"layout {layout.name}")


def test_every_input_is_told_once_and_then_rests(panel: Panel, layout: PanelLayout) -> None:
    heard = watched(panel)
    for event in heard:
        print(event)
    first = [event.input for event in heard[: len(layout.inputs)] if isinstance(event, PanelChanged)]
    assert first == list(layout.inputs)
    again = [event.input for event in heard[len(layout.inputs) :] if isinstance(event, PanelChanged)]
    assert not {name for name in again if again.count(name) > 2}, "an input that nobody touches does not rest"
    assert not [event for event in heard if isinstance(event, KeyPressed)], "keys that nobody presses"
    assert not [
        event for event in heard if isinstance(event, Health) and event.reason in {"panel-chatter", "key-stuck"}
    ]


def test_lamp_light_and_buzzer_work_while_the_inputs_are_read(panel: Panel) -> None:
    before = time.monotonic()
    heard = watched(panel, Lamp("slow"), SpeechLight("fast"), Buzz("once"))
    assert time.monotonic() - before >= WATCH_S
    assert not [event for event in heard if isinstance(event, KeyPressed)], "a lamp that blinks presses keys: crosstalk"


def test_each_output_follows_and_is_out_at_the_end(port: str, layout: PanelLayout) -> None:
    wires = Wires(open_pins(port), layout, lambda *_edge: None)
    try:
        for output in set(layout.outputs) - {Output.POWER_RELAY}:
            assert not wires.is_on(output), f"{output} is on at the start"
            wires.put(output, on=True)
            assert wires.is_on(output), f"{output} does not follow: is its line shorted?"
            time.sleep(0.2)
            wires.put(output, on=False)
            assert not wires.is_on(output)
    finally:
        wires.close()
