"""The camera's place on the bench: somebody holds a code before it, straight or not, and the page sees what it sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from devices.bench.misuse import Deed, MisuseError, number
from devices.bench.scanner import code_in
from devices.camera.sim import CameraSim


@dataclass(frozen=True, slots=True)
class Pose:
    """How a code is held; units as in ``devices.camera.scenes.Shown``."""

    size: float = 0.45
    x: float = 0.5
    y: float = 0.5
    rotation_deg: float = 0.0
    tilt: float = 0.0
    blur: float = 0.0
    contrast: float = 1.0
    inverted: bool = False


RANGES = {
    "size": (0.05, 1.2),
    "x": (0.0, 1.0),
    "y": (0.0, 1.0),
    "rotation_deg": (-180.0, 180.0),
    "tilt": (0.0, 0.5),
    "blur": (0.0, 10.0),
    "contrast": (0.0, 1.0),
}


class CameraPlace:
    """A camera at ``http://127.0.0.1:PORT/camera`` (``port`` 0: any). Raises OSError where the port is in use."""

    def __init__(self, port: int) -> None:
        self.sim = CameraSim(port)
        self._text = ""
        self._pose = Pose()

    def sights(self) -> dict[str, Any]:
        return {"shown": self._text, "pose": asdict(self._pose), "viewers": self.sim.line.viewers}

    def deeds(self) -> dict[str, Deed]:
        return {"show": self._show, "pose": self._hold, "clear": lambda _detail: self._clear()}

    def mend(self) -> None:
        """A code is held straight again; that one is held is no fault."""
        self._pose = Pose()
        self._see()

    def picture(self) -> bytes:
        """What the lens sees now, as JPEG."""
        return self.sim.picture()

    def _show(self, detail: Mapping[str, Any]) -> None:
        """Hold a code before the lens: ``{"text": "..."}``, and how, where it is not as before."""
        text, pose = code_in(detail), self._posed(detail)
        self._text, self._pose = text, pose
        self._see()

    def _hold(self, detail: Mapping[str, Any]) -> None:
        """Hold the code another way: ``{"rotation_deg": 30}``."""
        self._pose = self._posed(detail)
        self._see()

    def _clear(self) -> None:
        self._text = ""
        self._see()

    def _see(self) -> None:
        if self._text:
            self.sim.show(self._text, **asdict(self._pose))
        else:
            self.sim.clear()

    def _posed(self, detail: Mapping[str, Any]) -> Pose:
        held = asdict(self._pose)
        for name, (least, most) in RANGES.items():
            held[name] = number(detail, name, held[name], least, most)
        inverted = detail.get("inverted", held["inverted"])
        if not isinstance(inverted, bool):
            raise MisuseError("bad-detail", "inverted is true or false")
        return Pose(**held | {"inverted": inverted})
