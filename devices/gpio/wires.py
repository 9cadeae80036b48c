"""The panel's pins as gpiozero's devices: set up, read, driven, and given back.

Every pin is a device of the factory that was given, never of gpiozero's default one, without its bounce times
(they mean something else in each library) and without its background threads. Outputs are off from the moment
they are set up, and off again before anything is given back. Whatever the libraries raise comes out as a
``DeviceError``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from devices.gpio.pins import Pins, translated
from devices.gpio.record import InputPin, Matrix, Output, PanelLayout, Pull

OnEdge = Callable[[int, bool, Any], None]
"""Called on the library's thread with pin, level (True is high) and the library's time stamp: must only enqueue."""

_SETTLE_S = 0.0002  # a released row's columns rise through 50 kilohms and the ribbon's capacity: 20 us, ten times over
_PULL_UP = {Pull.UP: True, Pull.DOWN: False, Pull.NONE: None}


class _Watch:
    """One input pin; gpiozero keeps only a weak reference to the method that it calls."""

    def __init__(self, pin: int, device: Any, on_edge: OnEdge) -> None:
        self.device = device
        self._pin = pin
        self._on_edge = on_edge
        device.pin.edges = "both"
        device.pin.when_changed = self._changed

    @property
    def high(self) -> bool:
        return bool(self.device.pin.state)

    def _changed(self, ticks: Any, state: Any) -> None:
        self._on_edge(self._pin, bool(state), ticks)


class Wires:
    """All pins of ``layout``; raises DeviceError, with everything given back, where one cannot be had."""

    def __init__(self, pins: Pins, layout: PanelLayout, on_edge: OnEdge) -> None:
        self._pins = pins
        self._matrix = layout.matrix
        self._outputs: dict[Output, Any] = {}
        self._inputs: dict[int, _Watch] = {}
        self._rows: list[Any] = []
        self._columns: list[_Watch] = []
        try:
            with translated(pins.address):
                self._set_up(layout, on_edge)
        except BaseException:
            self.close()
            raise

    @property
    def columns(self) -> frozenset[int]:
        """The pins of the keypad's columns: their edges only say that a scan is due."""
        return frozenset(self._matrix.columns if self._matrix else ())

    def ticks(self) -> Any:
        """The library's count of time, now."""
        with translated(self._pins.address):
            return self._pins.factory.ticks()

    def difference_s(self, later: Any, earlier: Any) -> float:
        """Seconds between two of the library's time stamps."""
        return float(self._pins.factory.ticks_diff(later, earlier))

    def levels(self) -> dict[int, bool]:
        """What every input pin reads: True is high. The keypad's columns are not among them."""
        with translated(self._pins.address):
            return {pin: watch.high for pin, watch in self._inputs.items()}

    def put(self, output: Output, *, on: bool) -> None:
        """Switch an output; one that is not fitted is nobody's mistake."""
        if output in self._outputs:
            with translated(self._pins.address):
                device = self._outputs[output]
                device.on() if on else device.off()

    def is_on(self, output: Output) -> bool:
        """What the pin of a fitted output reads: a line that is held by a short does not follow ``put``."""
        with translated(self._pins.address):
            return bool(self._outputs[output].value)

    def keypad_touched(self) -> bool:
        """At rest, all rows low: whether any column reads low, that is, whether any key is down."""
        with translated(self._pins.address):
            return any(not column.high for column in self._columns)

    def scan(self) -> list[list[bool]]:
        """Drive the rows low one at a time; ``[row][column]`` is True where a column read low. Ends at rest.

        Rows that are not driven are inputs: two keys in one column never short two outputs.
        """
        with translated(self._pins.address):
            for row in self._rows:
                row.pin.function = "input"
            reading = []
            for row in self._rows:
                row.pin.output_with_state(False)
                time.sleep(_SETTLE_S)
                reading.append([not column.high for column in self._columns])
                row.pin.function = "input"
                time.sleep(_SETTLE_S)
            for row in self._rows:
                row.pin.output_with_state(False)
        return reading

    def dark(self) -> None:
        """Put every output out, as far as they can still be reached. Never raises."""
        for device in self._outputs.values():
            with suppress(Exception):  # each library has its own; the rest must be tried all the same
                device.off()

    def close(self) -> None:
        """Everything out and given back. Never raises."""
        self.dark()
        with suppress(Exception):
            self._pins.factory.close()
        watched = [watch.device for watch in (*self._inputs.values(), *self._columns)]
        for device in (*self._outputs.values(), *watched, *self._rows):
            with suppress(Exception):  # gpiozero's own bookkeeping: the factory has let go of the pins already
                device.close()

    def _set_up(self, layout: PanelLayout, on_edge: OnEdge) -> None:
        from gpiozero import InputDevice, OutputDevice  # noqa: PLC0415  (an optional library)

        factory = self._pins.factory
        for output, out in layout.outputs.items():
            self._outputs[output] = OutputDevice(out.pin, active_high=out.active_high, pin_factory=factory)
        for wiring in (*layout.inputs.values(), *layout.keys.values()):
            self._inputs[wiring.pin] = self._input(InputDevice, wiring, on_edge)
        if layout.matrix is not None:
            self._set_up_keypad(layout.matrix, on_edge, InputDevice, OutputDevice)

    def _set_up_keypad(self, matrix: Matrix, on_edge: OnEdge, input_device: Any, output_device: Any) -> None:
        for pin in matrix.columns:
            self._columns.append(self._input(input_device, InputPin(pin), on_edge))
        for pin in matrix.rows:
            self._rows.append(output_device(pin, active_high=False, initial_value=True, pin_factory=self._pins.factory))

    def _input(self, input_device: Any, wiring: InputPin, on_edge: OnEdge) -> _Watch:
        device = input_device(
            wiring.pin,
            pull_up=_PULL_UP[wiring.pull],
            active_state=wiring.active_high if wiring.pull is Pull.NONE else None,
            pin_factory=self._pins.factory,
        )
        try:
            return _Watch(wiring.pin, device, on_edge)
        except BaseException:
            with suppress(Exception):
                device.close()
            raise
