"""A network camera that looks into a drawn hall, and somebody who holds codes before it.

It streams what ``scenes`` draws, with the grain of a sensor, so no two pictures are the same. ``show`` holds a code
before the lens until ``clear``; ``faults`` are the lens and the sensor (covered, out of focus, stuck), ``line.faults``
the network side, ``settings`` what makes of cameras do differently. Knows nothing of the driver.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import astuple, dataclass, field

from devices.camera import scenes
from devices.camera.scenes import Shown
from devices.camera.sim_stream import PictureServer, StreamSettings

WIDTH, HEIGHT = 640, 480
_GRAIN = 3.0
_TAKES = 5  # so many pictures of one scene, by turns: each has its own grain


@dataclass(slots=True)
class CameraFaults:
    """Switches of the lens and the sensor; may be set from any thread at any time.

    ``black``: the lens is covered. ``frozen``: the same picture again and again. ``blurred``: out of focus, sigma in
    pixels. ``noisy``: added sensor noise in gray steps. ``contrast``: what is left of it, 1 for all.
    """

    black: bool = False
    frozen: bool = False
    blurred: float = field(default=0.0, metadata={"range": (0, 50)})
    noisy: float = field(default=0.0, metadata={"range": (0, 100)})
    contrast: float = field(default=1.0, metadata={"range": (0, 1)})


class CameraSim:
    """A camera at ``address``; ``plug`` and ``unplug`` it, ``show`` it codes, set ``faults``. Starts unplugged."""

    def __init__(
        self,
        port: int = 0,
        *,
        width: int = WIDTH,
        height: int = HEIGHT,
        faults: CameraFaults | None = None,
        settings: StreamSettings | None = None,
        seed: int = 1,
    ) -> None:
        self.faults = faults or CameraFaults()
        self.line = PictureServer(self.picture, port, settings)
        self._size = width, height
        self._seed = seed
        self._shown: Shown | None = None
        self._taken: tuple[object, list[bytes]] = (None, [])
        self._turn = itertools.count()
        self._last = b""
        self._lock = threading.Lock()  # viewers take pictures at the same time

    @property
    def address(self) -> str:
        """What a driver opens."""
        return self.line.address

    @property
    def settings(self) -> StreamSettings:
        return self.line.settings

    def show(
        self,
        payload: str | bytes,
        *,
        size: float = 0.45,
        x: float = 0.5,
        y: float = 0.5,
        rotation_deg: float = 0.0,
        tilt: float = 0.0,
        blur: float = 0.0,
        contrast: float = 1.0,
        inverted: bool = False,
    ) -> None:
        """Hold a code before the lens, instead of the one that is there; see ``scenes.Shown`` for the units.

        A text is put into the code as UTF-8, bytes as they are.
        """
        data = payload.encode() if isinstance(payload, str) else payload
        self._shown = Shown(data, size, x, y, rotation_deg, tilt, blur, contrast, inverted)

    def clear(self) -> None:
        """Take the code away."""
        self._shown = None

    def picture(self) -> bytes:
        """What the lens sees now, as JPEG. A scene is drawn a few times only: streams are cheap."""
        with self._lock:
            if self.faults.frozen and self._last:
                return self._last
            scene = (self._shown, astuple(self.faults))
            if self._taken[0] != scene:
                self._taken = (scene, [])
            takes = self._taken[1]
            if len(takes) < _TAKES:
                takes.append(self._develop(len(takes)))
                self._last = takes[-1]
            else:
                self._last = takes[next(self._turn) % _TAKES]
            return self._last

    def plug(self) -> None:
        self.line.plug()

    def unplug(self) -> None:
        self.line.unplug()

    def close(self) -> None:
        self.line.close()

    def __enter__(self) -> CameraSim:  # noqa: PYI034  (final in practice; the plain name reads better in help())
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _develop(self, number: int) -> bytes:
        width, height = self._size
        faults = self.faults
        picture = scenes.draw(width, height, self._shown, self._seed)
        picture = scenes.faded(scenes.blurred(picture, faults.blurred), faults.contrast)
        if faults.black:
            picture[:] = 4
        return scenes.jpeg(scenes.noisy(picture, _GRAIN + faults.noisy, number))
