"""The key panel's place on the bench: fingers on its keys, a hand at the door, somebody who stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.bench.misuse import Deed, MisuseError, word
from devices.events import PanelInput
from devices.gpio.record import Output
from devices.gpio.sim import PanelSim

_HELD_S = 0.12


class PanelPlace:
    """A panel at ``pigpio://127.0.0.1:PORT`` (``port`` 0: any). Raises OSError where the port is in use."""

    def __init__(self, port: int) -> None:
        self.sim = PanelSim(port)

    def sights(self) -> dict[str, Any]:
        sim = self.sim
        return {
            "keys": list(sim.keys),
            "pressed": sorted(sim.pressed),
            "inputs": {str(name): active for name, active in sim.inputs.items()},
            "cut": sorted(sim.cut),
            "outputs": {str(output): sim.is_on(output) for output in sim.layout.outputs},
            "connected": sim.line.connected,
        }

    def lights(self) -> tuple[bool, ...]:
        """What shines or sounds at this moment: it blinks, so a page must look often."""
        return tuple(self.sim.is_on(output) for output in Output)

    def deeds(self) -> dict[str, Deed]:
        sim = self.sim
        return {
            "press": lambda detail: sim.press(self._named(detail, "key", sim.keys)),
            "release": lambda detail: sim.release(self._named(detail, "key", sim.keys)),
            "tap": lambda detail: sim.tap(self._named(detail, "key", sim.keys), _HELD_S),
            "input": self._input,
            "cut": lambda detail: sim.cut_wire(self._named(detail, "name", self._wires)),
            "join": lambda detail: sim.mend_wire(self._named(detail, "name", self._wires)),
        }

    def mend(self) -> None:
        """Door and case closed, wires whole, no key down; who stands there may stay."""
        sim = self.sim
        for name in (PanelInput.DOOR, PanelInput.TAMPER):
            if name in sim.inputs:
                sim.set_input(name, active=False)
        for wire in sim.cut:
            sim.mend_wire(wire)
        for key in sim.pressed:
            sim.release(key)

    @property
    def _wires(self) -> tuple[str, ...]:
        return (*map(str, self.sim.layout.inputs), *self.sim.layout.keys)

    def _input(self, detail: Mapping[str, Any]) -> None:
        """Open the door, stand before the panel, or the contrary: ``{"name": "door", "active": true}``."""
        name = self._named(detail, "name", tuple(map(str, self.sim.inputs)))
        active = detail.get("active")
        if not isinstance(active, bool):
            raise MisuseError("missing-detail", "say 'active' as true or false")
        self.sim.set_input(name, active=active)

    @staticmethod
    def _named(detail: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
        name = word(detail, key)
        if name not in known:
            raise MisuseError("unknown-part", f"this panel has no {name!r} there, only {', '.join(known)}")
        return name
