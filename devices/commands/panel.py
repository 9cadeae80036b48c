"""``panel watch`` and ``panel test``: what a panel's inputs and keys do, and whether its lamps and buzzer work."""

from __future__ import annotations

import argparse
import json
import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from devices.commands.running import Heard, running
from devices.commands.saying import answer, note
from devices.events import DeviceEvent, Health, KeyPressed, PanelChanged
from devices.gpio.driver import open_panel
from devices.gpio.layout_file import load_layout
from devices.gpio.record import BadLayout, Buzz, Lamp, Output, PanelLayout, SpeechLight
from devices.supervisor import Jobs

_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing that a test switches: said before, done, and looked at for ``seconds``."""

    says: str
    output: Output
    job: Any
    seconds: float


_STEPS = (
    _Step("the lamp burns", Output.LAMP, Lamp("on"), 2.0),
    _Step("the lamp flashes once a second", Output.LAMP, Lamp("slow"), 3.0),
    _Step("the lamp flashes fast", Output.LAMP, Lamp("fast"), 2.0),
    _Step("the lamp is out", Output.LAMP, Lamp("off"), 0.5),
    _Step("the light of the speech key burns", Output.SPEECH_LIGHT, SpeechLight("on"), 2.0),
    _Step("the light of the speech key is out", Output.SPEECH_LIGHT, SpeechLight("off"), 0.5),
    _Step("the buzzer sounds once, briefly", Output.BUZZER, Buzz("once"), 1.0),
)


def define(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "watch prints each input and key as it changes, until Ctrl-C; test switches lamp, light and buzzer in turn."
    )
    parser.epilog = "Exit code: 0 done, 1 the panel is not there or was lost, 2 wrong command, 130 interrupted."
    parser.add_argument("what", choices=("watch", "test"))
    parser.add_argument("--pins", default="lgpio", help="lgpio, pigpio://HOST:PORT or mock (default %(default)s)")
    parser.add_argument("--layout", default="demo", help="a layout's name, or the path of its TOML file")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--wait", type=float, metavar="SECONDS", help="watch so long; without, until Ctrl-C")
    parser.set_defaults(work=_panel)


def _panel(options: argparse.Namespace) -> int:
    try:
        layout = load_layout(options.layout)
    except BadLayout as error:
        note(str(error))
        return 2
    panel = open_panel(options.pins, layout)
    try:
        note(f"{panel.identify()}; {'press its keys, Ctrl-C ends it' if options.what == 'watch' else 'look at it'}")
        todo: Jobs = queue.SimpleQueue()
        with running(panel, todo) as heard:
            if options.what == "test":
                return _test(todo, heard, layout, as_json=options.json)
            return _watch(heard, options.wait, as_json=options.json)
    finally:
        panel.close()


def _watch(heard: Heard, wait_s: float | None, *, as_json: bool) -> int:
    try:
        _tell(heard, None if wait_s is None else time.monotonic() + wait_s, as_json=as_json)
    except KeyboardInterrupt:
        if wait_s is not None:
            raise
    return 0


def _test(todo: Jobs, heard: Heard, layout: PanelLayout, *, as_json: bool) -> int:
    steps: Sequence[_Step] = [step for step in _STEPS if step.output in layout.outputs]
    if not steps:
        note(f"layout {layout.name} has no lamp, no light and no buzzer")
        return 1
    for step in steps:
        note(step.says)
        todo.put(step.job)
        _tell(heard, time.monotonic() + step.seconds, as_json=as_json)
    return 0


def _tell(heard: Heard, until: float | None, *, as_json: bool) -> None:
    """Print what comes until ``until``; raise what the panel was lost with."""
    while until is None or time.monotonic() < until:
        left = _LOOK_S if until is None else max(0.0, min(_LOOK_S, until - time.monotonic()))
        try:
            event = heard.get(timeout=left)
        except queue.Empty:
            continue
        if isinstance(event, Exception):
            raise event
        words = _words(event)
        if words:
            answer(json.dumps(words) if as_json else " ".join(words.values()))


def _words(event: DeviceEvent) -> dict[str, str]:
    match event:
        case PanelChanged():
            return {"input": str(event.input), "state": "active" if event.active else "at rest"}
        case KeyPressed():
            return {"key": event.key, "state": "pressed"}
        case Health():
            return {"condition": str(event.condition), "reason": event.reason}
        case _:
            return {}
