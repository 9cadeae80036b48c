"""The panel at work: edges from the pins, jobs from the kiosk, events out.

The pin library's thread only drops each edge, with its time stamp, into a queue; everything else happens on the
device's own thread. Once a second all pins are read anew: that mends edges that were lost on the way, keeps the
library's clock in step with ours, and finds a daemon that hangs. A keypad matrix rests with all rows driven, so any
key makes an edge; then it is scanned until it is at rest again. Lamps blink by the clock of this thread, so they
stop, dark, with it.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from devices.errors import DeviceLost
from devices.events import Condition, Health
from devices.gpio.matrix import keys_down
from devices.gpio.patterns import is_on, next_flip_s
from devices.gpio.pins import Pins, open_pins, pins_watch
from devices.gpio.record import Buzz, BuzzPattern, CyclePower, Lamp, Output, PanelLayout, SpeechLight
from devices.gpio.state import PanelEvent, PanelState
from devices.gpio.ticks import TickClock
from devices.gpio.wires import Wires
from devices.supervisor import Emit, Jobs, Supervisor

log = logging.getLogger(__name__)

_LOOK_S = 0.1  # how soon a job or a stop is noticed
_READ_S = 1.0  # how often all pins are read anew
_SCAN_S = 0.015
_LAZY_SCAN_S = 0.1  # for a key that merely lies there
_MOST_EDGES = 20_000  # waiting; more are dropped, and the next reading of the pins mends it


class _Edge(NamedTuple):
    pin: int
    high: bool
    tick: Any
    arrived_s: float


@dataclass(slots=True)
class _Light:
    pattern: BuzzPattern
    since_s: float
    lit: bool = False
    for_s: float | None = None  # out after so long, whatever the pattern


class Panel:
    """A supervised device on open pins, which it owns from now on. ``monotonic`` gives seconds."""

    def __init__(
        self, pins: Pins, layout: PanelLayout, *, name: str = "panel", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._pins = pins
        self._layout = layout
        self._name = name
        self._monotonic = monotonic
        self._edges: queue.SimpleQueue[_Edge | None] = queue.SimpleQueue()  # None: the pins are gone
        self._lights: dict[Output, _Light] = {}
        self._scan_at_s: float | None = None
        self._read_at_s = 0.0
        self._reason = ""
        pins.on_lost(lambda: self._edges.put(None))
        self._wires = Wires(pins, layout, self._edge)
        self._clock = TickClock(self._wires.difference_s, pins.wrap_s)
        self._state: PanelState | None = None
        atexit.register(self.close)

    def identify(self) -> str:
        """Read every pin once; return the board and the layout. There is nothing that a panel could answer."""
        self._wires.levels()
        return f"{self._pins.model}, layout {self._layout.name}"

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Tell how the inputs stand, then what changes; take ``PanelJob``s. Raises DeviceLost, DeviceSilent."""
        state = self._begin()
        self._tell(list(state.inputs), state, emit)
        while not stop.is_set():
            self._take(jobs)
            self._light()
            events, heard_s = self._next(state)
            now_s = self._monotonic()
            if now_s >= self._read_at_s:
                events += self._read(state, heard_s)
            if self._scan_at_s is not None and now_s >= self._scan_at_s:
                events += self._scan(state)
            events += state.until(heard_s)
            self._tell(events, state, emit)

    def close(self) -> None:
        """Every output out, the pins given back. Never raises; may be called twice."""
        atexit.unregister(self.close)
        self._wires.close()

    # -- what comes in

    def _edge(self, pin: int, high: bool, tick: Any) -> None:  # noqa: FBT001  (the shape that Wires calls)
        if self._edges.qsize() < _MOST_EDGES:
            self._edges.put(_Edge(pin, high, tick, self._monotonic()))

    def _begin(self) -> PanelState:
        self._anchor()
        down = keys_down(self._layout.matrix, self._wires.scan()) if self._layout.matrix else None
        state = PanelState(self._name, self._layout, self._wires.levels(), down or (), self._monotonic())
        self._read_at_s = self._monotonic() + _READ_S
        self._scan_at_s = self._monotonic() if self._layout.matrix else None
        return state

    def _anchor(self) -> None:
        before_s = self._monotonic()
        tick = self._wires.ticks()
        self._clock.anchor(tick, (before_s + self._monotonic()) / 2)

    def _next(self, state: PanelState) -> tuple[list[PanelEvent], float]:
        """Wait for edges, at most until something else is due; return what all that have come mean.

        And until when none is missing: were time let pass beyond that, a stalled thread would take the edges that
        wait for it for rest.
        """
        events: list[PanelEvent] = []
        wait_s = self._wait_s(state)
        if wait_s > 0:
            with suppress(queue.Empty):
                self._hear(self._edges.get(timeout=wait_s), state, events)
        while True:
            heard_s = self._monotonic()
            try:
                edge = self._edges.get_nowait()
            except queue.Empty:
                return events, heard_s
            self._hear(edge, state, events)

    def _hear(self, edge: _Edge | None, state: PanelState, events: list[PanelEvent]) -> None:
        if edge is None:
            raise DeviceLost(f"the pins at {self._pins.address} are gone")
        if edge.pin in self._wires.columns:
            # A scan makes edges of its own: they start none while one is due.
            self._scan_at_s = self._monotonic() if self._scan_at_s is None else self._scan_at_s
        else:
            events += state.edge(edge.pin, high=edge.high, at_s=self._clock.time_of(edge.tick, edge.arrived_s))

    def _wait_s(self, state: PanelState) -> float:
        now_s = self._monotonic()
        due = [now_s + _LOOK_S, self._read_at_s]
        due += [at_s for at_s in (state.due_s, self._scan_at_s) if at_s is not None]
        for light in self._lights.values():
            flip_s = next_flip_s(light.pattern, now_s - light.since_s)
            if flip_s is not None:
                due.append(now_s + flip_s)
        return min(due) - now_s

    def _read(self, state: PanelState, heard_s: float) -> list[PanelEvent]:
        """Read all pins anew, as if at ``heard_s``: edges that come meanwhile are still to be told."""
        self._anchor()
        levels = self._wires.levels()
        now_s = self._monotonic()
        if self._scan_at_s is None and self._layout.matrix and self._wires.keypad_touched():
            self._scan_at_s = now_s
        self._read_at_s = now_s + _READ_S
        return state.look(levels, heard_s)

    def _scan(self, state: PanelState) -> list[PanelEvent]:
        assert self._layout.matrix is not None  # noqa: S101  (only a keypad sets a time to scan)
        reading = self._wires.scan()
        now_s = self._monotonic()
        events = state.scanned(keys_down(self._layout.matrix, reading), now_s)
        if state.wants_scan or any(any(row) for row in reading):
            news = state.scan_is_news or not state.wants_scan
            self._scan_at_s = now_s + (_SCAN_S if news else _LAZY_SCAN_S)
        else:
            self._scan_at_s = None
        return events

    # -- what goes out

    def _tell(self, events: list[Any], state: PanelState, emit: Emit) -> None:
        for event in events:
            emit(event)
        if state.reason != self._reason:
            self._reason = state.reason
            condition = Condition.DEGRADED if self._reason else Condition.OK
            emit(Health(self._name, condition, datetime.now(UTC), self._reason))

    def _take(self, jobs: Jobs) -> None:
        while True:
            try:
                job = jobs.get_nowait()
            except queue.Empty:
                return
            now_s = self._monotonic()
            match job:
                case Lamp(pattern):
                    self._set(Output.LAMP, pattern, now_s)
                case SpeechLight(pattern):
                    self._set(Output.SPEECH_LIGHT, pattern, now_s)
                case Buzz(pattern):
                    self._set(Output.BUZZER, pattern, now_s)
                case CyclePower(off_s):
                    self._set(Output.POWER_RELAY, "on", now_s, off_s)
                case _:
                    log.warning("%s takes no job of kind %s", self._name, type(job).__name__)

    def _set(self, output: Output, pattern: BuzzPattern, now_s: float, for_s: float | None = None) -> None:
        lit = self._lights[output].lit if output in self._lights else False
        self._lights[output] = _Light(pattern, now_s, lit, for_s)

    def _light(self) -> None:
        now_s = self._monotonic()
        for output, light in self._lights.items():
            elapsed_s = now_s - light.since_s
            lit = is_on(light.pattern, elapsed_s) and (light.for_s is None or elapsed_s < light.for_s)
            if lit is not light.lit:
                self._wires.put(output, on=lit)
                light.lit = lit


def open_panel(pins: str, layout: PanelLayout, *, name: str = "panel") -> Panel:
    """Open the panel wired by ``layout`` on the pins at ``pins``; see ``pins.open_pins`` for addresses and errors."""
    return Panel(open_pins(pins), layout, name=name)


def supervise_panel(pins: str, layout: PanelLayout, emit: Emit, *, name: str = "panel") -> Supervisor:
    """A supervisor, not yet started; give its ``submit`` PanelJobs. Raises BadAddress.

    A job for a panel that is away is dropped, and a panel that comes back is dark: say again what it should show
    when its health becomes OK or DEGRADED.
    """
    watch = pins_watch(pins)
    return Supervisor(name, lambda: open_panel(pins, layout, name=name), emit, watch=watch)
