"""A panel at the far side of its wires: doors, loops, keys, lamps, on a simulated Pi behind a pigpio daemon.

The shipped driver runs against it from another process, through gpiozero and the pigpio client, by the daemon's
true bytes. What is here is the hardware's side alone: contacts that close and open, bounce and flutter, wires that
can be cut, and lamps that are lit when their pin drives them so. It knows the wiring (``record``) as the electrician
does, and nothing of how it is read.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from devices.events import PanelInput
from devices.gpio.layout_file import load_layout
from devices.gpio.record import InputPin, Output, PanelLayout, Pull
from devices.gpio.sim_board import GROUND, SUPPLY, Board
from devices.gpio.sim_daemon import DaemonFaults, SimulatedDaemon

_FLUTTER_S = 0.004  # between two edges of a contact that chatters
_LOOK_S = 0.05
_TICK_AT_START = 2**32 - 10_000_000  # the counter runs over ten seconds after the start, not after 71 minutes


@dataclass(slots=True)
class PanelFaults:
    """Switches of the panel itself; may be set from any thread at any time.

    ``bounce_edges``: so many extra edges, to and fro, each time a contact moves, spread over ``bounce_ms``.
    ``stuck``: keys that are pressed do not come up again. ``chatter``: the first input's contact (the door's,
    where there is one) flutters for ever.
    """

    bounce_edges: int = 0
    bounce_ms: float = 5.0
    stuck: bool = False
    chatter: bool = False


class PanelSim:
    """A panel of ``layout`` (the shipped ``demo`` unless given) with door and loop closed, nobody there, no key down.

    ``port`` is the daemon's; 0 takes a free one and keeps it. Starts unplugged; ``with`` plugs it in. ``line`` is
    the daemon and has the connection's ``faults``. All methods may be called from any thread.
    """

    def __init__(self, port: int = 0, layout: PanelLayout | None = None) -> None:
        self.layout = layout or load_layout("demo")
        self.faults = PanelFaults()
        self._board = Board(_TICK_AT_START)
        self.line = SimulatedDaemon(self._board, port)
        self._lock = threading.RLock()
        self._active: dict[str, bool] = {}  # how each input and key is, whatever its wire is
        self._cut: set[str] = set()
        self._down: set[str] = set()  # keys that a finger is on
        self._due: list[tuple[float, int, str, bool]] = []  # contacts yet to move: when, order, whose, active
        self._order = itertools.count()
        self._wake = threading.Condition(self._lock)
        self._flutter: tuple[str, bool] | None = None  # who chatters, and how its contact is at the moment
        self._ended = False
        for name, pin in (*self.layout.inputs.items(), *self.layout.keys.items()):
            self._wire(name, pin)
        if self.layout.matrix is not None:
            for row, names in zip(self.layout.matrix.rows, self.layout.matrix.keys, strict=True):
                for column, name in zip(self.layout.matrix.columns, names, strict=True):
                    self._active[name] = False
                    self._board.wire(f"{name} key", row, column, closed=False)
        self._thread = threading.Thread(target=self._clockwork, name="simulated panel", daemon=True)
        self._thread.start()

    # -- the cable

    @property
    def address(self) -> str:
        """What a driver opens: ``pigpio://127.0.0.1:PORT``."""
        return self.line.address

    @property
    def plugged(self) -> bool:
        return self.line.plugged

    def plug(self) -> None:
        """Start the daemon."""
        self.line.plug()

    def unplug(self) -> None:
        """End the daemon: connections are closed. The board keeps its levels, as pins do when a program dies."""
        self.line.unplug()

    def close(self) -> None:
        """Unplug for good: no thread or descriptor is left."""
        with self._wake:
            self._ended = True
            self._wake.notify()
        self._thread.join()
        self.line.close()

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- hands

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that there is."""
        return self.layout.key_names

    @property
    def pressed(self) -> frozenset[str]:
        """Keys that are down."""
        with self._lock:
            return frozenset(key for key in self.keys if self._active[key])

    @property
    def inputs(self) -> dict[PanelInput, bool]:
        """Whether each input that is fitted is active: door open, loop broken, somebody there. Cut wires apart."""
        with self._lock:
            return {name: self._active[name] for name in self.layout.inputs}

    @property
    def cut(self) -> frozenset[str]:
        """Inputs and keys whose wire is cut."""
        with self._lock:
            return frozenset(self._cut)

    def press(self, key: str) -> None:
        """A key goes down; LookupError where there is none of this name."""
        self._known(key, self.keys)
        with self._lock:
            self._down.add(key)
            self._move(key, active=True)

    def release(self, key: str) -> None:
        """A key comes up, unless it is stuck."""
        self._known(key, self.keys)
        with self._lock:
            self._down.discard(key)
            if not self.faults.stuck:
                self._move(key, active=False)

    def tap(self, key: str, held_s: float = 0.1) -> None:
        """Press ``key`` and release it ``held_s`` later; returns at once."""
        self.press(key)
        with self._wake:
            self._down.discard(key)
            if not self.faults.stuck:
                self._later(time.monotonic() + held_s, key, active=False)

    def set_input(self, name: PanelInput | str, active: bool) -> None:  # noqa: FBT001  (one state, plainly named)
        """Open the door, break the loop, stand before the panel; or the contrary. LookupError for an unknown one."""
        self._known(name, self.layout.inputs)
        with self._lock:
            self._move(str(name), active=active)

    def set_door(self, active: bool) -> None:  # noqa: FBT001
        """True opens it."""
        self.set_input(PanelInput.DOOR, active)

    def set_tamper(self, active: bool) -> None:  # noqa: FBT001
        """True breaks the loop."""
        self.set_input(PanelInput.TAMPER, active)

    def set_presence(self, active: bool) -> None:  # noqa: FBT001
        """True: somebody stands there."""
        self.set_input(PanelInput.PRESENCE, active)

    def cut_wire(self, name: str) -> None:
        """Cut the wire of an input or a single key: only the pull is left. LookupError for an unknown one."""
        self._known(name, (*self.layout.inputs, *self.layout.keys))
        with self._lock:
            self._cut.add(str(name))
            self._put(str(name), active=self._active[name])

    def mend_wire(self, name: str) -> None:
        """Join it again."""
        self._known(name, (*self.layout.inputs, *self.layout.keys))
        with self._lock:
            self._cut.discard(str(name))
            self._put(str(name), active=self._active[name])

    # -- what the panel shows

    @property
    def lit(self) -> bool:
        """Whether the lamp burns at this moment."""
        return self.is_on(Output.LAMP)

    @property
    def buzzing(self) -> bool:
        """Whether the buzzer sounds at this moment."""
        return self.is_on(Output.BUZZER)

    @property
    def speech_lit(self) -> bool:
        """Whether the speech key's light burns at this moment."""
        return self.is_on(Output.SPEECH_LIGHT)

    @property
    def power_on(self) -> bool:
        """Whether what hangs on the power relay has power; True where there is no relay."""
        return not self.is_on(Output.POWER_RELAY)

    def is_on(self, output: Output) -> bool:
        """Whether the pin of ``output`` drives it on; False where it is not fitted or its pin drives nothing."""
        wiring = self.layout.outputs.get(output)
        return wiring is not None and self._board.drives(wiring.pin) == int(wiring.active_high)

    def faults_changed(self) -> None:
        """A switch was set: act on it at once."""
        with self._wake:
            self._wake.notify()

    # -- contacts

    @staticmethod
    def _known(name: str, names: Iterable[str]) -> None:
        if name not in names:
            raise LookupError(f"this panel has no {name}; it has {', '.join(names)}")

    def _wire(self, name: str, pin: InputPin) -> None:
        """One contact to the rail opposite the pull; a sensor without a pull has one to each rail."""
        name = str(name)
        self._active[name] = False
        rest = int(not pin.active_high)
        if pin.normally_closed or pin.pull is not Pull.DOWN:
            self._board.wire(f"{name} low", pin.pin, GROUND, closed=rest == 0)
        if pin.pull is not Pull.UP:
            self._board.wire(f"{name} high", pin.pin, SUPPLY, closed=rest == 1)

    def _move(self, name: str, *, active: bool) -> None:
        """A contact moves, bouncing as the faults say."""
        if self._active[name] is active:
            return
        edges = max(0, int(self.faults.bounce_edges))
        self._set(name, active=active)
        if edges:
            now_s, gap_s = time.monotonic(), self.faults.bounce_ms / 1000 / edges
            for number in range(1, edges + 1):
                self._later(now_s + number * gap_s, name, active=active is (number % 2 == 0))
            if edges % 2:  # an odd one out: it ends where it was going all the same
                self._later(now_s + (edges + 1) * gap_s, name, active=active)

    def _set(self, name: str, *, active: bool) -> None:
        self._active[name] = active
        self._put(name, active=active)

    def _put(self, name: str, *, active: bool) -> None:
        """Close and open the contacts of ``name`` so that its line is as it is when active, or not."""
        if self.layout.matrix is not None and name in self.layout.matrix.names:
            self._board.contact(f"{name} key", closed=active)
            return
        wiring = self.layout.inputs.get(name) or self.layout.keys[name]  # type: ignore[call-overload]  # its keys are str
        high = active is wiring.active_high
        whole = name not in self._cut
        if wiring.normally_closed or wiring.pull is not Pull.DOWN:
            self._board.contact(f"{name} low", closed=whole and not high)
        if wiring.pull is not Pull.UP:
            self._board.contact(f"{name} high", closed=whole and high)

    def _later(self, at_s: float, name: str, *, active: bool) -> None:
        with self._wake:
            heapq.heappush(self._due, (at_s, next(self._order), name, active))
            self._wake.notify()

    def _clockwork(self) -> None:
        """Moves contacts when it is time."""
        with self._wake:
            while not self._ended:
                now_s = time.monotonic()
                while self._due and self._due[0][0] <= now_s:
                    _, _, name, active = heapq.heappop(self._due)
                    self._set(name, active=active)
                self._chatter()
                self._come_up()
                wait_s = self._due[0][0] - now_s if self._due else _LOOK_S
                self._wake.wait(min(wait_s, _FLUTTER_S if self._flutter else _LOOK_S))

    def _chatter(self) -> None:
        """One more edge of the contact that chatters, or its last."""
        if self.faults.chatter:
            name, active = self._flutter or (str(next(iter(self._active))), self._active[next(iter(self._active))])
            self._flutter = name, not active
            self._put(name, active=not active)
        elif self._flutter is not None:
            name, _ = self._flutter
            self._flutter = None
            self._put(name, active=self._active[name])

    def _come_up(self) -> None:
        """Keys that nobody holds come up once nothing is stuck any more."""
        if not self.faults.stuck:
            waiting = {name for _, _, name, _ in self._due}
            for key in self.keys:
                if self._active[key] and key not in self._down and key not in waiting:
                    self._move(key, active=False)


__all__ = ["DaemonFaults", "PanelFaults", "PanelSim"]
