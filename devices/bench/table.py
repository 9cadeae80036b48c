"""The simulated devices on one table, and everything a hand can do to them, by name.

The page, the tests and the journeys all go through ``do``: a device, an action, and a few words of detail. Bad
requests come back as ``MisuseError`` with a stable code and a sentence. ``state`` is all that can be seen, as plain
data; ``listen`` tells of changes, on whatever thread they happen, so a listener must only enqueue. What a device
is handled like stands in its own module; what all have in common, a cable and switches, is here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from devices.bench.camera import CameraPlace
from devices.bench.misuse import Deed, MisuseError, word
from devices.bench.panel import PanelPlace
from devices.bench.printer import PrinterPlace
from devices.bench.reader import ReaderPlace
from devices.bench.scanner import ScannerPlace
from devices.errors import BadSwitchValue, PortBusy, UnknownSwitch
from devices.switches import Switch, reset_switches, set_switch, switches_of, text_of

MM_PER_S = 250.0
"""As fast as a quick thermal printer, so that printing is seen to take its moment."""

ALL = "all"
"""The name under which every device is asked for the same."""


class Plug(Protocol):
    """What every simulator's line says of its cable."""

    @property
    def address(self) -> str: ...

    @property
    def plugged(self) -> bool: ...


class Simulator(Protocol):
    """What every simulator can do, whatever device it stands for."""

    @property
    def line(self) -> Plug: ...

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def close(self) -> None: ...


class Place(Protocol):
    """A device on the bench: its simulator, what is seen of it, what hands can do, and how to put it right."""

    @property
    def sim(self) -> Simulator: ...

    def sights(self) -> dict[str, Any]: ...

    def deeds(self) -> dict[str, Deed]: ...

    def mend(self) -> None: ...


AnyPlace = TypeVar("AnyPlace", bound=Place)


class Table:
    """All devices; plugged in from the start until ``close``.

    Reader, scanner and printer are ptys in ``folder``, camera and panel listen on 127.0.0.1 (0: on any free port).
    Raises PortBusy.
    """

    def __init__(
        self,
        folder: Path,
        *,
        paper_mm: int = 80,
        mm_per_s: float | None = MM_PER_S,
        camera_port: int = 0,
        panel_port: int = 0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._listeners: list[Callable[[], None]] = []
        self._guard = threading.Lock()
        with ExitStack() as opened:
            self.camera = _placed("camera", camera_port, CameraPlace)
            opened.callback(self.camera.sim.close)
            self.panel = _placed("panel", panel_port, PanelPlace)
            opened.callback(self.panel.sim.close)
            self.printer = PrinterPlace(folder / "printer", paper_mm, mm_per_s, self._tell)
            opened.callback(self.printer.sim.close)
            self.places: dict[str, Place] = {
                "idcard": ReaderPlace(folder / "idcard"),
                "scanner": ScannerPlace(folder / "scanner", self._tell),
                "camera": self.camera,
                "panel": self.panel,
                "printer": self.printer,
            }
            opened.callback(self.places["idcard"].sim.close)
            opened.callback(self.places["scanner"].sim.close)
            self._deeds = {name: self._deeds_of(place) for name, place in self.places.items()}
            for place in self.places.values():
                place.sim.plug()
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Pull all cables for good; no pty, socket, link or thread is left."""
        for place in self.places.values():
            place.mend()
        self._opened.close()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called after every change; returns what ends it."""
        with self._guard:
            self._listeners.append(listener)

        def end() -> None:
            with self._guard, suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def do(self, device: str, action: str, detail: Mapping[str, Any]) -> None:
        """Handle ``device`` (or ``all``, to mend them) in the way named ``action``. Raises MisuseError."""
        if (device, action) == (ALL, "mend"):
            for deeds in self._deeds.values():
                deeds["mend"](detail)
        elif device in self._deeds:
            deed = self._deeds[device].get(action)
            if deed is None:
                known = ", ".join(sorted(self._deeds[device]))
                raise MisuseError("unknown-action", f"{device} can be asked for {known}", 404)
            deed(detail)
        else:
            raise MisuseError("unknown-device", f"there is no {device} here, only {', '.join(self._deeds)}", 404)
        self._tell()

    # -- what can be seen

    def state(self) -> dict[str, Any]:
        """Everything that shows, as JSON-ready data."""
        seen: dict[str, Any] = {name: _seen(place) for name, place in self.places.items()}
        return seen | {"latest_ticket": self.printer.latest}

    def switches(self) -> dict[str, list[dict[str, Any]]]:
        """What switches there are, device by device, and what each takes."""
        return {name: [_offer(switch) for switch in _switches(place)] for name, place in self.places.items()}

    def _tell(self) -> None:
        with self._guard:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    # -- what can be done to every device

    @staticmethod
    def _deeds_of(place: Place) -> dict[str, Deed]:
        return {
            **place.deeds(),
            "unplug": lambda _detail: place.sim.unplug(),
            "replug": lambda _detail: _replug(place),
            "fault": partial(_fault, place),
            "mend": lambda _detail: _mend(place),
        }


def _placed(name: str, port: int, make: Callable[[int], AnyPlace]) -> AnyPlace:
    try:
        return make(port)
    except OSError as error:
        raise PortBusy(f"port {port} of 127.0.0.1, for the {name}, is in use") from error


def _replug(place: Place) -> None:
    # a cable that is in stays as it is: plugging anew empties a printer's buffer
    if not place.sim.line.plugged:
        place.sim.plug()


def _fault(place: Place, detail: Mapping[str, Any]) -> None:
    """Move one switch of a device, its cable or its settings: ``{"name": "silence", "value": true}``."""
    try:
        set_switch(place.sim, word(detail, "name"), detail.get("value"))
    except (UnknownSwitch, BadSwitchValue) as error:
        raise MisuseError(error.code, str(error)) from error


def _mend(place: Place) -> None:
    """A sound device, plugged in."""
    reset_switches(place.sim)
    place.mend()
    _replug(place)


def _switches(place: Place) -> list[Switch]:
    return list(switches_of(place.sim).values())


def _seen(place: Place) -> dict[str, Any]:
    switches = _switches(place)
    return {
        "plugged": place.sim.line.plugged,
        "address": place.sim.line.address,
        "faults": {s.name: text_of(s.value) for s in switches if s.group == "device"},
        "line": {s.name: text_of(s.value) for s in switches if s.group == "line"},
        "settings": {s.name: text_of(s.value) for s in switches if s.group == "settings"},
        "on": [s.name for s in switches if s.on],
        **place.sights(),
    }


def _offer(switch: Switch) -> dict[str, Any]:
    whole = int if switch.kind == "int" else float
    return {
        "name": switch.name,
        "group": switch.group,
        "kind": switch.kind,
        "normal": text_of(switch.normal),
        "optional": switch.optional,
        "choices": list(switch.choices),
        "least": whole(switch.least),
        "most": whole(switch.most),
    }
