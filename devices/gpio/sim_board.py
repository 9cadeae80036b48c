"""A Raspberry Pi's pins and what is wired to them, as electricity: contacts, pulls, levels.

Every pin is an input or drives its line; contacts join pins with each other, with ground or with 3.3 V. A level is
worked out from what is joined: ground wins over all, then 3.3 V, then whoever drives (low over high), then the
pulls (up over down); a line that nothing holds keeps its last level. Keypads, cut wires and ghost keys need no
rule of their own: they come out of the wiring. Knows nothing of sockets and nothing of what a contact means.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PINS = 54
BANK = 32  # pins that a notification reports
GROUND, SUPPLY = -1, -2
INPUT, OUTPUT = 0, 1
PULL_OFF, PULL_DOWN, PULL_UP = 0, 1, 2
_TICKS = 2**32
_PULLED_UP_AT_POWER_ON = range(9)  # the SoC's reset state: pins 0 to 8 up, the others down


class Board:
    """All pins as after power-on. ``tick_at_start`` is what its microsecond counter shows first, below 2**32.

    ``on_change(levels, changed, tick)`` is called in order, under the board's lock, whenever a level of pins 0 to
    31 changes: two words of one bit a pin, and the counter.
    """

    def __init__(self, tick_at_start: int = 0) -> None:
        self.on_change: Callable[[int, int, int], None] = lambda _levels, _changed, _tick: None
        self._lock = threading.RLock()
        self._began_s = time.monotonic()
        self._tick_at_start = tick_at_start
        self._modes = [INPUT] * PINS
        self._pulls = [PULL_UP if pin in _PULLED_UP_AT_POWER_ON else PULL_DOWN for pin in range(PINS)]
        self._driven = [0] * PINS
        self._contacts: dict[str, tuple[int, int]] = {}
        self._closed: set[str] = set()
        self._levels = [0] * PINS
        self._work_out()

    @property
    def tick(self) -> int:
        """Microseconds, 32 bits: over and over from 0 each 71.6 minutes."""
        return (self._tick_at_start + int((time.monotonic() - self._began_s) * 1e6)) % _TICKS

    @property
    def word(self) -> int:
        """Levels of pins 0 to 31, one bit each."""
        with self._lock:
            return sum(self._levels[pin] << pin for pin in range(BANK))

    def level(self, pin: int) -> int:
        """0 or 1."""
        with self._lock:
            return self._levels[pin]

    def mode(self, pin: int) -> int:
        """0 input, 1 output, 2 to 7 other functions."""
        with self._lock:
            return self._modes[pin]

    def drives(self, pin: int) -> int | None:
        """The level that the pin drives its line to; None while it is no output."""
        with self._lock:
            return self._driven[pin] if self._modes[pin] == OUTPUT else None

    def set_mode(self, pin: int, mode: int) -> None:
        with self._lock:
            self._modes[pin] = mode
            self._work_out()

    def set_pull(self, pin: int, pull: int) -> None:
        with self._lock:
            self._pulls[pin] = pull
            self._work_out()

    def write(self, pin: int, level: int) -> None:
        """Drive the pin; it becomes an output, as pigpio's WRITE makes it."""
        with self._lock:
            self._driven[pin] = level
            self._modes[pin] = OUTPUT
            self._work_out()

    def wire(self, name: str, one: int, other: int, *, closed: bool) -> None:
        """Put a contact between two pins, or a pin and ``GROUND`` or ``SUPPLY``."""
        with self._lock:
            self._contacts[name] = (one, other)
            self.contact(name, closed=closed)

    def contact(self, name: str, *, closed: bool) -> None:
        """Close or open a contact."""
        with self._lock:
            if closed:
                self._closed.add(name)
            else:
                self._closed.discard(name)
            self._work_out()

    def is_closed(self, name: str) -> bool:
        with self._lock:
            return name in self._closed

    def _work_out(self) -> None:
        before = self._levels
        joined = self._joined()
        levels = [self._level_of(joined.get(pin, (pin,)), before[pin]) for pin in range(PINS)]
        self._levels = levels
        changed = sum(1 << pin for pin in range(BANK) if levels[pin] != before[pin])
        if changed:
            self.on_change(self.word, changed, self.tick)

    def _joined(self) -> dict[int, tuple[int, ...]]:
        """For each pin that a closed contact touches, all that it is joined with.

        Ground and 3.3 V hold a line but lead nowhere further: two keys to ground do not join their pins.
        """
        nets: dict[int, set[int]] = {}
        for name in self._closed:
            one, other = self._contacts[name]
            if one >= 0 and other >= 0:
                net = nets.get(one, {one}) | nets.get(other, {other})
                for pin in net:
                    nets[pin] = net
        rails: dict[int, set[int]] = {}
        for name in self._closed:
            for pin, rail in (self._contacts[name], self._contacts[name][::-1]):
                if pin >= 0 > rail:
                    for member in nets.get(pin, {pin}):
                        rails.setdefault(member, set()).add(rail)
        return {pin: (*nets.get(pin, {pin}), *rails.get(pin, ())) for pin in nets.keys() | rails.keys()}

    def _level_of(self, net: tuple[int, ...], last: int) -> int:
        if GROUND in net:
            return 0
        if SUPPLY in net:
            return 1
        driven = [self._driven[pin] for pin in net if self._modes[pin] == OUTPUT]
        if driven:
            return min(driven)
        pulls = {self._pulls[pin] for pin in net}
        if PULL_UP in pulls:
            return 1
        return 0 if PULL_DOWN in pulls else last
